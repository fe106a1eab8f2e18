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


class _Forest:
    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, node: int) -> int:
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def join(self, one: int, other: int) -> None:
        a, b = self.find(one), self.find(other)
        self.parent[max(a, b)] = min(a, b)


def agglomerate(
    nodes: int,
    edges: Iterable[tuple[float, int, int]],
    judge: Judge,
    forced: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Clusters:
    """Cluster nodes 0 … nodes - 1.

    Args:
        nodes: how many.
        edges: (bits, left, right) of the pairs strong enough to be merged.
        judge: compares any pairs.
        forced: pairs that people merged; they are merged first, whatever speaks against it.
        apart: pairs that people keep apart.
    """
    import numpy as np

    ordered = sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2]))
    whole = _Forest(nodes)
    for _, a, b in ordered:
        whole.join(a, b)
    forced = sorted(forced)
    for a, b in forced:
        whole.join(a, b)
    members: dict[int, list[int]] = {}
    for node in sorted({node for _, *pair in ordered for node in pair} | {node for pair in forced for node in pair}):
        members.setdefault(whole.find(node), []).append(node)
    grouped: dict[int, list[tuple[float, int, int]]] = {}
    for edge in ordered:
        grouped.setdefault(whole.find(edge[1]), []).append(edge)
    people = {frozenset(pair) for pair in apart}
    whole_judge = _compare_components(members, judge)
    state = _Merging(judge, people, {frozenset(pair) for pair in forced}, whole_judge)
    for a, b in forced:
        state.merge(a, b)
    for root in sorted(grouped):
        for _, a, b in grouped[root]:
            state.try_merge(a, b, small=len(members[root]) <= _COMPARED_WHOLE)
    of = np.arange(nodes)
    for node in state.cluster:
        of[node] = min(state.members(node))
    return Clusters(of, state.refused)


def _compare_components(members: dict[int, list[int]], judge: Judge) -> dict[tuple[int, int], tuple[float, bool]]:
    """Compare all pairs within the components of three nodes and more, up to a size, at once."""
    import numpy as np

    left: list[int] = []
    right: list[int] = []
    for nodes in members.values():
        if len(nodes) <= _COMPARED_WHOLE:
            for position, node in enumerate(nodes):
                left += [node] * (len(nodes) - position - 1)
                right += nodes[position + 1 :]
    if not left:
        return {}
    bits, never = judge(np.array(left), np.array(right))
    return dict(zip(zip(left, right, strict=True), zip(bits.tolist(), never.tolist(), strict=True), strict=True))


class _Merging:
    """The clusters while they grow."""

    def __init__(
        self,
        judge: Judge,
        apart: set[frozenset[int]],
        forced: set[frozenset[int]],
        known: dict[tuple[int, int], tuple[float, bool]],
    ) -> None:
        self.judge = judge
        self.apart = apart
        self.forced = forced
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
