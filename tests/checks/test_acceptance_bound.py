"""The bound is the exact one: closed forms, published values, and the binomial sum in whole numbers."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.checks.acceptance_bound import sample_for, upper_bound


def exact_at_most(errors: int, sample: int, rate: Fraction) -> Fraction:
    return sum((comb(sample, k) * rate**k * (1 - rate) ** (sample - k) for k in range(errors + 1)), Fraction(0))


@pytest.mark.parametrize(
    ("errors", "sample", "bound"),
    # one-sided 95 % limits, as tables of the binomial distribution give them
    [(0, 20, 0.1391), (0, 59, 0.0495), (1, 20, 0.2161), (0, 299, 0.00997), (2, 100, 0.0616), (20, 20, 1.0)],
)
def test_known_values(errors, sample, bound):
    assert upper_bound(errors, sample) == pytest.approx(bound, abs=5e-5)


@given(st.integers(1, 120), st.data())
def test_so_few_errors_would_be_met_once_in_twenty(sample, data):
    errors = data.draw(st.integers(0, sample - 1))
    bound = upper_bound(errors, sample)
    assert errors / sample < bound < 1
    assert float(exact_at_most(errors, sample, Fraction(bound))) == pytest.approx(0.05, abs=1e-9)


@given(st.integers(1, 400), st.data())
def test_more_errors_never_prove_more_and_more_rows_never_less(sample, data):
    errors = data.draw(st.integers(0, sample - 1))
    assert upper_bound(errors, sample) < upper_bound(errors + 1, sample)
    assert upper_bound(errors, sample + 1) < upper_bound(errors, sample)


@given(st.floats(0.002, 0.5), st.integers(0, 12))
def test_the_sample_needed_is_the_smallest(rate, errors):
    needed = sample_for(rate, errors)
    assert upper_bound(errors, needed) <= rate
    assert needed == errors + 1 or upper_bound(errors, needed - 1) > rate


def test_one_percent_needs_299_without_an_error():
    assert sample_for(0.01) == 299
    assert sample_for(0.01, 1) == 473


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="3 of 2"):
        upper_bound(3, 2)
    with pytest.raises(ValueError, match="0"):
        sample_for(0)
