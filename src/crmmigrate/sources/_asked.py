"""Layouts that people give in migration.yaml, where the program found a table elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.sources import _header, _layout
from crmmigrate.sources._regions import FAR_RIGHT, Region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.model.project_layout import RegionSpec
    from crmmigrate.sources._header import Row
    from crmmigrate.sources._layout import Layout
    from crmmigrate.sources._sheets import Merge

LAST_ROW = 1 << 40


def layouts(
    specs: Sequence[RegionSpec], rows: Iterable[Row], merges: Sequence[Merge], used: Mapping[int, int], place: str
) -> list[Layout]:
    """Return the layouts that are asked for.

    Args:
        specs: where each table is.
        rows: number and cells of the rows of the sheet, from the top, read only as far as they are needed.
        merges: the merged ranges of the sheet.
        used: how many cells are filled in each column of the whole sheet.
        place: of the sheet, for errors.

    Raises:
        LocationError: `source.layout`: there is nothing where a header or a table is said to be.
    """
    wanted = max(max((spec.header or (0,))[-1:][0], _span(spec.rows)[0]) for spec in specs)
    seen: list[Row] = []
    behind = 0
    for row in rows:
        seen.append(row)
        behind += row[0] > wanted
        if behind >= _layout.LOOK:
            break
    known = _layout.filled(seen)
    found = [_layout_of(spec, known, merges, used, place) for spec in specs]
    return _shared_out(found, specs) if len(found) > 1 else found


def _span(text: str) -> tuple[int, int]:
    """Return the first and the last row of `5:480`, `5:` or `17`."""
    if not text:
        return 0, LAST_ROW
    first, colon, last = text.partition(":")
    return int(first), int(last) if last.strip() else (LAST_ROW if colon else int(first))


def column_indices(text: str) -> tuple[int, ...]:
    """Return the indices of the columns of `A:C,F`."""
    indices: list[int] = []
    for part in text.split(","):
        ends = [_index(name) for name in re.findall("[A-Z]+", part)]
        indices += range(min(ends), max(ends) + 1)
    return tuple(sorted(set(indices)))


def _index(name: str) -> int:
    index = 0
    for letter in name:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _layout_of(
    spec: RegionSpec, rows: Sequence[Row], merges: Sequence[Merge], used: Mapping[int, int], place: str
) -> Layout:
    first, last = _span(spec.rows)
    columns = column_indices(spec.columns) if spec.columns else ()
    asked = tuple(number for number in spec.header or () if number)
    begin = min([number for number in (*asked[:1], first) if number], default=0)
    inside: list[Row] = [
        (number, {index: text for index, text in cells.items() if not columns or index in columns})
        for number, cells in rows if number >= begin and (number <= last or number in asked)
    ]  # fmt: skip
    inside = [row for row in inside if row[1]][: _layout.LOOK]
    missing = next((number for number in asked if number not in {row[0] for row in inside}), None)
    if not inside or missing is not None:
        raise LocationError(
            "source.layout", Message("there is nothing where the layout says the table is"),
            f"{place}!{missing or begin or 1}", Message("compare `layout` in the migration.yaml with the sheet"),
        )  # fmt: skip
    header = _header.find(inside, merges) if spec.header is None else None
    if asked:
        at = [number for number, _ in inside].index(asked[0])
        header = replace(_header.around(inside, at, merges), start=at, stop=at + len(asked), units=0, reasons=())
    region = Region(0, 0, 0, FAR_RIGHT, inside, header)
    layout = _layout.layout_of(region, merges, used)
    if columns:
        labels = dict(zip(layout.columns, layout.labels, strict=True))
        layout = replace(layout, columns=columns, labels=tuple(labels.get(index) for index in columns))
    first = max(first, layout.first if layout.header else 0)
    skipped = [(layout.first, first - 1), *(_span(text) for text in spec.drop), (last + 1, LAST_ROW)]
    return replace(
        layout, first=layout.first if layout.header else first or layout.first,
        skipped=tuple((start, end) for start, end in skipped if start <= end and start < LAST_ROW),
        confidence=1.0, reasons=(*layout.reasons, "layout.given"), form=False,
    )  # fmt: skip


def _shared_out(found: Sequence[Layout], specs: Sequence[RegionSpec]) -> list[Layout]:
    """Share the sheet out among its tables, so that each row outside them is told by one of them.

    Tables below each other answer for the rows from the end of the one above; tables beside each other for the columns.
    """
    spans = [
        (min((*layout.header, layout.first)), _span(spec.rows)[1]) for layout, spec in zip(found, specs, strict=True)
    ]
    order = sorted(range(len(found)), key=lambda at: (spans[at][0], found[at].columns[0]))
    shared = []
    for at in order:
        others = [other for other in order if other != at]
        above = [spans[o][1] + 1 for o in others if spans[o][1] < spans[at][0]]
        below = [
            spans[o][0]
            for o in others
            if spans[o][0] > spans[at][1] or (spans[o][0] > spans[at][0] and _overlap(found[o], found[at]))
        ]
        beside = [
            o
            for o in others
            if not _overlap(found[o], found[at]) and spans[o][0] <= spans[at][1] and spans[at][0] <= spans[o][1]
        ]
        right = [found[o].columns[0] for o in beside if found[o].columns[0] > found[at].columns[-1]]
        left = any(found[o].columns[-1] < found[at].columns[0] for o in beside)
        last = min(spans[at][1], min(below) - 1) if below else 0
        shared.append(replace(
            found[at], top=max(above, default=0), last=last, left=found[at].columns[0] if left else 0,
            right=min(right, default=FAR_RIGHT),
        ))  # fmt: skip
    return shared


def _overlap(one: Layout, other: Layout) -> bool:
    return one.columns[0] <= other.columns[-1] and other.columns[0] <= one.columns[-1]
