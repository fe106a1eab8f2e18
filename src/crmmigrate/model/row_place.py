"""Which row of a bucket differs, told by a second sum, so that a bucket with one such row need not be read through once more.

A bucket's first sum is the exclusive or of the digests of its rows, its second that of the same digests shifted by the place of their key in its
block. Where a single row differs between two tables, what the second sums differ by is what the first ones differ by, shifted by its place: that
names it. Where several do, no shift fits, and all keys of the block are named.

Source: the invertible sums of set reconciliation (Eppstein and others, What's the Difference?, 2011), with one cell for each bucket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.row_digest import BLOCK, BLOCKS, NAMED, PLACED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.row_digest import Digests


def places(left: Digests, right: Digests) -> Iterator[tuple[int, int | None]]:
    """Yield the buckets that differ, each with the place in its block of the row that does; None where that is not one.

    Args:
        left: the answer of `Digested.query` with places.
        right: of the other table.
    """
    for shelf in left.keys() | right.keys():
        one, other = (set(side[shelf][1].split(",")) if shelf in side else set() for side in (left, right))
        mine, theirs = (dict(map(_sums, off)) for off in (one - other, other - one))
        for bucket in mine.keys() | theirs.keys():
            (first, second), (third, fourth) = (side.get(bucket, (0, 0)) for side in (mine, theirs))
            yield bucket, _place(first ^ third, second ^ fourth)


def _sums(told: str) -> tuple[int, tuple[int, int]]:
    name, _rows, first, second = told.split(" ")
    return int(name), (int(first), int(second))


def _place(first: int, second: int) -> int | None:
    shifted = first & PLACED
    place = (second & -second).bit_length() - (shifted & -shifted).bit_length()
    return place if shifted and 0 <= place < BLOCK and shifted << place == second else None


def named_keys(left: Digests, right: Digests, lowest: int, highest: int) -> frozenset[str] | None:
    """Return keys among which are those of all rows that differ; None where these are too many, or below zero.

    Args:
        left: as of `places`.
        right: as of `places`.
        lowest: of the keys of both.
        highest: of the keys of both.
    """
    if lowest < 0:
        return None
    first, last = (key // BLOCK // BLOCKS for key in (lowest, highest))
    keys: set[int] = set()
    for bucket, place in places(left, right):
        for turn in range(first, last + 1):
            start = (turn * BLOCKS + bucket) * BLOCK
            keys.update(range(start, start + BLOCK) if place is None else (start + place,))
            if len(keys) > NAMED:
                return None
    return frozenset(map(str, keys))


def fullest(told: Digests) -> str:
    """Return what is told of a bucket that has more rows than others of its shelf; empty where there is none."""
    shelf = next(iter(told.values()), (0, ""))[1]
    return max(shelf.split(","), key=lambda bucket: int(bucket.split(" ")[1]) if bucket else 0)


def holds(bucket: str, rows: Digests) -> bool:
    """Whether the sums of a bucket are those of its rows: MySQL doesn't promise in what order it works out the sums of a row.

    Args:
        bucket: what is told of it.
        rows: the answer of `Digested.each` for it alone.
    """
    first = second = 0
    for _, listed in rows.values():
        for row in filter(None, listed.split(",")):
            key, _one, digest = row.split(" ")
            first ^= int(digest, 16)
            second ^= (int(digest, 16) & PLACED) << int(key) % BLOCK
    return (first, second) == _sums(bucket)[1]
