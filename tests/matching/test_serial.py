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


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("78701-1234", "78701", "same"),
        ("78701 - 1234", "78701", "different"),
        ("78701-1234", "78701-1299", "same"),
        ("02134", "2134", "slip"),
        ("ST1 8GN", "st18gn", "same"),
        ("78701", "90210", "different"),
    ],
)
def test_of_a_postcode_the_first_five_digits_count(one, other, wanted):
    (found,) = make([one, other], np.ones(2, dtype=np.int64), postcodes=True).compare(np.array([0]), np.array([1]))
    assert LEVELS[found].name == wanted
