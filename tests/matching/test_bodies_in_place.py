"""Bodies that are called without their city: the columns of their record tell it, and what is no body stays as it is."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.bodies_in_place import with_places
from crmmigrate.matching.roles import shipped
from crmmigrate.model.dedupe import ColumnRule, DedupeRules

COLUMNS = ["单位名称", "省份", "地市", "区县", "通讯地址", "办公电话"]


def placed(name, *where):
    frame = pd.DataFrame([(name, *where)], columns=COLUMNS[: 1 + len(where)], dtype="str")
    return with_places(frame, shipped("account", COLUMNS))["单位名称"][0]


@pytest.mark.parametrize(
    ("name", "where", "whole"),
    [
        ("市人社局", ("浙江", "湖州"), "湖州市人社局"),
        ("市审计局", ("福建省", "泉州市", "晋江市"), "晋江市审计局"),
        ("区四院", ("四川", "成都", "温江区"), "成都市温江区四院"),
        ("区四院", ("四川", "成都", "温江"), "成都市温江区四院"),
        ("区四院", ("温江区", "成都", "四川"), "成都市温江区四院"),
        ("县中医院", ("浙江", "湖州", "德清县"), "湖州市德清县中医院"),
        ("温江四院", ("四川", "成都", "温江区"), "成都市温江区四院"),
        ("朝阳区教育局", ("北京", "北京", "朝阳区"), "北京市朝阳区教育局"),
        ("市中审批局", ("山东", "济南", "市中区"), "济南市市中区审批局"),
        ("河口街道", ("浙江", "温州", "瓯海区"), "温州市瓯海区河口街道"),
        ("青石镇人民政府", ("福建", "泉州", "晋江市"), "晋江市青石镇人民政府"),
        ("区四院", (None, None, None, "四川省成都市温江区柳台大道9号"), "成都市温江区四院"),
        ("区教育局-财务科", ("四川", "成都", "温江区"), "成都市温江区教育局-财务科"),
    ],
)
def test_a_body_gets_the_city_and_the_district_of_its_record(name, where, whole):
    assert placed(name, *where) == whole


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("湖州市人社局", ("浙江", "湖州")),  # says it
        ("市政工程公司", ("浙江", "湖州")),
        ("市政设计研究院", ("浙江", "湖州")),
        ("区块链研究院", ("浙江", "湖州", "吴兴区")),
        ("县一中", ("浙江", "湖州", "吴兴区")),  # of a county, and not of this district
        ("鼓楼小学", ("江苏", "南京", "鼓楼区")),  # called after what the district is called after
        ("南昌市教育局", ("江西", "南昌", "南昌县")),
        ("第四人民医院", ("四川", "成都", "温江区")),
        ("区四院", (None, None)),
        ("启明机械", ("浙江", "湖州", "吴兴区")),
    ],
)
def test_other_names_stay_as_they_are(name, where):
    assert placed(name, *where) == name


def test_each_city_has_its_own():
    rows = [
        ("市审计局", "浙江", "湖州", None, None, "0572-2055001"),
        ("湖州市审计局", "浙江", "湖州市", None, None, "0572-2055001"),
        ("市审计局", "浙江", "嘉兴", None, None, "0573-8255001"),
        ("市人社局", None, None, None, None, "13912340001"),
        ("市人社局", None, None, None, None, "13912340002"),
    ]
    frame = pd.DataFrame([(f"s/{at}", *row) for at, row in enumerate(rows)], columns=["_record", *COLUMNS], dtype="str")
    assert match(frame, shipped("account", COLUMNS)).cluster.tolist() == [0, 0, 2, 3, 4]


def test_one_column_may_be_of_names_and_addresses():
    frame = pd.DataFrame({"_record": ["s/0", "s/1"], "c": ["市人社局", "湖州市人社局"]}, dtype="str")
    rules = DedupeRules(1, "account", {"name": ColumnRule(("c",)), "address": ColumnRule(("c",))})
    assert with_places(frame, rules)["c"].tolist() == ["市人社局", "湖州市人社局"]
    assert len(match(frame, rules).cluster) == 2
