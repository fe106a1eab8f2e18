"""What two companies share because one person is behind both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.comparison import Comparison
from crmmigrate.matching.put_right.course import sorted_out
from crmmigrate.matching.put_right.messengers import AS_ACCOUNT, with_mobiles
from crmmigrate.matching.roles import shipped

COLUMNS = ["_record", "客户名称", "手机", "微信", "QQ", "联系人"]


def seen(kind: str, *rows: list[str | None]) -> dict[str, str]:
    """Return by role at which level the first two records agree."""
    frame = pd.DataFrame([[f"s/{at}", *row] for at, row in enumerate(rows)], columns=COLUMNS, dtype="str")
    rules = shipped(kind, frame.columns)
    assert rules is not None
    comparison = Comparison(*sorted_out(frame, rules))
    levels = comparison.levels(np.array([0]), np.array([1]))[0][0]
    named = zip(comparison.names, comparison.model.fields, levels.tolist(), strict=True)
    return {name: field.levels[level].name for name, field, level in named if level >= 0}


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (["13800138001", "abcd_88", "55512348"], ["13800138001", "abcd_88", "55512348"], {"phone": "same"}),
        ([None, "abcd_88", "55512348"], [None, "abcd_88", "55512348"], {"wechat": "same"}),
        (["13800138001", "abcd_88", None], [None, "13800138001", None], {"phone": "same"}),
        (["13800138001", "abcd_88", None], ["13900139001", "abcd_88", None], {"wechat": "same"}),
        (["13800138001", "abcd_88", "55512348"], ["13900139001", "wxyz_77", "66612349"], {"phone": "different"}),
    ],
)  # fmt: skip
def test_one_of_mobile_wechat_and_qq_speaks(one, other, found):
    name = ["义乌大科饰品有限公司"]
    assert seen("account", name + one + [None], name + other + [None]) == {"name": "registered", **found}


@pytest.mark.parametrize(
    ("other", "told"), [("义乌市凯洋电子有限公司", False), ("义乌大科电子有限公司", True), ("凯洋电子", True)]
)
def test_the_name_of_who_has_two_companies_says_nothing_more(other, told):
    rest = ["13800138001", None, None, "陈大明"]
    assert ("contact" in seen("account", ["义乌大科饰品有限公司", *rest], [other, *rest])) is told


@pytest.mark.parametrize(
    ("cell", "mobile"),
    [("13800138001", "13800138001"), ("+86 138 0013 8001", "138 0013 8001"), ("13800138001（微信同号）", "13800138001"),
     ("a13800138001", None), ("wx13800138001", None), ("138001380011", None), ("abcd_88", None)],
)  # fmt: skip
def test_a_mobile_is_one_where_it_stands_alone(cell, mobile):
    frame = pd.DataFrame([["s/1", "甲", None, cell, None, None]], columns=COLUMNS, dtype="str")
    rules = shipped("account", frame.columns)
    assert rules is not None
    found, told = with_mobiles(frame, rules)
    assert (AS_ACCOUNT in told.columns["phone"].columns) is (mobile is not None)
    assert mobile is None or found[AS_ACCOUNT].tolist() == [mobile]
