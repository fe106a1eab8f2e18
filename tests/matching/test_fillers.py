"""What is typed where something is demanded is nobody's."""

from __future__ import annotations

import pytest

from crmmigrate.matching.email import addresses
from crmmigrate.matching.engine import match
from crmmigrate.matching.phone import numbers
from crmmigrate.matching.roles import shipped
from crmmigrate.model.person_titles import is_no_name
from crmmigrate.model.placeholders import is_nobody


@pytest.mark.parametrize(
    ("cell", "filler"),
    [("自己", True), ("test", True), ("11", True), ("3m", False), ("360", True), ("测试", True), ("华测", False), ("丙", False)],
)  # fmt: skip
def test_a_name_that_is_none(cell, filler):
    assert is_nobody(cell) == filler


@pytest.mark.parametrize(
    "word",
    [
        "老板",
        "老板娘",
        "先生",
        "女士",
        "小姐",
        "太太",
        "负责人",
        "联系人",
        "经办人",
        "前台",
        "总机",
        "值班",
        "设备科",
        "财务",
    ],
)
def test_what_somebody_is_is_no_name(word):
    assert is_no_name(word)
    for name in (f"周{word}", f"{word}平"):
        assert not is_no_name(name)


@pytest.mark.parametrize("name", ["李启科", "安处", "马会计", "总部", "田雅室"])
def test_names_that_end_like_a_department_are_names(name):
    assert not is_no_name(name)


@pytest.mark.parametrize("cell", ["13888888888", "13800000000", "12345678901", "00000000"])
def test_a_number_that_is_nobodys(cell):
    assert numbers(cell) == []


@pytest.mark.parametrize(
    ("cell", "left"), [("test@test.com", 0), ("123@qq.com", 0), ("1@1.com", 0), ("testing.li@acme.com", 1)]
)
def test_a_box_that_is_nobodys(cell, left):
    assert len(addresses(cell)) == left


def test_leads_that_gave_nothing_of_theirs_are_not_one():
    import pandas as pd

    rows = [("自己", "测试", "13888888888", "123@qq.com"), ("自己", "测试", "13888888888", "123@qq.com")]
    frame = pd.DataFrame(
        [(f"s/{at}", *row) for at, row in enumerate(rows)], columns=["_record", "公司名称", "联系人", "手机", "邮箱"]
    )
    rules = shipped("account", frame.columns)
    assert match(frame, rules).cluster.tolist() == [0, 1]
