"""Find the pairs worth comparing: records that share a rare key. No block may explode.

A key is kept while the candidates of its kind stay within a budget, smallest blocks first. Bigger blocks are refined:
records in two of them at once are candidates again, under the same budget, and so is each record with the next one. Of its grams a record offers its rarest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.matching.bags import each_two, ranges, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    Keys = tuple[str, np.ndarray, np.ndarray]

RARE_GRAMS = 4
"""So many of its rarest grams a record looks for others with; that is enough for one typo in a short name."""

RARE_BLOCKS = 3
"""So many of its rarest blocks among those too big a record brings to be refined, of each kind."""

WEAK = {
    "gram": 24,
    "slip": 12,
    "head": 6,
    "word": 2,
    "name": 4,
    "brand": 12,
    "trade": 12,
    "sound": 12,
    "domain": 12,
    "local": 4,
    "mailbox": 4,
}
"""Kinds of keys that two things share oftener than one thing's records: they get this part of the budget."""

_ALWAYS = 60_000
"""So many pairs of a kind cost nothing: a small table is searched more thoroughly, up to four times its budget."""

_DENSE = 24
"""A value that more nodes share says little of any two of them, and in a larger table still more share it: its block is refined,
unless all such blocks together cost nothing."""

_SCATTER = 0x9E3779B97F4A7C15
"""2^64 by the golden ratio: multiplied by it, numbers differ in their upper bits (Knuth, The Art of Computer Programming 3, 6.4)."""


@dataclass(frozen=True)
class Candidates:
    """The pairs to compare.

    Args:
        left: node indices; smaller than those of `right`, sorted, no pair twice.
        right: node indices.
        found_by: of each pair, 1 for a key of the first role, 2 for one of another role, 3 for both, 0 for neither.
        facts: blocks by kind, the largest block used, blocks refined.
    """

    left: np.ndarray
    right: np.ndarray
    found_by: np.ndarray
    facts: dict[str, Any] = field(default_factory=dict)


def candidates(keys: Iterable[Keys], nodes: int, pairs: int, first: str = "name") -> Candidates:
    """Return the pairs of nodes that share a key.

    Args:
        keys: kind of key, nodes, numbers of keys; every kind once.
        nodes: how many nodes there are, at most 2^31.
        pairs: the budget: candidate pairs per node and kind of key.
        first: the role whose keys `found_by` sets against those of the others.
    """
    import numpy as np

    found: list[np.ndarray] = [np.zeros(0, dtype=np.uint64)]
    large: list[tuple[np.ndarray, np.ndarray]] = []
    used: dict[str, int] = {}
    seen: dict[str, int] = {}
    refined = 0
    # One kind after the other, so that only one is in memory as a whole.
    for kind, owners, numbers in keys:
        what = kind.rpartition(".")[2]
        blocks = _blocks(owners, numbers, nodes)
        if not len(blocks.sizes):
            continue
        size = np.repeat(blocks.sizes, blocks.sizes)
        kept = _rarest(blocks.nodes, size, RARE_GRAMS) if what == "gram" else np.ones(len(size), dtype=bool)
        cheap = min(4 * pairs * nodes, _ALWAYS)
        largest = _largest(size[kept], max(pairs * nodes / WEAK.get(what, 1), cheap))
        if largest > _DENSE:
            largest = max(_DENSE, _largest(size[kept], cheap))
        seen[kind] = int(size[kept].max())
        used[kind] = min(largest, seen[kind])
        found.append(_packed(*_within(blocks, largest, kept), 1 if kind.partition(".")[0] == first else 2))
        over = np.flatnonzero(kept & (size > largest))
        distinct, number = np.unique(np.repeat(np.arange(len(blocks.sizes)), blocks.sizes)[over], return_inverse=True)
        if what not in WEAK:
            few = _rarest(blocks.nodes[over], size[over], RARE_BLOCKS)
            large.append((blocks.nodes[over[few]], number[few] + refined))
        refined += len(distinct)
    if large:
        owners, numbers = (np.concatenate(side) for side in zip(*large, strict=True))
        found += _refined(owners, numbers, nodes, pairs * nodes)
    left, right, found_by = _distinct(np.concatenate(found))
    facts = {"blocks_refined": refined, "largest_block_used": used, "largest_block_seen": seen}
    return Candidates(left, right, found_by, facts)


@dataclass(frozen=True)
class _Blocks:
    """The nodes of each key, one key's beside each other and ascending; keys of one node alone are left out.

    Args:
        nodes: block by block.
        sizes: of each block.
    """

    nodes: np.ndarray
    sizes: np.ndarray


