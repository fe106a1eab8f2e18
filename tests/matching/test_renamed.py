"""People of whom a remark tells another name."""

from __future__ import annotations

from itertools import permutations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide, rules_of

from crmmigrate.matching.engine import match

COLUMNS = ("姓名", "手机", "公司", "备注")
FIRM = "启明机械有限公司"
ONE, OTHER, THIRD = "13800138001", "13900139002", "13700137003"


def person(name, mobile=None, remark=None):
    return dict(zip(COLUMNS, (name, mobile, FIRM, remark), strict=True))


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (person("王芳", ONE, "原名李娜"), person("李娜", OTHER), "review"),
        (person("王芳", ONE, "原名李娜"), person("李娜"), "review"),
        (person("王芳", ONE, "原名李娜"), person("李娜", ONE), "merge"),
        (person("王芳", ONE, "原名李娜"), person("王芳", OTHER), "merge"),
        (person("王芳", ONE, "原名张丽（前任联系人）"), person("张丽", OTHER), "alone"),
        (person("王芳", ONE, "原名张丽，接任联系人"), person("张丽", OTHER), "alone"),
    ],
)
def test_a_name_that_only_a_remark_tells(one, other, decided):
    for sides in ((one, other), (other, one)):
        assert decide("contact", COLUMNS, *sides) == decided


@pytest.mark.parametrize(
    "name", ["王芳(原名李娜)", "王芳（曾用名：李娜）", "王芳 原名李娜", "王芳（已改名，原名李娜）"]
)
def test_a_name_that_stands_behind_another(name):
    assert decide("contact", COLUMNS, person(name, ONE), person("李娜", ONE)) == "merge"
    assert decide("contact", COLUMNS, person(name, ONE), person("王芳", ONE)) == "merge"
    assert decide("contact", COLUMNS, person(name, ONE), person("李娜", OTHER)) == "review"
    assert decide("contact", COLUMNS, person(name, ONE), person("李丽", OTHER)) == "alone"


def test_the_order_of_rows_does_not_matter():
    rows = [person("王芳", ONE, "原名李娜"), person("王芳", OTHER), person("李娜", THIRD)]
    for order in permutations(rows):
        records = [{"_record": f"c/{number}", **row} for number, row in enumerate(order)]
        frame = pd.DataFrame(records, columns=["_record", *COLUMNS], dtype="str")
        clusters = match(frame, rules_of("contact", COLUMNS)).cluster
        of = {row["手机"]: cluster for row, cluster in zip(order, clusters, strict=True)}
        assert of[ONE] == of[OTHER] != of[THIRD]
