"""Workbooks in Excel's binary form: .xlsb.

Read by our own stream over the records, as number formats, errors and hidden rows are needed, and every digit.

Source: [MS-XLSB] 2.1.4 (records), 2.3 and 2.4 (their content).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.sources._binaryvalidation import MAX_RULES, Linked, lists
from crmmigrate.sources._grid import ERRORS, Grid
from crmmigrate.sources._limits import MAX_COLUMNS, MAX_ROWS, Broken, check_merges, check_sheets
from crmmigrate.sources._numbers import NumberFormat, number_format
from crmmigrate.sources._package import Package
from crmmigrate.sources._request import damaged
from crmmigrate.sources._sheets import Merge, Survey, tables_of
from crmmigrate.sources._validation import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from crmmigrate.model.source import SourceTable
    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._request import Request

TITLE = Message("binary Excel workbook")

MAX_RECORD = 16 << 20
"""Bytes of one record; a text has at most 32,767 characters."""
MAX_TEXTS = 2 << 30

_ROW, _BLANK, _RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = 0, 1, 2, 3, 4, 5, 6, 7
_F_STRING, _F_NUMBER, _F_BOOL, _F_ERROR, _ITEM, _FORMAT, _XF, _COLUMN, _RICH = 8, 9, 10, 11, 19, 44, 47, 60, 62
_SHEET_DATA, _SHEET_DATA_END, _PROPERTIES, _SHEET, _MERGE, _XFS, _XFS_END = 145, 146, 153, 156, 176, 617, 618
_NAME, _RULE, _OUTSIDE, _SELF, _OUTSIDE_ADDIN, _LINKS = 39, 64, 355, 357, 667, 362
_HIDDEN = 0x10
_LEAST = {
    _ROW: 12, _RK: 12, _ERROR: 9, _BOOL: 9, _REAL: 16, _STRING: 12, _SHARED: 12, _F_STRING: 12, _F_NUMBER: 16, _F_BOOL: 9,
    _F_ERROR: 9, _ITEM: 5, _FORMAT: 6, _XF: 4, _COLUMN: 18, _RICH: 13, _PROPERTIES: 1, _SHEET: 12, _MERGE: 16,
    _NAME: 13, _LINKS: 4,
}  # fmt: skip
"""Bytes that a record has at least, of those whose content is read."""


def records(chunks: Iterator[bytes], place: str) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of the records of a part.

    Raises:
        LocationError: the part breaks off, a record claims a size that none has, or is shorter than its kind is.
    """
    data, at = b"", 0
    while True:
        header = _header(data, at)
        if header is None or header[2] + header[1] > len(data):
            if header is not None and header[1] > MAX_RECORD:
                raise damaged(place)
            more = next(chunks, b"")
            if more:
                data, at = data[at:] + more, 0
                continue
            if at < len(data):
                raise damaged(place)
            return
        kind, size, start = header
        if size < _LEAST.get(kind, 0):
            raise damaged(place)
        at = start + size
        yield kind, data[start:at]


def _header(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return kind and size of the record at `at`, and where its content begins; None where that is not all there yet."""
    try:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift == 28:
                return kind, size, at
    except IndexError:
        return None


def _text(content: bytes, at: int) -> tuple[str, int]:
    """Return the text whose length in characters stands at `at`, and where it ends.

    Raises:
        Broken: the record ends before the text does.
    """
    if at + 4 > len(content):
        raise Broken
    (length,) = struct.unpack_from("<I", content, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + length * 2
    if end > len(content):
        raise Broken
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def rk(number: int) -> float:
    """Return the number in Excel's short form: 30 bits of an integer or of a double, whole or in hundredths."""
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number & 0x80000000 else 0))
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))
    return value / 100 if number & 1 else value


@dataclass
class _Book:
    """What all sheets share."""

    package: Package
    texts: list[str]
    formats: list[NumberFormat]
    date1904: bool
    linked: Linked
    sheets: list[BinarySheet] = field(default_factory=list)


