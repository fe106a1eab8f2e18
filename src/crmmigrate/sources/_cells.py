"""The cells of one sheet of an .xlsx workbook, streamed from its XML.

Reading the XML itself, in place of a library, shows what libraries hide (number formats, errors, formulas without a
value, hidden rows, every digit stored), keeps memory flat, and has no trouble with one stray cell at XFD1048576, for
which readers that allocate the used range ask for 549 GB and take the process with them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.sources._numbers import PLAIN, NumberFormat, seen
from crmmigrate.sources._request import too_large
from crmmigrate.sources._workbook import plain_text, rich_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.sources._workbook import Sheet, Workbook

MAX_ROW = 64 << 20
"""Bytes of XML of one row."""

_COLUMN: dict[bytes, int] = {}


def _index(name: bytes) -> int:
    index = _COLUMN.get(name)
    if index is None:
        index = 0
        for letter in name:
            index = index * 26 + letter - 64
        index -= 1
        _COLUMN[name] = index
    return index


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows from 1 as Excel counts them, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Survey:
    """What a first look at a sheet's XML tells.

    Args:
        columns: how many cells that are not empty stand in each column.
        rows: number of rows with cells.
        last: number of the last row.
        merges: the merged ranges.
        hidden_rows: how many.
        hidden_columns: index of each.
    """

    columns: Counter[int] = field(default_factory=Counter)
    rows: int = 0
    last: int = 0
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)


@dataclass(slots=True)
class SheetRow:
    """One row: its number, cells by column index, and what is wrong with some of them (column index, code, raw text)."""

    number: int
    cells: dict[int, str]
    troubles: list[tuple[int, str, str]]


_FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})\d+"[^>]*[^/]>')
_ROW = re.compile(rb'<(?:\w+:)?row\b([^>]*)>?')
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)"')
_COLS = re.compile(rb"<(?:\w+:)?col\s[^>]*>")


class SheetReader:
    """Reads one sheet.

    Args:
        book: the open workbook.
        sheet: which of its sheets.
        texts: the shared strings.
        formats: the number format of each style.
    """

    def __init__(self, book: Workbook, sheet: Sheet, texts: list[str], formats: list[NumberFormat]) -> None:
        self._book = book
        self._sheet = sheet
        self._texts = texts
        self._formats = formats
        self._numbers: dict[tuple[bytes, bytes], tuple[str, bool]] = {}

    def survey(self) -> Survey:
        """Look at the whole sheet once, without its values."""
        survey = Survey()
        before, after = b"", b""
        columns: Counter[bytes] = Counter()
        for place, data in self._parts():
            if place == "before":
                before = data
            elif place == "after":
                after = data
            else:
                columns.update(_FILLED.findall(data))
                for attributes in _ROW.findall(data):
                    number = _NUMBER.search(attributes)
                    survey.last = int(number.group(1)) if number else survey.last + 1
                    survey.hidden_rows += bool(_HIDDEN.search(attributes))
                survey.rows += data.count(b"</row>")
        survey.columns = Counter({_index(name): count for name, count in columns.items()})
        survey.merges = [
            Merge(int(top), _index(left), int(bottom), _index(right))
            for left, top, right, bottom in _MERGE.findall(after)
        ]
        for column in _COLS.findall(before):
            if _HIDDEN.search(column):
                start, end = re.search(rb'min="(\d+)"', column), re.search(rb'max="(\d+)"', column)
                if start and end:
                    survey.hidden_columns.update(range(int(start.group(1)) - 1, min(int(end.group(1)), 16_384)))
        return survey

    def _parts(self) -> Iterator[tuple[str, bytes]]:
        """Yield what stands before the rows, whole rows in pieces, and what stands behind them."""
        chunks = self._book.chunks(self._sheet.part)
        head = b""
        for chunk in chunks:
            head += chunk
            found = re.search(rb"<(\w+:)?sheetData\b[^>]*>", head)
            if found:
                break
            if len(head) > MAX_ROW:
                raise too_large(Message("a row of the sheet is too large"), self._place)
        else:
            return
        yield "before", head[: found.start()]
        if found.group().endswith(b"/>"):
            yield "after", head[found.end() :] + b"".join(chunks)
            return
        end, close = b"</%srow>" % (found.group(1) or b""), b"</%ssheetData>" % (found.group(1) or b"")
        data = head[found.end() :]
        while True:
            stop = data.find(close)
            if stop >= 0:
                yield "rows", data[:stop]
                yield "after", data[stop:] + b"".join(chunks)
                return
            cut = data.rfind(end)
            if cut >= 0:
                yield "rows", data[: cut + len(end)]
                data = data[cut + len(end) :]
            elif len(data) > MAX_ROW:
                raise too_large(Message("a row of the sheet is too large"), self._place)
            more = next(chunks, b"")
            if not more:
                yield "rows", data
                return
            data += more

    @property
    def _place(self) -> str:
        return f"{self._book.place}#{self._sheet.name}"

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows that have cells, from the top."""
        last = 0
        for place, data in self._parts():
            if place != "rows":
                continue
            for piece in re.split(rb"</(?:\w+:)?row>", data):
                starts = _ROW.findall(piece)
                if not starts:
                    continue
                number = _NUMBER.search(starts[-1])
                last = int(number.group(1)) if number else last + len(starts)
                row = self._row(last, piece)
                if row.cells or row.troubles:
                    yield row

    def _row(self, number: int, piece: bytes) -> SheetRow:
        found = _FAST.findall(piece)
        if len(found) != len(_ANY.findall(piece)):
            found = _slowly(piece)
        cells: dict[int, str] = {}
        row = SheetRow(number, cells, [])
        texts = self._texts
        for name, style, kind, value, rest in found:
            if kind == b"s":
                if value:
                    cells[_COLUMN.get(name) or _index(name)] = texts[int(value)]
            elif value or rest:
                self._other(row, _index(name), (style, kind, value, rest))
        return row

    def _other(self, row: SheetRow, index: int, cell: tuple[bytes, bytes, bytes, bytes]) -> None:
        """Read a cell that is not a shared string."""
        style, kind, value, rest = cell
        if rest:
            inside = _VALUE.search(rest)
            value = inside.group(1) if inside else b""
            if kind == b"inlineStr":
                row.cells[index] = rich_text(rest)
                return
            if not value and _FORMULA.search(rest):
                if kind != b"str":
                    row.troubles.append((index, "source.formula-without-value", ""))
                return
        if kind == b"s":
            row.cells[index] = self._texts[int(value)]
        elif kind in (b"", b"n"):
            if value:
                text, lost = self._number(value, style)
                row.cells[index] = text
                if lost:
                    row.troubles.append((index, "source.number-precision-lost", text))
        elif kind == b"b":
            row.cells[index] = "TRUE" if value.strip() == b"1" else "FALSE"
        elif kind == b"d":
            row.cells[index] = plain_text(value).replace("T", " ").removesuffix(" 00:00:00")
        else:
            row.cells[index] = plain_text(value)
            if kind == b"e":
                row.troubles.append((index, "source.error-cell", row.cells[index]))

    def _number(self, value: bytes, style: bytes) -> tuple[str, bool]:
        known = self._numbers.get((value, style))
        if known is None:
            position = int(style) if style else 0
            shown = self._formats[position] if position < len(self._formats) else PLAIN
            known = seen(value.decode("ascii", "replace").strip(), shown, date1904=self._book.date1904)
            if len(self._numbers) > 200_000:
                self._numbers.clear()
            self._numbers[value, style] = known
        return known


_FAST = re.compile(
    rb'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="([a-zA-Z]+)")?(?:/>|>(?:<v>([^<]*)</v></c>|(.*?)</c>))', re.DOTALL
)
_ANY = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c((?:\s[^>]*?)?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</(?:\w+:)?v>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ATTRIBUTE = re.compile(rb"""\s(r|s|t)=(?:"([^"]*)"|'([^']*)')""")


def _slowly(piece: bytes) -> list[tuple[bytes, bytes, bytes, bytes, bytes]]:
    """Read cells whose attributes are missing, in another order, or prefixed with a namespace."""
    from crmmigrate.sources._frame import letters

    found = []
    index = -1
    for attributes, inner in _CELL.findall(piece):
        given = {name: double or single for name, double, single in _ATTRIBUTE.findall(attributes)}
        column = re.match(rb"[A-Z]{1,3}", given.get(b"r", b""))
        index = _index(column.group()) if column else index + 1
        name = column.group() if column else letters(index).encode()
        found.append((name, given.get(b"s", b""), given.get(b"t", b""), b"", inner))
    return found
