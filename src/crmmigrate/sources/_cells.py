"""The cells of one sheet of an .xlsx workbook, streamed from its XML.

Reading the XML itself, in place of a library, shows what libraries hide (number formats, errors, formulas without a
value, hidden rows, every digit stored), keeps memory flat, and has no trouble with one stray cell at XFD1048576, for
which readers that allocate the used range ask for 549 GB and take the process with them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.sources._blocks import BEHIND
from crmmigrate.sources._limits import MAX_COLUMNS, check_merges
from crmmigrate.sources._request import CHUNK, damaged, too_large
from crmmigrate.sources._scan import Found, column_index, nothing_new, pieces, quickly, used_columns
from crmmigrate.sources._sheets import Merge, Survey
from crmmigrate.sources._validation import MAX_MARKUP, Texts, lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._decode import Decoder
    from crmmigrate.sources._workbook import Sheet, Workbook

MAX_ROW = 32 << 20
"""Bytes of XML of one row."""

_ROW = re.compile(rb"<(?:\w+:)?row\b([^<>]*)>?")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?\bref=["']\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)["']""")
_COLS = re.compile(rb"<(?:\w+:)?col\s[^<>]*>")


class SheetReader:
    """Reads one sheet.

    Args:
        book: the open workbook.
        sheet: which of its sheets.
        decode: turns cells into text.
    """

    def __init__(self, book: Workbook, sheet: Sheet, decode: Decoder) -> None:
        self._book = book
        self._sheet = sheet
        self._decode = decode
        self._prefixed = False
        self.name = sheet.name
        self.hidden = sheet.hidden

    def survey(self, known: AbstractSet[int]) -> Survey:
        """Look at the whole sheet once, without its values.

        Args:
            known: columns that are in use anyway; only cells in others are counted.
        """
        survey = Survey()
        before, rules = b"", b""
        telling = True
        for place, data in self._parts():
            if place == "before":
                before = data
            elif place == "after":
                survey.merges += _merges(data)
                check_merges(len(survey.merges), self._place)
                if len(rules) < MAX_MARKUP and (rules or b"dataValidation" in data):
                    rules += data
            else:
                self._count(survey, data, known)
                survey.hidden_rows += len(_HIDDEN.findall(data)) if b"hidden=" in data else 0
                telling = telling and survey.pass_rows(_filled_rows(data, survey.last))
                survey.last = self._last_number(data, survey.last)
        if not telling:
            survey.breaks = None
        elif survey.breaks:
            survey.near = partial(self._near, survey.breaks)
        for column in _COLS.findall(before):
            start, end = (re.search(rb"""\b%s=["'](\d+)""" % end, column) for end in (b"min", b"max"))
            if _HIDDEN.search(column) and start and end:
                survey.hidden_columns.update(range(int(start.group(1)) - 1, min(int(end.group(1)), MAX_COLUMNS)))
        if rules:
            survey.lists = lists(rules, self._book.names, self.name, Texts(self._sheet_named))
        return survey

    def _sheet_named(self, name: str) -> SheetReader | None:
        sheet = next((sheet for sheet in self._book.sheets if sheet.name == name), None)
        return SheetReader(self._book, sheet, self._decode) if sheet else None

    def _count(self, survey: Survey, data: bytes, known: AbstractSet[int]) -> None:
        """Count the cells in columns that are not known."""
        import numpy as np

        if not self._prefixed and nothing_new(data, known):
            return
        columns = used_columns(data) if not self._prefixed else None
        if columns is None:
            cells = self._slowly(data, survey.last)
            columns = cells.columns[sorted(cells.rests)]
        counts = np.bincount(columns) if len(columns) else columns
        survey.columns.update(
            {index: int(counts[index]) for index in np.flatnonzero(counts).tolist() if index not in known}
        )

    def _slowly(self, data: bytes, last: int) -> Found:
        try:
            return _slowly(data, last)
        except ValueError as error:
            raise damaged(self._place) from error

    @staticmethod
    def _last_number(data: bytes, last: int) -> int:
        start = data.rfind(b"row ")
        number = _NUMBER.search(data, start, start + 200) if start >= 0 else None
        return int(number.group(1)) if number else last + len(_ROW.findall(data))

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
        self._prefixed = bool(found.group(1))
        yield "before", head[: found.start()]
        if found.group().endswith(b"/>"):
            yield from _after(head[found.end() :], chunks)
            return
        end, close = b"</%srow>" % (found.group(1) or b""), b"</%ssheetData>" % (found.group(1) or b"")
        data = head[found.end() :]
        while True:
            stop = data.find(close)
            if stop >= 0:
                yield "rows", data[:stop]
                yield from _after(data[stop:], chunks)
                return
            cut = data.rfind(end)
            if cut >= 0:
                yield "rows", data[: cut + len(end)]
                data = data[cut + len(end) :]
            elif len(data) > MAX_ROW:
                raise too_large(Message("a row of the sheet is too large"), self._place)
            more = next(chunks, b"")
            if not more:  # the XML breaks off: the rows behind the break would be lost without a word
                raise damaged(self._place)
            data += more

    @property
    def _place(self) -> str:
        return f"{self._book.place}#{self._sheet.name}"

    def blocks(self) -> Iterator[Block]:
        """Yield the rows that have cells, from the top."""
        return self._decoded(data for place, data in self._parts() if place == "rows")

    def _near(self, numbers: Sequence[int]) -> Iterator[Block]:
        """Yield the rows around those with `numbers`; the others are passed without being decoded."""
        return self._decoded(
            data for place, data in self._parts()
            if place == "rows" and (found := _ROW_BEGIN.search(data))
            and bisect_left(numbers, int(found.group(1)) - BEHIND) < bisect_right(numbers, self._last_number(data, 0))
        )  # fmt: skip

    def _decoded(self, pieces: Iterable[bytes]) -> Iterator[Block]:
        last = 0
        for data in pieces:
            found = quickly(data, last) if not self._prefixed else None
            if found is None:
                found = self._slowly(data, last)
            if len(found.rows):
                last = int(found.rows[-1])
                try:
                    block = self._decode.block(found)
                except (ValueError, IndexError) as error:  # a shared text or a style that does not exist, among others
                    raise damaged(self._place) from error
                yield block


