"""How a text file separates and quotes its cells, found out from its beginning.

Every delimiter is tried with the quotation mark that stands at its sides. The one wins that cuts the lines into equally many
cells whose contents look like values: the table is regular only with the right one. Comma, semicolon, tab and bar are tried
first; others, which stand in values as well, have to be better by far.

Source: RFC 4180; the two signs are those of G. van den Burg, A. Nazábal, C. Sutton, Wrangling messy CSV files (2019).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

USUAL = (",", ";", "\t", "|", "||")
RARE = ("^", "~", "#", "\x01", "\x1f", "¦", "§", "，", "､", "*", "&", "!", "=", ":", " ", "  ")
"""Two blanks stand for two or more: columns aligned with blanks."""
LOOK = 500
"""Records looked at."""

ALIGNED = "  "
LEAST = 0.1
"""A score below this is no table."""

QUOTE, BACKSLASH, DELIMITER, CUT = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
"""What stands in the text, while it is cut, for an escaped sign and for a delimiter of several letters: no characters."""

_ESCAPED = re.compile(r"\\(.)")
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_VALUE = re.compile(
    r"""[ ]*(?:
    [-+]?[¥￥$€£]?\s?[-+]?(?:\d{1,3}(?:[,. ]\d{3})+|\d+)(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s?[%‰€元]?   # numbers
    |\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[T\s]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?(?:[AaPp][Mm]|Z|[-+]\d\d:?\d\d))?)?
    |\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp][Mm])?
    |[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    |(?:https?|ftp)://\S+|www\.\S+
    |[A-Za-z]:\\\S*|/[\w./-]+
    |(?:\d{1,3}\.){3}\d{1,3}
    |\+?[\d ()-]{7,20}
    |[A-Za-z]{0,4}[-_]?\d[\w-]*                                                                      # codes
    |[\w]+(?:[ '’./&+-]+[\w()']+){0,4}                                                             # a few words
    )?[ ]*""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Dialect:
    """What separates and quotes the cells of a text file.

    Args:
        delimiter: one letter or several; two blanks stand for any number from two on.
        quote: the quotation mark.
        escape: the backslash, where it stands before quotation marks and delimiters that are part of a value.
        blank: whether blanks behind a delimiter belong to it.
        quoted: index of each column whose cells are always in quotation marks.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    blank: bool = False
    quoted: tuple[int, ...] = ()

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Return a reader of lines that were `prepared`, or of any where `is_plain`."""
        return csv.reader(lines, delimiter=self.cut, quotechar=self.quote, strict=strict, skipinitialspace=self.blank)

    @property
    def cut(self) -> str:
        """What stands between the cells of a prepared line."""
        return self.delimiter if len(self.delimiter) == 1 else CUT

    @property
    def is_plain(self) -> bool:
        """Whether lines need not be prepared."""
        return not self.escape and len(self.delimiter) == 1

    def prepared(self, line: str) -> str:
        """Return a line in which escaped signs and long delimiters are one letter each."""
        if self.escape and "\\" in line:
            line = _ESCAPED.sub(self._escaped, line)
        if self.delimiter == ALIGNED:
            return _GAP.sub(CUT, line)
        return line.replace(self.delimiter, CUT) if len(self.delimiter) > 1 else line

    def _escaped(self, found: re.Match[str]) -> str:
        letter = found.group(1)
        if letter == self.quote:
            return QUOTE
        if letter == "\\":
            return BACKSLASH
        return DELIMITER if letter == self.delimiter else found.group()

    def restored(self, cells: list[str]) -> list[str]:
        """Return the cells of a prepared line as they are meant."""
        letters = {QUOTE: self.quote, BACKSLASH: "\\", DELIMITER: self.delimiter, CUT: self.delimiter}
        table = str.maketrans(letters)
        return [cell.translate(table) if not cell.isascii() else cell for cell in cells]


