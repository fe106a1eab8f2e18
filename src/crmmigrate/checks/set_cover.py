"""Choose few bundles of rows that together have everything wanted: the greedy set cover with costs, then what became needless is let go."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping

    Row = tuple[str, str]

K = TypeVar("K", bound="Hashable")


def cover(bundles: Mapping[K, Collection[Row]], has: Mapping[Row, frozenset[int]], wanted: Collection[int]) -> list[K]:
    """Return bundles whose rows have every wanted trait that any bundle has.

    Each time the bundle with the most new traits per new row is taken. The answer costs at most H(n) times the least there
    is, n being the largest number of traits of a bundle; no better bound is possible in reasonable time (Feige 1998).

    Args:
        bundles: name → its rows; a row may be in several.
        has: row → its traits; rows without any may be missing.
        wanted: traits.

    Source:
        V. Chvátal, Mathematics of Operations Research 4 (1979), 233-235.
    """
    goal = frozenset(wanted)
    traits = {
        key: goal.intersection(*[frozenset().union(*(has.get(row, frozenset()) for row in rows))])
        for key, rows in bundles.items()
    }
    order = {key: number for number, key in enumerate(bundles)}
    left = set().union(*traits.values()) if traits else set()
    taken: list[K] = []
    rows: set[Row] = set()
    heap = [(-len(found) / max(len(bundles[key]), 1), order[key], key) for key, found in traits.items() if found]
    heapq.heapify(heap)
    while left and heap:
        # A bundle may have become cheaper since it was weighed, because rows of it are there already; those it misses count.
        _, number, key = heapq.heappop(heap)
        gain = len(traits[key] & left)
        if not gain:
            continue
        worth = -gain / max(len(set(bundles[key]) - rows), 1)
        if heap and worth > heap[0][0]:
            heapq.heappush(heap, (worth, number, key))
            continue
        taken.append(key)
        left -= traits[key]
        rows |= set(bundles[key])
    return _needed(taken, traits)


def _needed(taken: list[K], traits: Mapping[K, frozenset[int]]) -> list[K]:
    """Let go, the last first, what the others have too."""
    count: dict[int, int] = {}
    for key in taken:
        for trait in traits[key]:
            count[trait] = count.get(trait, 0) + 1
    kept: list[K] = []
    for key in reversed(taken):
        if all(count[trait] > 1 for trait in traits[key]):
            for trait in traits[key]:
                count[trait] -= 1
        else:
            kept.append(key)
    return kept[::-1]
