"""How the scores of the compared pairs are spread, what that says of precision and recall, and thresholds for a precision.

The estimates take each pair's probability at its word: of a hundred pairs at 0.9, ninety are expected to be one thing. They
are about the pairs compared: what no blocking key brought together is not among them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crmmigrate.matching.weights import probability

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Scores
    from crmmigrate.model.dedupe import DedupeRules

LOWEST, HIGHEST, STEP = -20.0, 40.0, 0.25
"""The bits that a spread tells apart; what lies beyond is counted in the first and last step."""

_AT_LEAST = 0.8
"""However sure the rest is: below this no pair is merged by a threshold that was picked."""


@dataclass(frozen=True)
class Spread:
    """Pairs by score, in steps of `STEP` bits from `LOWEST` on.

    Args:
        free: pairs that may be merged.
        held: pairs about which a person is asked whatever their score.
        expected: of the free pairs, how many are expected to be one thing.
        expected_held: of the held ones.
    """

    free: np.ndarray
    held: np.ndarray
    expected: np.ndarray
    expected_held: np.ndarray

    def estimate(self, bits: float) -> tuple[float | None, float | None]:
        """Return expected precision and recall of merging the pairs from `bits` on, to the nearest step.

        None where there is nothing to tell.
        """
        at = int(min(max(round((bits - LOWEST) / STEP), 0), len(self.free) - 1))
        merged, right = float(self.free[at:].sum()), float(self.expected[at:].sum())
        there = float(self.expected.sum() + self.expected_held.sum())
        return right / merged if merged else None, right / there if there else None


def spread(scores: Scores) -> Spread:
    """Return the spread of all compared pairs; those that a never rule keeps apart are left out."""
    import numpy as np

    edges = np.arange(LOWEST, HIGHEST + STEP, STEP)
    bits = np.clip(scores.bits, LOWEST, HIGHEST - STEP / 2)
    chance = scores.probability
    free = (scores.never < 0) & ~scores.doubtful
    held = (scores.never < 0) & scores.doubtful

    def count(chosen: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.histogram(bits[chosen], edges, weights=None if weights is None else weights[chosen])[0]

    return Spread(count(free), count(held), count(free, chance), count(held, chance))


def settle(rules: DedupeRules, scores: Scores) -> DedupeRules:
    """Return the rules with the threshold that reaches the precision they ask for; those with fixed ones as they are."""
    import numpy as np

    wanted = rules.thresholds.precision
    if wanted is None:
        return rules
    bits = np.sort(scores.bits[(scores.never < 0) & ~scores.doubtful])[::-1]
    chance = probability(bits)
    precise = np.cumsum(chance) / np.arange(1, len(bits) + 1) >= wanted
    good = np.flatnonzero(precise & (chance >= _AT_LEAST))
    merge = float(chance[good[-1]]) if len(good) else max(wanted, _AT_LEAST)
    return replace(rules, thresholds=replace(rules.thresholds, merge=merge, review=min(rules.thresholds.review, merge)))
