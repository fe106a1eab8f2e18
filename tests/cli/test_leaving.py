"""The end of a command: nothing is lost though the interpreter is not taken apart, and what could not be written is not passed over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command_line import PROCESS, called

FULL = Path("/dev/full")
posix = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full and a shell")
WAITING = """
import atexit, logging.handlers, tempfile, threading, time
from pathlib import Path
from crmmigrate.cli import main

class Ring:
    def __del__(self):
        Path("ring.txt").write_text("closed")
ring = Ring()
ring.own = ring
del ring
folder = tempfile.TemporaryDirectory(prefix="left-", dir=".")
records = logging.handlers.MemoryHandler(100, target=logging.FileHandler("log.txt"))
records.emit(logging.makeLogRecord({"msg": "a record", "levelno": 20}))
atexit.register(Path("exit.txt").write_text, "done")
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
"""
"""What libraries leave for the end of a process."""
ONE_BY_ONE = [("", False), ("2>&1", True)]
EVERY = [*ONE_BY_ONE, ("", True), ("2>&1", False)]
"""How output goes: both streams into one pipe or not, with or without buffers."""
THREAD = "threading.Thread(target=lambda: (time.sleep(0.3), Path('thread.txt').write_text('done'))).start()"


def run(words: list[str], cwd: Path, before: str = "", redirected: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, buffered as on users' machines, its streams redirected by a shell."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    program = [*PROCESS[:2], f"{before}\n{PROCESS[2]}", *words]
    program = ["sh", "-c", f'"$@" {redirected}', "sh", *program] if redirected else program
    return subprocess.run(program, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)  # fmt: skip


@pytest.mark.parametrize(("more", "files"), [("", set()), (THREAD, {"thread.txt"})])
def test_what_is_to_be_done_at_the_end_is_done(tmp_path: Path, more: str, files: set[str]) -> None:
    done = run(["schema", "mapping"], tmp_path, WAITING + more)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == called("schema", "mapping").stdout
    assert {path.name for path in tmp_path.iterdir()} == {"ring.txt", "log.txt", "exit.txt", *files}
    texts = [(tmp_path / name).read_text() for name in ("ring.txt", "log.txt", "exit.txt")]
    assert texts == ["closed", "a record\n", "done"]


@posix
def test_a_file_gets_all_of_the_output(tmp_path: Path) -> None:
    done = run(["schema", "mapping"], tmp_path, redirected="> out.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == called("schema", "mapping").stdout


@posix
@pytest.mark.parametrize(
    ("words", "code"),
    [(["--version"], 0), (["schema", "mapping"], 0), (["nonsense"], 2), (["mapping", "lint", "right.yaml"], 0), (["mapping", "lint", "none.yaml"], 2)],
)  # fmt: skip
def test_a_process_without_standard_streams_ends_with_its_own_code(tmp_path: Path, words: list[str], code: int) -> None:
    right = (
        "version: 1\nobject: account\ntarget: {table: accounts}\nmatch: {on: [name]}\nfields:\n  name: {from: 名称}\n"
    )
    (tmp_path / "right.yaml").write_text(right, encoding="utf-8")
    assert run(words, tmp_path).returncode == code
    done = run(words, tmp_path, redirected=">&-")
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert run(words, tmp_path, redirected="2>&-").returncode == code
    assert run(words, tmp_path, redirected=">&- 2>&-").returncode == code


@posix
@pytest.mark.parametrize("words", [["schema", "mapping"], ["schema", "--help"], ["doctor", "--format", "json"]])
def test_output_for_which_there_is_no_room_is_no_success(tmp_path: Path, words: list[str]) -> None:
    done = run(words, tmp_path, redirected=f"> {FULL}")
    assert done.returncode == 3
    assert done.stderr.startswith("-: the file cannot be written:")
    assert "Traceback" not in done.stderr


@posix
@pytest.mark.parametrize(("words", "code", "ways"), [
    (["--help"], 0, ONE_BY_ONE), (["schema", "mapping"], 0, EVERY), (["doctor", "--format", "json"], 0, ONE_BY_ONE),
    (["mapping", "lint", "right.yaml"], 0, EVERY), (["standardise", "a.csv", "--column", "电话=phone", "-o", "b.csv"], 1, ONE_BY_ONE),
    (["standardise", "a.csv", "--column", "电话=phone", "-o", "-"], 1, EVERY),
    (["standardise", "a.csv", "--column", "电话=phne", "-o", "-"], 2, ONE_BY_ONE),
])  # fmt: skip
def test_a_reader_that_leaves_changes_no_code(
    tmp_path: Path, words: list[str], code: int, ways: list[tuple[str, bool]]
) -> None:
    (tmp_path / "right.yaml").write_text(
        "version: 1\nobject: account\ntarget: {table: accounts}\nmatch: {on: [name]}\nfields: {name: {from: 名称}}\n",
        encoding="utf-8",
    )
    lines = "".join(f"{n},0571-88886666\n" for n in range(6_000))  # more than a pipe holds
    (tmp_path / "a.csv").write_text(f"编号,电话\n{lines}x,12\n", encoding="utf-8")
    for joined, unbuffered in ways:
        program = [sys.executable, *(["-u"] if unbuffered else []), *PROCESS[1:], *words]
        script = f'{{ "$@" {joined}; echo "code $?" >&3; }} 3>&2 | true'
        done = subprocess.run(
            ["sh", "-c", script, "sh", *program], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.stderr.splitlines()[-1] == f"code {code}", (joined, unbuffered)
        assert not any(word in done.stderr for word in ("Traceback", "Exception ignored", "closed"))


@posix
def test_rows_for_which_there_is_no_room_or_no_output_are_no_success(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,电话\n1,0571-88886666\n", encoding="utf-8")
    words = ["standardise", "a.csv", "--column", "电话=phone", "-o", "-"]
    for place, code in ((f"> {FULL}", "[target.unwritable]"), (">&-", "[target.closed]")):
        done = run(words, tmp_path, redirected=place)
        assert (done.returncode, code in done.stderr, "Traceback" in done.stderr) == (3, True, False)


@posix
@pytest.mark.parametrize("place", ["| true", f"> {FULL}"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_error_keeps_its_code_when_nobody_takes_its_json(tmp_path: Path, place: str, unbuffered: str) -> None:
    words = [sys.executable, *(["-u"] if unbuffered else []), *PROCESS[1:], "nonsense", "--format", "json"]
    script = f'{{ "$@"; echo "code $?" >&2; }} {place}'
    done = subprocess.run(["sh", "-c", script, "sh", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.endswith("code 2\n")
    assert "Traceback" not in done.stderr
