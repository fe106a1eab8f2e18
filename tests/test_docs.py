"""What the documentation says can be done: its commands, options, files and links exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from crmmigrate.cli import INTERNAL, INTERRUPTED
from crmmigrate.cli.root import root
from crmmigrate.errors import CrmMigrateError

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[str]:
    """Yield the lines of a page's code blocks, continued lines joined, a prompt taken off."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.strip().removeprefix("$ ")


def commands(page: Path) -> Iterator[list[str]]:
    for line in blocks(page):
        if line.startswith("crmmigrate ") and not line.startswith("crmmigrate @"):
            plain = re.sub(r"\$\(.*?\)", "X", line)  # what another program says
            yield shlex.split(plain.partition(" #")[0] if " # " in plain else plain)


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that `words` call and what is left of them."""
    command: click.Command = root
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, f"no such command: {' '.join(words)}"
        command, rest = found, rest[1:]
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_the_documentation_exist(page: Path) -> None:
    for words in commands(page):
        command, rest = resolve(words)
        known = {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)} | {"--help", "-h"}
        used = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
        assert used <= known, f"{' '.join(words)}: {used - known}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_the_documentation_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_make_targets_of_the_documentation_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    twins = set(
        re.search(r"ValidateSet\((.*?)\)", (ROOT / "make.ps1").read_text(encoding="utf-8"))[1]
        .replace('"', "")
        .split(", ")
    )  # type: ignore[index]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"make\.ps1 ([a-z]+)", text)) <= twins


TRANSLATED = [
    "tutorial.md",
    "installation.md",
    *(f"how-to/{page.name}" for page in (ROOT / "docs" / "how-to").glob("*.md")),
]


@pytest.mark.parametrize("name", ["README", *TRANSLATED])
def test_both_languages_show_the_same_commands(name: str) -> None:
    pages = (
        (ROOT / "README.md", ROOT / "README.zh-CN.md")
        if name == "README"
        else (ROOT / "docs" / name, ROOT / "docs" / "zh" / name)
    )
    english, chinese = (
        [line for line in blocks(page) if re.match(r"(crmmigrate|make|pip|pipx|uvx|cd|cp|ls|cat) ?", line)]
        for page in pages
    )
    assert english == chinese


def test_every_exit_code_is_explained() -> None:
    codes = {str(kind.exit_code) for kind in (CrmMigrateError, *CrmMigrateError.__subclasses__())}
    for folder in ("docs", "docs/zh"):
        told = (ROOT / folder / "reference" / "exit-codes.md").read_text(encoding="utf-8")
        assert codes | {"0", "1", "6", str(INTERNAL), str(INTERRUPTED)} <= set(
            re.findall(r"^\| (\d+) ", told, re.MULTILINE)
        )


def test_the_reference_says_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_fragment_of_the_changelog_is_taken_up() -> None:
    named = [path.name for path in (ROOT / "changes").iterdir() if path.name != ".gitignore"]
    assert [name for name in named if not re.fullmatch(r"[+\w-]+\.(feature|fix|change)\.md", name)] == []
