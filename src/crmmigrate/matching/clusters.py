"""Merge pairs to groups without ever joining two records that must stay apart.

Constrained agglomeration: the strongest pairs first; a merge is refused where any pair across is never-linked, or where
the pairs across, all compared, speak on average against it. So no chain of weak pairs joins what does not belong together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Judge = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    """Bits and never-linked of pairs of nodes."""

_COMPARED_WHOLE = 200
"""Components up to this size are compared pair by pair; of larger ones a part of each side is, at each merge."""

_SAMPLE = 12


@dataclass(frozen=True)
class Clusters:
    """The result.

    Args:
        of: node → the smallest node of its cluster.
        refused: pairs (left, right) strong enough to merge whose merge was refused.
    """

    of: np.ndarray
    refused: list[tuple[int, int]]


@dataclass(frozen=True)
class Edges:
    """The pairs strong enough to be merged.

    Args:
        left: nodes.
        right: nodes.
        bits: of each pair.
    """

    left: np.ndarray
    right: np.ndarray
    bits: np.ndarray


def agglomerate(
    nodes: int,
    edges: Edges,
    judge: Judge,
    forced: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Clusters:
    """Cluster nodes 0 … nodes - 1.

    Args:
        nodes: how many.
        edges: the pairs strong enough to be merged.
        judge: compares any pairs.
        forced: pairs that people merged; they are merged first, whatever speaks against it.
        apart: pairs that people keep apart.
    """
    import numpy as np

    forced, people = sorted(forced), {frozenset(pair) for pair in apart}
    ends = np.array(forced, dtype=np.int64).reshape(-1, 2)
    of = components(nodes, np.r_[edges.left, ends[:, 0]], np.r_[edges.right, ends[:, 1]])
    sizes = np.bincount(of, minlength=nodes)
    watched = np.zeros(nodes, dtype=bool)
    watched[of[[node for pair in people for node in pair] + ends.reshape(-1).tolist()]] = True
    small = np.flatnonzero((sizes[of] > 1) & (sizes[of] <= _COMPARED_WHOLE) & ((sizes[of] > 2) | watched[of]))
    left, right = _pairs_within(of[small])
    left, right = small[left], small[right]
    bits, never = judge(left, right) if len(left) else (np.zeros(0), np.zeros(0, dtype=bool))
    # A component in which nothing speaks against anything is one cluster.
    open_question = watched
    open_question[of[left[never | (bits <= 0)]]] = True
    open_question |= sizes > _COMPARED_WHOLE
    asked = open_question[of[left]]
    keys = zip(left[asked].tolist(), right[asked].tolist(), strict=True)
    known = dict(zip(keys, zip(bits[asked].tolist(), never[asked].tolist(), strict=True), strict=True))
    state = _Merging(judge, people, known)
    for a, b in forced:
        state.merge(a, b)
    chosen = np.flatnonzero(open_question[of[edges.left]])
    low, high = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    for index in chosen[np.lexsort((high[chosen], low[chosen], -edges.bits[chosen]))]:
        state.try_merge(int(low[index]), int(high[index]), small=bool(sizes[of[low[index]]] <= _COMPARED_WHOLE))
    undecided = open_question[of]
    of[undecided] = np.flatnonzero(undecided)
    for node in state.cluster:
        of[node] = state.members(node)[0]
    return Clusters(of, state.refused)


def components(nodes: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return for each node the smallest node it is tied to through any pairs."""
    import numpy as np

    of = np.arange(nodes)
    while True:
        before = of.copy()
        low = np.minimum(of[left], of[right])
        np.minimum.at(of, of[left], low)
        np.minimum.at(of, of[right], low)
        np.minimum.at(of, left, low)
        np.minimum.at(of, right, low)
        of = of[of]
        if (of == before).all():
            return of


def _pairs_within(of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of positions whose numbers are the same, smaller position first."""
    import numpy as np

    order = np.argsort(of, kind="stable")
    found: list[np.ndarray] = []
    step = 1
    while True:
        tied = np.flatnonzero(of[order[step:]] == of[order[:-step]])
        if not len(tied):
            break
        found.append(np.stack([order[tied], order[tied + step]]))
        step += 1
    both = np.concatenate(found, axis=1) if found else np.zeros((2, 0), dtype=np.int64)
    return both[0], both[1]


class _Merging:
    """The clusters while they grow."""

    def __init__(
        self,
        judge: Judge,
        apart: set[frozenset[int]],
        known: dict[tuple[int, int], tuple[float, bool]],
    ) -> None:
        self.judge = judge
        self.apart = apart
        self.known = known
        self.cluster: dict[int, list[int]] = {}
        self.refused: list[tuple[int, int]] = []
        self.kept_apart = {node for pair in apart for node in pair}

    def members(self, node: int) -> list[int]:
        return self.cluster.get(node) or [node]

    def merge(self, a: int, b: int) -> None:
        one, other = self.members(a), self.members(b)
        if one is other or b in one:
            return
        joined = sorted(one + other)
        for node in joined:
            self.cluster[node] = joined

    def try_merge(self, a: int, b: int, *, small: bool) -> None:
        one, other = self.members(a), self.members(b)
        if b in one:
            return
        if self._may(one, other, small=small):
            self.merge(a, b)
        else:
            self.refused.append((a, b))

    def _may(self, one: list[int], other: list[int], *, small: bool) -> bool:
        import numpy as np

        if self.kept_apart and any(frozenset((x, y)) in self.apart for x in one if x in self.kept_apart for y in other):
            return False
        if small:
            cross = [self.known[(x, y) if x < y else (y, x)] for x in one for y in other]
            return not any(never for _, never in cross) and sum(bits for bits, _ in cross) > 0
        x, y = np.array(one[:: -(-len(one) // _SAMPLE)]), np.array(other[:: -(-len(other) // _SAMPLE)])
        bits, never = self.judge(np.repeat(x, len(y)), np.tile(y, len(x)))
        return not never.any() and float(bits.sum()) > 0
