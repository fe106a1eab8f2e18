"""Whole numbers that are keys of rows, as ranges: a condition on ranges reads what lies in them and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

MOST_RANGES = 100
"""In one condition: a server takes long to think about thousands."""


def gaps(key: sa.ColumnElement[Any], ranges: Sequence[tuple[int, int]]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions, at least one, that together choose the rows whose key is in none of the ranges, each row once.

    Args:
        key: of the rows.
        ranges: first and last key of each, ascending by the first; they may touch or overlap.
    """
    import sqlalchemy as sa

    if not ranges:
        yield sa.true()
        return
    found: list[sa.ColumnElement[bool]] = [key < ranges[0][0]]
    last = ranges[0][1]
    for first, end in ranges[1:]:
        if first > last + 1:
            found.append(key.between(last + 1, first - 1))
        last = max(last, end)
    found.append(key > last)
    for start in range(0, len(found), MOST_RANGES):
        yield sa.or_(*found[start : start + MOST_RANGES])
