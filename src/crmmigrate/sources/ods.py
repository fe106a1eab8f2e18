"""Workbooks of LibreOffice and others: .ods, and .fods, which is the same without a package around it.

Source: OpenDocument 1.3 part 3, chapter 9 (tables) and 19 (attributes of values).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.sources._grid import Grid
from crmmigrate.sources._limits import MAX_COLUMNS, MAX_ROWS, check_merges, check_sheets, check_text, locked
from crmmigrate.sources._numbers import NumberFormat
from crmmigrate.sources._odsstyles import TABLE, OdsStyles
from crmmigrate.sources._odsvalidation import ATTRIBUTE as VALIDATION
from crmmigrate.sources._odsvalidation import Choices
from crmmigrate.sources._package import Package
from crmmigrate.sources._request import damaged, too_large
from crmmigrate.sources._sheets import Merge, Survey, tables_of
from crmmigrate.sources._stream import Document, Enough, file_chunks
from crmmigrate.sources._validation import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from crmmigrate.model.source import SourceTable
    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._request import Request

TITLE = Message("OpenDocument workbook")

MAX_REPEATED = 4_000_000
"""Cells that are not written but said to be the same as one that is."""
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_TABLE, _ROW, _COLUMN = f"{TABLE}table", f"{TABLE}table-row", f"{TABLE}table-column"
_CELL, _COVERED = f"{TABLE}table-cell", f"{TABLE}covered-table-cell"
_PARAGRAPH, _TYPE, _STYLE = f"{_TEXT}p", f"{_OFFICE}value-type", f"{TABLE}style-name"
_DEFAULT, _FORMULA = f"{TABLE}default-cell-style-name", f"{TABLE}formula"
_COLUMNS_REPEATED, _ROWS_REPEATED = f"{TABLE}number-columns-repeated", f"{TABLE}number-rows-repeated"
_COLUMNS_SPANNED, _ROWS_SPANNED = f"{TABLE}number-columns-spanned", f"{TABLE}number-rows-spanned"
_HIDDEN = ("collapse", "filter")
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_ASIDE = frozenset((f"{_OFFICE}annotation", f"{_TEXT}ruby-text", _TABLE, f"{TABLE}shapes"))
"""What stands in a table or cell without being its value: comments, reading aids, tables in cells, drawings."""
_DRAWING = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0 "
_ERROR = re.compile(r"#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!)|Err:\d{3}")
_TIME = re.compile(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?")


@dataclass
class _Cell:
    """A cell being read."""

    given: dict[str, str]
    covered: bool
    paragraphs: list[list[str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join("".join(pieces) for pieces in self.paragraphs)

    @property
    def filled(self) -> bool:
        return bool(self.given.get(_TYPE) or any(map(any, self.paragraphs)) or _FORMULA in self.given)


class Reader:
    """Takes the tags of one table or, to look at the whole document, of all of them.

    Args:
        document: what is parsed.
        styles: gathered where `one` is off, looked up where it is on.
        one: whether to read one table into a grid.
    """

    def __init__(self, document: Document, styles: OdsStyles, *, one: bool) -> None:
        self._document = document
        self._styles = styles
        self._one = one
        self.grid = Grid()
        self.sheets: list[tuple[str, bool, int, Survey]] = []
        self.choices = Choices()
        self._aside = self._size = 0
        self._inside = False
        self._cell: _Cell | None = None
        self._cells: list[tuple[int, int, _Cell]] = []
        self._defaults: list[tuple[int, str]] = []
        self._row_given: dict[str, str] = {}
        self._row = self._column = self._repeated = 0
        self._survey = Survey()

    def start(self, name: str, given: dict[str, str]) -> None:
        """Take a start tag."""
        if self._aside or (self._inside and (name in _ASIDE or name.startswith(_DRAWING))):
            self._aside += 1
        elif name == _TABLE:
            self._begin(given)
        elif not self._inside:
            if not self._one:
                self._styles.start(name, given)
                self.choices.start(name, given)
        elif name in (_CELL, _COVERED):
            self._cell = _Cell(given, name == _COVERED)
        elif self._cell is not None:
            self._inner(self._cell, name, given)
        elif name == _ROW:
            self._row_given, self._column, self._cells, self._size = given, 0, [], 0
        elif name == _COLUMN:
            self._define(given)

    def _begin(self, given: dict[str, str]) -> None:
        self._inside = True
        self._survey = Survey()
        self._row = self._column = self._repeated = 0
        self._defaults = []
        if not self._one:
            hidden = given.get(_STYLE, "") in self._styles.hidden_tables
            self.choices.begin_sheet()
            self.sheets.append((given.get(f"{TABLE}name", ""), hidden, self._document.position, self._survey))
            check_sheets(len(self.sheets), self._document.place)

    def _define(self, given: dict[str, str]) -> None:
        last = min(self._column + _count(given, _COLUMNS_REPEATED), MAX_COLUMNS)
        if given.get(f"{TABLE}visibility") in _HIDDEN:
            self._survey.hidden_columns.update(range(self._column, last))
        self._defaults.append((last, given.get(_DEFAULT, "")))
        self._column = last

    def _inner(self, cell: _Cell, name: str, given: dict[str, str]) -> None:
        if name == _PARAGRAPH:
            cell.paragraphs.append([])
        elif cell.paragraphs:
            if name == f"{_TEXT}s":
                self._add(cell, " " * min(_count(given, f"{_TEXT}c"), 32_767))
            elif name in _BREAKS:
                self._add(cell, _BREAKS[name])

    def _add(self, cell: _Cell, data: str) -> None:
        self._size += len(data)
        check_text(self._size, self._document.place)
        cell.paragraphs[-1].append(data)

    def text(self, data: str) -> None:
        """Take a piece of text."""
        if self._aside:
            return
        if self._cell is not None and self._cell.paragraphs:
            self._add(self._cell, data)
        elif not self._inside and not self._one:
            self._styles.text(data)

    def end(self, name: str) -> None:
        """Take an end tag."""
        if self._aside:
            self._aside -= 1
        elif self._cell is not None:
            if name in (_CELL, _COVERED):
                self._end_cell(self._cell)
                self._cell = None
        elif name == _ROW and self._inside:
            self._end_row()
        elif name == _TABLE:
            self._inside = False
            if self._one:
                raise Enough
            self._survey.hidden_columns = {
                c for c in self._survey.hidden_columns if c <= max(self._survey.columns, default=-1)
            }
        elif not self._inside and not self._one:
            self._styles.end(name)

    def _end_cell(self, cell: _Cell) -> None:
        count = _count(cell.given, _COLUMNS_REPEATED)
        if cell.filled:
            if self._column + count > MAX_COLUMNS:
                raise too_large(Message("the sheet has more columns than any program shows"), self._document.place)
            self._cells.append((self._column, count, cell))
        if not self._one and (rule := cell.given.get(VALIDATION)):
            self.choices.obey(range(self._column, min(self._column + count, MAX_COLUMNS)), rule)
        down, right = _count(cell.given, _ROWS_SPANNED), _count(cell.given, _COLUMNS_SPANNED)
        if down * right > 1 and not self._one:
            bottom = min(self._row + down, MAX_ROWS)
            self._survey.merges.append(
                Merge(self._row + 1, self._column, bottom, min(self._column + right, MAX_COLUMNS) - 1)
            )
            check_merges(len(self._survey.merges), self._document.place)
        self._column += count

    def _end_row(self) -> None:
        count = _count(self._row_given, _ROWS_REPEATED)
        if self._cells:
            self._check(count)
            self._survey.last = self._row + count
            if self._row_given.get(f"{TABLE}visibility") in _HIDDEN:
                self._survey.hidden_rows += count
            if self._one:
                self._put(count)
            else:
                for column, width, cell in self._cells:
                    if not cell.covered:
                        self._survey.columns.update(dict.fromkeys(range(column, column + width), count))
        self._row += count

    def _check(self, count: int) -> None:
        """Refuse what a few bytes claim to be: millions of cells."""
        self._repeated += count * sum(width for _, width, _ in self._cells) - len(self._cells)
        if self._row + count > MAX_ROWS or self._repeated > MAX_REPEATED:
            raise too_large(Message("the sheet claims millions of equal cells"), self._document.place)

    def _put(self, count: int) -> None:
        default = self._row_given.get(_DEFAULT, "")
        for number in range(self._row + 1, self._row + count + 1):
            self.grid.row(number)
            for first, width, cell in self._cells:
                for column in range(first, first + width):
                    if cell.covered:
                        self.grid.trouble(column, "source.cell-unread", cell.text)
                    else:
                        style = cell.given.get(_STYLE) or default or self._default(column)
                        put(self.grid, column, cell.given, cell.text, self._styles.shown(style))

    def _default(self, column: int) -> str:
        return next((style for last, style in self._defaults if column < last), "")


def _count(given: dict[str, str], name: str) -> int:
    return max(int(given.get(name, "1")), 1)


def put(grid: Grid, column: int, given: dict[str, str], text: str, shown: NumberFormat) -> None:
    """Put a cell as a person sees it; `given` are its attributes, `text` what LibreOffice wrote as shown."""
    kind = given.get(_TYPE, "")
    if given.get(f"{_CALC}value-type") == "error" or (_FORMULA in given and _ERROR.fullmatch(text)):
        grid.error(column, text or "#N/A")
    elif kind in ("float", "currency", "percentage"):
        raw = given.get(f"{_OFFICE}value", "")
        if kind == "percentage" and shown.kind != "percent":
            shown = NumberFormat("percent", len(text.rstrip(" %").partition(".")[2]))
        grid.shown(column, raw, float(raw), shown)
    elif kind == "date":
        grid.text(column, _date(given.get(f"{_OFFICE}date-value", "")) or text)
    elif kind == "time":
        grid.text(column, _time(given.get(f"{_OFFICE}time-value", ""), shown) or text)
    elif kind == "boolean":
        grid.boolean(column, given.get(f"{_OFFICE}boolean-value") == "true")
    else:
        text = text or given.get(f"{_OFFICE}string-value", "")
        grid.text(column, text)
        if not text and not kind and _FORMULA in given:
            grid.trouble(column, "source.formula-without-value")


def _date(value: str) -> str:
    """Return an ISO date or moment, to the second; empty where it is none Python knows (year 0)."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value.replace("T", " ")
    if moment.microsecond:
        moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    return moment.strftime("%Y-%m-%d" if not (moment.hour or moment.minute or moment.second) else "%Y-%m-%d %H:%M:%S")


