"""What people keep apart: two records, or the sides of a group that was taken to pieces, in a size that grows with the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Sides = Sequence[Sequence[int]]


class Apart:
    """Things that people keep apart, each by a number.

    Args:
        pairs: of two.
        splits: groups with their sides, and the pairs of two sides that belong together all the same.
    """

    def __init__(
        self, pairs: Iterable[tuple[int, int]] = (), splits: Iterable[tuple[Sides, Iterable[tuple[int, int]]]] = ()
    ) -> None:
        self.pairs = sorted(pairs)
        self.splits = [(sides, list(spared)) for sides, spared in splits]
        self._partners: dict[int, set[int]] = {}
        self._sides: dict[int, list[tuple[int, int]]] = {}
        for one, other in self.pairs:
            self._partners.setdefault(one, set()).add(other)
            self._partners.setdefault(other, set()).add(one)
        for number, (sides, _) in enumerate(self.splits):
            for side, members in enumerate(sides):
                for member in members:
                    self._sides.setdefault(member, []).append((number, side))
        self._spared = [{frozenset(pair) for pair in spared} for _, spared in self.splits]

    @property
    def named(self) -> list[int]:
        """All that are kept apart from something, sorted."""
        return sorted({*self._partners, *self._sides})

    def renamed(self, name: Callable[[int], int]) -> Apart:
        """Return the same about things with other numbers."""
        return Apart(
            ((name(one), name(other)) for one, other in self.pairs),
            (
                ([[name(member) for member in side] for side in sides], [(name(a), name(b)) for a, b in spared])
                for sides, spared in self.splits
            ),
        )

    def labels(self) -> list[tuple[int, int]]:
        """Return pairs that are two things, as many as there are things: of a split each with one of another side."""
        told = list(self.pairs)
        for (sides, _), spared in zip(self.splits, self._spared, strict=True):
            first, second = sides[0], sides[1]
            some = [(first[0], other) for side in sides[1:] for other in side] + [(one, second[0]) for one in first[1:]]
            told += [pair for pair in some if frozenset(pair) not in spared]
        return told

    def between(self, ones: Sequence[int], others: Sequence[int]) -> bool:
        """Return whether any of `ones` is kept apart from any of `others`."""
        if not self._partners and not self._sides:
            return False
        if any(not self._partners[one].isdisjoint(others) for one in ones if one in self._partners):
            return True
        here, there = self._by_split(ones), self._by_split(others)
        for number in here.keys() & there.keys():
            mine, theirs = here[number], there[number]
            if len({side for _, side in mine} | {side for _, side in theirs}) < 2:
                continue
            spared = self._spared[number]
            if not spared or any(s != t and frozenset((x, y)) not in spared for x, s in mine for y, t in theirs):
                return True
        return False

    def _by_split(self, members: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        for member in members:
            for number, side in self._sides.get(member, ()):
                found.setdefault(number, []).append((member, side))
        return found
