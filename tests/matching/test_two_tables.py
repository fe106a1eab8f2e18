"""New records and those of the CRM under other headers."""

from __future__ import annotations

import pandas as pd

from crmmigrate.matching.two_tables import TwoTables, compared_columns, in_one, shipped_for_both

NEW = ("客户编码", "客户简称", "客户全称", "联系人", "联系电话", "税号", "收货地址")
CRM = ("编号", "简称", "客户名称", "主要联系人", "电话", "统一社会信用代码", "地址")


def both(kind, new, crm):
    rules = shipped_for_both(kind, new, crm)
    assert rules is not None
    return rules


def compared(rules):
    return {role: compared_columns(rules, role) for role in rules.columns}


def test_each_table_is_read_by_its_own_headers():
    rules = both("account", NEW, CRM)
    assert isinstance(rules, TwoTables)
    assert dict(rules.twins) == {
        "客户名称": "客户全称", "简称": "客户简称", "主要联系人": "联系人", "电话": "联系电话", "统一社会信用代码": "税号", "地址": "收货地址",
    }  # fmt: skip
    assert rules.columns["credit_code"].columns == ("税号", "统一社会信用代码")
    assert compared(rules) == compared(both("account", NEW, ()))
    assert rules.never == both("account", NEW, ()).never


def test_what_twins_hold_is_compared_in_one_column():
    rules = both("account", ("公司名称", "电话"), ("客户名称", "电话", "官网"))
    frame = pd.DataFrame(
        {"公司名称": ["甲", None], "电话": ["1", "2"], "客户名称": [None, "乙"], "官网": [None, "b.cn"]}, dtype="str"
    )
    one, own = in_one(frame, rules)
    assert one["公司名称"].tolist() == ["甲", "乙"]
    assert "客户名称" not in one.columns
    assert own.columns["name"].columns == ("公司名称",)
    assert own.columns["website"].columns == ("官网",)
    assert frame["客户名称"].tolist()[1] == "乙"


def test_tables_of_the_same_headers_are_one():
    rules = both("account", NEW, NEW)
    assert not isinstance(rules, TwoTables)
    frame = pd.DataFrame({"客户全称": ["甲"]}, dtype="str")
    assert in_one(frame, rules) == (frame, rules)


def test_names_in_two_columns_meet_whole_ones():
    whole, halves = ("姓名", "手机", "公司"), ("姓", "名", "移动电话", "公司")
    for new, crm in ((whole, halves), (halves, whole)):
        rules = both("contact", new, crm)
        assert compared_columns(rules, "full_name") == ("姓", "名")
        assert "name" not in rules.columns
        frame, own = in_one(
            pd.DataFrame({"姓名": ["张伟", None], "姓": [None, "张"], "名": [None, "伟"]}, dtype="str"), rules
        )
        assert own.columns["full_name"].columns == ("姓", "名")
        assert frame["姓"].tolist() == ["张伟", "张"]
    rules = both("contact", ("Last Name", "First Name", "Email"), ("姓", "名", "邮箱"))
    assert compared_columns(rules, "full_name") == ("Last Name", "First Name")


def test_numbers_of_mobiles_abroad_stay_in_a_column_that_says_so():
    rules = both("contact", ("姓名", "电话", "公司"), ("姓名", "Mobile", "公司"))
    assert compared_columns(rules, "mobile") == ("电话", "Mobile")


def test_numbers_of_customers_in_two_systems_are_not_compared():
    rules = both("contact", ("姓名", "公司", "客户编号"), ("姓名", "公司", "account_id"))
    assert rules.columns.keys().isdisjoint(("parent",))
    assert rules.columns["company"].columns == ("公司",)
    same = both("contact", ("姓名", "公司", "客户编号"), ("姓名", "公司", "客户编号"))
    assert "company" not in same.columns
    alone = both("contact", ("姓名", "客户编号"), ("姓名", "公司"))
    assert alone.columns["parent"].columns == ("客户编号",)


def test_a_new_table_without_names_has_no_rules():
    assert shipped_for_both("account", ("备注",), CRM) is None
