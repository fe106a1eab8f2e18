"""Find the pairs worth comparing: records that share a rare key. No block may explode.

A key is kept while the candidates of its kind stay within a budget, smallest blocks first. Bigger blocks are refined:
records in two of them at once are candidates again, under the same budget, and so is each record with the next one. Of its grams a record offers its rarest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from crmmigrate.matching.texts.bags import each_two, ranges, runs
from crmmigrate.matching.texts.letters import mixed
from crmmigrate.model.threads import side_by_side

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
    "brand": 24,
    "roman": 48,
    "twain": 96,
    "trade": 4,
    "term": 12,
    "sound": 12,
    "spoken": 12,
    "domain": 12,
    "local": 4,
    "mailbox": 4,
}
"""Kinds of keys that two things share oftener than one thing's records: they get this part of the budget."""

_ALWAYS = 60_000
"""So many pairs of a kind cost nothing: a small table is searched more thoroughly, up to four times its budget."""

_NEAR = 1 << 17
"""So many numbers are looked at together."""

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

    def search(one: Keys) -> _Searched | None:
        return _searched(*one, nodes, pairs, first)

    searched = [one for one in side_by_side(search, keys) if one]
    large = [one.large for one in searched if one.large]
    found = [np.zeros(0, dtype=np.uint64), *(one.found for one in searched)]
    if large:
        owners, numbers = (np.concatenate(side) for side in zip(*large, strict=True))
        found += _refined(owners, numbers, nodes, float(pairs * nodes))
    facts = {
        "blocks_refined": sum(one.refined for one in searched),
        "largest_block_used": {one.kind: one.used for one in searched},
        "largest_block_seen": {one.kind: one.seen for one in searched},
    }
    del searched
    return Candidates(*_distinct(found), facts)


@dataclass(frozen=True)
class _Searched:
    """What a kind of keys brings.

    Args:
        found: pairs, packed.
        large: nodes and the numbers of the blocks among those too big that they bring to be refined; empty where the kind is weak.
        refined: how many blocks were too big.
        used: the size of the largest block that was used.
        seen: of the largest there is.
    """

    kind: str
    found: np.ndarray
    large: tuple[np.ndarray, np.ndarray] | tuple[()]
    refined: int
    used: int
    seen: int


def _searched(
    kind: str, owners: np.ndarray, numbers: np.ndarray, nodes: int, pairs: int, first: str
) -> _Searched | None:
    """Return what the keys of a kind bring; None where each has one node alone."""
    import numpy as np

    blocks = _blocks(owners, numbers, nodes)
    if not len(blocks.sizes):
        return None
    size = np.repeat(blocks.sizes, blocks.sizes)
    grams = what(kind) == "gram"
    kept = _rarest(blocks.nodes, size, RARE_GRAMS) if grams else np.ones(len(size), dtype=bool)
    largest = largest_within(*_by_size(size[kept]), budget(kind, pairs, nodes))
    seen = int(size[kept].max())
    found = _packed(*_within(blocks, largest, kept), caught_by(kind, first))
    large: tuple[np.ndarray, np.ndarray] | tuple[()] = ()
    if what(kind) not in WEAK:
        over = np.flatnonzero(kept & (size > largest))
        over = over[_rarest(blocks.nodes[over], size[over], RARE_BLOCKS)]
        large = (blocks.nodes[over], block_number(kind, np.repeat(blocks.keys, blocks.sizes)[over]))
    begins = np.cumsum(blocks.sizes) - blocks.sizes
    refined = int((np.logical_or.reduceat(kept, begins) & (blocks.sizes > largest)).sum())
    return _Searched(kind, found, large, refined, min(largest, seen), seen)


def what(kind: str) -> str:
    """Return what a kind of keys is of, whatever the role: `phone` of `mobile.phone`."""
    return kind.rpartition(".")[2]


def budget(kind: str, pairs: int, nodes: int) -> float:
    """Return how many pairs a kind of keys may bring, of so many per node."""
    return max(pairs * nodes / WEAK.get(what(kind), 1), min(4 * pairs * nodes, _ALWAYS))


def is_person(kind: str) -> bool:
    """Return whether a kind of keys is of people's names."""
    return what(kind) == "person"


