"""Companies of people under the headers of names, posts and departments."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.put_right.employers_in_place import columns_of_employers, employers_put_right
from crmmigrate.matching.roles import shipped

COLUMNS = ("姓名", "公司名称", "职务", "部门", "手机")


def put(*rows):
    frame = pd.DataFrame([["c/1", *row, None] for row in rows], columns=["_record", *COLUMNS], dtype="str")
    made = employers_put_right(frame, shipped("contact", COLUMNS)).fillna("")
    return [tuple(row) for row in made[["姓名", "公司名称"]].to_numpy()]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (("陶思远", "助理", "宏远新能源", None), ("陶思远", "宏远新能源")),
        (("陶思远", "采购", "宏远通信技术", None), ("陶思远", "宏远通信技术")),
        (("taosiyuan", "Sales Manager", "宏远新能源科技有限公司", None), ("taosiyuan", "宏远新能源科技有限公司")),
        (("陶思远", None, "宏远新能源科技有限公司", None), ("陶思远", "宏远新能源科技有限公司")),
        (("宏远新能源科技", "陶思远", "采购经理", None), ("陶思远", "宏远新能源科技")),
        (("远泰", "陶思远", "采购经理", None), ("陶思远", "远泰")),
        (("洛帝远新能源科技", "陶思远", None, None), ("陶思远", "洛帝远新能源科技")),
        (("刘文静宏远化工", "万科", None, None), ("刘文静宏远化工", "万科")),
        (("宏远新能源有限公司", None, "General Manager", "陶思远"), ("陶思远", "宏远新能源有限公司")),
        (("陶思远", "宏远", "市场总监", "销售部"), ("陶思远", "宏远")),
        (("陶思远", "华为", "软件工程师", None), ("陶思远", "华为")),
        (("陶思远", None, "汽车销售", "设备科"), ("陶思远", "")),
        (("陶思远", None, "医药代表", "研发中心"), ("陶思远", "")),
        (("陶思远", "李宁", "店长", None), ("陶思远", "李宁")),
        (("刘文静 宏远化工", "万科", None, None), ("刘文静 宏远化工", "万科")),
        (("宏远新能源有限公司", None, "经理", None), ("宏远新能源有限公司", "")),
    ],
)
def test_employers_go_where_they_belong(row, wanted):
    assert put(row) == [wanted]


def test_what_many_have_for_their_company_is_one():
    rows = [("远泰", "陶思远", None, None)] * 3
    assert put(*rows) == [("远泰", "陶思远")] * 3


def test_columns_that_nobody_compares():
    rules = shipped("contact", COLUMNS)
    assert columns_of_employers(COLUMNS, rules) == ["职务", "部门"]
    assert columns_of_employers(("公司名称", "职务"), shipped("account", ("公司名称", "职务"))) == []
