"""Whether a file is as this program wrote it: what people worked in, and what is none of ours, is not written over.

A workbook bears a mark over the parts of its package, which every program makes anew that saves it; a YAML file one over its
lines. It guards against slips, not against who reckons a new mark.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Literal

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.source import PROGRAM
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PROPERTIES = "docProps/core.xml"
"""The part of a package in which the mark stands; the only one that it is not over."""

MARK = f"{PROGRAM}:as-written"
"""What stands in a workbook's properties until its parts are known."""

_LINE = "# as written: "
_MARKED = re.compile(rf">{re.escape(MARK)}:([0-9a-f]{{16}})</".encode())
_OURS = f"creator>{PROGRAM}</".encode()


def mark_of(parts: Iterable[zipfile.ZipInfo]) -> str:
    """Return the mark of a package: a digest of what its parts hold."""
    held = sorted(f"{part.filename} {part.CRC:08x}" for part in parts if part.filename != PROPERTIES)
    return hashlib.sha256("\n".join(held).encode()).hexdigest()[:16]


def with_mark(properties: bytes, parts: Iterable[zipfile.ZipInfo]) -> bytes:
    """Return the properties of a workbook with its mark, in the place of `MARK`."""
    return properties.replace(MARK.encode(), f"{MARK}:{mark_of(parts)}".encode())


def marked_text(text: str) -> str:
    """Return a YAML text with a comment at its end that bears its mark."""
    return f"{text}{_LINE}{_mark_of_text(text)}\n"


def _mark_of_text(text: str) -> str:
    plain = "\n".join(line.rstrip() for line in text.splitlines())  # a checkout may have changed the ends of lines
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def refuse_changed(path: Path, hint: Message, holds: Callable[[], bool] | None = None) -> None:
    """Refuse to write over a file that was saved since the program wrote it, or that it did not write.

    Args:
        path: of a workbook, or of a YAML file; nothing need be there.
        hint: what to do where people have worked in it.
        holds: asked of a workbook that was saved since, which Excel does to one that was only looked at, too: whether it
            holds what people wrote and what stands nowhere else. Without it every such workbook is taken to.

    Raises:
        ConfigurationError: `file.written-in`, or `file.not-ours`.
        LocationError: it cannot be read.
    """
    if not path.is_file():  # a terminal, a pipe and a folder are for whoever writes
        return
    try:
        state = _state_of_workbook(path) if zipfile.is_zipfile(path) else _state_of_text(path)
    except OSError as error:
        raise LocationError(
            "file.unreadable", Message("the file cannot be read: {why}", why=os_reason(error)), str(path)
        ) from error
    if state == "changed" and (holds is None or holds()):
        raise ConfigurationError(
            "file.written-in", Message("this file was saved since the program wrote it; it is not written over"), str(path), hint
        )  # fmt: skip
    if state == "foreign":
        raise ConfigurationError(
            "file.not-ours", Message("this file is there already, and nothing in it says that this program wrote it; it is not written over"),
            str(path), Message("move it away, or name another"),
        )  # fmt: skip


def _state_of_workbook(path: Path) -> Literal["whole", "changed", "foreign"]:
    try:
        with zipfile.ZipFile(path) as package:
            properties = package.read(PROPERTIES)
            mark = mark_of(package.infolist())
    except (KeyError, ValueError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return "foreign"  # damaged, protected by a password (RuntimeError) or packed as no workbook is (NotImplementedError)
    found = _MARKED.search(properties)
    if found and found.group(1).decode() == mark:
        return "whole"
    return "changed" if found or _OURS in properties else "foreign"


def _state_of_text(path: Path) -> Literal["whole", "changed", "foreign"]:
    text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    before, line, mark = text.rpartition(_LINE)
    if not line:
        return "foreign" if text else "whole"
    return "whole" if mark.strip() == _mark_of_text(before) else "changed"
