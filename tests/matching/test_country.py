"""Countries compared."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.country import LEVELS, country_of, make


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("UK", "united kingdom", "same"), ("U.S.A.", "美国", "same"), ("Türkiye", "Turkey", "same"), ("中国", "PRC", "same"), ("DE", "Deutschland", "same"),
        ("Germany", "德國", "same"), ("Germany", "France", "different"), ("Atlantis", "Germany", ""), ("", "Germany", ""),
        ("中国", "香港", "different"), ("中国香港", "Hong Kong", "same"), ("中国台湾", "Taiwan", "same"),
        ("ESP", "Spain", "same"), ("UAE - Dubai", "阿联酋", "same"), ("SA (South Africa)", "南非", "same"), ("Taiwan, R.O.C.", "台湾", "same"), ("S'pore", "M'sia", "different"),
        ("Hong Kong, China", "香港", "same"), ("USA/Canada", "Canada/USA", ""),
    ],
)  # fmt: skip
def test_levels(one, other, wanted):
    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name if level >= 0 else "" for level in found] == [wanted] * 2


def test_a_sentence_names_no_country():
    assert country_of("China Town") == country_of("Bharat") == ""
