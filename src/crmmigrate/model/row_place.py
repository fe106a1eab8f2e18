"""Which row of a bucket differs, told by a second sum, so that a bucket with one such row need not be read through once more.

A bucket's first sum is the exclusive or of the digests of its rows, its second that of the same digests shifted by the place of their key in its
block. Where a single row differs between two tables, what the second sums differ by is what the first ones differ by, shifted by its place: that
names it. Where several do, no shift fits, and all keys of the block are named. That these rows are all is proved by their digests (`Account`).

Source: the invertible sums of set reconciliation (Eppstein and others, What's the Difference?, 2011), with one cell for each bucket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.row_digest import BLOCK, BLOCKS, NAMED, PLACED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crmmigrate.model.row_digest import Digests


def sums_apart(left: Digests, right: Digests) -> Iterator[tuple[int, int, int]]:
    """Yield the buckets that differ, each with what its first and its second sums differ by.

    Args:
        left: the answer of `Digested.query` with places.
        right: of the other table.
    """
    for shelf in left.keys() | right.keys():
        mine, theirs = (side.get(shelf, (0, ""))[1] for side in (left, right))
        if mine == theirs:
            continue
        one, other = (set(filter(None, told.split(","))) for told in (mine, theirs))
        had, has = (dict(map(_sums, off)) for off in (one - other, other - one))
        for bucket in had.keys() | has.keys():
            (first, second), (third, fourth) = (side.get(bucket, (0, 0)) for side in (had, has))
            yield bucket, first ^ third, second ^ fourth


def _sums(told: str) -> tuple[int, tuple[int, int]]:
    name, _rows, first, second = told.split(" ")
    return int(name), (int(first), int(second))


def place(first: int, second: int) -> int | None:
    """Return the place in its block of the one row that differs, by what the sums of its bucket differ by; None where that is not one."""
    shifted = first & PLACED
    at = (second & -second).bit_length() - (shifted & -shifted).bit_length()
    return at if shifted and 0 <= at < BLOCK and shifted << at == second else None


def named_keys(apart: Iterable[tuple[int, int, int]], lowest: int, highest: int) -> frozenset[str] | None:
    """Return keys among which are those of all rows that differ; None where these are too many, or below zero.

    Args:
        apart: `sums_apart` of both tables.
        lowest: of the keys of both.
        highest: of the keys of both.
    """
    if lowest < 0:
        return None
    first, last = (key // BLOCK // BLOCKS for key in (lowest, highest))
    keys: set[int] = set()
    for bucket, *sums in apart:
        at = place(*sums)
        for turn in range(first, last + 1):
            start = (turn * BLOCKS + bucket) * BLOCK
            keys.update(range(start, start + BLOCK) if at is None else (start + at,))
            if len(keys) > NAMED:
                return None
    return frozenset(map(str, keys))


class Account:
    """Whether the rows that were named are all that differ: their digests make up what the first sums of every bucket differ by.

    MySQL doesn't promise in what order it works out both sums of a row, and those of several rows may look like those of one.

    Args:
        apart: `sums_apart` of both tables.
    """

    def __init__(self, apart: Iterable[tuple[int, int, int]]) -> None:
        self._due = {bucket: first for bucket, first, _ in apart}
        self._read: list[tuple[Sequence[str], Sequence[str]]] = []

    def take(self, keys: Sequence[str], digests: Sequence[str]) -> None:
        """Take rows of either side, as they were read; two threads may do so at once."""
        self._read.append((keys, digests))

    @property
    def settled(self) -> bool:
        """Whether nothing is left of any bucket when all rows of both sides were taken."""
        due = dict(self._due)
        for keys, digests in self._read:
            for key, digest in zip(keys, digests, strict=True):
                bucket = int(key) // BLOCK % BLOCKS
                due[bucket] = due.get(bucket, 0) ^ int(digest, 16)
        return not any(due.values())
