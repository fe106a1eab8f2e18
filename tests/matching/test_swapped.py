"""Cells that have changed places."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.swapped import companies_put_right
from crmmigrate.matching.roles import shipped

COLUMNS = ["_record", "公司", "姓名", "职务", "手机"]
FULL = "杭州易科文化传媒有限公司"


def put_right(*cells, columns=COLUMNS):
    frame = pd.DataFrame([["c/1", *cells, "15712048526"]], columns=columns, dtype="str")
    return companies_put_right(frame, shipped("account", columns[1:]))


@pytest.mark.parametrize(
    "cells",
    [
        ("创始人", FULL, "陶家豪"),
        ("市场部经理", "陶家豪", FULL),
        ("CEO", FULL, FULL),
        (None, FULL, "创始人"),
    ],
)
def test_a_company_under_the_header_of_the_person_or_the_post_is_put_right(cells):
    assert put_right(*cells)["公司"].tolist() == [FULL]


@pytest.mark.parametrize(
    "cells",
    [
        (FULL, "宁波远航物流有限公司", "经理"),
        ("创始人", FULL, "宁波远航物流有限公司"),
        ("创始人", "陶家豪", "信息中心主任"),
        ("易科文化", FULL, "经理"),
        ("华为", FULL, "经理"),
    ],
)
def test_a_company_stays_where_it_is_none_or_not_the_only_one(cells):
    assert put_right(*cells)["公司"].tolist() == [cells[0]]


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (("陶家豪", None, FULL, "采购"), (FULL, "陶家豪")),
        (("陶总", "YIKE", "杭州易科自动化科技", None), ("杭州易科自动化科技", "陶总")),
        (("方太", None, "杭州易科", "采购"), ("方太", "杭州易科")),
        (("华为", None, FULL, None), ("华为", FULL)),
        (("易科", None, FULL, None), ("易科", FULL)),
        (("陶家豪", None, "王建国", "采购"), ("陶家豪", "王建国")),
        (("陶家豪", None, "采购部王建国经理", "采购"), ("陶家豪", "采购部王建国经理")),
    ],
)
def test_a_person_under_the_header_of_the_company_changes_places_with_it(cells, right):
    columns = ["_record", "客户名称", "英文名", "联系人", "职务", "手机"]
    found = put_right(*cells, columns=columns)
    assert found[["客户名称", "联系人"]].to_numpy().tolist() == [[*right]]


def test_the_person_takes_the_company_s_place():
    columns = ["_record", "公司", "联系人", "职务", "手机"]
    found = put_right("创始人", FULL, "陶家豪", columns=columns)
    assert found[["公司", "联系人"]].to_numpy().tolist() == [[FULL, "陶家豪"]]


def test_a_table_of_people_is_left_alone():
    frame = pd.DataFrame([["c/1", "创始人", FULL, "陶家豪", "15712048526"]], columns=COLUMNS, dtype="str")
    assert companies_put_right(frame, shipped("contact", COLUMNS[1:])) is frame


def test_such_a_record_is_found():
    rows = [("c/1", "创始人", FULL, "陶家豪", "15712048526"), ("c/2", FULL, "陶家豪", "经理", "15712048526")]
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    assert match(frame, shipped("account", COLUMNS[1:])).cluster.tolist() == [0, 0]
