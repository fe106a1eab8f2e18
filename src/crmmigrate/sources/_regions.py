"""The regions of a sheet that hold a table each: one below another, or side by side.

A list that people keep is broken by blank rows, bands and subtotals and stays one table. A new table begins only where
a header of its own does: labels that stand above other values, and that are no repetition of the header above.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.sources import _header
from crmmigrate.sources._header import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.sources._sheets import Merge

TITLES = 4
"""Rows of titles that may stand between a blank row and a header."""
MAX_REGIONS = 200
FAR_RIGHT = 1 << 20


@dataclass
class Region:
    """A part of a sheet with one table.

    Args:
        top: number of its first row.
        last: number of its last row; 0 where it goes on to the end of the sheet.
        left, right: index of its first column, and of the first one behind it.
        rows: those of its rows that were looked at, without empty cells.
        header: where the header is in `rows`.
        reasons: codes of `DECISIONS`: why it is a region of its own.
    """

    top: int
    last: int
    left: int
    right: int
    rows: list[Row]
    header: _header.Header | None = None
    reasons: list[str] = field(default_factory=list)


def regions(rows: Sequence[Row], merges: Sequence[Merge], used: Mapping[int, int]) -> list[Region]:
    """Find the regions.

    Args:
        rows: number and cells of rows from the top, none blank; further down only the rows behind blank ones.
        merges: the merged ranges of the sheet.
        used: how many cells are filled in each column of the whole sheet.

    Returns:
        At least one, from the top, then from the left.
    """
    whole = Region(0, 0, 0, FAR_RIGHT, list(rows))
    beside = _beside(whole, used, merges)
    if len(beside) > 1:
        found = [below for part in beside for below in _stacked(part, merges)]
    else:
        found = []
        stack = _stacked(whole, merges)
        for part in stack:
            counts = Counter(index for _, cells in part.rows for index in cells)
            parts = _beside(part, counts, merges) if len(stack) > 1 else [part]
            found += [below for one in parts for below in _stacked(one, merges)] if len(parts) > 1 else [part]
    found.sort(key=lambda region: (_number(region), region.left))
    return found[:MAX_REGIONS] if len(found) <= MAX_REGIONS else _capped(found)


def _capped(found: list[Region]) -> list[Region]:
    """Leave what is beyond the last region allowed to it, so that no row is lost."""
    kept = found[:MAX_REGIONS]
    kept[-1].last, kept[-1].left, kept[-1].right = 0, 0, FAR_RIGHT
    return kept


def _number(region: Region) -> int:
    return region.rows[region.header.start][0] if region.header else region.rows[0][0]


def _stacked(part: Region, merges: Sequence[Merge]) -> list[Region]:
    """Cut a region where a header begins another table below the first."""
    rows = part.rows
    header = _header.find(rows, merges)
    starts: list[tuple[int, _header.Header | None, list[str]]] = [(0, header, part.reasons)]
    if header is None or _header.is_form(rows):
        return [Region(part.top, part.last, part.left, part.right, rows, None, part.reasons)]
    if below := _below_narrow_table(rows, header.start, merges):
        upper = Region(part.top, rows[below][0] - 1, part.left, part.right, rows[:below], None, part.reasons)
        why = "region.blank-row" if rows[below][0] - rows[below - 1][0] > 1 else "region.header"
        lower = Region(rows[below][0], part.last, part.left, part.right, rows[below:], None, [*part.reasons, why])
        return [*_stacked(upper, merges), *_stacked(lower, merges)]
    table = _table(rows, 0, header, merges)
    position = table.body + 1
    while position < len(rows):
        begun = _begins(rows, position, table, merges)
        if begun is None:
            position += 1
            continue
        at, header, why = begun
        starts.append((at, header, [*part.reasons, why]))
        table = _table(rows, at, header, merges)
        position = table.body + 1
    found = []
    for (at, header, reasons), after in zip(starts, [*(start for start, *_ in starts[1:]), len(rows)], strict=True):
        top = rows[at][0] if at else part.top
        last = rows[after][0] - 1 if after < len(rows) else part.last
        own = header and _header.Header(
            header.start - at, header.stop - at, header.units, header.confidence, header.reasons
        )
        found.append(Region(top, last, part.left, part.right, list(rows[at:after]), own, list(reasons)))
    return found


@dataclass(frozen=True)
class _Table:
    """What is known of the table above: its labels by column, its title, and where in the rows its body begins."""

    labels: Mapping[int, str]
    title: str
    body: int


def _table(rows: Sequence[Row], start: int, header: _header.Header, merges: Sequence[Merge]) -> _Table:
    labels = _header.labels_of(rows[header.start : header.stop], merges)
    return _Table(labels, _title(rows[start : header.start]), header.stop + header.units)


def _below_narrow_table(rows: Sequence[Row], header: int, merges: Sequence[Merge]) -> int:
    """Return where the table with the header at `header` begins, if a narrower one stands above it, which is no title.

    A header of words only, with values below it that are none; 0 where there is no such table.
    """
    above = rows[:header]
    first = _header.find(above, merges) if len(above) > 1 else None
    if first is None:
        return 0
    body = first.stop + first.units
    end = len(above)
    while end > body and len(above[end - 1][1]) == 1:  # titles of the table below
        end -= 1
    labels = above[first.stop - 1][1]
    records = above[body:end]
    for step, (number, _) in enumerate(records):  # up to the next blank row; further tables may follow
        if number - above[body + step - 1][0] > 1:
            records = records[:step]
            break
    values = [text for _, cells in records for text in cells.values()]
    inside = all(cells.keys() <= labels.keys() for _, cells in records)
    wide = len(labels) > 1 and any(len(cells) > 1 for _, cells in records)
    plain = _header.word_share(labels.values()) == 1 and not _header.word_share(values)
    return end if wide and inside and plain else 0


def _title(rows: Iterable[Row]) -> str:
    return " ".join(text.strip() for _, cells in rows for text in list(cells.values())[:1])


def _begins(
    rows: Sequence[Row], position: int, table: _Table, merges: Sequence[Merge]
) -> tuple[int, _header.Header, str] | None:
    """Return where another table begins at `position`, its header, and why; None where none does."""
    number, cells = rows[position]
    gap = number - rows[position - 1][0] > 1
    if not gap and (len(cells) > 1 and _header.word_share(cells.values()) < 0.8):
        return None
    at = position
    while at < min(position + TITLES, len(rows) - 1) and (len(rows[at][1]) == 1 or _header.is_spread(rows[at][1])):
        if at > position and rows[at][0] - rows[at - 1][0] > 1 and not gap:
            return None
        at += 1
    if at + 1 >= len(rows) or rows[at + 1][0] - rows[at][0] > 1:
        return None
    header = _header.around(rows, at, merges)
    if header.start < position or not _is_new(rows, at, (position, header), table, merges, gap=gap):
        return None
    return position, header, "region.blank-row" if gap else "region.header"


def _is_new(
    rows: Sequence[Row],
    at: int,
    found: tuple[int, _header.Header],
    table: _Table,
    merges: Sequence[Merge],
    *,
    gap: bool,
) -> bool:
    """Whether the row at `at` is the header of another table than the one above."""
    cells, below = rows[at][1], rows[at + 1 : at + 1 + _header.BELOW]
    for step, (before, after) in enumerate(itertools.pairwise(below), 1):
        if after[0] - before[0] > 1:  # what stands behind the next blank row is another matter
            below = below[:step]
            break
    if len(cells) < 2 or _header.labels_share(cells, below) < 1 or len(set(cells.values())) * 2 <= len(cells):
        return False
    position, header = found
    own = _header.labels_of(rows[header.start : header.stop], merges)
    same = sum(table.labels.get(index) == text for index, text in own.items())
    if same * 10 >= 8 * max(len(table.labels), len(own)):  # the header of another page, unless it has another title
        other = _title(rows[position : header.start])
        return gap and bool(other) and bool(table.title) and _core(other) != _core(table.title)
    known = _header.word_share(cells.values())
    above = _header.contrast(cells, below)
    body = rows[table.body : position][-_header.BELOW :]
    if not above or not gap:
        plain = gap or len(cells) > 2 or len(below) > 1
        alone = plain and known == 1 and _are_no_words((*body, *below), cells)
        return alone or (known >= 0.8 and (bool(above) or (gap and len(cells) > 2)))
    shared = len(set(own.values()) & set(table.labels.values())) / len(own)
    strong = 2 * shared >= 1 or known >= 0.6 or (at > position and 2 * len(above) >= len(cells))
    beyond = bool(own.keys() - table.labels.keys())  # a record of the table above has no cell there
    return (
        strong
        or beyond
        or _is_narrower(own, body, below, table)
        or (len(above) > 1 and len(above) * 10 >= len(cells) * 6)
    )


def _is_narrower(labels: Mapping[int, str], body: Sequence[Row], below: Sequence[Row], table: _Table) -> bool:
    """Whether full rows of the table above are followed by full rows of fewer columns, with a text in a column of numbers.

    That text is the label of another table; a list in which it were a value would have to end earlier from there on.
    """
    full = all(cells.keys() == table.labels.keys() for _, cells in body)
    fewer = all(cells.keys() == labels.keys() for _, cells in below) and labels.keys() < table.labels.keys()
    numbers = _header.contrast(table.labels, body)
    return full and fewer and min(len(body), len(below)) > 1 and any(index in labels for index in numbers)


def _are_no_words(rows: Iterable[Row], labels: Mapping[int, str]) -> bool:
    """Whether no cell of some rows is a word of headers: then a row of nothing else is plainly a header."""
    texts = [text for _, cells in rows for text in cells.values()]
    return bool(texts) and not _header.word_share(texts) and not {*texts} & {*labels.values()}


def _core(title: str) -> str:
    """Return a title without the page it stands on."""
    import re

    return re.sub(
        r"\s+|第\s*\d+\s*页|共\s*\d+\s*页|page\s*\d+(\s*of\s*\d+)?|[（(]?续表?[)）]?", "", title, flags=re.IGNORECASE
    )


def _beside(part: Region, used: Mapping[int, int], merges: Sequence[Merge]) -> list[Region]:
    """Cut a region at blank columns between two tables; not at those that only set off parts of one."""
    columns = sorted(index for _, cells in part.rows for index in cells)
    groups: list[list[int]] = []
    for index in sorted(set(columns) | {index for index, count in used.items() if count}):
        if not part.left <= index < part.right:
            continue
        if groups and index == groups[-1][-1] + 1:
            groups[-1].append(index)
        else:
            groups.append([index])
    bands: list[list[int]] = []
    for group in groups:
        if bands and not _apart(_restricted(part, bands[-1]), _restricted(part, group), merges):
            bands[-1] += group
        else:
            bands.append(list(group))
    if len(bands) < 2:
        return [part]
    lefts = [part.left, *(band[0] for band in bands[1:])]
    return [
        Region(part.top, part.last, left, right, _restricted(part, range(left, right)), None, [*part.reasons, "region.beside"])
        for left, right in zip(lefts, [*lefts[1:], part.right], strict=True)
    ]  # fmt: skip


def _restricted(part: Region, columns: Iterable[int]) -> list[Row]:
    wanted = columns if isinstance(columns, range) else set(columns)
    rows = [(number, {index: text for index, text in cells.items() if index in wanted}) for number, cells in part.rows]
    return [row for row in rows if row[1]]


def _apart(left: Sequence[Row], right: Sequence[Row], merges: Sequence[Merge]) -> bool:
    """Whether what stands left and right of a blank column are two tables."""
    if min(_widest(left), _widest(right)) < 2:
        return False
    headers = [_header.find(rows, merges) for rows in (left, right)]
    if headers[0] is None or headers[1] is None:
        return False
    tops = [rows[header.start : header.stop] for rows, header in zip((left, right), headers, strict=True) if header]
    bodies = [
        [number for number, cells in rows[header.stop + header.units :] if len(cells) > 1]
        for rows, header in zip((left, right), headers, strict=True) if header
    ]  # fmt: skip
    if not all(bodies):
        return False
    names = [list(_header.labels_of(top, merges).values()) for top in tops]
    if names[0] == names[1]:
        return True
    if max(top[0][0] for top in tops) > min(top[-1][0] for top in tops):  # the headers stand in other rows
        return all(_header.word_share(top[-1][1].values()) >= 0.5 for top in tops)
    return _ends_early(left, *bodies) or _ends_early(right, bodies[1], bodies[0])


def _widest(rows: Sequence[Row]) -> int:
    return max((len(cells) for _, cells in rows), default=0)


def _ends_early(rows: Sequence[Row], short: Sequence[int], long: Sequence[int]) -> bool:
    """Whether a body fills row after row and ends well before the other: nothing keeps their rows together.

    Its first column tells its rows apart; remarks that people made beside the first rows of a list don't.
    """
    dense = len(short) > 1 and short[-1] - short[0] == len(short) - 1
    if not dense or short[0] > long[0] or len(short) * 10 > len(long) * 6 or long[-1] <= short[-1] + 1:
        return False
    inside = set(short)
    first = min(index for _, cells in rows for index in cells)
    keys = [cells.get(first, "") for number, cells in rows if number in inside]
    return all(keys) and len(set(keys)) == len(keys)
