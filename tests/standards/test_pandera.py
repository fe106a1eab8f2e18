"""The exported pandera schema takes what is in standard form and refuses each fault, with the row it is in."""

from __future__ import annotations

import pandas as pd
import pandera.errors
import pytest

from crmmigrate.standards import check_standard, load_pandera_schema, pandera_schema

STANDARD = """\
version: 1
objects:
  account:
    columns:
      编号: {required: true, unique: true}
      名称: {standard: company_name, required: true}
      电话: {standard: phone, region: CN}
      级别: {values: {A: 甲, B: 乙}}
      日期: {standard: date}
      备注: {standard: text, max_length: 5}
"""
CLEAN = {
    "编号": "C1",
    "名称": "甲乙（北京）有限公司",
    "电话": "+8613800138000",
    "级别": "A",
    "日期": "2023-05-01",
    "备注": "好",
}


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "standard.yaml"
    path.write_text(STANDARD, encoding="utf-8")
    data = check_standard(path)
    exported = tmp_path / "account.pandera.yaml"
    exported.write_text(pandera_schema(data.objects["account"], data.folder).to_yaml(), encoding="utf-8")
    return load_pandera_schema(exported)


def table(*rows: dict[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame([CLEAN | row for row in rows], dtype="str")


def test_clean_rows_pass(schema):
    rows = table({}, {"编号": "C2", "电话": None, "级别": None, "日期": None, "备注": None})
    assert len(schema.validate(rows, lazy=True)) == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("编号", None), ("编号", "C1"), ("名称", None), ("名称", "甲乙(北京)有限公司"), ("电话", "138 0013 8000"), ("电话", "1391234567"),
        ("级别", "甲"), ("级别", "C"), ("日期", "2023.5.1"), ("日期", "2023-06-31"), ("备注", "一二三四五六"),
    ],
)  # fmt: skip
def test_each_fault_is_refused_in_its_row(schema, column, value):
    rows = table({}, {"编号": "C2", column: value})
    with pytest.raises(pandera.errors.SchemaErrors) as error:
        schema.validate(rows, lazy=True)
    cases = error.value.failure_cases
    assert set(zip(cases["column"], cases["index"], strict=True)) == {(column, 1)}
