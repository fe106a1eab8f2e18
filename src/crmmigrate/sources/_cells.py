"""The cells of one sheet of an .xlsx workbook, streamed from its XML.

Reading the XML itself, in place of a library, shows what libraries hide (number formats, errors, formulas without a
value, hidden rows, every digit stored), keeps memory flat, and has no trouble with one stray cell at XFD1048576, for
which readers that allocate the used range ask for 549 GB and take the process with them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.sources._frame import letters
from crmmigrate.sources._limits import MAX_COLUMNS
from crmmigrate.sources._request import damaged, too_large
from crmmigrate.sources._sheets import Merge, Survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._decode import Decoder
    from crmmigrate.sources._workbook import Sheet, Workbook

MAX_ROW = 64 << 20
"""Bytes of XML of one row."""

_COLUMN: dict[bytes, int] = {}


def column_index(name: bytes) -> int:
    index = _COLUMN.get(name)
    if index is None:
        index = 0
        for letter in name:
            index = index * 26 + letter - 64
        index -= 1
        _COLUMN[name] = index
    return index


_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>?")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["']\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)["']""")
_COLS = re.compile(rb"<(?:\w+:)?col\s[^>]*>")


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
        before, after = b"", b""
        names = b"|".join(letters(index).encode() for index in sorted(known)) or b"-"
        elsewhere = re.compile(rb"""<(?:\w+:)?c r=["'](?!(?:%s)\d)([A-Z]{1,3})\d+["'][^>]*(?<!/)>(?!</)""" % names)
        plain = re.compile(rb"""<c r=["'](?!(?:%s)\d)([A-Z]{1,3})\d+["'][^>]*(?<!/)>(?!</)""" % names)
        for place, data in self._parts():
            if place == "before":
                before = data
            elif place == "after":
                after = data
            else:
                found = (elsewhere if self._prefixed else plain).findall(data)
                survey.columns.update(map(column_index, found))
                survey.hidden_rows += len(_HIDDEN.findall(data)) if b"hidden=" in data else 0
                survey.last = self._last_number(data, survey.last)
        survey.merges = [
            Merge(int(top), column_index(left), int(bottom), column_index(right))
            for left, top, right, bottom in _MERGE.findall(after)
        ]
        for column in _COLS.findall(before):
            start, end = (re.search(rb"""\b%s=["'](\d+)""" % end, column) for end in (b"min", b"max"))
            if _HIDDEN.search(column) and start and end:
                survey.hidden_columns.update(range(int(start.group(1)) - 1, min(int(end.group(1)), MAX_COLUMNS)))
        return survey

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
            if not more:  # the XML breaks off: the rows behind the break would be lost without a word
                raise damaged(self._place)
            data += more

    @property
    def _place(self) -> str:
        return f"{self._book.place}#{self._sheet.name}"

    def blocks(self) -> Iterator[Block]:
        """Yield the rows that have cells, from the top."""
        last = 0
        for place, data in self._parts():
            if place != "rows":
                continue
            # `split` answers with one flat list; `findall` would make a tuple per cell, which costs twice the time.
            flat = [] if self._prefixed or b"<c>" in data else _FAST.split(data)
            if len(flat) // 5 == data.count(b"<c ") and flat:
                rows = _row_numbers(flat[0:-1:5], last)
                found = Found(rows, *(flat[group::5] for group in range(1, 5)))
            else:
                found = _slowly(data, last)
            if found.names:
                last = int(found.rows[-1])
                try:
                    block = self._decode.block(found)
                except (ValueError, IndexError) as error:  # a shared text or a style that does not exist, among others
                    raise damaged(self._place) from error
                yield block


def _row_numbers(between: Sequence[bytes], last: int) -> Any:
    """Return the row number of each cell from what stands before it: where a row begins, its tag does."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    starts: list[int] = []
    numbers: list[int] = []
    filled = np.flatnonzero(np.asarray(pc.binary_length(pa.array(between, pa.binary()))))
    for position in filled.tolist():
        tags = between[position]
        tag = tags.rfind(b"<row")
        if tag >= 0:
            number = _NUMBER.search(tags, tag)
            last = int(number.group(1)) if number else last + tags.count(b"<row")
            starts.append(position)
            numbers.append(last)
    if not starts or starts[0]:  # cells without a row around them stay in the row before
        starts, numbers = [0, *starts], [max(last - len(numbers), 1), *numbers]
    return np.repeat(np.array(numbers, np.int64), np.diff([*starts, len(between)]))


class Found(NamedTuple):
    """The raw cells of some rows, part by part; what a cell has not is None or empty.

    Args:
        rows: number of the row (NumPy).
        names: letters of the column.
        attributes: style and type as they are written, ` s="3" t="s"`.
        values: the stored value, or plain inline text.
        rests: whatever else stands in the cell: formulas, formatted text.
    """

    rows: Any
    names: Sequence[bytes]
    attributes: Sequence[bytes]
    values: Sequence[bytes | None]
    rests: Sequence[bytes | None]


_FAST = re.compile(
    rb'<c r="([A-Z]{1,3})\d+"([^/>]*)'
    rb'(?:/>|>(?:<(?:v|is><t(?: xml:space="preserve")?)>([^<]*)</(?:v|t></is)></c>|(.*?)</c>))',
    re.DOTALL,
)
_CELL = re.compile(rb"<(?:\w+:)?c((?:\s[^>]*?)?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)


def _slowly(data: bytes, last: int) -> Found:
    """Read cells whose attributes are missing, in another order, or prefixed with a namespace."""
    import numpy as np

    rows: list[int] = []
    found: list[tuple[bytes, bytes, bytes, bytes]] = []
    for piece in re.split(rb"</(?:\w+:)?row>", data):
        starts = _ROW.findall(piece)
        if not starts:
            continue
        number = _NUMBER.search(starts[-1])
        last = int(number.group(1)) if number else last + len(starts)
        index = -1
        for attributes, inner in _CELL.findall(piece):
            column = re.search(rb"""\sr=["']([A-Z]{1,3})""", attributes)
            index = column_index(column.group(1)) if column else index + 1
            rows.append(last)
            found.append((letters(index).encode(), attributes, b"", inner))
    return Found(np.array(rows, np.int64), *(zip(*found, strict=True) if found else [()] * 4))
