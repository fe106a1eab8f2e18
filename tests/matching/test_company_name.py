"""What is left out of the comparison of company names because their characters tell that they differ."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.parts import take_apart
from crmmigrate.matching.company_name import make

DIFFERENT = next(number for number, level in enumerate(LEVELS) if level.name == "different")
SIGNS = st.sampled_from("启明华机械科技电子商贸云海天星abcdefghkm")


@st.composite
def writings(draw):
    """Draw a name and others that are some slips away from it."""
    name = draw(st.lists(SIGNS, min_size=2, max_size=24)) * draw(st.sampled_from([1, 1, 1, 2]))
    names = {"".join(name)}
    for _ in range(draw(st.integers(1, 6))):
        other = list(name)
        for at in draw(st.lists(st.integers(0, 60), min_size=1, max_size=6)):
            other[at % (len(other) + 1) : at % (len(other) + 1) + draw(st.integers(0, 1))] = draw(
                st.lists(SIGNS, max_size=1)
            )
        names.add("".join(other))
    return sorted(filter(None, names))


@given(writings())
def test_no_pair_is_left_out_that_comparing_would_find_alike(names):
    companies = make(names, np.ones(len(names), dtype=np.int64))
    one, other = np.triu_indices(len(companies.length), 1)
    near = np.zeros(len(one), dtype=bool)
    left_out = ~companies._maybe_alike(one, other)
    assert (companies._fuzzy(one, other, near)[left_out] == DIFFERENT).all()


def test_names_without_common_characters_are_left_out():
    companies = make(["启明机械", "华电子商贸", "启明机戒"], np.ones(3, dtype=np.int64))
    assert companies._maybe_alike(np.array([0, 0]), np.array([1, 2])).tolist() == [False, True]


def test_a_cell_full_of_words_for_names_is_taken_apart_in_bounded_depth():
    for word in ("formerly ", "dba ", "(原名:启明公司)", "acme/启明公司 "):
        assert take_apart("启明机械 " + word * 1500)
