"""Names in letters of which one stands in the other word by word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.name_columns import coded
from crmmigrate.matching.companies.terms import Terms
from crmmigrate.matching.company_name import make

WORDS = st.sampled_from(
    [
        "acme",
        "apex",
        "dodge",
        "mary",
        "erie",
        "ymca",
        "trading",
        "services",
        "center",
        "of",
        "the",
        "s",
        "hotel",
        "lakes",
    ]
)


def level(one: str, other: str) -> str:
    names = make([one, other], np.ones(2, dtype=np.int64))
    return LEVELS[names.compare(np.array([0]), np.array([1]))[0]].name


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Dodge", "Springfield Public Schools Dodge Renaissance Academy, Mary Mapes", "inside"),
        ("YMCA North Lawndale", "YMCA of Springfield - North Lawndale YMCA", "inside"),
        ("Hughes, L.", "Springfield Schools Hughes, Langston", "inside"),
        ("Tiny Tot Villa", "Lakeside - Tiny Tots Villa", "inside"),
        ("Bosch", "Bosch Rexroth", "inside"),
        ("Hartfield Trading", "Hartfield Logistics", "different"),
        ("Family Center", "Springfield Family Center for Children", "different"),
        ("Kestrel Bakery Ltd", "Hartfield Kestrel Bakery Ltd", "longer"),
        ("School 12 Kestrel", "Springfield Kestrel School 14", "different"),
        ("Kestrel", "启明机械有限公司", "other_script"),
    ],
)
def test_one_name_stands_in_the_other(one, other, wanted):
    assert level(one, other) == wanted
    assert level(other, one) == wanted


@given(st.lists(st.lists(WORDS, max_size=6).map(" ".join), min_size=1, max_size=12))
def test_words_are_looked_for_as_sets(names):
    """As a search through the words of each two names finds."""
    terms = Terms(coded(names))
    one, other = (side.ravel() for side in np.indices((len(names), len(names))))
    found, others = terms.inside(one, other), terms.others(one, other)
    general = {"trading", "hotel", "lake"}
    filling = {"services", "center", "of", "the", "s"}
    words = [{word.removesuffix("s") if len(word) > 3 else word for word in name.split() if word not in filling} for name in names]  # fmt: skip
    distinct = dict(zip(names, words, strict=True))
    for a, b, inside, further in zip(one, other, found, others, strict=True):
        small, large = sorted((words[a], words[b]), key=len)
        assert inside == (small <= large and bool(small - general) and bool(large - general))
        times = [sum(word in own for own in distinct.values()) for word in small & large]
        assert further == max(min(times, default=2) - 2, 0)
