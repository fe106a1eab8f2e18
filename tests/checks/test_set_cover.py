"""The cover has everything that can be had, holds nothing needless, and is close to the smallest there is."""

from __future__ import annotations

from itertools import combinations
from math import fsum

from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.checks.set_cover import cover

SETS = st.lists(st.frozensets(st.integers(0, 9), max_size=5), min_size=1, max_size=8)


def rows(sets):
    has = {("o", str(number)): found for number, found in enumerate(sets)}
    return {row: [row] for row in has}, has


@given(SETS)
def test_everything_that_can_be_had_is_had_and_nothing_is_needless(sets):
    bundles, has = rows(sets)
    wanted = frozenset(range(10))
    taken = cover(bundles, has, wanted)
    possible = frozenset().union(*sets)
    assert frozenset().union(*(has[row] for row in taken)) == possible
    for one in taken:
        assert frozenset().union(*(has[row] for row in taken if row != one)) != possible


@given(SETS)
def test_it_is_at_most_a_harmonic_number_times_the_smallest(sets):
    bundles, has = rows(sets)
    possible = frozenset().union(*sets)
    smallest = next(
        size
        for size in range(len(sets) + 1)
        if any(frozenset().union(*(has[row] for row in some)) == possible for some in combinations(has, size))
    )
    taken = cover(bundles, has, possible)
    assert len(taken) <= smallest * fsum(1 / n for n in range(1, max(map(len, sets), default=1) + 1) if n) + 1e-9


def test_rows_that_come_with_others_cost_nothing_the_second_time():
    has = {("a", "1"): frozenset(), ("c", "1"): frozenset({1}), ("c", "2"): frozenset({2}), ("c", "3"): frozenset({2})}
    bundles = {
        "one": [("c", "1"), ("a", "1")], "alone": [("c", "3"), ("a", "2"), ("a", "3")], "beside": [("c", "2"), ("a", "1")],
    }  # fmt: skip
    assert cover(bundles, has, {1, 2}) == ["one", "beside"]
