"""Identity numbers of residents: with 15 digits, masked, and beside numbers of other documents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching import code
from crmmigrate.matching.engine import match
from crmmigrate.matching.identity_number import LEVELS, make, number
from crmmigrate.matching.roles import shipped

ONE, SAME_BIRTHDAY, OTHER = "330102197001011239", "330102197001014325", "440306198512123456"


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("610113540308545", "610113195403085453"),
        ("610113195403085453", "610113195403085453"),
        ("610113541308545", "610113541308545"),
        ("110101190001011234", ""),
        ("3301**********1239", "3301*1239"),
        ("330102 ******** 123x", "330102*123X"),
        ("******", ""),
        ("E12345678", "E12345678"),
    ],
)
def test_the_old_number_of_a_resident_is_the_new_one(raw: str, wanted: str) -> None:
    assert number(raw.lower()) == wanted
    held = make([raw.lower()], np.ones(1, dtype=np.int64))
    assert held.texts(np.arange(len(held.items))) == ([wanted] if wanted else [])
    assert code.normal("610113540308545") == "610113540308545"


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (ONE, ONE, "same"),
        (ONE, "3301**********1239", "masked"),
        ("3301**********1239", "3301**********1239", "masked"),
        ("330102********1239", "3301**********1239", "masked"),
        (ONE, "330102********4325", "different"),
        ("330102********1239", "330102********4325", "different"),
        (ONE, "3****************9", ""),
        (ONE, "4****************9", "different"),
        (ONE, "33010219700101****", "masked"),
        (SAME_BIRTHDAY, OTHER, "different"),
        ("370211199110176635", "370211919110176635", "typo"),  # the second would pass for a credit code
        (ONE, "E12345678", ""),
        (ONE, "H1234567890", ""),
        ("3301**********1239", "E12345678", ""),
        ("E12345678", "E87654321", "different"),
        (ONE, "******", ""),
    ],
)
def test_what_two_numbers_say(one: str, other: str, wanted: str) -> None:
    numbers = make([one, other], np.ones(2, dtype=np.int64))
    for a, b in ((0, 1), (1, 0)):
        level = numbers.compare(np.array([a]), np.array([b]))[0]
        assert (LEVELS[level].name if level >= 0 else "") == wanted


def test_a_passport_and_a_masked_number_keep_nobody_apart_and_another_number_does() -> None:
    rows = [
        ("王建国", "13812345678", ONE),
        ("王建国", "13812345678", "E12345678"),
        ("王建国", "13812345678", "3301**********1239"),
        ("王伟", "13912345678", "330102********1239"),
        ("王伟", "13912345678", OTHER),
        *((f"李{sign}", f"1371234{at:04}", "") for at, sign in enumerate("春夏秋冬东南西北")),
    ]
    frame = pd.DataFrame(rows, columns=["姓名", "手机", "身份证号"]).replace("", None).astype("str")
    frame.insert(0, "_record", [f"t/t/{at:02}" for at in range(len(frame))])
    rules = shipped("contact", frame.columns)
    assert rules is not None
    cluster = match(frame, rules).cluster
    assert cluster[0] == cluster[1] == cluster[2]
    assert cluster[3] != cluster[4]
