"""Codes compared: a slip in one of them is no other code, another number behind a name that was taken is."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.code import LEVELS, make, normal, valid_credit_code
from crmmigrate.model.check_digits import CREDIT_SIGNS


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
        ("91447618796514997J", "9l44761B796514997J", "same"),
        ("91447618796514997J", "9144761879651A997J", "typo"),
        ("91330106MA27XGB41D", "91330106MA27X6841D", "typo"),
        ("91447618796514997J", "91447618796515007J", "different"),
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
        ("350102600468387", "350102600468387"),
        ("440300192262282", "440300192262282"),
        ("9I46O034TDWMKA6K5M", "91460034TDWMKA6K5M"),
        ("9l44761B796514997J", "91447618796514997J"),
        ("9l44761B796514997K", "9L44761B796514997K"),
    ],
)
def test_codes_of_before_2015_are_what_they_are(raw, code):
    assert normal(raw) == code


def test_an_organisation_code_is_within_a_credit_code_and_a_registration_number_says_nothing_of_one():
    values = ["9144030333878042X6", "33878042X", "440316951096045", "440316951096046"]
    codes = make(values, np.ones(4, dtype=np.int64))
    left, right = np.array([0, 0, 2, 1]), np.array([1, 2, 3, 2])
    assert codes.compare(left, right).tolist() == [0, -1, 1, -1]
    assert [kind for kind, *_ in codes.candidate_keys()] == ["code", "organisation"]


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("350102600468387", "92350183416856101R", ""),
        ("3501022003468", "92350183416856101R", ""),
        ("350102600468387", "33878042X", ""),
        ("350102600468387", "92350102600468387K", "same"),
        ("440300192262282", "91440300192262282L", "same"),
        ("350102600468387", "350102600468395", "different"),
        ("350102600468387", "600468387", "same"),
        ("33878042X", "92350183416856101R", "different"),
        ("33878042X", "600468387", "different"),
        ("91440300192262282L", "92350183416856101R", "different"),
        ("350102600468387|91447618796514997J", "92350183416856101R", "different"),
        ("350102600468387|91447618796514997J", "91447618796514997J", "same"),
        ("DE123456789", "350102600468387", "different"),
    ],
)
def test_only_codes_of_one_kind_contradict_each_other(one, other, wanted):
    values = [SEPARATOR.join(value.split("|")) for value in (one, other)]
    found = make(values, np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name if level >= 0 else "" for level in found] == [wanted] * 2


def test_two_right_codes_that_look_alike_are_two():
    right = [code for last in CREDIT_SIGNS for code in (f"91330106MA27X{last}841",) if last in "6G"]
    whole = [f"{code}{sign}" for code in right for sign in CREDIT_SIGNS if valid_credit_code(code + sign)]
    assert len(whole) == 2
    found = make(whole, np.ones(2)).compare(np.array([0]), np.array([1]))
    assert LEVELS[found[0]].name == "different"
