"""Codes compared: a slip in one of them is no other code, another number behind a name that was taken is."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.code import LEVELS, make


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("91330100MA27X1234K", "9133 0100 MA27X1234K", "same"),
        ("91330100MA27X1234K", "91330100MA27X1235K", "typo"),
        ("wxid_8h2k3l4m5n", "wxid_8h2k3l4m6n", "typo"),
        ("wangming93", "wangming96", "different"),
        ("wang_fang1", "wang_fang2", "different"),
        ("LI.NA.1990", "LI.NA.1991", "different"),
        ("li-na-mei-90", "li-na-mei-91", "different"),
        ("wangming93", "wangmimg93", "typo"),
        ("zh20231101", "zh20231102", "typo"),
        ("9.133E+17", "9.133E+17", ""),
    ],
)
def test_levels(one, other, wanted):
    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name if level >= 0 else "" for level in found] == [wanted] * 2
