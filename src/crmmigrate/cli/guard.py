"""`crmmigrate guard`: no customer data goes into version control."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.lint import FORMATS, show
from crmmigrate.cli.options import command_of
from crmmigrate.cli.root import COMMANDS
from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.lint import Finding
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 32_000_000
"""Bytes of a file that are looked at."""


def command(name: str) -> click.Command:
    """Return `guard`."""
    params: list[click.Parameter] = [
        click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.Option(["--allow"], multiple=True, help=Message("Pattern of files that may be committed all the same.").text()),
    ]  # fmt: skip
    return command_of(
        name, COMMANDS[name][1], _guard, params, "crmmigrate guard $(git diff --cached --name-only)", formats=FORMATS
    )


def _guard(paths: tuple[Path, ...], allow: tuple[str, ...], work: Path | None, format_: str) -> int:
    del work
    files = [file for path in paths for file in _files(path)]
    looked = [file for file in files if not any(fnmatch(file.as_posix(), pattern) for pattern in allow)]
    return show([finding for file in looked for finding in _findings(file)], [str(file) for file in files], format_)


def _files(path: Path) -> Iterator[Path]:
    """Yield a file, or those of a folder; a deleted file that git names is none."""
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file() and ".git" not in file.parts)
    elif path.exists():
        yield path


def _findings(file: Path) -> Iterator[Finding]:
    from crmmigrate.checks.customer_data import suspicions

    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST)
    except OSError as error:
        raise LocationError(
            "file.unreadable", Message("the file cannot be read: {why}", why=os_reason(error)), str(file)
        ) from error
    for found in suspicions(file.name, content):
        hint = Message(
            "leave it out of version control; if it is made up, allow it with --allow '{name}'", name=file.as_posix()
        )
        yield Finding(found.code, "error", found.message, str(file), found.line, 1, hint)
