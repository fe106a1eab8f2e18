"""How the scores of the compared pairs are spread, what that says of precision and recall, and thresholds for a precision.

The estimates rest on the scores alone, without a label. They are about the pairs compared: what no blocking key brought
together is not among them. Adding up the weights of fields that depend on each other (a name tells of an address, a phone of
both) makes a model too sure of itself, on either side: `expected` takes half of each score.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crmmigrate.matching.weights import probability

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.model.dedupe import DedupeRules

LOWEST, HIGHEST, STEP = -20.0, 40.0, 0.25
"""The bits that a spread tells apart; what lies beyond is counted in the first and last step."""

TEMPER = 0.5
"""What is believed of a score: of generated accounts and contacts of known truth, pairs of 4 to 5 bits were one thing in 0.73 to
0.89 of the cases (the bare model says 0.96), pairs of 10 to 14 bits in 0.99 (0.9997); half the bits say 0.83 and 0.985."""

_AT_LEAST = 0.8
"""However sure the rest is: no pair that is expected to be one thing with less than this is merged by a threshold that was picked."""


def expected(bits: np.ndarray) -> np.ndarray:
    """Return the probability with which pairs of these scores are expected to be one thing."""
    return probability(bits * TEMPER)


@dataclass(frozen=True)
class Spread:
    """Pairs by score, in steps of `STEP` bits from `LOWEST` on.

    Args:
        free: pairs that may be merged.
        held: pairs about which a person is asked whatever their score.
        right: of the free pairs, how many are expected to be one thing.
        right_held: of the held ones.
    """

    free: np.ndarray
    held: np.ndarray
    right: np.ndarray
    right_held: np.ndarray

    def estimate(self, bits: float) -> tuple[float | None, float | None]:
        """Return expected precision and recall of merging the pairs from `bits` on, from the step in which it lies.

        None where there is nothing to tell.
        """
        at = int(min(max((bits - LOWEST + 1e-6) // STEP, 0), len(self.free) - 1))
        merged, right = float(self.free[at:].sum()), float(self.right[at:].sum())
        there = float(self.right.sum() + self.right_held.sum())
        return right / merged if merged else None, right / there if there else None


@dataclass(frozen=True)
class Counted:
    """How many pairs have which score, without those that a never rule keeps apart. What is reckoned from it depends on no order.

    Args:
        bits: scores, ascending; each once for free pairs, once for held ones.
        held: whether a person is asked about these pairs whatever their score.
        times: pairs.
    """

    bits: np.ndarray
    held: np.ndarray
    times: np.ndarray


def counted(bits: np.ndarray, held: np.ndarray, times: np.ndarray | None = None) -> Counted:
    """Count scores, each of which may stand here several times."""
    import numpy as np

    order = np.lexsort((held, bits))
    bits, held = bits[order], held[order]
    begins = np.flatnonzero(np.r_[True, (bits[1:] != bits[:-1]) | (held[1:] != held[:-1])]) if len(bits) else order
    each = np.ones(len(bits), dtype=np.int64) if times is None else times[order]
    return Counted(bits[begins], held[begins], np.add.reduceat(each, begins) if len(bits) else each)


def spread(scores: Counted) -> Spread:
    """Return the spread of all compared pairs."""
    import numpy as np

    edges = np.arange(LOWEST, HIGHEST + STEP, STEP)
    bits = np.clip(scores.bits, LOWEST, HIGHEST - STEP / 2)
    right = expected(scores.bits) * scores.times

    def count(chosen: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return np.histogram(bits[chosen], edges, weights=weights[chosen])[0]

    free, held = ~scores.held, scores.held
    return Spread(count(free, scores.times), count(held, scores.times), count(free, right), count(held, right))


def settle(rules: DedupeRules, scores: Counted) -> DedupeRules:
    """Return the rules with the threshold that reaches the precision they ask for; those with fixed ones as they are."""
    import numpy as np

    wanted = rules.thresholds.precision
    if wanted is None:
        return rules
    bits, times = scores.bits[~scores.held][::-1], scores.times[~scores.held][::-1]
    chance = expected(bits)
    precise = np.cumsum(chance * times) / np.cumsum(times) >= wanted
    good = np.flatnonzero(precise & (chance >= _AT_LEAST))
    surest = float(probability(bits[:1] + 1)[0]) if len(bits) else wanted  # nothing is sure enough
    merge = float(probability(bits[good[-1:]])[0]) if len(good) else surest
    return replace(rules, thresholds=replace(rules.thresholds, merge=merge, review=min(rules.thresholds.review, merge)))
