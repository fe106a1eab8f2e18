"""Folders: every table file in them and below, in the order of their paths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.sources._request import Request, no_rows, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crmmigrate.model.source import SourceTable

TITLE = Message("folder")
TABLE_FILES = frozenset((
    ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv", ".tsv", ".txt", ".vcf", ".db", ".sqlite", ".sqlite3",
    ".parquet", ".json", ".jsonl", ".ndjson", ".dbf", ".mdb", ".accdb",
))  # fmt: skip
"""Endings of the files that are read; others in the folder are not tables (pictures, documents)."""


def files_in(folder: Path) -> list[Path]:
    """Return the table files below `folder`; lock files (`~$…`), hidden files and links out of it are left out."""
    try:
        found = [path for path in folder.rglob("*") if path.suffix.lower() in TABLE_FILES]
    except OSError as error:
        raise unreadable(error, str(folder)) from error
    root = folder.resolve()
    return sorted(
        path for path in found
        if path.is_file() and path.resolve().is_relative_to(root)
        and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    )  # fmt: skip


def read(
    folder: Path, request: Request, read_file: Callable[[Request], Iterator[SourceTable]]
) -> Iterator[SourceTable]:
    """Yield the tables of all files: each named by its file's stem, or `stem/sheet` where a file has several.

    Args:
        folder: where to look.
        request: what is asked for.
        read_file: reads one file.

    Raises:
        LocationError: there is no file, or one of them cannot be read.
    """
    files = files_in(folder)
    if not files:
        raise LocationError(
            "source.empty", Message("there is no file with a table in the folder"), str(folder),
            Message("files that are read end in: {endings}", endings=" ".join(sorted(TABLE_FILES))),
        )  # fmt: skip
    stems = [path.stem for path in files]
    known: list[str] = []
    given = False
    for path in files:
        inside = path.relative_to(folder).as_posix()
        stem = path.stem if stems.count(path.stem) == 1 else inside.removesuffix(path.suffix)
        if stems.count(path.stem) > 1 and [p.with_suffix("") for p in files].count(path.with_suffix("")) > 1:
            stem = inside
        tables = list(read_file(replace(request, path=path, inside=inside, stem=stem, table="", patterns=())))
        for table in tables:
            table.name = stem if len(tables) == 1 else f"{stem}/{table.name}"
            known.append(table.name)
            if request.wants(table.name):
                given = True
                yield table
    replace(request, path=folder).check_table(known)
    if not given and not request.patterns:
        raise no_rows(str(folder))
