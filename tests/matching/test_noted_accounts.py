"""WeChat accounts that remarks on people tell."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.put_right.noted_accounts import NOTED, with_noted_accounts
from crmmigrate.matching.roles import shipped

COLUMNS = ("姓名", "公司", "手机", "微信号", "备注")


def noted(*remarks):
    rows = [(f"c/{n}", "王芳", "启明机械", None, None, remark) for n, remark in enumerate(remarks)]
    frame, _ = with_noted_accounts(
        pd.DataFrame(rows, columns=["_record", *COLUMNS], dtype="str"), shipped("contact", COLUMNS)
    )
    return frame[NOTED].dropna().tolist() if NOTED in frame else []


@pytest.mark.parametrize(
    ("remark", "told"),
    [
        ("微信wang_fang77", ["wang_fang77"]),
        ("群里加的 微信号：wxid_4f5tsux370vu33", ["wxid_4f5tsux370vu33"]),
        ("周一不接电话，vx: fangfang_88", ["fangfang_88"]),
        ("微信13800138011", ["13800138011"]),
        ("微信同号", []),
        ("助理微信wang_fang77", []),
        ("公司的微信wang_fang77", []),
        ("微信ok", []),
        ("官网wang_fang77", []),
        ("加微信wang_fang77", ["wang_fang77"]),
        ("已加他的微信：wang_fang77", ["wang_fang77"]),
        ("备用微信wang_fang77", ["wang_fang77"]),
        ("推荐人微信qiming_li", []),
        ("推荐人李琦，微信qiming_li", []),
        ("推荐人 微信qiming_li", []),
        ("客户经理微信qiming_li", []),
        ("对方推荐人微信qiming_li", []),
        ("通过公众号微信qiming_kefu添加", []),
        ("加我司微信kefu_888", []),
        ("推荐人微信13755556666", []),
        ("上级微信13755556667", []),
    ],
)
def test_what_is_told(remark, told):
    assert noted(remark) == told


def test_what_several_remarks_tell_is_nobody_s_own():
    assert noted("微信kefu_2020", "微信wang_fang77") == ["kefu_2020", "wang_fang77"]
    assert noted("微信kefu_2020", "微信kefu_2020") == []


def test_such_people():
    one = dict(zip(COLUMNS, ("王经理", "启明机械", "13800138001", None, "微信wang_fang77"), strict=True))
    other = dict(zip(COLUMNS, ("王芳", "启明机械", None, "wang_fang77", None), strict=True))
    assert decide("contact", COLUMNS, one, other) == "merge"
    assert decide("contact", COLUMNS, {**one, "备注": "助理微信wang_fang77"}, other) != "merge"


@pytest.mark.parametrize(
    "remark", ["推荐人微信qiming_li", "通过公众号微信qiming_kefu添加", "加我司微信kefu_888", "推荐人微信13755556666"]
)
def test_another_s_account_joins_nobody(remark):
    one = dict(zip(COLUMNS, ("王芳", "启明机械", "13800138001", None, remark), strict=True))
    other = dict(zip(COLUMNS, ("李强", "恒远贸易", "13900139002", None, remark), strict=True))
    assert decide("contact", COLUMNS, one, other) == "alone"
