"""Do what a page of the documentation says, in an empty folder, and see that what comes of it is what the page shows.

    python docs/run_blocks.py docs/tutorial.md [PAGE…] [--programs DIR] [--update]

Pages are done one after the other in the same folder. Of a page count, in their order:

- blocks marked `console`: a line `$ COMMAND` is run by bash, and must end with exit code 0, or with the one that its
  comment `# exit code N` names. Lines below it are what it prints: `…` stands for anything in a line, alone for any
  lines. A command with nothing below it may print what it likes. Ids of runs and times of the day count as equal.
- a comment `<!-- file: NAME -->` before a block: the file NAME is made of the block.
- a comment `<!-- by hand: … -->`: what a person does in Excel, as a few lines of Python.

Nothing but Python is needed; `crmmigrate`, and the Python that does a person's part, are those of --programs.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

_PART = re.compile(
    r"^<!-- by hand:\n(?P<hand>.*?)^-->$|^(?:<!-- file: (?P<file>\S+) -->\n+)?```(?P<kind>[\w-]*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_VARYING = [(re.compile(r"\d{8}T\d{6,9}Z-([a-z]+)-[0-9a-f]{6}"), r"<run of \1>"),
            (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"), "<time>")]  # fmt: skip
_EXIT = re.compile(r"#.*exit code (\d+)")
_ANYTHING = "…"


@dataclass
class Command:
    """A command of a page with the lines below it; `line` is the number of its own, `last` that of its last one."""

    words: str
    shown: list[str]
    line: int
    last: int


class Failed(Exception):
    """What a page says is not so."""


class Runner:
    """Does what pages say in `folder`."""

    def __init__(self, folder: Path, programs: Path, *, update: bool) -> None:
        self.folder = folder
        self.programs = programs
        self.update = update
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("CRMMIGRATE_", "LC_", "LANG"))}
        self.environment |= {"PATH": path, "LANG": "C.UTF-8", "COLUMNS": "80"}

    def page(self, page: Path) -> int:
        """Do one page and return how many commands it has.

        Raises:
            Failed: something on it is not so.
        """
        text = page.read_text(encoding="utf-8")
        self.environment["CRMMIGRATE_LANG"] = "zh" if "zh" in page.name or "zh" in page.parts else "en"
        count = 0
        lines = text.splitlines()
        edits: list[tuple[int, int, list[str]]] = []
        for part in _PART.finditer(text):
            if part["hand"] is not None:
                self._by_hand(page, part["hand"])
            elif part["file"]:
                path = self.folder / part["file"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(part["body"], encoding="utf-8")
            elif part["kind"] == "console":
                first = text.count("\n", 0, part.start("body")) + 1
                for command in commands(part["body"], first):
                    said = self._run(page, command)
                    count += 1
                    if self.update and command.shown and not fits(command.shown, said):
                        edits.append((command.last, command.last + len(command.shown), said))
        for begin, end, said in reversed(edits):
            lines[begin:end] = said
        if edits:
            page.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return count

    def _run(self, page: Path, command: Command) -> list[str]:
        if command.words.startswith("cd "):
            self.folder = (self.folder / command.words.removeprefix("cd ")).resolve(strict=True)
            return []
        done = subprocess.run(
            ["bash", "-c", command.words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        said = [line.rstrip() for line in done.stdout.decode("utf-8-sig").splitlines()]
        place = f"{page}:{command.line}: {command.words}"
        expected = int(found[1]) if (found := _EXIT.search(command.words)) else 0
        if done.returncode != expected:
            raise Failed(f"{place}\nended with exit code {done.returncode}, not {expected}:\n" + "\n".join(said))
        if command.shown and not self.update and not fits(command.shown, said):
            raise Failed(f"{place}\nprinted:\n" + "\n".join(said))
        return said

    def _by_hand(self, page: Path, code: str) -> None:
        done = subprocess.run([self.programs / "python", "-c", textwrap.dedent(code)], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            raise Failed(f"{page}: what is done by hand failed:\n{done.stderr}")


def commands(block: str, first: int) -> list[Command]:
    """Return the commands of a console block; `first` is the number of its first line."""
    found: list[Command] = []
    going_on = False
    for number, line in enumerate(block.splitlines(), first):
        if line.startswith("$ ") or going_on:
            words = line.removeprefix("$ ")
            if going_on:
                found[-1].words = found[-1].words[:-1] + words.lstrip()
                found[-1].last = number
            else:
                found.append(Command(words, [], number, number))
            going_on = words.endswith("\\")
        elif found:
            found[-1].shown.append(line.rstrip())
    return found


def fits(shown: list[str], said: list[str]) -> bool:
    """Return whether a command said what is shown."""
    parts = [
        r"(?:.*\n)*?" if line == _ANYTHING else ".*?".join(map(re.escape, _equal(line).split(_ANYTHING))) + r"\n"
        for line in shown
    ]
    return re.fullmatch("".join(parts), "".join(f"{_equal(line)}\n" for line in said)) is not None


def _equal(line: str) -> str:
    for pattern, name in _VARYING:
        line = pattern.sub(name, line)
    return line


def main() -> None:
    """Do the pages that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--programs", type=Path, default=Path(sys.executable).parent, help="the folder of crmmigrate")
    parser.add_argument("--update", action="store_true", help="write into the pages what the commands print")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(Path(folder), given.programs.absolute(), update=given.update)
        for page in given.pages:
            try:
                print(f"{page}: {runner.page(page.absolute())} commands do what it says", flush=True)
            except Failed as failure:
                sys.exit(str(failure))


if __name__ == "__main__":
    main()
