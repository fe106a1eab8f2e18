"""Cells with more in them than their header says."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.labelled_cells import parts_of, with_labelled
from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("cell", "rest", "parts"),
    [
        (
            "NORDWIK LAMPS S.A.; ADD: 12 UL. MORSKA, GDYNIA; TEL: +48 58 5551234; ATTN: Jan Nowak",
            "NORDWIK LAMPS S.A.",
            [("address", "12 UL. MORSKA, GDYNIA"), ("phone", "+48 58 5551234"), ("contact", "Jan Nowak")],
        ),
        (
            "苏州砚行电子有限公司\n地址：苏州市姑苏区海顺路18号\n电话：13912340001\n联系人：陆望舒",
            "苏州砚行电子有限公司",
            [("address", "苏州市姑苏区海顺路18号"), ("phone", "13912340001"), ("contact", "陆望舒")],
        ),
        (
            "苏州砚行电子有限公司地址：海顺路18号电话：13912340001",
            "苏州砚行电子有限公司",
            [("address", "海顺路18号"), ("phone", "13912340001")],
        ),
        (
            "海顺路18号 sales@yanhang.example 手机号码：13912340001",
            "海顺路18号",
            [("email", "sales@yanhang.example"), ("phone", "13912340001")],
        ),
        ("海顺路18号，传真：0512-88123456", "海顺路18号", [("", "0512-88123456")]),
        ("物流电话：0512-88123456", "物流电话：0512-88123456", []),  # the carrier's
        ("送货时间:8:00-17:00", "送货时间:8:00-17:00", []),
        ("Hotel T: Garden", "Hotel", [("phone", "Garden")]),
        ("杭州启明机械有限公司", "杭州启明机械有限公司", []),
    ],
)
def test_what_stands_behind_each_label(cell, rest, parts):
    assert parts_of(cell) == (rest, tuple(parts))


def table(*rows):
    columns = ["_record", "客户名称", "电话", "地址"]
    frame = pd.DataFrame([(f"s/{at}", *row) for at, row in enumerate(rows)], columns=columns, dtype="str")
    return frame, shipped("account", columns[1:])


ALL_IN_THE_NAME = "砚行电子; 地址：苏州市姑苏区海顺路18号; 电话：13912340001; 联系人：陆望舒"


def test_a_company_whose_name_holds_all_of_it_is_the_one_with_columns_for_it():
    frame, rules = table(
        (ALL_IN_THE_NAME, None, None),
        ("苏州砚行电子有限公司", "13912340001", "苏州市姑苏区海顺路18号"),
        ("苏州砚行电子有限公司南通分公司", "13912340009", "南通市崇川区工农路2号"),
    )
    assert match(frame, rules).cluster.tolist() == [0, 0, 2]


def test_an_address_is_told_only_where_the_record_has_none():
    told, _ = with_labelled(*table((ALL_IN_THE_NAME, None, None), (ALL_IN_THE_NAME, None, "苏州市吴中区东吴路3号")))
    assert told["地址"].tolist() == ["苏州市姑苏区海顺路18号", "苏州市吴中区东吴路3号"]
    assert told["客户名称"].tolist() == ["砚行电子"] * 2


def test_a_cell_that_is_nothing_but_an_address_behind_its_label_stays_one():
    told, _ = with_labelled(*table(("砚行电子", None, "ADD: 18 HAISHUN ROAD, SUZHOU; TEL: 13912340001")))
    assert told["地址"].tolist() == ["18 HAISHUN ROAD, SUZHOU"]


def test_a_name_of_which_nothing_would_be_left_stays():
    frame, rules = table(("联系人：陆望舒", None, None))
    told, same = with_labelled(frame, rules)
    assert told["客户名称"].tolist() == ["联系人：陆望舒"]
    assert same is rules