@dataclass
class BinarySheet:
    """One sheet of an .xlsb; a `SheetReader`."""

    book: _Book
    part: str
    name: str
    hidden: bool

    @property
    def _place(self) -> str:
        return f"{self.book.package.place}#{self.name}"

    def survey(self, known: AbstractSet[int]) -> Survey:
        """Look at the whole sheet once."""
        survey = Survey()
        rules: list[bytes] = []
        with self.book.package.guard():
            for kind, content in self._records():
                if _RK <= kind <= _F_ERROR or kind == _RICH:
                    column = int.from_bytes(content[:4], "little")
                    if column not in known:
                        survey.columns[column] += 1
                elif kind == _ROW:
                    survey.last = int.from_bytes(content[:4], "little") + 1
                    survey.hidden_rows += bool(content[11] & _HIDDEN)
                elif kind == _MERGE:
                    top, bottom, left, right = struct.unpack_from("<4I", content)
                    survey.merges.append(Merge(top + 1, left, bottom + 1, right))
                    check_merges(len(survey.merges), self._place)
                elif kind == _COLUMN:
                    first, last, _, _, flags = struct.unpack_from("<4IH", content)
                    if flags & 1:
                        survey.hidden_columns.update(range(first, min(last + 1, MAX_COLUMNS)))
                elif kind == _RULE and len(rules) < MAX_RULES:
                    rules.append(content)
        texts = Texts(lambda name: next((other for other in self.book.sheets if other.name == name), None))
        survey.lists = lists(rules, self.book.linked, self.name, texts)
        return survey

    def _records(self) -> Iterator[tuple[int, bytes]]:
        """Yield the records; a sheet whose rows have no end is refused, as the rest of them would be lost without a word."""
        ended = False
        for kind, content in records(self.book.package.chunks(self.part, utf8=False), self._place):
            ended |= kind == _SHEET_DATA_END
            yield kind, content
        if not ended:
            raise damaged(self._place)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows that have cells, from the top."""
        with self.book.package.guard():
            grid = Grid(self.book.formats, date1904=self.book.date1904)
            last = -1
            for kind, content in self._records():
                if kind == _ROW:
                    number = int.from_bytes(content[:4], "little")
                    if not last < number < MAX_ROWS:
                        raise damaged(self._place)
                    if grid.full:
                        yield grid.take()
                    last = number
                    grid.row(number + 1)
                elif _RK <= kind <= _F_ERROR or kind == _RICH:
                    if last < 0:
                        raise damaged(self._place)
                    self._cell(grid, kind, content)
                elif kind == _SHEET_DATA_END:
                    break
            yield grid.take()

    def _cell(self, grid: Grid, kind: int, content: bytes) -> None:
        column = int.from_bytes(content[:4], "little")
        style = int.from_bytes(content[4:7], "little")
        if column >= MAX_COLUMNS:
            raise damaged(self._place)
        if kind == _SHARED:
            grid.text(column, self._shared(int.from_bytes(content[8:12], "little")))
        elif kind == _RK:
            grid.number(column, rk(int.from_bytes(content[8:12], "little")), style)
        elif kind in (_REAL, _F_NUMBER):
            grid.number(column, struct.unpack_from("<d", content, 8)[0], style)
        elif kind in (_STRING, _F_STRING):
            grid.text(column, _text(content, 8)[0])
        elif kind == _RICH:
            grid.text(column, _text(content, 9)[0])
        elif kind in (_BOOL, _F_BOOL):
            grid.boolean(column, content[8])
        else:
            grid.error(column, ERRORS.get(content[8], "#ERR"))

    def _shared(self, index: int) -> str:
        if index >= len(self.book.texts):
            raise Broken
        return self.book.texts[index]


def _texts(package: Package, part: str) -> list[str]:
    if not part:
        return []
    stream = package.chunks(part, MAX_TEXTS, utf8=False)
    return [_text(content, 1)[0] for kind, content in records(stream, package.place) if kind == _ITEM]


def _formats(package: Package, part: str) -> list[NumberFormat]:
    codes: dict[int, str] = {}
    styles: list[int] = []
    inside = False
    for kind, content in records(package.chunks(part, MAX_TEXTS, utf8=False), package.place) if part else ():
        if kind == _FORMAT:
            codes[int.from_bytes(content[:2], "little")] = _text(content, 2)[0]
        elif kind in (_XFS, _XFS_END):
            inside = kind == _XFS
        elif kind == _XF and inside:
            styles.append(int.from_bytes(content[2:4], "little"))
    known = {identifier: number_format(identifier, codes.get(identifier, "")) for identifier in {*styles}}
    return [known[identifier] for identifier in styles]


@dataclass
class _Contents:
    """What the workbook's part tells."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    date1904: bool = False
    linked: Linked = field(default_factory=lambda: Linked(wide=True))


def _contents(package: Package, root: str, relations: dict[str, tuple[str, str]]) -> _Contents:
    found = _Contents()
    books: list[int] = []
    for kind, content in records(package.chunks(root, MAX_RECORD, utf8=False), package.place):
        if kind == _PROPERTIES:
            found.date1904 = bool(content[0] & 1)
        elif kind == _SHEET:
            identifier, end = _text(content, 8)
            use, part = relations.get(identifier, ("", ""))
            found.names.append(_text(content, end)[0])
            if use.endswith("/worksheet") and part in package:
                found.sheets.append((part, found.names[-1], content[0] != 0))
        elif kind in (_OUTSIDE, _SELF, _OUTSIDE_ADDIN):
            books.append(kind)
        elif kind == _LINKS:
            for book, first, last in struct.iter_unpack("<Iii", content[4 : 4 + (len(content) - 4) // 12 * 12]):
                own = book < len(books) and books[book] == _SELF and first == last and 0 <= first < len(found.names)
                found.linked.sheets.append(found.names[first] if own else "")
        elif kind == _NAME:
            at = _text(content, 9)[1]
            size = int.from_bytes(content[at : at + 4], "little")
            found.linked.names.append(content[at + 4 : at + 4 + size])
    return found


def _open(package: Package) -> list[BinarySheet]:
    root = package.target("officeDocument", package.relations(""), "xl/workbook.bin")
    relations = package.relations(root)
    found = _contents(package, root, relations)
    check_sheets(len(found.sheets), package.place)
    texts = _texts(package, package.target("sharedStrings", relations))
    formats = _formats(package, package.target("styles", relations))
    book = _Book(package, texts, formats, found.date1904, found.linked)
    book.sheets = [BinarySheet(book, *sheet) for sheet in found.sheets]
    return book.sheets


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a workbook.

    Raises:
        LocationError: the workbook is damaged, absurdly large or empty, or has no such sheet.
    """
    package = Package(request.path)
    try:
        with package.guard():
            sheets = _open(package)
        yield from tables_of(request, sheets, {**request.facts, "format": "xlsb"})
    finally:
        package.close()
