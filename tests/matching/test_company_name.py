"""What is left out of the comparison of company names because their characters tell that they differ."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.matching.company_name import LEVELS, make

DIFFERENT = next(number for number, level in enumerate(LEVELS) if level.name == "different")
NAMES = st.lists(
    st.one_of(st.text("启明华机械科技电子商", min_size=2, max_size=9), st.text("启明abcd ", min_size=2, max_size=50)),
    min_size=2,
    max_size=12,
    unique=True,
)


@given(NAMES)
@settings(max_examples=300)
def test_no_pair_is_left_out_that_comparing_would_find_alike(names):
    companies = make(names, np.ones(len(names), dtype=np.int64))
    one, other = np.triu_indices(len(companies.length), 1)
    near = np.zeros(len(one), dtype=bool)
    left_out = ~companies._maybe_alike(one, other)
    assert (companies._fuzzy(one, other, near)[left_out] == DIFFERENT).all()


def test_names_without_common_characters_are_left_out():
    companies = make(["启明机械", "华电子商贸", "启明机戒"], np.ones(3, dtype=np.int64))
    assert companies._maybe_alike(np.array([0, 0]), np.array([1, 2])).tolist() == [False, True]
