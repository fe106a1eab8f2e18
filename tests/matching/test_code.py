"""Codes compared: a slip in one of them is no other code, another number behind a name that was taken is."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.code import LEVELS, make, normal


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


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("650***********002X", ""),
        ("33878042-X", "33878042X"),
        ("33878042-1", "33878042-1"),
        ("440316951096045", "440316951096045"),
        ("371523346T53392", "91371523346T53392L"),
    ],
)
def test_codes_of_before_2015_are_what_they_are(raw, code):
    assert normal(raw) == code


def test_an_organisation_code_is_within_a_credit_code_and_a_registration_number_says_nothing_of_one():
    values = ["9144030333878042X6", "33878042X", "440316951096045", "440316951096046"]
    codes = make(values, np.ones(4, dtype=np.int64))
    left, right = np.array([0, 0, 2, 1]), np.array([1, 2, 3, 2])
    assert codes.compare(left, right).tolist() == [0, -1, 1, 2]
    assert [kind for kind, *_ in codes.candidate_keys()] == ["code", "organisation"]
