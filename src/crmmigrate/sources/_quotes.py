"""Records of a CSV text, also where quotation marks are not as they should be.

A quotation mark that opens a cell by mistake runs to the next one, wherever that is: every record between ends inside
one cell. Such a mark is told from a cell with line breaks by two signs. Behind the mark that closes it stands neither a
delimiter nor the end of the line (RFC 4180), or the file ends; or the lines in it are records themselves.

Where a mark is wrong within one line, the line is cut into as many cells as a record usually has, with as few marks as
possible taken for letters; these stay in their cell, as they stand in the file.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from crmmigrate.sources._dialect import Dialect
from crmmigrate.sources._text import OtherLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Note = Callable[[int, str, str], None]
    """Called with the number of the record, one of the codes below, and its text."""

SWALLOWS, SUSPECT, STRAY, DELIMITED, OTHER = (
    "source.quote-swallows", "source.quote-suspect", "source.quote-stray", "source.other-delimiter", "source.other-encoding",
)  # fmt: skip

LOOK = 1_000
"""Lines of a suspected record looked at."""
MAX_LINES = 100_000
"""Lines of one record; a cell with more line breaks is one that swallows the file."""
MAX_MARKS = 200
"""Quotation marks of a line that is still taken to pieces."""


def usual_width(sample: str, dialect: Dialect) -> int:
    """Return how many cells most records of a CSV text have; the more in doubt.

    Where no width is that of most records, a stray quotation mark may have swallowed them: the lines are counted then.
    """
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", sample)
    try:
        whole = Counter(len(cells) for cells in islice(dialect.reader(map(dialect.prepared, lines)), LOOK) if cells)
    except csv.Error:
        whole = Counter()
    width, often = max(whole.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    if often > 1 and often * 2 > whole.total():
        return width
    counts = Counter(len(_cells(dialect.prepared(line), dialect)) for line in lines[:LOOK] if line.strip())
    return max(counts, key=lambda size: (counts[size], size), default=1)


def records(lines: Iterator[str], dialect: Dialect, width: int, note: Note | None = None) -> Iterator[list[str]]:
    """Yield the cells of each record; one that swallows others is cut after its first line.

    Args:
        lines: of the text, with their ends.
        dialect: what separates and quotes the cells.
        width: how many cells a record usually has.
        note: told of each record that is not as it should be.

    Raises:
        csv.Error: a cell is longer than `csv.field_size_limit`, and there are no records in it.
    """
    source = _Lines(lines, dialect)
    reader = dialect.reader(source, strict=True)
    number = 0
    while True:
        source.taken.clear()
        code = ""
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells, code = _broken(source, dialect, width, error)
            reader = dialect.reader(source, strict=True)
        else:
            if len(source.taken) > 1:
                swallows, suspect = _judged(source, cells, dialect, width)
                code = SWALLOWS if swallows else SUSPECT if suspect else ""
            elif len(cells) != width or (dialect.quoted and dialect.quote in "".join(cells)):
                other = _otherwise(source.taken[0], dialect, width) if len(cells) < width else []
                other = other or _between(source.taken[0], dialect, width)
                cells, code = (other, DELIMITED) if other else (cells, "")
        number += 1
        if note is not None and (code or source.mixed):
            _tell(note, number, code, source.taken)
        if code == SWALLOWS:
            cells = _mended(source.taken[0], dialect, width)
            source.back()
            reader = dialect.reader(source, strict=True)
        yield cells if dialect.is_plain else dialect.restored(cells)


def _tell(note: Note, number: int, code: str, taken: Sequence[str]) -> None:
    if code:
        note(number, code, taken[0].rstrip("\r\n"))
    if any(type(line) is OtherLine for line in taken):
        note(number, OTHER, "")


class _Lines:
    """Hands out prepared lines, remembers those of the current record, and takes them back."""

    def __init__(self, lines: Iterator[str], dialect: Dialect) -> None:
        self._lines = lines
        self._prepared = None if dialect.is_plain else dialect.prepared
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.ended = False
        self.mixed = False

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
            self.mixed = self.mixed or type(line) is OtherLine
            if self._prepared:
                line = type(line)(self._prepared(line))
        self.taken.append(line)
        if len(self.taken) > MAX_LINES:
            raise csv.Error
        return line

    def back(self, kept: int = 1) -> None:
        """Take back all lines of the current record but the first."""
        self._again.extendleft(reversed(self.taken[kept:]))
        del self.taken[kept:]
        self.ended = False


def _broken(source: _Lines, dialect: Dialect, width: int, error: csv.Error) -> tuple[list[str], str]:
    """Return the cells of a record whose quotation marks break the rules, and what is told of it."""
    full = _full(source.taken, dialect, width)
    limit = len(source.taken) > MAX_LINES or "field limit" in str(error)
    if limit:
        if full < 2:
            raise error
        return [], SWALLOWS
    if len(source.taken) == 1 and not source.ended:
        between = _between(source.taken[0], dialect, width)
        return (between, DELIMITED) if between else (_pieced(source.taken[0], dialect, width), STRAY)
    # As a reader that forgives takes it: the record may well go on behind the place.
    source.back(0)
    try:
        cells = next(dialect.reader(source))
    except csv.Error:
        return [], SWALLOWS
    if len(source.taken) == 1 and source.taken[0].rstrip("\r\n").endswith(dialect.cut + dialect.quote):
        return _pieced(source.taken[0], dialect, width), STRAY
    full = _full(source.taken, dialect, width)
    alone = source.ended and full == 1 and len(cells) < width == len(_plain(source.taken[0], dialect))
    if full >= 2 or alone:
        return cells, SWALLOWS
    return cells, SUSPECT if source.ended else STRAY


def _judged(source: _Lines, cells: Sequence[str], dialect: Dialect, width: int) -> tuple[bool, bool]:
    """Return whether a well-formed record certainly swallows others, and whether that is only suspected."""
    lines = source.taken[:LOOK]
    rows = sum(width in (len(_plain(line, dialect)), len(_cells(line, dialect))) for line in lines)
    between = len(lines) > 2 and rows == len(lines) and width > 2
    other = width > 2 and rows == len(lines) and len(cells) != width
    # Two records in one that has the usual width: a cell with as many delimiters as a record has is hardly a text.
    pair = width > 3 and len(lines) == 2 and _full(lines, dialect, width) == 2
    return between or other, (rows >= 3 and width > 2) or pair


def _full(lines: Sequence[str], dialect: Dialect, width: int) -> int:
    """Return how many of the lines have as many cells as a record."""
    return sum(len(_plain(line, dialect)) >= max(2, width) for line in lines[:LOOK])


def _plain(line: str, dialect: Dialect) -> list[str]:
    """Return the cells of a prepared line in which quotation marks are signs like others."""
    return line.rstrip("\r\n").split(dialect.cut)


def _cells(line: str, dialect: Dialect) -> list[str]:
    try:
        return next(dialect.reader([line.rstrip("\r\n")]), [])
    except csv.Error:
        return _plain(line, dialect)


def _mended(line: str, dialect: Dialect, width: int) -> list[str]:
    """Return the cells of a line without the mark that opens a cell by mistake; a mark alone in its cell stays."""
    text = line.rstrip("\r\n")
    cut, quote = re.escape(dialect.cut), re.escape(dialect.quote)
    for found in re.finditer(rf"(?:^|(?<={cut})){quote}(?!$|{cut})", text):
        without = text[: found.start()] + text[found.end() :]
        try:
            cells = next(dialect.reader([without], strict=True), [])
        except csv.Error:
            continue
        if len(cells) == width:
            return cells
    return _pieced(line, dialect, width)


def _pieced(line: str, dialect: Dialect, width: int) -> list[str]:
    """Return the cells of a line of which `width` come out, with the fewest marks taken for letters.

    A cell that begins with a mark ends at one of the marks before a delimiter; or the mark is a letter.
    """
    text = line.rstrip("\r\n")
    cut, quote = dialect.cut, dialect.quote
    closing = [found.start() for found in re.finditer(rf"{re.escape(quote)}(?=$|{re.escape(cut)})", text)]
    if text.count(quote) > MAX_MARKS or width > MAX_MARKS:
        return _cells(line, dialect)

    @cache
    def best(start: int, wanted: int) -> tuple[float, tuple[int, ...]]:
        """Return the cost and the ends of the cells from `start` on."""
        if wanted == 0:
            return (0.0, ()) if start > len(text) else (float("inf"), ())
        if start > len(text):
            return float("inf"), ()
        plain = text.find(cut, start)
        ends = [(plain if plain >= 0 else len(text), 1.5 * text.startswith(quote, start))]
        if text.startswith(quote, start):
            ends += [(at + 1, _unpaired(text[start + 1 : at], quote)) for at in closing if at > start]
        options = []
        for end, cost in ends:
            further, rest = best(end + 1, wanted - 1)
            options.append((cost + further, (end, *rest)))
        return min(options)

    cost, ends = best(0, width)
    if cost == float("inf"):
        return _cells(line, dialect)
    starts = (0, *(end + 1 for end in ends))
    return [_unquoted(text[start:end], quote) for start, end in zip(starts, ends, strict=False)]


def _unpaired(text: str, quote: str) -> float:
    return float(len(re.findall(rf"(?<!{quote}){quote}(?:{quote}{quote})*(?!{quote})", text)))


def _unquoted(cell: str, quote: str) -> str:
    if len(cell) > 1 and cell.startswith(quote) and cell.endswith(quote):
        return cell[1:-1].replace(quote + quote, quote)
    return cell


def _otherwise(line: str, dialect: Dialect, width: int) -> list[str]:
    """Return the cells of a line that another delimiter cuts exactly into `width` cells, else nothing."""
    text = line.rstrip("\r\n")
    if width < 3 or not text:
        return []
    for delimiter in (",", ";", "\t", "|", " "):
        if delimiter == dialect.delimiter or text.count(delimiter) < width - 1:
            continue
        if delimiter == " " and f" {dialect.quote}" not in text:
            continue  # a sentence
        try:
            cells = next(Dialect(delimiter, dialect.quote).reader([text], strict=True))
        except csv.Error:
            continue
        if len(cells) == width:
            return cells
    return []


def _between(line: str, dialect: Dialect, width: int) -> list[str]:
    """Return the cells of a line with a delimiter lost before one that is always quoted; nothing where none is."""
    text = line.rstrip("\r\n")
    if not dialect.quoted or text.count(dialect.quote) > MAX_MARKS:
        return []
    for found in re.finditer(re.escape(dialect.quote), text):
        at = found.start()
        if not at or text[at - 1] == dialect.cut or text[at + 1 : at + 2] in ("", dialect.cut):
            continue
        try:
            before = next(dialect.reader([text[:at]], strict=True))
            cells = next(dialect.reader([text[:at] + dialect.cut + text[at:]], strict=True))
        except csv.Error:
            continue
        if len(cells) == width and len(before) in dialect.quoted:
            return cells
    return []