_ROW_BEGIN = re.compile(rb'<row r="(\d+)"[^>]*?(/?)>(?:(?:<c [^>]*/>)*(</row>))?')


def _filled_rows(data: bytes, before: int) -> Any:
    """Return the numbers of the rows that have more than formatted cells (NumPy); None where they are written unusually.

    Args:
        data: whole rows.
        before: the last row before them, blank or not.
    """
    import numpy as np

    first, last = _ROW_BEGIN.search(data), _ROW_BEGIN.match(data, max(data.rfind(b"<row "), 0))
    count = data.count(b"<row ")
    if first is None or last is None:
        return None if data.strip() else np.zeros(0, np.int64)
    numbers = int(first[1]), int(last[1])
    if numbers == (before + 1, before + count) and data.count(b"</c></row>") == count:
        return np.arange(before + 1, before + count + 1)
    found = _ROW_BEGIN.findall(data)
    if len(found) != count:
        return None
    return np.array([int(number) for number, closed, end in found if not (closed or end)], np.int64)


def _after(data: bytes, chunks: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield what stands behind the rows in pieces that end with a tag."""
    for chunk in chunks:
        cut = data.rfind(b">") + 1
        yield "after", data[:cut]
        data = data[cut:] + chunk
        if len(data) > MAX_ROW:
            data = data[-CHUNK:]  # one text that is longer than any tag we look for
    yield "after", data


def _merges(data: bytes) -> Iterator[Merge]:
    if b"mergeCell" in data:
        for left, top, right, bottom in _MERGE.findall(data):
            yield Merge(int(top), column_index(left), int(bottom), column_index(right))


_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")


def _slowly(data: bytes, last: int) -> Found:
    """Read cells whose attributes are missing, in another order, or prefixed with a namespace.

    Raises:
        ValueError: a cell or a row has no end.
    """
    import numpy as np
    import pyarrow as pa

    rows: list[int] = []
    columns: list[int] = []
    attributes: list[bytes] = []
    rests: dict[int, bytes] = {}
    whole = re.split(rb"</(?:\w+:)?row>", data)
    for at, piece in enumerate(whole, 1):
        starts = _ROW.findall(piece)
        if sum(not given.endswith(b"/") for given in starts) > (at < len(whole)):
            raise ValueError
        if not starts:
            continue
        number = _NUMBER.search(starts[-1])
        last = int(number.group(1)) if number else last + len(starts)
        index = -1
        for cell in _CELL.split(piece)[1:]:
            given, _, inner = cell.partition(b">")
            if given.endswith(b"/"):
                given, inner = given[:-1], b""
            elif end := _CELL_END.search(inner):
                inner = inner[: end.start()]
            else:
                raise ValueError
            column = re.search(rb"""\sr=["']([A-Z]{1,3})""", given)
            index = column_index(column.group(1)) if column else index + 1
            if inner:
                rests[len(rows)] = inner
            rows.append(last)
            columns.append(index)
            attributes.append(given)
    nowhere = np.zeros(len(rows), np.int64)
    return Found(
        np.array(rows, np.int64), np.array(columns, np.int64), pa.array(attributes, pa.binary()),
        pieces(b"", nowhere, nowhere), rests,
    )  # fmt: skip
