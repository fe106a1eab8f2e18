"""Thresholds picked for a precision keep what they promise, by the probabilities of the pairs."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.comparison import Scores
from crmmigrate.matching.thresholds import Counted, counted, expected, settle, spread
from crmmigrate.model.dedupe import ColumnRule, DedupeRules, Thresholds


def scores(seed: int, count: int = 4000) -> Scores:
    draw = np.random.default_rng(seed)
    bits = np.r_[draw.normal(8, 5, count), draw.normal(-8, 5, count)]
    size = len(bits)
    never = np.where(draw.random(size) < 0.1, 0, -1)
    return Scores(np.zeros((size, 0)), np.zeros((size, 0)), bits, never, draw.random(size) < 0.1)


def count(given: Scores) -> Counted:
    return counted(given.bits[given.never < 0], given.doubtful[given.never < 0])


def rules(precision: float | str) -> DedupeRules:
    return DedupeRules(1, "account", {"name": ColumnRule(("a",))}, thresholds=Thresholds(auto=precision))


@pytest.mark.parametrize("precision", [0.9, 0.97, 0.995, 0.9999])
@pytest.mark.parametrize("seed", range(3))
def test_the_pairs_above_a_picked_threshold_are_as_precise_as_asked(seed, precision):
    given = scores(seed)
    merge = settle(rules(precision), count(given)).thresholds.merge
    free = (given.never < 0) & ~given.doubtful
    above = free & (given.probability >= merge)
    chance = expected(given.bits)
    if not above.any():  # the surest pair is not sure enough
        assert chance[free].max() < precision
        return
    assert chance[above].mean() >= precision
    lower = np.sort(chance[free & ~above])[::-1][:1]
    assert lower[0] < 0.8 or np.r_[chance[above], lower].mean() < precision


def test_more_precision_takes_a_higher_threshold():
    merges = [settle(rules(precision), count(scores(5))).thresholds.merge for precision in (0.8, 0.95, 0.99, 0.999)]
    assert merges == sorted(merges)
    assert merges[-1] > merges[0]


def test_fixed_thresholds_stay():
    given = rules("")
    assert settle(given, count(scores(1))) is given


def test_without_a_pair_the_threshold_is_what_was_asked_for():
    empty = counted(np.zeros(0), np.zeros(0, dtype=bool))
    assert settle(rules(0.99), empty).thresholds.merge == 0.99
    assert (
        settle(rules("auto"), count(scores(5))).thresholds.merge
        == settle(rules(0.995), count(scores(5))).thresholds.merge
    )
    assert spread(empty).estimate(0.0) == (None, None)


def test_estimates_are_those_of_counting_pair_by_pair():
    given = scores(9)
    found = spread(count(given))
    allowed = given.never < 0
    assert found.free.sum() + found.held.sum() == allowed.sum()
    for bits in (-3.0, 0.0, 4.5):
        precision, recall = found.estimate(bits)
        above = allowed & ~given.doubtful & (given.bits >= bits)
        chance = expected(given.bits)
        assert precision == pytest.approx(chance[above].mean())
        assert recall == pytest.approx(chance[above].sum() / chance[allowed].sum())
