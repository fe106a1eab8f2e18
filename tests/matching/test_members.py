"""Pairs made by hand of members and buyers of a shop, and what they tell in other places than those for it."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.put_right.members import MAILED, as_members
from crmmigrate.matching.roles import shipped

MEMBERS = ("昵称", "收货人", "手机", "收货地址", "邮箱", "生日")
HOME, OTHER_HOME = "南京市鼓楼区柳荫路18号柏翠苑6幢2单元1103室", "合肥市蜀山区梅影路77号听涛苑3幢1单元502室"

PAIRS = [
    ("merge", "a name as nickname", "苏曼青|我|13811110001||||", "橘子汽水|苏曼青|13811110001||||"),
    ("merge", "a name as nickname and no other", "苏曼青||13811110001||||", "橘子汽水|苏曼青|13811110001||||"),
    ("left", "a word as nickname", "安静||13811110001||||", "橘子汽水|苏曼青|13811110001||||"),
    ("left", "a nickname beside a name", "苏曼青|罗毅|13811110001||||", "橘子汽水|苏曼青|13811110001||||"),
    ("merge", "one nickname, a number for one parcel", f"橘子汽水88|苏曼青|17012345678-4021|{HOME}|||", f"橘子汽水88|苏曼青|13811110001|{HOME}|||"),
    ("left", "one nickname and no more", f"橘子汽水88|苏曼青||{HOME}|||", f"橘子汽水88|罗毅||{OTHER_HOME}|||"),
    ("left", "an account of a couple", f"橘子汽水88|苏曼青|13811110001|{HOME}|||", f"橘子汽水88|罗毅|13811110001|{HOME}|||"),
    ("left", "hidden nicknames", f"橘**8|苏曼青||{HOME}|||", f"橘**8|苏曼青||{OTHER_HOME}|||"),
    ("merge", "a mobile as mailbox", f"|苏曼青|13922220002|{HOME}|13811110001@163.com||", "|苏曼青|13811110001||||"),
    ("left", "a hidden name and a hidden mobile", "|苏**|138****0001|南京市鼓楼区柳荫路****|||", f"|苏曼青|13811110001|{HOME}|||"),
    ("merge", "a hidden name and a hidden mobile at one address", f"|苏**|138****0001|{HOME}|||", f"|苏曼青|13811110001|{HOME}|||"),
    ("merge", "a hidden name and a mobile", "|苏**|13811110001||||", f"|苏曼青|13811110001|{HOME}|||"),
    ("left", "another's mobile as mailbox", "|苏曼青|13922220002||13811110001@163.com||", "|罗毅|13811110001||||"),
]  # fmt: skip


def member(text):
    return {column: cell or None for column, cell in zip(MEMBERS, text.split("|"), strict=False)}


@pytest.mark.parametrize(("wanted", "why", "one", "other"), PAIRS)
def test_pairs_of_members(wanted, why, one, other):
    for sides in ((one, other), (other, one)):
        found = decide("contact", MEMBERS, *map(member, sides))
        assert found == wanted or (wanted == "left" and found != "merge"), (why, found)


def made(*rows):
    frame = pd.DataFrame([[f"c/{at}", *row] for at, row in enumerate(rows)], columns=["_record", *MEMBERS], dtype="str")
    return as_members(frame, shipped("contact", MEMBERS))


@pytest.mark.parametrize(
    ("nickname", "name", "wanted"),
    [
        ("苏曼青", "我", "苏曼青"),
        ("苏青", "本人", "苏青"),
        ("苏曼青", None, "苏曼青"),
        ("高兴", None, ""),
        ("橘子汽水", "我", "我"),
        ("苏曼青", "苏女士", "苏女士"),
    ],
)
def test_nicknames_that_are_names(nickname, name, wanted):
    frame, _ = made((nickname, name, None, None, None, None))
    assert frame["收货人"].fillna("").tolist() == [wanted]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("苏青收", "苏青"),
        ("苏女士 收", "苏女士"),
        ("苏曼青亲收", "苏曼青"),
        ("苏丰收", "苏丰收"),
        ("收", "收"),
        ("苏收", "苏收"),
        ("签收", "签收"),
    ],
)
def test_who_receives_a_parcel(name, wanted):
    frame, _ = made((None, name, None, None, None, None))
    assert frame["收货人"].tolist() == [wanted]


def test_a_birthday_of_too_many_is_nobodys():
    born = [*["1990-01-01"] * 4, "1990/1/1 00:00:00", "1985-01-01", "1991-06-07", "1990-10-01", None]
    frame, _ = made(*((None, "苏曼青", None, None, None, day) for day in born))
    assert frame["生日"].fillna("").tolist() == [*[""] * 5, "1985-01-01", "1991-06-07", "1990-10-01", ""]


def test_mailboxes_that_are_mobiles():
    frame, rules = made(
        (None, "苏曼青", None, None, "13811110001@139.com", None), (None, "罗毅", None, None, "ly138@qq.com", None)
    )
    assert frame[MAILED].fillna("").tolist() == ["13811110001", ""]
    assert MAILED in rules.columns["mobile"].columns


def test_companies_are_left_as_they_are():
    columns = ("客户名称", "电话", "邮箱")
    frame = pd.DataFrame(
        [["c/1", "柏翠商贸有限公司", None, "13811110001@139.com"]], columns=["_record", *columns], dtype="str"
    )
    rules = shipped("account", columns)
    assert as_members(frame, rules)[0] is frame