def _time(value: str, shown: NumberFormat) -> str:
    found = _TIME.fullmatch(value)
    if not found:
        return ""
    sign, hours, minutes, seconds, fraction = (group or "0" for group in found.groups())
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + (fraction[0] >= "5")
    clock = f"{whole // 60 % 60:02}:{whole % 60:02}"
    if shown.kind == "elapsed" or whole >= 86_400:
        return f"{sign.strip('0')}{whole // 3600}:{clock}"
    return f"{sign.strip('0')}{whole // 3600:02}:{clock}"


@dataclass
class OpenSheet:
    """One sheet of an .ods; a `SheetReader`."""

    document: Document
    styles: OdsStyles
    name: str
    hidden: bool
    start: int
    found: Survey
    lists: Callable[[str], dict[int, list[str]]]

    def survey(self, known: AbstractSet[int]) -> Survey:
        """Return what was found when the whole document was looked at."""
        for column in known:
            self.found.columns.pop(column, None)
        self.found.lists = self.lists(self.name)
        return self.found

    def blocks(self) -> Iterator[Block]:
        """Yield the rows that have cells, from the top."""
        reader = Reader(self.document, self.styles, one=True)
        for grid in self.document.gather(reader, self.start, reader.grid):
            yield grid.take()


def _document(request: Request) -> tuple[Document, list[Document]]:
    """Return the document with the sheets, and those with styles beside it."""
    place = str(request.path)
    with request.path.open("rb") as file:
        packed = file.read(2) == b"PK"
    if not packed:
        return Document(partial(file_chunks, request.path), place), []
    package = Package(request.path)
    try:
        manifest = package.xml("META-INF/manifest.xml") if "META-INF/manifest.xml" in package else None
        if manifest is not None and any(item.tag.endswith("encryption-data") for item in manifest.iter()):
            raise locked(place)
        if "content.xml" not in package:
            raise damaged(place)
        styles = [Document(partial(package.chunks, "styles.xml"), place)] if "styles.xml" in package else []
        return Document(partial(package.chunks, "content.xml"), place), styles
    finally:
        package.close()


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a workbook.

    Raises:
        LocationError: the workbook is damaged, locked by a password, absurdly large or empty, or has no such sheet.
    """
    document, others = _document(request)
    styles = OdsStyles()
    reader = Reader(document, styles, one=False)
    for each in (*others, document):
        for _ in each.parse(reader):
            pass

    def named(name: str) -> OpenSheet | None:
        return next((sheet for sheet in sheets if sheet.name == name), None)

    def lists(at: int) -> Callable[[str], dict[int, list[str]]]:
        return lambda name: reader.choices.lists(at, name, Texts(named))

    sheets = [OpenSheet(document, styles, *sheet, lists(at)) for at, sheet in enumerate(reader.sheets)]
    yield from tables_of(request, sheets, {**request.facts, "format": "ods"})
