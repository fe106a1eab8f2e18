"""Import templates of CRMs as target schemas. The templates are made here in the forms that products hand out."""

from __future__ import annotations

import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.schema_text import schema_text
from crmmigrate.sources._template import read_template


def save(book, tmp_path, name="template.xlsx"):
    path = tmp_path / name
    book.save(path)
    return path


def test_a_chinese_template_with_stars_dropdowns_and_notes(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "客户"
    sheet.append(["导入须知：1. 带*号为必填项；2. 日期格式为yyyy-MM-dd；3. 单次导入不超过10000条，请勿修改表头"])
    sheet.append(
        [
            "*客户名称",
            "客户级别",
            "客户来源(必填)",
            "手机",
            "下次联系时间",
            "网址",
            "备注（选填）",
            "注册日期",
            "员工人数",
        ]
    )
    sheet.append(
        [
            "示例科技有限公司",
            "A",
            "广告",
            13800000000,
            "2026-12-01 10:00:00",
            "www.example.com",
            "示例",
            "2026-12-01",
            12,
        ]
    )
    sheet["A2"].comment = Comment("客户名称不能重复，不超过100个字符", "CRM")
    sheet["D2"].comment = Comment("11位手机号码，长度不超过20", "CRM")
    sheet["E2"].comment = Comment("格式：yyyy-MM-dd HH:mm:ss", "CRM")
    sheet["G2"].comment = Comment("500字以内", "CRM")
    lists = book.create_sheet("字典")
    for word in ("促销活动", "搜索引擎", "广告"):
        lists.append([word])
    lists.sheet_state = "hidden"
    book.defined_names["sources"] = DefinedName("sources", attr_text="'字典'!$A$1:$A$3")
    for formula, area in (('"A（重点客户）,B（普通客户）"', "B3:B1000"), ("sources", "C3:C1000")):
        rule = DataValidation(type="list", formula1=formula, allow_blank=True)
        rule.add(area)
        sheet.add_data_validation(rule)
    url = DataValidation(type="textLength", operator="lessThanOrEqual", formula1="200")
    url.add("F3:F1000")
    founded = DataValidation(type="date", operator="greaterThan", formula1="1", prompt="成立的日子", promptTitle="提示")
    founded.add("H3:H1000")
    people = DataValidation(type="whole", operator="between", formula1="0", formula2="99999")
    people.add("I3:I1000")
    for rule in (url, founded, people):
        sheet.add_data_validation(rule)
    schema = read_template(save(book, tmp_path))
    assert list(schema.tables) == ["客户"]
    columns = schema.tables["客户"].columns
    assert list(columns) == [
        "客户名称",
        "客户级别",
        "客户来源",
        "手机",
        "下次联系时间",
        "网址",
        "备注",
        "注册日期",
        "员工人数",
    ]
    assert [name for name, column in columns.items() if column.required] == ["客户名称", "客户来源"]
    assert [name for name, column in columns.items() if column.unique] == ["客户名称"]
    assert {name: column.length for name, column in columns.items() if column.length != 255} == {
        "客户名称": 100, "客户级别": 7, "客户来源": 4, "手机": 20, "网址": 200, "备注": 500,
    }  # fmt: skip
    assert {name: column.type for name, column in columns.items() if column.type != "text"} == {
        "下次联系时间": "datetime", "注册日期": "date", "员工人数": "integer",
    }  # fmt: skip
    assert schema.picklists == {
        "客户级别": {"A（重点客户）": "A（重点客户）", "B（普通客户）": "B（普通客户）"},
        "客户来源": {"促销活动": "促销活动", "搜索引擎": "搜索引擎", "广告": "广告"},
    }
    assert "成立的日子" in columns["注册日期"].note
    written = tmp_path / "schema.yaml"
    written.write_text(schema_text(schema), encoding="utf-8")
    assert read_target_schema(written).tables == schema.tables


def test_technical_names_below_titles_and_a_row_of_marks(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "Accounts"
    sheet.append(["Account Name", "Billing City", "Employees", "Description"])
    sheet.append(["account_name", "billing_city", "employees", "description"])
    sheet.append(["Required", "Optional", "Optional", "Optional"])
    sheet["D1"].comment = Comment("up to 32000 characters", "x")
    columns = read_template(save(book, tmp_path)).tables["Accounts"].columns
    assert {name: (column.title, column.required) for name, column in columns.items()} == {
        "account_name": ("Account Name", True), "billing_city": ("Billing City", False),
        "employees": ("Employees", False), "description": ("Description", False),
    }  # fmt: skip
    assert columns["description"].length == 32_000


def test_red_headers_are_required_where_the_sheet_says_so(tmp_path):
    for told, expected in (("注：红色字段为必填项", ["客户名称"]), ("请按模板填写", [])):
        book = Workbook()
        sheet = book.active
        sheet.append([told])
        sheet.append(["客户名称", "联系人", "电话"])
        sheet["A2"].font = Font(color="FFFF0000")
        columns = read_template(save(book, tmp_path)).tables["Sheet"].columns
        assert [name for name, column in columns.items() if column.required] == expected


def test_a_workbook_without_names_and_a_file_that_is_none(tmp_path):
    with pytest.raises(ConfigurationError) as none:
        read_template(save(Workbook(), tmp_path))
    assert none.value.code == "schema.no-template"
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no workbook")
    with pytest.raises(LocationError):
        read_template(broken)
    with pytest.raises(LocationError):
        read_template(tmp_path / "missing.xlsx")


@pytest.mark.parametrize("part", ["docProps/core.xml", "xl/worksheets/sheet1.xml", "xl/comments/comment1.xml", "[Content_Types].xml"])  # fmt: skip
def test_a_template_with_a_damaged_part_is_refused(tmp_path, part):
    book = Workbook()
    book.active.append(["客户名称", "电话"])
    book.active["A1"].comment = Comment("必填", "x")
    whole, damaged = save(book, tmp_path), tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if name == part else content)
    with pytest.raises(LocationError):
        read_template(damaged)


def test_a_template_whose_bytes_are_damaged_is_refused(tmp_path):
    book = Workbook()
    book.active.append([f"列{number}" for number in range(200)])
    path = save(book, tmp_path)
    with zipfile.ZipFile(path) as package:
        at = package.getinfo("xl/styles.xml").header_offset + 80
    content = bytearray(path.read_bytes())
    content[at : at + 40] = b"\xff" * 40
    path.write_bytes(content)
    with pytest.raises(LocationError):
        read_template(path)


def test_names_below_groups_are_the_columns(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "客户"
    for row in (
        ["客户编号*", "基本信息", None, "联系方式", None],
        [None, "客户名称*", "电话", "电话", "邮箱"],
        ["C1", "甲公司", "1", "2", "a@b.cn"],
    ):
        sheet.append(row)
    for span in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(span)
    columns = read_template(save(book, tmp_path)).tables["客户"].columns
    assert list(columns) == ["客户编号", "客户名称", "基本信息 电话", "联系方式 电话", "邮箱"]
    assert [name for name, column in columns.items() if column.required] == ["客户编号", "客户名称"]
