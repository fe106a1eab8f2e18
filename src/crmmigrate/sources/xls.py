"""Workbooks of Excel 2 to 2003 and of WPS Spreadsheets: .xls and .et.

Source: [MS-XLS] (BIFF8) and [MS-CFB] (the compound file around it), as `xlrd` reads them.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.sources._binaryvalidation import Linked, lists
from crmmigrate.sources._grid import ERRORS, Grid
from crmmigrate.sources._limits import check_merges, check_sheets, locked
from crmmigrate.sources._numbers import NumberFormat, number_format
from crmmigrate.sources._request import damaged, too_large, unreadable
from crmmigrate.sources._sheets import Merge, Survey, tables_of
from crmmigrate.sources._validation import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from crmmigrate.model.source import SourceTable
    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._request import Request

TITLE = Message("Excel 97-2003 or WPS workbook")

MAX_SIZE = 256 << 20
"""Bytes of a file; full to the last cell, a sheet of 65,536 rows has about 100 MB."""
ONE_SHEET, FIRST_WITH_GLOBALS = 40, 50
"""Versions: up to Excel 4 a file is one sheet; from Excel 5 on, what the sheets share stands before them."""
WITH_RULES = 80
"""Version of Excel 97."""
_BEGIN, _END, _RULE = 0x809, 0x0A, 0x1BE
_EMPTY, _TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = range(6)


class OldWorkbook:
    """An open .xls; one sheet is held at a time.

    Args:
        path: the file.

    Raises:
        LocationError: it is damaged, locked by a password, or too large.
    """

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        try:
            content = path.read_bytes() if path.stat().st_size <= MAX_SIZE else b""
        except OSError as error:
            raise unreadable(error, self.place) from error
        if not content:
            raise too_large(
                Message("a workbook of the old kind has at most {limit} MB", limit=MAX_SIZE >> 20), self.place
            )
        self._book = self._guarded(lambda: _opened(content))
        check_sheets(self._book.nsheets, self.place)
        self._held: tuple[int, Any] = (-1, None)
        self.date1904 = self._book.datemode == 1
        self.linked = self._linked()
        self.formats = [self._format(style) for style in self._book.xf_list]

    def _format(self, style: Any) -> NumberFormat:
        known = self._book.format_map.get(style.format_key)
        return number_format(style.format_key, known.format_str if known and known.format_str != "General" else "")

    def _linked(self) -> Linked:
        """Return what formulas refer to: xlrd reads that, though it looks at no rule."""
        book, names = self._book, self._book.sheet_names()
        sheets = []
        for where, first, last in book._externsheet_info:  # noqa: SLF001
            place = book._all_sheets_map[first] if first == last and first < len(book._all_sheets_map) else -1  # noqa: SLF001
            sheets.append(names[place] if place >= 0 and where == book._supbook_locals_inx else "")  # noqa: SLF001
        return Linked(wide=False, sheets=sheets, names=[name.raw_formula for name in book.name_obj_list])

    def rules(self, index: int) -> list[bytes]:
        """Return the content of the records of a sheet that limit what may be typed; none before Excel 97."""
        if self._book.biff_version < WITH_RULES:
            return []
        data, at, depth = self._book.mem, self._book._sh_abs_posn[index], 0  # noqa: SLF001
        found = []
        while at + 4 <= len(data):
            kind, size = struct.unpack_from("<HH", data, at)
            depth += (kind == _BEGIN) - (kind == _END)
            if not depth:
                break
            if kind == _RULE and depth == 1:
                found.append(bytes(data[at + 4 : at + 4 + size]))
            at += 4 + size
        return found

    def _guarded(self, read: Callable[[], Any]) -> Any:
        """Turn whatever a broken file throws (of any kind: the reader trusts what it reads) into a refusal."""
        try:
            return read()
        except CrmMigrateError:
            raise
        except Exception as error:
            if "encrypted" in str(error).lower():
                raise locked(self.place) from error
            raise damaged(self.place) from error

    def sheet(self, index: int) -> Any:
        """Return a sheet; the one asked for before is forgotten."""
        if self._held[0] != index:
            if self._held[0] >= 0 and self._book.on_demand:
                self._book.unload_sheet(self._held[0])
            self._held = (index, self._guarded(lambda: self._book.sheet_by_index(index)))
        return self._held[1]

    def sheets(self) -> list[OldSheet]:
        """Return the sheets that hold cells, not charts or modules."""
        visibility = self._book._sheet_visibility  # noqa: SLF001 -- xlrd tells it elsewhere only of sheets it has read
        return [
            OldSheet(self, index, name, bool(visibility[index])) for index, name in enumerate(self._book.sheet_names())
        ]


def _opened(content: bytes) -> Any:
    """Return the workbook without evaluating its defined names: they are no cells, and formulas in them are often broken."""
    from xlrd.book import SUPPORTED_VERSIONS, XL_WORKBOOK_GLOBALS, Book, XLRDError

    class Cells(Book):  # type: ignore[misc]
        def names_epilogue(self) -> None:
            pass

    content = _stream_of(content)
    book = Cells()
    how = {"logfile": io.StringIO(), "formatting_info": True, "on_demand": True, "ragged_rows": True}
    book.biff2_8_load(file_contents=content, **how)
    book.biff_version = book.getbof(XL_WORKBOOK_GLOBALS)
    if book.biff_version not in SUPPORTED_VERSIONS:
        raise XLRDError
    if book.biff_version < FIRST_WITH_GLOBALS:  # the sheets stand in one stream and are all read at once
        book.on_demand = False
        book.parse_globals() if book.biff_version > ONE_SHEET else book.fake_globals_get_sheet()
    else:
        book.parse_globals()
        book._sheet_list = [None] * len(book._sheet_names)  # noqa: SLF001
    book.nsheets = len(book._sheet_list)  # noqa: SLF001
    return book


def _stream_of(content: bytes) -> bytes:
    """Return the stream with the workbook out of a compound file; other content as it is.

    xlrd would follow the chain of a short stream (below 4,096 bytes) for ever where it runs in a circle.

    Raises:
        CompDocError: the compound file is damaged, or holds no workbook.
    """
    from xlrd.compdoc import SIGNATURE, CompDoc, CompDocError

    class Chains(CompDoc):  # type: ignore[misc]
        def _get_stream(self, mem: bytes, base: int, sat: Sequence[int], *more: Any, **named: Any) -> Any:
            sector, steps = more[1] if len(more) > 1 else named["start_sid"], 0
            while 0 <= sector < len(sat):
                sector, steps = sat[sector], steps + 1
                if steps > len(sat):
                    raise CompDocError
            return super()._get_stream(mem, base, sat, *more, **named)

    if not content.startswith(SIGNATURE):
        return content
    file = Chains(content, logfile=io.StringIO())
    for name in ("Workbook", "Book"):
        stream, start, length = file.locate_named_stream(name)
        if stream:
            return bytes(stream[start : start + length])
    raise CompDocError


@dataclass
class OldSheet:
    """One sheet of an .xls; a `SheetReader`."""

    book: OldWorkbook
    index: int
    name: str
    hidden: bool

    def survey(self, known: AbstractSet[int]) -> Survey:
        """Look at the whole sheet once."""
        sheet = self.book.sheet(self.index)
        survey = Survey(last=sheet.nrows)
        for row in range(sheet.nrows):
            for column, kind in enumerate(sheet.row_types(row)):
                if column not in known and _EMPTY < kind <= _ERROR:
                    survey.columns[column] += 1
        survey.merges = [Merge(top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells]
        check_merges(len(survey.merges), f"{self.book.place}#{self.name}")
        survey.hidden_rows = sum(1 for info in sheet.rowinfo_map.values() if info.hidden)
        survey.hidden_columns = {index for index, info in sheet.colinfo_map.items() if info.hidden and index < 256}
        texts = Texts(lambda name: next((other for other in self.book.sheets() if other.name == name), None))
        survey.lists = lists(self.book.rules(self.index), self.book.linked, self.name, texts)
        return survey

    def blocks(self) -> Iterator[Block]:
        """Yield the rows that have cells, from the top."""
        sheet = self.book.sheet(self.index)
        grid = Grid(self.book.formats, date1904=self.book.date1904)
        for row in range(sheet.nrows):
            if not sheet.row_len(row):
                continue
            if grid.full:
                yield grid.take()
            grid.row(row + 1)
            kinds, values = sheet.row_types(row), sheet.row_values(row)
            for column, kind in enumerate(kinds):
                if kind == _TEXT:
                    grid.text(column, values[column])
                elif kind in (_NUMBER, _DATE):
                    grid.number(column, values[column], sheet.cell_xf_index(row, column))
                elif kind == _BOOLEAN:
                    grid.boolean(column, values[column])
                elif kind == _ERROR:
                    grid.error(column, ERRORS.get(values[column], "#ERR"))
        yield grid.take()


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a workbook.

    Raises:
        LocationError: the workbook is damaged, locked by a password, absurdly large or empty, or has no such sheet.
    """
    book = OldWorkbook(request.path)
    yield from tables_of(request, book.sheets(), {**request.facts, "format": "xls"})