def _blocks(owners: np.ndarray, numbers: np.ndarray, nodes: int) -> _Blocks:
    """Return the blocks of (node, number of a key); numbers too great to be packed with a node are hashed.

    Two keys of one hash are one block: some pairs are compared that share nothing.
    """
    import numpy as np

    bits = np.uint64(nodes.bit_length())
    keys = numbers.astype(np.uint64)
    if len(keys) and keys.max() >> (np.uint64(64) - bits):
        keys *= np.uint64(_SCATTER)
        keys >>= bits
    keys <<= bits
    keys |= owners.astype(np.uint64)
    keys.sort()
    keys = keys[np.r_[True, keys[1:] != keys[:-1]]] if len(keys) else keys
    key = keys >> bits
    sizes = runs(key)
    shared = np.repeat(sizes > 1, sizes)
    lowest = np.uint64((1 << nodes.bit_length()) - 1)
    return _Blocks((keys[shared] & lowest).astype(np.int64), sizes[sizes > 1])


def _rarest(nodes: np.ndarray, size: np.ndarray, most: int) -> np.ndarray:
    """Return which (node, block of this size) are among the smallest blocks of the node."""
    import numpy as np

    order = np.argsort(nodes * (int(size.max(initial=0)) + 1) + size, kind="stable")
    per_node = runs(nodes[order])
    rank = ranges(np.zeros(len(per_node), dtype=np.int64), per_node)
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order[rank < most]] = True
    return chosen


def _largest(size: np.ndarray, budget: float) -> int:
    """Return the size up to which blocks are used, so that their pairs stay within the budget; 0 where none do.

    Args:
        size: of the block, for each node in it.
        budget: pairs.
    """
    import numpy as np

    count = np.bincount(size)
    running = np.cumsum(count * (np.arange(len(count)) - 1.0)) / 2
    return int(np.flatnonzero((count > 0) & (running <= budget)).max(initial=0))


def _within(blocks: _Blocks, largest: int, kept: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of nodes, the smaller one first, of the blocks up to a size; one of the two is to be `kept`."""
    import numpy as np

    usable = blocks.sizes <= largest
    there = np.repeat(usable, blocks.sizes)
    nodes = blocks.nodes[there]
    one, other = each_two(blocks.sizes[usable])
    if kept is not None and not kept.all():
        wanted = kept[there]
        asked = wanted[one] | wanted[other]
        one, other = one[asked], other[asked]
    return nodes[one], nodes[other]


def _refined(nodes: np.ndarray, numbers: np.ndarray, count: int, budget: float) -> list[np.ndarray]:
    """Return the pairs of nodes that share two large blocks, and of each node of one with the next, packed.

    Args:
        nodes: of large blocks.
        numbers: the block of each.
        count: how many nodes there are.
        budget: pairs.
    """
    import numpy as np

    order = np.lexsort((nodes, numbers))
    node, number = nodes[order], numbers[order]
    tied = number[1:] == number[:-1]
    order = np.lexsort((numbers, nodes))
    nodes, numbers = nodes[order], numbers[order]
    one, other = each_two(runs(nodes))
    both = _blocks(nodes[one], numbers[one] * (int(numbers.max(initial=0)) + 1) + numbers[other], count)
    largest = _largest(np.repeat(both.sizes, both.sizes), budget)
    return [_packed(node[:-1][tied], node[1:][tied], 0), _packed(*_within(both, largest), 0)]


def _packed(left: np.ndarray, right: np.ndarray, by: int) -> np.ndarray:
    """Return pairs of nodes as numbers that sort as they do; the two lowest bits say what found them."""
    import numpy as np

    packed = left.astype(np.uint64)
    packed <<= np.uint64(31)
    packed |= right.astype(np.uint64)
    packed <<= np.uint64(2)
    packed |= np.uint64(by)
    return packed


def _distinct(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return left, right and what found it of each distinct pair, in order."""
    import numpy as np

    packed.sort()
    pairs = packed >> np.uint64(2)
    begins = np.flatnonzero(np.r_[True, pairs[1:] != pairs[:-1]]) if len(pairs) else np.zeros(0, dtype=np.int64)
    by = np.bitwise_or.reduceat(packed & np.uint64(3), begins) if len(begins) else packed
    pairs = pairs[begins]
    left, right = pairs >> np.uint64(31), pairs & np.uint64((1 << 31) - 1)
    return left.astype(np.int64), right.astype(np.int64), by.astype(np.int64)
