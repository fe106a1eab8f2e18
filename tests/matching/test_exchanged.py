"""Cells of people that have changed places."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.put_right.exchanged import put_back
from crmmigrate.matching.roles import shipped

COLUMNS = ("姓名", "手机", "其他电话", "证件号码")


def row(*cells):
    return pd.DataFrame([["c/1", *cells]], columns=["_record", *COLUMNS], dtype="str")


def put(*cells):
    [made] = put_back(row(*cells), shipped("contact", COLUMNS)).fillna("")[[*COLUMNS]].to_numpy().tolist()
    return tuple(made)


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (("13800138000", "王芳", None, None), ("王芳", "13800138000", "", "")),
        (("138 0013 8000", None, "王女士", None), ("王女士", "", "138 0013 8000", "")),
        (("13800138000", "Mary Smith", None, None), ("Mary Smith", "13800138000", "", "")),
        (("王芳", "110101199003072316", None, "13800138000"), ("王芳", "13800138000", "", "110101199003072316")),
        (("王芳", "E12345678", None, "+8613800138000"), ("王芳", "+8613800138000", "", "E12345678")),
    ],
)
def test_mobiles_go_where_they_belong(cells, wanted):
    assert put(*cells) == wanted


@pytest.mark.parametrize(
    "cells",
    [
        ("王芳", "13800138000", None, "110101199003072316"),
        ("13800138000", "同微信", None, None),
        ("13800138000", "no phone", None, None),
        ("13800138000", "See Notes", None, None),
        ("13800138000", "wrong number", None, None),
        ("13800138000", "微信 同号", None, None),
        ("13800138000", "暂 无", None, None),
        ("13800138000", None, None, None),
        ("13800138000", "13900139000", None, None),
        ("王芳 13800138000", "李强", None, None),
        ("王芳", "110101199003072316", None, "110101199003072316"),
        ("王芳", None, None, "13800138000"),
        ("王芳", "01012345678", None, "13800138000"),
    ],
)
def test_others_stay_where_they_are(cells):
    assert put(*cells) == tuple(cell or "" for cell in cells)


def test_companies_stay_as_they_are():
    columns = ("客户名称", "电话")
    frame = pd.DataFrame([["c/1", "13800138000", "王芳"]], columns=["_record", *columns], dtype="str")
    assert put_back(frame, shipped("account", columns)) is frame


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (("13800138000", "王芳"), ("王芳", "13800138000"), "merge"),
        (("13800138000", "王芳"), ("李强", "13800138000"), "alone"),
    ],
)
def test_what_was_put_back_is_compared(one, other, wanted):
    columns = ("姓名", "手机")
    assert decide("contact", columns, *(dict(zip(columns, side, strict=True)) for side in (one, other))) == wanted


def test_what_stands_beside_several_mobiles_is_no_name():
    rows = [["c/1", "13800138000", "Nicht bekannt", None, None], ["c/2", "13900139000", "Nicht bekannt", None, None]]
    frame = pd.DataFrame(rows, columns=["_record", *COLUMNS], dtype="str")
    assert put_back(frame, shipped("contact", COLUMNS)).equals(frame)


@pytest.mark.parametrize("said", ["no phone", "微信 同号", "暂 无", "Nicht bekannt"])
def test_colleagues_without_a_name_stay_two(said):
    columns = ("姓名", "手机", "公司")
    one, other = (
        dict(zip(columns, (mobile, said, "启明机械有限公司"), strict=True)) for mobile in ("13811112222", "13911112223")
    )
    assert decide("contact", columns, one, other) != "merge"


MAILED = ("姓名", "手机", "邮箱")


@pytest.mark.parametrize(
    ("phone", "mail", "wanted"),
    [
        ("taosy@163.com", "138 0013 8000", ("138 0013 8000", "taosy@163.com")),
        ("taosy@163.com", "+86-13800138000", ("+86-13800138000", "taosy@163.com")),
        ("taosy@163.com", None, ("", "taosy@163.com")),
        (None, "13800138000", ("13800138000", "")),
        ("taosy@163.com", "taosy@yuantai.cn", ("taosy@163.com", "taosy@yuantai.cn")),
        ("13900139002", "13800138000", ("13900139002", "13800138000")),
        ("13900139002 taosy@163.com", "13800138000", ("13900139002 taosy@163.com", "13800138000")),
        ("13800138000", "taosy@163.com", ("13800138000", "taosy@163.com")),
    ],
)
def test_mailboxes_and_telephones_go_where_they_belong(phone, mail, wanted):
    frame = pd.DataFrame([["c/1", "陶思远", phone, mail]], columns=["_record", *MAILED], dtype="str")
    [made] = put_back(frame, shipped("contact", MAILED)).fillna("")[["手机", "邮箱"]].to_numpy().tolist()
    assert tuple(made) == wanted
