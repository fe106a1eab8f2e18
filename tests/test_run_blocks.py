"""The script that does what the documentation says: it must notice what is not so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "docs" / "run_blocks.py"


def done(tmp_path: Path, page: str, *options: str) -> tuple[int, str]:
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, SCRIPT, *options, tmp_path / "page.md"], capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout + answer.stderr


@pytest.mark.parametrize("shown", ["a\nb\nc", "a\n…", "…\nc", "a\n…\nc", "…", "a\n…b\nc"])
def test_what_is_shown_may_leave_lines_out(tmp_path: Path, shown: str) -> None:
    assert done(tmp_path, f"```console\n$ printf 'a\\nb\\nc\\n'\n{shown}\n```\n")[0] == 0


@pytest.mark.parametrize("shown", ["a\nb", "b\n…", "a\n…\nd", "a\nc\n…"])
def test_what_is_not_printed_is_noticed(tmp_path: Path, shown: str) -> None:
    code, told = done(tmp_path, f"```console\n$ printf 'a\\nb\\nc\\n'\n{shown}\n```\n")
    assert code == 1
    assert "page.md:2" in told


def test_runs_and_times_count_as_equal(tmp_path: Path) -> None:
    page = "```console\n$ echo 20261126T074935001Z-load-216ceb 2026-11-26T06:48:05+00:00\n20250101T000000000Z-load-000000 2025-01-01T00:00:00+00:00\n```\n"
    assert done(tmp_path, page)[0] == 0
    assert done(tmp_path, page.replace("-load-000000", "-map-000000"))[0] == 1


def test_the_exit_code_is_the_one_that_is_told(tmp_path: Path) -> None:
    assert done(tmp_path, "```console\n$ exit 3  # exit code 3\n```\n")[0] == 0
    assert done(tmp_path, "```console\n$ exit 3\n```\n")[0] == 1
    assert done(tmp_path, "```console\n$ true  # exit code 3\n```\n")[0] == 1


def test_files_folders_hands_and_long_lines(tmp_path: Path) -> None:
    page = """<!-- file: a/b.txt -->
```
客户
```

<!-- by hand:
from pathlib import Path
Path("a/c.txt").write_text("x", encoding="utf-8")
-->

```console
$ cd a
$ cat \\
    b.txt
客户
$ ls
b.txt
c.txt
```

```sh
exit 1
```
"""
    code, told = done(tmp_path, page)
    assert (code, told.endswith("3 commands do what it says\n")) == (0, True), told


def test_what_a_person_cannot_do_is_noticed(tmp_path: Path) -> None:
    assert done(tmp_path, "<!-- by hand:\nraise SystemExit('no such sheet')\n-->\n")[0] == 1


def test_an_update_writes_what_is_printed_and_nothing_else(tmp_path: Path) -> None:
    page = "```console\n$ echo x\n?\n$ echo y\ny\n$ printf 'p\\nq\\n'\np\n…\n```\n"
    assert done(tmp_path, page, "--update")[0] == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page.replace("?", "x")
