"""The help of commands, aligned for Chinese too: click counts characters, a terminal shows columns."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.messages import Message
from crmmigrate.model.text_width import display_width, padded

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPENING, _CLOSING = r"（《【“‘「\[", r"，。、；：！？）》】”’」…\]"
_WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef"
_PIECE = re.compile(
    rf" +|[{_OPENING}]*(?:(?![{_OPENING}{_CLOSING}])[{_WIDE}]|[^ {_WIDE}{_OPENING}{_CLOSING}]+)[{_CLOSING}]*|."
)
"""What a line is never broken inside: a word, or one Chinese character, with the punctuation that clings to it."""

_WORD = re.compile(r"(?:'[^']*'|[^ '])+")
_GOES_ON = "`" if os.name == "nt" else "\\"
"""How the shell is told that the command goes on in the next line: PowerShell, and all others."""

_TERM_COLUMNS, _GAP = 30, 2


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of `text`, each of at most `width` columns unless one word is longer."""
    return _filled(_PIECE.findall(" ".join(text.split())), width)


def wrapped_command(line: str, width: int) -> list[str]:
    """Return the lines of a command line; an option stays with its value."""
    pieces: list[str] = []
    for word in _WORD.findall(line):
        with_option = pieces and pieces[-1].startswith(" -") and not word.startswith("-") and pieces[-1].count(" ") == 1
        if with_option:
            pieces[-1] += f" {word}"
        else:
            pieces.append(f" {word}" if pieces else word)
    return _filled(pieces, width)


def _filled(pieces: Iterable[str], width: int) -> list[str]:
    lines, line = [], ""
    for piece in pieces:
        if line and display_width((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


class HelpFormatter(click.HelpFormatter):
    """click's, but it counts columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write `Usage: PROG ARGS`; arguments that go on in a further line stand below the first."""
        usage = Message("Usage:").text() + " "
        head = f"{prefix or usage}{prog} "
        first, *others = wrapped(args, max(self.width - display_width(head), 20)) or [""]
        self.write(f"{head}{first}".rstrip() + "\n")
        for line in others:
            self.write(f"{' ' * display_width(head)}{line}\n")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        title = Message("{heading}:", heading=heading).text()
        self.write(f"{' ' * self.current_indent}{title}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs, parted by empty lines."""
        indent = " " * self.current_indent
        paragraphs = [wrapped(part, self.width - self.current_indent) for part in re.split(r"\n\s*\n", text)]
        self.write("\n\n".join("\n".join(indent + line for line in lines) for lines in paragraphs) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = _TERM_COLUMNS, col_spacing: int = _GAP) -> None:
        """Write terms and what they mean in two columns."""
        rows = list(rows)
        column = min(max((display_width(term) for term, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, meaning in rows:
            lines = wrapped(meaning, max(self.width - self.current_indent - column, 10))
            beside = bool(lines) and display_width(term) <= column - col_spacing
            self.write(indent + (padded(term, column) + lines.pop(0) if beside else term) + "\n")
            for line in lines:
                self.write(f"{indent}{' ' * column}{line}\n")

    def write_examples(self, examples: Iterable[str]) -> None:
        """Write command lines; a long one goes on in the next line the way the shell understands."""
        with self.section(Message("Examples").text()):
            for example in examples:
                lines = wrapped_command(example, self.width - self.current_indent - 4)
                for index, line in enumerate(lines):
                    more = f" {_GOES_ON}" if index < len(lines) - 1 else ""
                    self.write(f"{' ' * (self.current_indent + 4 * bool(index))}{line}{more}\n")


class Context(click.Context):
    """click's, with our help."""

    formatter_class = HelpFormatter

    def __init__(self, *args: Any, **given: Any) -> None:
        given.setdefault("help_option_names", ["-h", "--help"])
        given.setdefault("max_content_width", 100)
        super().__init__(*args, **given)


class Command(click.Command):
    """A command with examples.

    Args:
        *args: click's.
        examples: command lines that show how it is used.
        **given: click's.
    """

    context_class = Context

    def __init__(self, *args: Any, examples: Iterable[str] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        del ctx
        write_examples(formatter, self.examples)


class Group(click.Group):
    """A group; it shows the first example of each of its commands."""

    context_class = Context

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        del ctx
        made = (command for command in self.commands.values() if isinstance(command, Command))
        write_examples(formatter, [command.examples[0] for command in made if command.examples])


def write_examples(formatter: click.HelpFormatter, examples: Iterable[str]) -> None:
    """Write the examples of a command behind its options."""
    if isinstance(formatter, HelpFormatter) and examples:
        formatter.write_examples(examples)
