"""Records of a CSV text, also where a stray quotation mark would swallow the records behind it.

A quotation mark that opens a cell by mistake runs to the next one, wherever that is: every record between ends inside
one cell. Such a mark is told from a cell with line breaks by two signs. Behind the mark that closes it stands neither a
delimiter nor the end of the line (RFC 4180), or the file ends; or the lines in it are records themselves.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Note = Callable[[int, str, bool], None]
    """Called with the number of the record, its text, and whether it was mended."""

LOOK = 1_000
"""Lines of a suspected record looked at."""


def usual_width(sample: str, delimiter: str) -> int:
    """Return how many cells most records of a CSV text have; the more in doubt.

    Where no width is that of most records, a stray quotation mark may have swallowed them: the lines are counted then.
    """
    try:
        whole = Counter(
            len(cells)
            for cells in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), LOOK)
            if cells
        )
    except csv.Error:
        whole = Counter()
    width, often = max(whole.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    if often > 1 and often * 2 > whole.total():
        return width
    lines = [line for line in re.split(r"\r\n|\r|\n", sample)[:LOOK] if line.strip()]
    counts = Counter(len(_cells(line, delimiter)) for line in lines)
    return max(counts, key=lambda size: (counts[size], size), default=1)


def records(lines: Iterator[str], delimiter: str, width: int, note: Note | None = None) -> Iterator[list[str]]:
    """Yield the cells of each record; one that swallows others is cut after its first line.

    Args:
        lines: of the text, with their ends.
        delimiter: between the cells.
        width: how many cells a record usually has.
        note: told of each record that swallows others or seems to.

    Raises:
        csv.Error: a cell is longer than `csv.field_size_limit`, and there are no records in it.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter)
    number = 0
    while True:
        source.taken.clear()
        swallows = suspect = False
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            swallows = _full(source.taken, delimiter, width) >= 2
            if not swallows:
                raise
        else:
            if len(source.taken) > 1 or source.ended:
                swallows, suspect = _judged(source, cells, delimiter, width)
        number += 1
        if note is not None and (swallows or suspect):
            note(number, source.taken[0].rstrip("\r\n"), swallows)
        if swallows:
            cells = _mended(source.taken[0], delimiter, width)
            source.back()
            reader = csv.reader(source, delimiter=delimiter)
        yield cells


class _Lines:
    """Hands out lines, remembers those of the current record, and takes them back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            try:
                line = next(self._lines)
            except StopIteration:
                self.ended = True
                raise
        self.taken.append(line)
        return line

    def back(self) -> None:
        """Take back all lines of the current record but the first."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.ended = False


def _judged(source: _Lines, cells: Sequence[str], delimiter: str, width: int) -> tuple[bool, bool]:
    """Return whether a record certainly swallows others, and whether that is only suspected.

    `source.ended` is set only where the reader asked for a line behind the last: the file ends inside the quotes.
    """
    full = _full(source.taken, delimiter, width)
    if source.ended or _malformed(source.taken, delimiter):
        alone = source.ended and full == 1 and len(cells) < width == len(_plain(source.taken[0], delimiter))
        return full >= 2 or alone, source.ended
    lines = source.taken[:LOOK]
    rows = sum(width in (len(_plain(line, delimiter)), len(_cells(line, delimiter))) for line in lines)
    between = len(lines) > 2 and rows == len(lines) and width > 2
    other = width > 2 and rows == len(lines) and len(cells) != width
    return between or other, rows >= 3 and width > 2


def _full(lines: Sequence[str], delimiter: str, width: int) -> int:
    """Return how many of the lines have as many cells as a record."""
    return sum(len(_plain(line, delimiter)) >= max(2, width) for line in lines[:LOOK])


def _malformed(lines: Sequence[str], delimiter: str) -> bool:
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def _plain(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line in which quotation marks are signs like others."""
    return line.rstrip("\r\n").split(delimiter)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return _plain(line, delimiter)


def _mended(line: str, delimiter: str, width: int) -> list[str]:
    """Return the cells of a line without the mark that opens a cell by mistake."""
    text = line.rstrip("\r\n")
    for found in re.finditer(rf'(?:^|(?<={re.escape(delimiter)}))"', text):
        without = text[: found.start()] + text[found.end() :]
        if not _malformed([without], delimiter):
            cells = _cells(without, delimiter)
            if len(cells) == width:
                return cells
    return _plain(text, delimiter)
