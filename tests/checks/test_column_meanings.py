"""Columns whose headers say nothing: what their short names and values tell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.checks.column_meanings import told_by_values
from crmmigrate.model.table import Table
from crmmigrate.runner.tables import TableWriter

COMPANIES = (
    "苏州昌岳轴承有限公司",
    "杭州启明机电有限公司",
    "宁波大成模具厂",
    "昌岳轴承（苏州）有限公司",
    "温州鼎隆贸易商行",
)
PEOPLE = ("李建国", "王芳", "周强", "陈静怡", "赵敏")
PHONES = ("0512-65553322", "13805712233", "0574-87654321", "15805712299", "0577-88654321")
ADDRESSES = (
    "苏州工业园区星湖街328号",
    "杭州市西湖区文三路90号",
    "宁波市鄞州区人民路7号",
    "中山路3号",
    "江苏省无锡市新区长江路16号",
)


def stored(folder: Path, **columns: tuple[str, ...]) -> Table:
    rows = len(next(iter(columns.values())))
    frame = pd.DataFrame({"_record": [f"t/t/{row}" for row in range(rows)], **columns}, dtype="str")
    writer = TableWriter("customers", folder / "customers.parquet")
    writer.write(frame)
    return writer.close()


@pytest.mark.parametrize("headers", [("KHMC", "LXR", "LXDH", "XXDZ"), ("kh_mc", "lxr_mc", "dh1", "dz"), ("col1", "col2", "col3", "col4"), ("甲", "谁", "怎么打", "在哪")])  # fmt: skip
def test_values_tell(tmp_path, headers):
    table = stored(tmp_path, **dict(zip(headers, (COMPANIES, PEOPLE, PHONES, ADDRESSES), strict=True)))
    told = told_by_values(table)
    assert [told[name] for name in headers] == ["company", "person", "phone", "address"]


def test_what_headers_say_in_words_is_left_to_them(tmp_path):
    assert told_by_values(stored(tmp_path, 业务员电话=PHONES, 开票单位=COMPANIES)) == {}


def test_all_headers_are_doubted_where_that_is_asked_for(tmp_path):
    told = told_by_values(stored(tmp_path, 项目名称=COMPANIES), whatever_headers_say=True)
    assert told == {"项目名称": "company"}


@pytest.mark.parametrize(("header", "values"), [("业务员", PEOPLE), ("紧急联系人", PEOPLE), ("客服电话", PHONES)])
def test_whoever_headers_name_is_nobody_else(tmp_path, header, values):
    assert told_by_values(stored(tmp_path, **{header: values}), whatever_headers_say=True) == {}


@pytest.mark.parametrize("header", ["YWY", "kh_jl", "zdr"])
def test_sellers_are_nobody_to_ask_for(tmp_path, header):
    assert told_by_values(stored(tmp_path, **{header: PEOPLE}), whatever_headers_say=True) == {}


def test_people_who_come_again_and_again_are_sellers(tmp_path):
    assert told_by_values(stored(tmp_path, col1=("李建国", "王芳") * 20)) == {}


def test_words_of_all_kinds_are_nothing(tmp_path):
    assert told_by_values(stored(tmp_path, a=("轴承6205", "齿轮", "皮带"), b=("已付款", "待联系", "下周送货"))) == {}
