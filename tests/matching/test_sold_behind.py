"""Projects and products behind names: taken for what a column says that they are, and for nothing else."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.sold_behind import without_sold
from crmmigrate.matching.roles import shipped
from crmmigrate.model.dedupe import ColumnRule, DedupeRules

COLUMNS = ["客户名称", "项目名称", "备注"]


def customer(name, project, remark=None):
    frame = pd.DataFrame([(name, project, remark)], columns=COLUMNS, dtype="str")
    frame, rules = without_sold(frame, shipped("account", COLUMNS))
    assert "sold" not in rules.columns
    return frame["客户名称"][0]


@pytest.mark.parametrize(
    ("name", "project", "whose"),
    [
        ("湖州启鸣置业有限公司（望湖新城二期）", "望湖新城一期项目", "湖州启鸣置业有限公司"),
        ("湖州启鸣置业有限公司-望湖新城幼儿园", "湖州望湖新城", "湖州启鸣置业有限公司"),
        ("湖州启鸣建工 望湖新城", "望湖新城、云栖里", "湖州启鸣建工"),
        ("启鸣望湖新城项目部", "望湖新城", "启鸣(望湖新城项目部)"),
    ],
)
def test_a_project_that_its_row_names_is_no_part_of_the_name(name, project, whose):
    assert customer(name, project) == whose


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("湖州启鸣置业有限公司（云栖里）", "望湖新城"),
        ("启鸣眼镜（望湖新城店）", "望湖新城店"),
        ("启鸣机械（湖州）", "湖州"),
        ("湖州启鸣物业 望湖新城", "望湖新城"),  # has an office on each estate
        ("湖州启鸣建设有限公司望湖新城项目部", "望湖新城"),
        ("望湖新城项目部", "望湖新城"),
        ("湖州启鸣建工 望湖新城", "望湖新城精装修"),
        ("岭海大学-附属第一医院", "附属第一医院HIS"),
        ("岭海大学-附属第一医院", "附属第一医院"),
        ("岭海大学(医学院)", "医学院信息化"),
        ("岭海大学-附属中学", "附属中学"),
        ("岭海大学-幼儿园", "幼儿园"),
        ("湖州市公安局-交警支队", "交警支队卡口"),
        ("湖州市教育局 电教馆", "电教馆资源平台"),
        ("湖州启鸣置业有限公司", "望湖新城"),
    ],
)
def test_what_may_be_a_part_of_the_name_stays(name, project):
    assert customer(name, project) == name


def test_a_remark_tells_whose_a_project_is():
    assert customer("望湖新城二期", "望湖新城", "已验收 开发商 湖州启鸣置业有限公司") == "湖州启鸣置业有限公司"
    assert customer("湖州望湖新城项目公司", "望湖新城", "公司名：湖州启鸣置业") == "湖州启鸣置业"


def test_the_developer_beside_another_customer_is_another_one():
    assert customer("湖州信达装饰", "望湖新城", "开发商 湖州启鸣置业有限公司") == "湖州信达装饰"
    assert customer("望湖新城", "望湖新城", "尾款未付") == "望湖新城"


def test_a_product_is_one_that_the_table_sells():
    names = ["湖州市教育局-网上阅卷", "湖州市审计局(云桌面项目)", "启鸣-网上阅卷", *["湖州市水利局"] * 9]
    sold = ["云桌面 V3", "网上阅卷", "云桌面", *["网上阅卷", "云桌面", "云桌面 V3"] * 3]
    columns = ["单位名称", "在用产品"]
    frame = pd.DataFrame({"单位名称": names, "在用产品": sold}, dtype="str")
    found = without_sold(frame, shipped("account", columns))[0]["单位名称"].tolist()
    assert found[:3] == ["湖州市教育局", "湖州市审计局", "启鸣-网上阅卷"]


def test_units_of_a_body_stay_apart():
    columns = ["_record", "客户名称", "项目名称"]
    rows = [(f"s/{at}", f"浙江大学-附属第{nth}医院", f"附属第{nth}医院HIS") for at, nth in enumerate("一二")]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    assert match(frame, shipped("account", columns[1:])).cluster.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("roles", "whose"),
    [
        ({"name": "c", "sold": "d", "remark": "d"}, "湖州启鸣建工"),
        ({"name": "c", "sold": "c"}, "湖州启鸣建工 望湖新城"),
        ({"name": "c", "sold": "c", "remark": "d"}, "湖州启鸣建工 望湖新城"),
    ],
)
def test_one_column_may_serve_two_roles(roles, whose):
    frame = pd.DataFrame({"_record": ["s/0"], "c": ["湖州启鸣建工 望湖新城"], "d": ["望湖新城"]}, dtype="str")
    rules = DedupeRules(1, "account", {role: ColumnRule((column,)) for role, column in roles.items()})
    assert without_sold(frame, rules)[0]["c"].tolist() == [whose]
    assert match(frame, rules).cluster.tolist() == [0]


def test_a_column_of_names_tells_no_project_of_its_own():
    frame = pd.DataFrame({"c": ["望湖新城二期"], "d": ["开发商 湖州启鸣置业有限公司"]}, dtype="str")
    rules = DedupeRules(
        1, "account", {"name": ColumnRule(("c",)), "sold": ColumnRule(("c",)), "remark": ColumnRule(("d",))}
    )
    assert without_sold(frame, rules)[0]["c"].tolist() == ["望湖新城二期"]
