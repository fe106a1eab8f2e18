"""What stands on licences: a second name of one shop, and nothing where a chain's shops have it."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import valid_code

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.licences import of_one_shop
from crmmigrate.matching.roles import shipped

COLUMNS = ["_record", "门店名称", "营业执照名称", "统一社会信用代码", "电话", "联系人", "城市", "地址"]


def found_in(rows):
    cells = [(f"s/{at}", *row) for at, row in enumerate(rows)]
    frame = pd.DataFrame(cells, columns=COLUMNS, dtype="str")
    return frame, shipped("account", COLUMNS[1:])


CHAIN = [
    ("岚语茶饮(望海路店)", "杭州岚语餐饮管理有限公司", valid_code(3), "13912340001", "陆望舒", "杭州", "望海路88号"),
    ("岚语茶饮-云栖广场", "杭州岚语餐饮管理有限公司", valid_code(3), "13912340002", "宋怀瑾", "南京", "云栖路9号"),
    ("岚语茶饮（东渡店）", "杭州岚语餐饮管理有限公司", valid_code(3), "13912340003", "江晚晴", "苏州", "东渡路5号"),
    ("LANYU(南屏天地店)", "杭州岚语餐饮管理有限公司", valid_code(3), None, "季思齐", "杭州", "南屏天地"),
]
"""Shops of one company, each with its code."""


def test_the_shops_of_a_chain_are_not_one_for_their_company_s_licence():
    frame, rules = found_in(CHAIN)
    assert of_one_shop(frame, rules)["营业执照名称"].isna().all()
    found = match(frame, rules)
    assert len(set(found.cluster)) == len(CHAIN)
    assert not (found.decision == "review").any()


@pytest.mark.parametrize("over_the_door", ["老姚水饺", "老姚水饺(望海路店)"])
def test_the_name_on_the_licence_of_one_shop_is_its_second_name(over_the_door):
    licence = "余杭区姚怀德餐饮店"
    rows = [
        (over_the_door, licence, None, "13912340004", "姚怀德", "杭州", "余杭区望海路90号"),
        (licence, None, None, "13912340004", "姚老板", "杭州", "望海路90号"),
    ]
    frame, rules = found_in(rows)
    assert of_one_shop(frame, rules)["营业执照名称"].tolist()[0] == licence
    assert match(frame, rules).cluster.tolist() == [0, 0]


def test_one_shop_written_in_two_ways_keeps_its_licence():
    rows = [("岚语茶饮(望海路店)", *CHAIN[0][1:]), ("岚语茶饮·望海路", *CHAIN[0][1:])]
    frame, rules = found_in(rows)
    assert of_one_shop(frame, rules)["营业执照名称"].notna().all()
    assert match(frame, rules).cluster.tolist() == [0, 0]
