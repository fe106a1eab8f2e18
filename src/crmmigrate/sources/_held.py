"""The open files of a folder: a few are held, the others are let go and opened anew when their rows are asked for.

An open workbook holds its shared texts, an old one the whole file; a folder of hundreds must not fill the memory before
the first row is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._request import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from crmmigrate.sources._request import Request

HELD = 16 << 20
"""Bytes of the files that are held; the one opened last is, however large."""
HEAVY = frozenset(("xlsx", "xlsb", "xls", "ods", "xml2003", "html"))
"""Formats whose open files hold much. Databases stay open: all their tables are read in one transaction."""


def _nothing() -> Iterator[pd.DataFrame]:
    return iter(())


class Held:
    """Opens files, and forgets the one that was asked for least lately when it holds too many.

    Args:
        read_file: reads one file.
    """

    def __init__(self, read_file: Callable[[Request], Iterator[SourceTable]]) -> None:
        self._read_file = read_file
        self._open: dict[Path, tuple[int, list[SourceTable]]] = {}

    def tables(self, request: Request) -> list[SourceTable]:
        """Return the tables of a file; those of a heavy one hold nothing of it.

        Raises:
            LocationError: it cannot be read.
        """
        found = list(self._read_file(request))
        if not any(table.facts.get("format") in HEAVY for table in found):
            return found
        self._hold(request, found)
        return [self._stand_in(request, at, table) for at, table in enumerate(found)]

    def _hold(self, request: Request, tables: list[SourceTable]) -> None:
        self._open[request.path] = max(int(table.facts.get("size") or 0) for table in tables), tables
        while len(self._open) > 1 and sum(size for size, _ in self._open.values()) > HELD:
            for table in self._open.pop(next(iter(self._open)))[1]:
                table.read = _nothing  # a table and its reader know each other: the memory would not go until later

    def _again(self, request: Request) -> list[SourceTable]:
        if request.path not in self._open:
            self._hold(request, list(self._read_file(request)))
        else:
            self._open[request.path] = self._open.pop(request.path)  # the one asked for last
        return self._open[request.path][1]

    def _stand_in(self, request: Request, at: int, opened: SourceTable) -> SourceTable:
        """Return a table that opens its file when its rows are asked for, if it is not open."""
        table = SourceTable(opened.name, opened.file, opened.columns, _nothing, dict(opened.facts), list(opened.issues))

        def batches() -> Iterator[pd.DataFrame]:
            try:
                same = [one for one in self._again(request)[at : at + 1] if one.columns == table.columns]
            except OSError as error:
                raise unreadable(error, str(request.path)) from error
            if not same:
                raise LocationError(
                    "file.changed", Message("the file was changed while it was read"), str(request.path),
                    Message("run it again when nobody works on the file"),
                )  # fmt: skip
            inner = same[0]
            inner.name, inner.issues = table.name, table.issues
            yield from inner.read()
            table.facts.update(inner.facts)

        table.read = batches
        return table
