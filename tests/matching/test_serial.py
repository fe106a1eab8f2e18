"""Numbers compared."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.serial import LEVELS, make


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [("2113", "2113", "same"), ("2113", "2131", "slip"), ("2113", "211", "slip"), ("2113", "4870", "different"), ("tq13 8df", "TQ13-8DF", "same"), ("", "1", "")],
)  # fmt: skip
def test_levels(one, other, wanted):
    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name if level >= 0 else "" for level in found] == [wanted] * 2


def test_how_many_others_have_it():
    comparer = make(["2113", "2113 ", "4870"], np.array([3, 2, 1]))
    assert comparer.others(np.array([0, 0]), np.array([1, 2])).tolist() == [3, 0]
