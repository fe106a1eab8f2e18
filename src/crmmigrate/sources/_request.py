"""What a reader is asked for, what it knows about a file, and the ways in which it refuses one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.missing import nearest_file
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from crmmigrate.model.project_layout import RegionSpec
    from crmmigrate.model.source import InPlace

CHUNK = 1 << 20


@dataclass(frozen=True)
class Request:
    """One file to be read.

    Args:
        path: the file.
        inside: its path inside the source, for `_origin`.
        stem: the name of its table where the file has no better one.
        table: the one table asked for, or empty.
        patterns: `*` and `?` patterns of the tables asked for; all where empty.
        encoding: of a text file, where the user knows it.
        files: patterns of the files of a folder that are read; all where empty.
        exclude: patterns of the files of a folder that are left out.
        layout: pattern of a sheet → where its tables are, where the user says it.
        in_place: which columns of a database are counted there; None for none.
    """

    path: Path
    inside: str
    stem: str
    table: str = ""
    patterns: tuple[str, ...] = ()
    encoding: str = ""
    files: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    layout: Mapping[str, tuple[RegionSpec, ...]] = field(default_factory=dict)
    in_place: InPlace | None = None

    def wants(self, name: str) -> bool:
        """Whether the table `name` was asked for."""
        if self.table and name != self.table:
            return False
        return not self.patterns or any(fnmatchcase(name, pattern) for pattern in self.patterns)

    def wants_some(self, sheet: str) -> bool:
        """Whether the sheet may have a table that was asked for: it and its further tables are `sheet`, `sheet (2)`, …."""
        if self.table and self.table != sheet and not re.fullmatch(rf"{re.escape(sheet)} \(\d+\)", self.table):
            return False
        names = (sheet, *(f"{sheet} ({number})" for number in range(2, 10)))
        return not self.patterns or any(fnmatchcase(name, pattern) for pattern in self.patterns for name in names)

    def said_of(self, sheet: str) -> tuple[str, tuple[RegionSpec, ...]]:
        """Return what the user says of the tables of a sheet, and the pattern under which; empty where nothing."""
        names = (sheet, f"{self.stem}/{sheet}", self.stem)
        exact = next((name for name in names if name in self.layout), "")
        pattern = exact or next((p for p in self.layout if any(fnmatchcase(name, p) for name in names)), "")
        return pattern, self.layout.get(pattern, ())

    def check_table(self, names: Iterable[str]) -> None:
        """Refuse a table that none of `names` is.

        Raises:
            LocationError: `source.no-table`, with the name that was probably meant.
        """
        known = list(names)
        if self.table and self.table not in known:
            hint = nearest(self.table, known) or Message("there are: {names}", names=", ".join(known[:20]) or "–")
            message = Message("there is no table '{name}' here", name=self.table)
            raise LocationError("source.no-table", message, str(self.path), hint)

    @property
    def facts(self) -> dict[str, Any]:
        """Size in bytes, time of change and SHA-256 of the file."""
        return file_facts(self.path)


def file_facts(path: Path) -> dict[str, Any]:
    """Return `size` (bytes), `modified` (ISO time, UTC) and `sha256` of a file.

    Raises:
        OSError: it cannot be read.
    """
    status = path.stat()
    modified = datetime.fromtimestamp(status.st_mtime, UTC).isoformat(timespec="seconds")
    return {"size": status.st_size, "modified": modified, "sha256": _digest(path, status.st_size, status.st_mtime_ns)}


@lru_cache(maxsize=10_000)
def _digest(path: Path, size: int, changed: int) -> str:
    """Hash a file once, though the folder and its reader both ask; `size` and `changed` tell whether it is still the same."""
    del size, changed
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unreadable(error: OSError, place: str) -> LocationError:
    """Return the error for a file that the operating system does not give."""
    return LocationError(
        "file.unreadable", Message("the file cannot be read: {why}", why=os_reason(error)), place,
        Message("is it open in another program, or not yours to read?"),
    )  # fmt: skip


def damaged(place: str) -> LocationError:
    """Return the error for a file that breaks off or is not what it claims to be."""
    return LocationError(
        "file.damaged", Message("the file is damaged or incomplete"), place,
        Message("copy or export it again; if Excel can open it, save it there under a new name"),
    )  # fmt: skip


def no_rows(place: str, beside: Sequence[str] = ()) -> LocationError:
    """Return the error for a file, sheet or database in which there is nothing.

    Args:
        place: where.
        beside: what is there, but read only where it is named.
    """
    hint = Message("was the export run with the right filter?")
    if beside:
        hint = Message("name what is wanted of: {names}", names=", ".join(beside[:20]))
    return LocationError("source.empty", Message("there is no table in it: it is empty"), place, hint)


def too_large(what: Message, place: str) -> LocationError:
    """Return the error for something that goes beyond what a table of customers can be."""
    return LocationError(
        "source.too-large", what, place,
        Message("copy the cells that matter into a new workbook, or export the table as CSV"),
    )  # fmt: skip


def missing(path: Path) -> LocationError:
    """Return the error for a file that is not there, with the most alike of those that are."""
    hint = None
    parent = path.parent
    if parent.is_dir():
        hint = nearest_file(path.name, (entry.name for entry in parent.iterdir() if not entry.name.startswith("~$")))
    elif path.parent != path:
        hint = Message("the folder {folder} does not exist either", folder=parent)
    hint = hint or Message("check the path; relative ones start where the migration.yaml or you are")
    return LocationError("file.missing", Message("there is no such file or folder"), str(path), hint)
