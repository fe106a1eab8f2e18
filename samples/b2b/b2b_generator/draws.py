"""Chance without memory: every draw follows from the seed and the name of what is drawn, so that nothing need be kept."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """Reproducible chance by name.

    Args:
        seed: two generators of one seed draw the same.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def whole(self, *name: object) -> int:
        """Draw a number of 64 bits that depends on nothing but the seed and the name."""
        text = f"{self.seed}/{'/'.join(map(str, name))}"
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")

    def unit(self, *name: object) -> float:
        """Draw from [0, 1)."""
        return self.whole(*name) / 2**64

    def chance(self, share: float, *name: object) -> bool:
        """Say yes in `share` of the cases."""
        return self.unit(*name) < share

    def pick(self, options: Sequence[T], *name: object) -> T:
        """Choose one of `options`, all alike."""
        return options[self.whole(*name) % len(options)]

    def stream(self, *name: object) -> random.Random:
        """Give a generator of its own for many draws about one thing."""
        return random.Random(self.whole(*name))


def weighted(rng: random.Random, weights: Mapping[str, float]) -> str:
    """Choose a key of `weights` in proportion to its weight."""
    at = rng.random() * sum(weights.values())
    for name, weight in weights.items():
        at -= weight
        if at < 0:
            return name
    return name


class Shuffle:
    """A permutation of 0 … size-1 that is computed, not stored.

    Args:
        size: how many numbers.
        name: what it is for; other names give other orders.
    """

    def __init__(self, draws: Draws, size: int, *name: object) -> None:
        self.size = max(size, 1)
        factor = draws.whole("factor", *name) % self.size or 1
        # A factor near size·0.618 spreads neighbours well; any factor without a common divisor is a permutation.
        factor = (factor // 8 + int(self.size * 0.618)) % self.size or 1
        while math.gcd(factor, self.size) != 1:
            factor += 1
        self.factor = factor
        self.shift = draws.whole("shift", *name) % self.size
        self.inverse = pow(factor, -1, self.size) if self.size > 1 else 0

    def __getitem__(self, index: int) -> int:
        """Give the number at `index`."""
        return (index * self.factor + self.shift) % self.size

    def where(self, number: int) -> int:
        """Give the index at which `number` stands."""
        return ((number - self.shift) * self.inverse) % self.size


class Spread:
    """Children dealt to parents in uneven handfuls: exactly `children` in all, each child's parent and place computable.

    Args:
        pattern: how unevenly, repeated along the parents, e.g. `(1, 3, 0, 2)`.
    """

    def __init__(self, parents: int, children: int, pattern: Sequence[int]) -> None:
        self.parents = parents
        self.children = children
        self.sums = [0]
        for weight in pattern:
            self.sums.append(self.sums[-1] + weight)
        self.total = self._weight(parents)

    def _weight(self, parent: int) -> int:
        blocks, rest = divmod(parent, len(self.sums) - 1)
        return blocks * self.sums[-1] + self.sums[rest]

    def start(self, parent: int) -> int:
        """Give the number of the parent's first child."""
        return self.children * self._weight(parent) // self.total if self.total else 0

    def of(self, parent: int) -> range:
        """Give the numbers of the parent's children."""
        return range(self.start(parent), self.start(parent + 1))

    def each(self) -> Iterator[tuple[int, range]]:
        """Go through all parents with their children's numbers."""
        start = 0
        for parent in range(self.parents):
            end = self.start(parent + 1)
            yield parent, range(start, end)
            start = end