def dialect_of(sample: str, *, whole: bool = True) -> Dialect:
    """Return the dialect of a text by its beginning; commas and quotation marks where nothing is to be seen.

    Args:
        sample: the beginning.
        whole: whether it is all there is; else its last line is not looked at.
    """
    first = sample.split("\n", 1)[0].strip("\ufeff\r\n ").lower()
    lines = [line for line in re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", sample) if line.strip()][:LOOK]
    if not whole and len(lines) > 1:
        lines.pop()
    bare = [line for line in lines if not line.startswith("#")]
    lines = bare if len(bare) * 2 >= len(lines) or not any("#" in line[1:] for line in lines) else lines
    if first.startswith("sep=") and len(first) == 5:
        return _quoting(first[4], lines[1:])
    text = "".join(lines)
    doubled = 0 < text.count("|") == 2 * text.count("||")
    tried = [delimiter for delimiter in (*USUAL, *RARE) if not (doubled and delimiter == "|")]
    dialects = [_quoting(delimiter, lines) for delimiter in tried if any(map(_has(delimiter), lines))]
    scores = {dialect: _score(dialect, lines) for dialect in dialects}
    best = max(scores, key=lambda dialect: scores[dialect], default=Dialect())
    found = best if scores.get(best, 0.0) > LEAST else _quoting(",", lines)
    return replace(found, quoted=_always_quoted(found, lines))


def _always_quoted(dialect: Dialect, lines: Sequence[str]) -> tuple[int, ...]:
    quote, cut = re.escape(dialect.quote), re.escape(dialect.cut)
    cell = re.compile(rf"(?P<quoted>{quote}(?:[^{quote}]|{quote}{quote})*{quote}(?={cut}|$))|[^{cut}]*")
    counts: Counter[int] = Counter()
    rows = 0
    for line in lines[1:]:
        text = dialect.prepared(line).rstrip("\r\n")
        if dialect.quote not in text:
            rows += 1
            continue
        place, end = 0, -1
        while end < len(text) and (found := cell.match(text, end + 1)):
            counts[place] += found["quoted"] is not None
            place, end = place + 1, found.end()
        rows += 1
    return tuple(place for place, count in sorted(counts.items()) if rows > 4 and count >= 0.9 * rows)


def _has(delimiter: str) -> Callable[[str], bool]:
    if delimiter == ALIGNED:
        return lambda line: _GAP.search(line) is not None
    return lambda line: delimiter in line


def _quoting(delimiter: str, lines: Sequence[str]) -> Dialect:
    """Return the dialect with a delimiter: the mark that stands at its sides, and whether backslashes escape it."""
    edge = r"\s{2,}" if delimiter == ALIGNED else re.escape(delimiter)
    counts = {}
    for mark in "\"'":
        cell = re.compile(rf"(?:^|{edge})[ ]?{mark}[^{mark}\r\n]*{mark}(?=[ ]?(?:{edge}|$))", re.MULTILINE)
        counts[mark] = sum(len(cell.findall(line)) for line in lines)
    quote = "'" if counts["'"] > 2 * counts['"'] and counts["'"] >= 2 else '"'
    text = "".join(lines)
    close = len(re.findall(rf"{edge}{quote}", text))
    apart = len(re.findall(rf"{edge}[ ]+{quote}", text)) if delimiter.strip() else 0
    plain = Dialect(delimiter, quote, "", apart > close)
    if f"\\{quote}" not in text or len(delimiter) > 1:
        return plain
    escaped = Dialect(delimiter, quote, "\\", apart > close)
    return escaped if _disorder(escaped, lines) < _disorder(plain, lines) else plain


def _disorder(dialect: Dialect, lines: Sequence[str]) -> int:
    """Return how many records are malformed or of another length than most."""
    widths: Counter[int] = Counter()
    wrong = 0
    reader = dialect.reader(map(dialect.prepared, lines), strict=True)
    while True:
        try:
            widths[len(next(reader))] += 1
        except csv.Error:
            wrong += 1
        except StopIteration:
            break
    return wrong + widths.total() - max(widths.values(), default=0)


def _score(dialect: Dialect, lines: Sequence[str]) -> float:
    """Return how much the text looks like a table with this dialect, about 0 to 1."""
    try:
        rows = [row for row in dialect.reader(map(dialect.prepared, lines)) if row]
    except csv.Error:
        return 0.0
    widths = Counter(map(len, rows))
    width, often = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]), default=(1, 0))
    if width < 2:
        return 0.0
    regular = often / len(rows)
    rare = dialect.delimiter not in USUAL
    if rare and (often < 3 or regular < 0.8):
        return 0.0
    cells = [cell for row in rows[:100] for cell in row]
    values = sum(map(_is_value, cells)) / len(cells)
    if rare and values < 0.6:
        return 0.0
    score = regular * (0.4 + 0.6 * values) + min(width, 50) / 500
    score *= 1 - 0.4 * sum(map(_is_torn, cells)) / len(cells)
    if len(rows[0]) != width:
        score *= 0.9
    marks = sum(line.count(dialect.quote) for line in lines)
    if marks:
        kept = sum(cell.count(dialect.quote) for row in rows for cell in row)
        score *= 0.6 + 0.4 * min(1.0, 2 * (marks - kept) / marks)
    return score * 0.6 if rare else score


def _is_torn(cell: str) -> bool:
    """Whether a bracket in the cell has its partner in another one."""
    return any(cell.count(left) != cell.count(right) for left, right in ("()", "（）", "[]", "{}"))


def _is_value(cell: str) -> bool:
    return _VALUE.fullmatch(cell[:200]) is not None
