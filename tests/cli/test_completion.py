"""Completion in the shells that can be asked without a terminal, by the script that the program prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command_line import called

_ASK = {
    # bash asks a function with the words; nothing has to be typed.
    "bash": """
eval "$(crmmigrate completion bash)"
COMP_WORDS=(crmmigrate {words}); COMP_CWORD={index}
_crmmigrate_completion crmmigrate
printf '%s\\n' "${{COMPREPLY[@]}}"
""",
    "fish": 'crmmigrate completion fish | source; complete --do-complete "crmmigrate {line}"',
}


@pytest.fixture
def path(tmp_path: Path) -> dict[str, str]:
    """An environment in which `crmmigrate` is found."""
    program = tmp_path / "bin" / "crmmigrate"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom crmmigrate.cli import main\nmain()\n", encoding="utf-8")
    program.chmod(0o755)
    return os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "CRMMIGRATE_LANG": "en"}


def completed(shell: str, words: list[str], path: dict[str, str], folder: Path) -> list[str]:
    script = _ASK[shell].format(words=" ".join(words), line=" ".join(words), index=len(words))
    done = subprocess.run([shell, "-c", script], env=path, cwd=folder, capture_output=True, text=True, check=True)
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("shell", [pytest.param(name, marks=pytest.mark.program(name, name)) for name in _ASK])
def test_commands_options_and_choices_are_completed(shell: str, path: dict[str, str], tmp_path: Path) -> None:
    assert sorted(completed(shell, ["sta"], path, tmp_path)) == ["standard", "standardise", "status"]
    assert "--schema" in completed(shell, ["mapping", "lint", "--s"], path, tmp_path)
    assert completed(shell, ["mapping", "lint", "--format", "s"], path, tmp_path) == ["sarif"]


def test_locations_are_completed_as_files(path: dict[str, str], tmp_path: Path) -> None:
    for words in (["audit", "x"], ["standardise", "x.csv", "-o", "o"]):
        answer = subprocess.run(
            [path["PATH"].split(os.pathsep)[0] + "/crmmigrate"], capture_output=True, text=True, check=True,
            env=path | {"_CRMMIGRATE_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(["crmmigrate", *words]),
                        "COMP_CWORD": str(len(words))},
        )  # fmt: skip
        assert answer.stdout == f"file,{words[-1]}\n"


def test_powershell_is_answered_with_kind_value_and_help(path: dict[str, str]) -> None:
    """What PowerShell gets; PowerShell itself is not on the machines of the tests."""
    asked = path | {"_CRMMIGRATE_COMPLETE": "powershell_complete", "COMP_WORDS": "crmmigrate rec", "COMP_CWORD": "rec"}
    program = path["PATH"].split(os.pathsep)[0] + "/crmmigrate"
    answer = subprocess.run([program], env=asked, capture_output=True, text=True, check=True)
    assert answer.stdout == "plain\treconcile\tProve that everything arrived, to the row\n"
    whole = path | {"_CRMMIGRATE_COMPLETE": "powershell_complete", "COMP_WORDS": "crmmigrate mapping", "COMP_CWORD": ""}
    answer = subprocess.run([program], env=whole, capture_output=True, text=True, check=True)
    assert "plain\tlint\t" in answer.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_script_of_every_shell_asks_the_program(shell: str) -> None:
    done = called("completion", shell)
    assert done.returncode == 0
    assert "_CRMMIGRATE_COMPLETE" in done.stdout
    assert "crmmigrate" in done.stdout
