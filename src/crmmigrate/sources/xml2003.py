"""XML Spreadsheet 2003, which many an ERP system exports and calls .xls.

Source: Microsoft, XML Spreadsheet Reference (Office XP and 2003), namespace `urn:schemas-microsoft-com:office:spreadsheet`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.sources._grid import Grid
from crmmigrate.sources._limits import MAX_COLUMNS, MAX_ROWS, check_merges, check_sheets, check_text
from crmmigrate.sources._numbers import PLAIN, NumberFormat, number_format
from crmmigrate.sources._request import damaged, unreadable
from crmmigrate.sources._sheets import Merge, Survey, tables_of
from crmmigrate.sources._stream import Document, Enough, file_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from crmmigrate.model.source import SourceTable
    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._request import Request

TITLE = Message("XML spreadsheet of Excel 2003")

_SS = "urn:schemas-microsoft-com:office:spreadsheet "
_COMMENT = f"{_SS}Comment"
"""What is said about a cell; it has `Data` of its own, which is not the value of the cell."""
_EXCEL = "urn:schemas-microsoft-com:office:excel "
_NAMED = {
    "General Date": "yyyy-mm-dd h:mm", "Long Date": "yyyy-mm-dd", "Medium Date": "yyyy-mm-dd", "Short Date": "yyyy-mm-dd",
    "Long Time": "h:mm:ss", "Medium Time": "h:mm:ss", "Short Time": "h:mm:ss", "Percent": "0.00%",
}  # fmt: skip
"""Formats that are written by name; the others of the kind are plain numbers."""
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z?")


class Reader:
    """Takes the tags of one sheet or, to look at the whole document, of all of them.

    Args:
        document: what is parsed.
        formats: number format by style; gathered where `one` is off.
        one: whether to read one sheet into a grid.
        date1904: whether days count from 1904.
    """

    def __init__(
        self, document: Document, formats: dict[str, NumberFormat], *, one: bool, date1904: bool = False
    ) -> None:
        self._document = document
        self._formats = formats
        self._one = one
        self.date1904 = date1904
        self.grid = Grid(date1904=date1904)
        self.sheets: list[Found] = []
        self._style = ""
        self._inside = False
        self._aside = self._size = 0
        self._data: list[str] | None = None
        self._word: list[str] | None = None
        self._kind = ""
        self._formula = False
        self._row = self._column = self._wide = 0
        self._row_style = self._cell_style = ""
        self._hidden_row = self._filled = False
        self._columns: dict[int, str] = {}
        self._survey = Survey()

    def start(self, name: str, given: dict[str, str]) -> None:
        """Take a start tag."""
        space, _, local = name.rpartition(" ")
        if self._aside or (self._inside and name == _COMMENT):
            self._aside += 1
        elif f"{space} " == _SS:
            handle = _HANDLERS.get(local)
            if handle is not None and (self._inside or local in ("Worksheet", "Style", "NumberFormat")):
                handle(self, given)
        elif local in ("Visible", "Date1904") and f"{space} " == _EXCEL:
            self._word = []
            self.date1904 |= local == "Date1904"

    def _worksheet(self, given: dict[str, str]) -> None:
        self._inside = True
        self._row = self._column = 0
        self._columns = {}
        if not self._one:
            self._survey = Survey()
            name = given.get(f"{_SS}Name", "")
            self.sheets.append(Found(name, self._document.position, self._survey))
            check_sheets(len(self.sheets), self._document.place)

    def _define_style(self, given: dict[str, str]) -> None:
        self._style = given.get(f"{_SS}ID", "")
        self._formats.setdefault(self._style, self._formats.get(given.get(f"{_SS}Parent", ""), PLAIN))

    def _number_format(self, given: dict[str, str]) -> None:
        code = given.get(f"{_SS}Format", "")
        if self._style and not self._one:
            self._formats[self._style] = number_format(
                200, _NAMED.get(code, "" if code.startswith("General") else code)
            )

    def _define_column(self, given: dict[str, str]) -> None:
        first = int(given.get(f"{_SS}Index", self._column + 1)) - 1
        last = min(first + int(given.get(f"{_SS}Span", "0")), MAX_COLUMNS - 1)
        self._column = last + 1
        if given.get(f"{_SS}Hidden") == "1":
            self._survey.hidden_columns.update(range(first, last + 1))
        if f"{_SS}StyleID" in given:
            self._columns.update(dict.fromkeys(range(first, last + 1), given[f"{_SS}StyleID"]))

    def _begin_row(self, given: dict[str, str]) -> None:
        row = int(given.get(f"{_SS}Index", self._row + 1))
        if not self._row < row <= MAX_ROWS:
            raise damaged(self._document.place)
        self._row, self._column = row, 0
        self._row_style = given.get(f"{_SS}StyleID", "")
        self._hidden_row, self._filled = given.get(f"{_SS}Hidden") == "1", False
        if self._one:
            self.grid.row(row)

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._column = int(given.get(f"{_SS}Index", self._column + 1))
        across, down = int(given.get(f"{_SS}MergeAcross", "0")), int(given.get(f"{_SS}MergeDown", "0"))
        if not 0 < self._column <= MAX_COLUMNS or across < 0 or down < 0:
            raise damaged(self._document.place)
        self._wide = min(across, MAX_COLUMNS - self._column)
        self._formula = f"{_SS}Formula" in given
        self._kind, self._data = "", None
        self._cell_style = given.get(f"{_SS}StyleID") or self._row_style or self._columns.get(self._column - 1, "")
        if (self._wide or down) and not self._one:
            left = self._column - 1
            bottom = min(self._row + down, MAX_ROWS)
            self._survey.merges.append(Merge(self._row, left, bottom, left + self._wide))
            check_merges(len(self._survey.merges), self._document.place)

    def _begin_data(self, given: dict[str, str]) -> None:
        self._kind, self._data = given.get(f"{_SS}Type", "String"), []
        self._size = 0

    def text(self, data: str) -> None:
        """Take a piece of text."""
        if self._aside:
            return
        if self._word is not None:
            self._word.append(data)
        elif self._data is not None and self._kind:
            self._size += len(data)
            check_text(self._size, self._document.place)
            self._data.append(data)

    def end(self, name: str) -> None:
        """Take an end tag."""
        if self._aside:
            self._aside -= 1
        elif self._word is not None:
            if self._inside and self.sheets and name.endswith("Visible"):
                self.sheets[-1].hidden = "".join(self._word).strip() in ("SheetHidden", "SheetVeryHidden")
            self._word = None
        elif name == f"{_SS}Data" and self._data is not None:
            self._end_data("".join(self._data))
            self._data = None
        elif name == f"{_SS}Cell" and self._inside:
            if self._one and self._formula and not self._kind:
                self.grid.trouble(self._column - 1, "source.formula-without-value")
            self._column += self._wide
        elif name == f"{_SS}Row":
            self._survey.hidden_rows += self._hidden_row and self._filled
        elif name == f"{_SS}Worksheet":
            self._inside = False
            if self._one:
                raise Enough

    def _end_data(self, text: str) -> None:
        if not text or not self._row or not self._column:
            return
        if self._one:
            self._put(self.grid, self._column - 1, text.replace("\r\n", "\n").replace("\r", "\n"))
        else:
            self._survey.columns[self._column - 1] += 1
            self._survey.last = self._row
            self._filled = True

    def _put(self, grid: Grid, column: int, text: str) -> None:
        shown = self._formats.get(self._cell_style, PLAIN)
        if self._kind == "Number":
            raw = text.strip()
            grid.shown(column, raw, float(raw), shown)
        elif self._kind == "Boolean":
            grid.boolean(column, text.strip() == "1")
        elif self._kind == "Error":
            grid.error(column, text)
        elif self._kind == "DateTime":
            grid.text(column, _moment(text.strip(), shown, date1904=self.date1904))
        else:
            grid.text(column, text)


_HANDLERS: dict[str, Callable[[Reader, dict[str, str]], None]] = {
    "Worksheet": Reader._worksheet, "Style": Reader._define_style, "NumberFormat": Reader._number_format,  # noqa: SLF001
    "Column": Reader._define_column, "Row": Reader._begin_row, "Cell": Reader._begin_cell, "Data": Reader._begin_data,  # noqa: SLF001
}  # fmt: skip


def _moment(text: str, shown: NumberFormat, *, date1904: bool) -> str:
    """Return a moment as it is seen: the day before all days stands for a time alone."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return text
    day, clock = found.groups()
    if shown.kind in ("time", "elapsed") and day in ("1899-12-31", "1899-12-30", "1904-01-01" if date1904 else ""):
        return clock.removeprefix("0") if shown.kind == "elapsed" else clock
    if day == "1899-12-31" and not date1904:
        day = "1900-01-00"  # as Excel shows the day 0, which it writes so
    return day if clock == "00:00:00" and shown.kind != "time" else f"{day} {clock}"