def together(
    people: tuple[str, np.ndarray, np.ndarray], joint: list[tuple[np.ndarray, np.ndarray]]
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return the keys of people's names together with their parent or company; alone, names are a weak key (`name`)."""
    import pandas as pd

    kind, nodes, keys = people
    result = []
    for number, (owners, numbers) in enumerate(joint):
        both = pd.DataFrame({"node": nodes, "key": keys}).merge(
            pd.DataFrame({"node": owners, "other": numbers}), on="node"
        )
        both = both.drop_duplicates()
        result.append((f"{kind}_{number}", both["node"].to_numpy(), mixed(both["key"].to_numpy(), both["other"].to_numpy())))  # fmt: skip
    return [*result, ("name", nodes, keys)]


def caught_by(kind: str, first: str) -> int:
    """Return 1 for a key of the first role, 2 for one of another."""
    return 1 if kind.partition(".")[0] == first else 2


def block_number(kind: str, keys: np.ndarray) -> np.ndarray:
    """Return numbers of blocks that are told apart whatever their kind."""
    import numpy as np

    return mixed(np.full(len(keys), crc32(kind.encode())), keys)


def packable(numbers: np.ndarray, nodes: int) -> np.ndarray:
    """Return keys (uint64) so small that each can be packed with one of so many nodes.

    Two numbers of one key are one block: some pairs are compared that share nothing.
    """
    import numpy as np

    keys = numbers.astype(np.uint64)
    keys *= np.uint64(_SCATTER)
    keys >>= np.uint64(nodes.bit_length())
    return keys


@dataclass(frozen=True)
class _Blocks:
    """The nodes of each key, one key's beside each other and ascending; keys of one node alone are left out.

    Args:
        nodes: block by block.
        sizes: of each block.
        keys: of each block, ascending.
    """

    nodes: np.ndarray
    sizes: np.ndarray
    keys: np.ndarray


def _blocks(owners: np.ndarray, numbers: np.ndarray, nodes: int) -> _Blocks:
    """Return the blocks of (node, number of a key)."""
    import numpy as np

    bits = np.uint64(nodes.bit_length())
    keys = packable(numbers, nodes)
    keys <<= bits
    np.bitwise_or(keys, owners, out=keys, dtype=np.uint64, casting="unsafe")
    keys.sort()
    # Most keys have one node alone: they go first.
    keys = keys[_beside_their_like(keys, bits)]
    keys = keys[np.r_[True, keys[1:] != keys[:-1]]] if len(keys) else keys
    key = keys >> bits
    sizes = runs(key)
    shared = np.repeat(sizes > 1, sizes)
    lowest = np.uint64((1 << nodes.bit_length()) - 1)
    begins = np.cumsum(sizes) - sizes
    return _Blocks((keys[shared] & lowest).astype(np.int64), sizes[sizes > 1], key[begins[sizes > 1]])


def _beside_their_like(ordered: np.ndarray, bits: np.uint64) -> np.ndarray:
    """Return which of numbers in order are the same as one beside them, but for the lowest bits; a part at a time, which stays near the processor."""
    import numpy as np

    beside = np.zeros(len(ordered), dtype=bool)
    for begin in range(0, len(ordered) - 1, _NEAR):
        part = ordered[begin : begin + _NEAR + 1] >> bits
        same = part[1:] == part[:-1]
        beside[begin : begin + len(same)] |= same
        beside[begin + 1 : begin + 1 + len(same)] |= same
    return beside


def _rarest(nodes: np.ndarray, size: np.ndarray, most: int) -> np.ndarray:
    """Return which (node, block of this size) are among the smallest blocks of the node."""
    import numpy as np

    order = np.argsort(nodes * (int(size.max(initial=0)) + 1) + size, kind="stable")
    per_node = runs(nodes[order])
    rank = ranges(np.zeros(len(per_node), dtype=np.int64), per_node)
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order[rank < most]] = True
    return chosen


def _by_size(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes there are, and how often each is met."""
    import numpy as np

    count = np.bincount(size)
    there = np.flatnonzero(count)
    return there, count[there]


def largest_within(sizes: np.ndarray, holders: np.ndarray, pairs: float) -> int:
    """Return the size up to which blocks are used, so that their pairs stay within the budget; 0 where none do.

    Args:
        sizes: of blocks, ascending.
        holders: how many nodes stand in blocks of each size.
        pairs: the budget.
    """
    import numpy as np

    running = np.cumsum(holders * (sizes - 1.0)) / 2
    return int(sizes[running <= pairs].max(initial=0))


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


def _refined(nodes: np.ndarray, numbers: np.ndarray, count: int, most: float) -> list[np.ndarray]:
    """Return the pairs of nodes that share two large blocks, and of each node of one with the next, packed.

    Args:
        nodes: of large blocks.
        numbers: the block of each.
        count: how many nodes there are.
        most: so many pairs.
    """
    import numpy as np

    order = np.lexsort((nodes, numbers))
    node, number = nodes[order], numbers[order]
    tied = number[1:] == number[:-1]
    order = np.lexsort((numbers, nodes))
    nodes, numbers = nodes[order], numbers[order]
    one, other = each_two(runs(nodes))
    both = _blocks(nodes[one], mixed(numbers[one], numbers[other]), count)
    largest = largest_within(*_by_size(np.repeat(both.sizes, both.sizes)), most)
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


def _distinct(found: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return left, right and what found it of each distinct pair, in order; `found` is let go."""
    import numpy as np

    packed = np.concatenate(found)
    found.clear()
    packed.sort()
    by = packed.astype(np.uint8) & np.uint8(3)
    packed >>= np.uint64(2)
    if len(packed):
        begins = np.flatnonzero(np.r_[True, packed[1:] != packed[:-1]])
        by, packed = np.bitwise_or.reduceat(by, begins), packed[begins]
    return (packed >> np.uint64(31)).astype(np.int64), (packed & np.uint64((1 << 31) - 1)).astype(np.int64), by
