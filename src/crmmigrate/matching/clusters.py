"""Merge pairs to groups without ever joining two records that must stay apart.

Constrained agglomeration: the strongest pairs first; a merge is refused where any pair across is never-linked, or where
the pairs across, all compared, speak on average against it. So no chain of weak pairs joins what does not belong together.
What is as likely one of two that must stay apart as the other is merged with neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from crmmigrate.matching.apart import Apart
from crmmigrate.matching.texts.bags import each_two, runs
from crmmigrate.matching.texts.letters import mixed

if TYPE_CHECKING:
    import numpy as np

    Judge = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    """Bits and never-linked of pairs of nodes."""

_COMPARED_WHOLE = 200
"""Components up to this size are compared pair by pair; of larger ones a part of each side is, at each merge."""

_SAMPLE = 12
_ROUNDS = 2000
_AT_ONCE = 500_000
"""Larger components are merged in rounds, many pairs of clusters at once; what is left after so many is left to people."""


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
    apart: Apart | None = None,
    tags: np.ndarray | None = None,
    standing: np.ndarray | None = None,
) -> Clusters:
    """Cluster nodes 0 … nodes - 1.

    Args:
        nodes: how many.
        edges: the pairs strong enough to be merged.
        judge: compares any pairs.
        forced: pairs that people merged; they are merged first, whatever speaks against it.
        apart: what people keep apart.
        tags: a number per node, -1 for none; of components so large that not all pairs are compared, no cluster gets two.
        standing: nodes that stay apart for being in the CRM already, alike or not: what is like two of them joins the first.
    """
    import numpy as np

    forced, people = sorted(forced), apart or Apart()
    of, watched = _tied(nodes, edges, forced, people)
    sizes = np.bincount(of, minlength=nodes)
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
    state = _Merging(judge, people, known, frozenset() if standing is None else frozenset(standing.tolist()))
    for a, b in forced:
        state.merge(a, b)
    chosen = np.flatnonzero(open_question[of[edges.left]])
    low, high = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    ordered = chosen[np.lexsort((high[chosen], low[chosen], -edges.bits[chosen]))]
    large = sizes[of[low[ordered]]] > _COMPARED_WHOLE
    few = ordered[~large]
    for tied in np.split(few, np.cumsum(runs(edges.bits[few]))[:-1]):
        state.try_merges(list(zip(low[tied].tolist(), high[tied].tolist(), strict=True)))
    large = ordered[large]
    _Rounds(state, nodes, judge, tags).merge(low[large], high[large], edges.bits[large])
    undecided = open_question[of]
    of[undecided] = np.flatnonzero(undecided)
    for members in {id(some): some for some in state.cluster.values()}.values():
        of[np.array(members)] = min(members)
    return Clusters(of, state.refused)


def contested(
    nodes: int, edges: Edges, forced: Iterable[tuple[int, int]] = (), apart: Apart | None = None
) -> np.ndarray:
    """Return the nodes that `agglomerate` may ask its judge about: not those tied to one other alone, of which nobody said anything."""
    import numpy as np

    of, watched = _tied(nodes, edges, forced, apart or Apart())
    sizes = np.bincount(of, minlength=nodes)
    return np.flatnonzero((sizes[of] > 2) | (watched[of] & (sizes[of] > 1)))


def _tied(nodes: int, edges: Edges, forced: Iterable[tuple[int, int]], apart: Apart) -> tuple[np.ndarray, np.ndarray]:
    """Return the component of each node, named by its smallest one, and of which of these people said something."""
    import numpy as np

    ends = np.array(list(forced), dtype=np.int64).reshape(-1, 2)
    of = components(nodes, np.r_[edges.left, ends[:, 0]], np.r_[edges.right, ends[:, 1]])
    watched = np.zeros(nodes, dtype=bool)
    watched[of[apart.named + ends.reshape(-1).tolist()]] = True
    return of, watched


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
    one, other = each_two(runs(of[order]))
    return order[one], order[other]


class _Merging:
    """The clusters while they grow."""

    def __init__(
        self,
        judge: Judge,
        apart: Apart,
        known: dict[tuple[int, int], tuple[float, bool]],
        standing: frozenset[int],
    ) -> None:
        self.judge = judge
        self.apart = apart
        self.known = known
        self.standing = standing
        self.cluster: dict[int, list[int]] = {}
        self.refused: list[tuple[int, int]] = []

    def members(self, node: int) -> list[int]:
        return self.cluster.get(node) or [node]

    def merge(self, a: int, b: int) -> None:
        one, other = self.members(a), self.members(b)
        if one is other or b in one:
            return
        larger, smaller = (one, other) if len(one) >= len(other) else (other, one)
        larger.extend(smaller)
        for node in smaller if len(larger) > len(smaller) + 1 else larger:
            self.cluster[node] = larger

    def try_merges(self, pairs: list[tuple[int, int]]) -> None:
        """Merge along pairs that are equally strong: which of them comes first in the table says nothing.

        Where one as well as another may be merged and not both, neither is; nor is any of a chain whose ends must stay apart.
        """
        for chain in self._chains(pairs):
            if len(chain) == 1 or any(self.standing.intersection(self.members(end)) for pair in chain for end in pair):
                for pair in chain:
                    self.try_merge(*pair)
                continue
            doubted: set[tuple[int, int]] = set()
            if not self._may_all(chain):
                doubted = self._either_or(chain)
                self.refused.extend(doubted)
            for rest in self._chains([pair for pair in chain if pair not in doubted]):
                if self._may_all(rest):
                    for a, b in rest:
                        self.merge(a, b)
                else:
                    self.refused.extend(rest)

    def _either_or(self, pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return the pairs that may be merged, with others that then no longer may."""
        ends = self._ends(pairs)
        apart: dict[int, set[int]] = {end: set() for end in ends}
        for one, other in combinations(ends, 2):
            if not self._may(self.members(one), self.members(other)):
                apart[one].add(other)
                apart[other].add(one)
        partners: dict[int, dict[int, list[tuple[int, int]]]] = {end: {} for end in ends}
        for pair in pairs:
            one, other = (min(self.members(node)) for node in pair)
            if other not in apart[one]:
                for mine, its in ((one, other), (other, one)):
                    partners[mine].setdefault(its, []).append(pair)
        return {
            pair
            for several in partners.values()
            for its, some in several.items()
            if not apart[its].isdisjoint(several)
            for pair in some
        }

    def _ends(self, pairs: list[tuple[int, int]]) -> list[int]:
        """Return the clusters that pairs tie together, each by its smallest node."""
        return sorted({min(self.members(node)) for pair in pairs for node in pair})

    def _chains(self, pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
        """Return the pairs in groups that are tied to each other through clusters."""
        first: dict[int, int] = {}

        def root(end: int) -> int:
            while first[end] != end:
                end = first[end] = first[first[end]]
            return end

        for pair in pairs:
            one, other = (root(first.setdefault(end, end)) for end in map(min, map(self.members, pair)))
            first[max(one, other)] = min(one, other)
        chains: dict[int, list[tuple[int, int]]] = {}
        for pair in pairs:
            chains.setdefault(root(min(self.members(pair[0]))), []).append(pair)
        return list(chains.values())

    def _may_all(self, pairs: list[tuple[int, int]]) -> bool:
        """Return whether the clusters that pairs tie together may be one."""
        both = [(self.members(a), self.members(b)) for a, b in combinations(self._ends(pairs), 2)]
        cross = [self.known[(x, y) if x < y else (y, x)] for one, other in both for x in one for y in other]
        return not both or (
            all(self.free(*two) for two in both)
            and not any(never for _, never in cross)
            and sum(bits for bits, _ in cross) > 0
        )

    def try_merge(self, a: int, b: int) -> None:
        one, other = self.members(a), self.members(b)
        if b in one:
            return
        if self._may(one, other):
            self.merge(a, b)
        else:
            self.refused.append((a, b))

    def _may(self, one: list[int], other: list[int]) -> bool:
        if not self.free(one, other):
            return False
        cross = [self.known[(x, y) if x < y else (y, x)] for x in one for y in other]
        return not any(never for _, never in cross) and sum(bits for bits, _ in cross) > 0

    def free(self, one: list[int], other: list[int]) -> bool:
        """Return whether people keep no two of them apart."""
        return not self.apart.between(one, other)


class _Rounds:
    """The merging of large components: in each round the strongest pair of every cluster that is also its partner's."""

    def __init__(self, state: _Merging, nodes: int, judge: Judge, tags: np.ndarray | None) -> None:
        import numpy as np

        self.state, self.judge = state, judge
        self.root = np.arange(nodes)
        self.tag = np.full(nodes, -1) if tags is None else tags.copy()

    def merge(self, left: np.ndarray, right: np.ndarray, strength: np.ndarray) -> None:
        """Merge along pairs of nodes, the strongest first."""
        import numpy as np

        # Of a chain of equally strong pairs, every second one or so comes first on both its sides.
        rank = np.arange(len(left))
        tie = np.r_[False, strength[1:] == strength[:-1]] if len(left) else np.zeros(0, dtype=bool)
        shuffled = np.lexsort((mixed(left, right), rank[np.maximum.accumulate(np.where(tie, 0, rank))]))
        left, right = left[shuffled], right[shuffled]
        for node in np.unique(np.r_[left, right]).tolist():
            self._join(self.state.members(node))
        for _ in range(_ROUNDS):
            a, b = self.root[left], self.root[right]
            left, right, a, b = (ends[a != b] for ends in (left, right, a, b))
            if not len(left):
                return
            first = np.full(len(self.root), len(left))
            order = np.arange(len(left))
            np.minimum.at(first, a, order)
            np.minimum.at(first, b, order)
            chosen = np.flatnonzero((first[a] == order) & (first[b] == order))
            fit = self._fit(
                [self.state.members(node) for node in left[chosen]],
                [self.state.members(node) for node in right[chosen]],
            )
            for x, y, fits in zip(left[chosen].tolist(), right[chosen].tolist(), fit.tolist(), strict=True):
                if fits:
                    self.state.merge(x, y)
                    self._join(self.state.members(x))
                else:
                    self.state.refused.append((x, y))
            left, right = np.delete(left, chosen), np.delete(right, chosen)
        self.state.refused.extend(zip(left.tolist(), right.tolist(), strict=True))

    def _join(self, members: list[int]) -> None:
        import numpy as np

        nodes = np.array(members)
        self.root[nodes] = nodes.min()
        self.tag[nodes] = self.tag[nodes].max()

    def _fit(self, ones: list[list[int]], others: list[list[int]]) -> np.ndarray:
        """Return which two clusters may become one, by comparing a part of each."""
        import numpy as np

        fit = np.ones(len(ones), dtype=bool)
        left: list[np.ndarray] = []
        right: list[np.ndarray] = []
        for index, (one, other) in enumerate(zip(ones, others, strict=True)):
            x, y = (np.array(sorted(some)[:: -(-len(some) // _SAMPLE)]) for some in (one, other))
            tags = {int(self.tag[one[0]]), int(self.tag[other[0]])} - {-1}
            fit[index] = len(tags) < 2 and self.state.free(one, other)
            left.append(np.repeat(x, len(y)))
            right.append(np.tile(y, len(x)))
        owner = np.repeat(np.arange(len(left)), [len(some) for some in left])
        lefts, rights = np.concatenate(left), np.concatenate(right)
        sums = np.zeros(len(fit))
        for begin in range(0, len(owner), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            bits, never = self.judge(lefts[part], rights[part])
            fit[owner[part][never]] = False
            sums += np.bincount(owner[part], bits, minlength=len(fit))
        return fit & (sums > 0)