@dataclass
class Found:
    """A sheet as the first look found it."""

    name: str
    start: int
    survey: Survey
    hidden: bool = False


@dataclass
class XmlSheet:
    """One sheet; a `SheetReader`."""

    document: Document
    formats: dict[str, NumberFormat]
    date1904: bool
    found: Found

    def __post_init__(self) -> None:
        self.name = self.found.name
        self.hidden = self.found.hidden

    def survey(self, known: AbstractSet[int]) -> Survey:
        """Return what was found when the whole document was looked at."""
        for column in known:
            self.found.survey.columns.pop(column, None)
        return self.found.survey

    def blocks(self) -> Iterator[Block]:
        """Yield the rows that have cells, from the top."""
        reader = Reader(self.document, self.formats, one=True, date1904=self.date1904)
        for grid in self.document.gather(reader, self.found.start, reader.grid):
            yield grid.take()


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a workbook.

    Raises:
        LocationError: the workbook is damaged, absurdly large or empty, or has no such sheet.
    """
    document = Document(partial(file_chunks, request.path), str(request.path))
    formats: dict[str, NumberFormat] = {}
    reader = Reader(document, formats, one=False)
    try:
        for _ in document.parse(reader):
            pass
    except OSError as error:
        raise unreadable(error, str(request.path)) from error
    sheets = [XmlSheet(document, formats, reader.date1904, found) for found in reader.sheets]
    yield from tables_of(request, sheets, {**request.facts, "format": "xml2003"})
