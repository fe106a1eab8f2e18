"""From single cells to blocks of rows, for the formats whose cells come one by one: .xls, .xlsb, .ods, XML and HTML."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crmmigrate.sources._blocks import Block
from crmmigrate.sources._limits import Broken
from crmmigrate.sources._numbers import PLAIN, NumberFormat, seen

if TYPE_CHECKING:
    from collections.abc import Sequence

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA", 0x2C: "#SPILL!", 0x2D: "#CONNECT!", 0x2E: "#BLOCKED!", 0x2F: "#UNKNOWN!", 0x30: "#FIELD!", 0x31: "#CALC!",
}  # fmt: skip
"""What Excel shows for the error codes of its binary formats ([MS-XLSB] 2.5.97.2, [MS-XLS] 2.5.10)."""
BLOCK_ROWS = 4_096
BLOCK_CELLS = 400_000
BLOCK_TEXT = 32 << 20
MAX_TEXT = 256 << 20
"""Characters of one row, or of rows said to be equal."""
MAX_KNOWN = 50_000
_WHOLE = 10.0**15


class Grid:
    """Gathers cells, which come row by row from the top, into blocks.

    Args:
        formats: the number format of each style.
        date1904: whether the workbook counts days from 1904.
    """

    def __init__(self, formats: Sequence[NumberFormat] = (), *, date1904: bool = False) -> None:
        self._formats = formats
        self._date1904 = date1904
        self._known: dict[tuple[float, NumberFormat], tuple[str, bool]] = {}
        self._clear()

    def _clear(self) -> None:
        self._numbers: list[int] = []
        self._columns: dict[int, list[str | None]] = {}
        self._troubles: list[tuple[int, int, str, str]] = []
        self._cells = self._size = 0

    @property
    def full(self) -> bool:
        """Whether it is time to take the block; asked between two rows."""
        return len(self._numbers) >= BLOCK_ROWS or self._cells >= BLOCK_CELLS or self._size >= BLOCK_TEXT

    def row(self, number: int) -> None:
        """Begin the row `number` (from 1)."""
        self._numbers.append(number)

    def text(self, column: int, text: str) -> None:
        """Put a text into the row begun last.

        Raises:
            Broken: the row is larger than memory should be.
        """
        if not text:
            return
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise Broken
        cells = self._columns.get(column)
        if cells is None:
            cells = self._columns[column] = []
        missing = len(self._numbers) - 1 - len(cells)
        if missing > 0:
            cells.extend([None] * missing)
        elif missing < 0:  # the cell is written twice: the later one is what Excel shows
            cells[-1] = text
            return
        cells.append(text)
        self._cells += 1

    def number(self, column: int, value: float, style: int) -> None:
        """Put a number as its style shows it."""
        shown = self._formats[style] if 0 <= style < len(self._formats) else PLAIN
        if shown.kind == "plain" and -_WHOLE < value < _WHOLE and value == (whole := int(value)):
            self.text(column, str(whole))
            return
        self.shown(column, repr(value), value, shown)

    def shown(self, column: int, raw: str, value: float, shown: NumberFormat) -> None:
        """Put a number as `shown` tells; `raw` are its digits as they are stored."""
        if not math.isfinite(value):
            self.error(column, "#NUM!")
            return
        known = self._known.get((value, shown))
        if known is None:
            known = seen(raw, shown, date1904=self._date1904)
            if len(self._known) < MAX_KNOWN:
                self._known[value, shown] = known
        self.text(column, known[0])
        if known[1]:
            self.trouble(column, "source.number-precision-lost", known[0])

    def boolean(self, column: int, value: object) -> None:
        """Put a truth value."""
        self.text(column, "TRUE" if value else "FALSE")

    def error(self, column: int, text: str) -> None:
        """Put an error as it is shown."""
        self.text(column, text)
        self.trouble(column, "source.error-cell", text)

    def trouble(self, column: int, code: str, text: str = "") -> None:
        """Note what is wrong with a cell of the row begun last."""
        self._troubles.append((self._numbers[-1], column, code, text))

    def take(self) -> Block:
        """Return what was gathered, and begin anew."""
        import numpy as np
        import pyarrow as pa

        rows = len(self._numbers)
        columns: dict[int, Any] = {}
        for index in sorted(self._columns):
            cells = self._columns[index]
            cells.extend([None] * (rows - len(cells)))
            columns[index] = pa.array(cells, pa.string())
        block = Block(np.array(self._numbers, np.int64), columns, sorted(self._troubles))
        self._clear()
        return block
