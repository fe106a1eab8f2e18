"""A word more in one of two names, by which sister companies are told."""

from __future__ import annotations

import pytest

from crmmigrate.matching.companies.added_words import is_sister
from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("新元化工", "新元化工销售", True), ("新元化工销售", "新元化工", True), ("旺达包装材料", "旺达包装材料研究院", True),
        ("永兴贸易", "新永兴贸易", True), ("旺达包装", "旺达物流包装", True), ("新元化工", "新元化工", False), ("新元化工", "新元精密化工", False),
        ("销售王", "销售王销售", True), ("元化工", "新元石化工", False), ("永兴", "永兴新", False), ("", "新", True), ("启明", "启明物", False),
    ],
)  # fmt: skip
def test_of_two_names_one_has_a_sisters_word_more(one, other, wanted):
    assert is_sister(one, other) is wanted


@pytest.mark.parametrize("header", ["中文姓名", "中文名", "Chinese Name"])
def test_people_called_in_two_scripts_are_known_by_the_chinese_name(header):
    rules = shipped("contact", [header, "English Name", "Mobile"])
    assert rules is not None
    assert rules.columns["name"].columns == (header,)


def test_a_second_mailbox_counts_beside_the_first():
    rules = shipped("contact", ["姓名", "手机", "邮箱", "备用邮箱"])
    assert rules is not None
    assert rules.columns["email"].columns == ("邮箱", "备用邮箱")
