"""Filled templates keep what the template says, stay within the limits of the CRM, and hold every row once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.model.import_profile import ImportProfile, Layout, LimitSource, read_profile
from crmmigrate.sources._template import read_template, template_layout
from crmmigrate.targets.template import EMPTY, NOT_DIGITS, RECORD_TOO_LONG, TOO_LONG, TWICE, digits, fill
from crmmigrate.targets.template_check import check_files

PROFILES = sorted((Path(__file__).parents[2] / "mappings" / "imports").glob("*.yaml"))
COLUMNS = ("客户名称", "联系人", "手机", "行业")
PLAIN = ImportProfile(1, "X", (LimitSource("https://example.org", "2026-11-26"),))


@pytest.fixture
def template(tmp_path) -> Path:
    """A template as CRMs make them: instructions, a header with notes, marks below it, dropdowns, an example."""
    book = Workbook()
    sheet = book.active
    sheet.title = "客户"
    sheet["A1"] = "填写说明：带*为必填，请勿修改表头"
    sheet.append(["*客户名称", "联系人", "手机", "行业", "备注"])
    sheet.append(["必填", "选填", "选填", "选填", "选填"])
    sheet.append(["示例公司", "张三", "13800138000", "制造业", "示例，请删除"])
    sheet["A2"].comment = Comment("不超过200个字符", "CRM")
    sheet["C4"].number_format = "@"
    sheet["A2"].font = Font(bold=True, color="FFFF0000")
    rule = DataValidation(type="list", formula1='"制造业,零售业"', allow_blank=True)
    rule.add("D4:D2000")
    sheet.add_data_validation(rule)
    book.create_sheet("字典").append(["城市", "代码"])
    path = tmp_path / "模板.xlsx"
    book.save(path)
    return path


def rows(count, **cells):
    for n in range(count):
        yield (
            f"crm/客户/{n}",
            (cells.get("name", f"第{n}号公司"), "李四", cells.get("phone", f"+86139{n:08d}"), "制造业"),
        )


def layout_of(path: Path) -> Layout:
    return template_layout(path)["客户"]


def test_values_go_below_header_and_marks_and_everything_else_stays(template, tmp_path):
    layout = layout_of(template)
    assert (layout.header_row, layout.first_row) == (2, 4)
    done = fill(template, layout, COLUMNS, rows(3, name="=1+1"), PLAIN, tmp_path / "out" / "客户")
    assert done.cleared == 1
    [(path, records)] = done.files
    assert records == ["crm/客户/0", "crm/客户/1", "crm/客户/2"]
    sheet = load_workbook(path)["客户"]
    assert [cell.value for cell in sheet[1]][:1] == ["填写说明：带*为必填，请勿修改表头"]
    assert [cell.value for cell in sheet[2]] == ["*客户名称", "联系人", "手机", "行业", "备注"]
    assert sheet["A2"].comment.text == "不超过200个字符"
    assert (sheet["A4"].value, sheet["A4"].data_type) == ("=1+1", "s"), "never a formula"
    assert [cell.value for cell in sheet[6]] == ["=1+1", "李四", "+8613900000002", "制造业", None]
    assert sheet["C6"].number_format == "@"
    assert sheet.data_validations.dataValidation[0].formula1 == '"制造业,零售业"'
    before, after = read_template(template), read_template(path)
    assert before.picklists == after.picklists
    assert {n: c.note for n, c in before.tables["客户"].columns.items()} == {
        n: c.note for n, c in after.tables["客户"].columns.items()
    }
    assert "字典" in after.tables


@settings(max_examples=12, deadline=None)
@given(count=st.integers(1, 60), most=st.integers(1, 25))
def test_every_row_is_in_one_file_in_order_and_no_file_is_too_long(tmp_path_factory, count, most):
    folder = tmp_path_factory.mktemp("s")
    profile = replace(PLAIN, format="csv", max_rows=most)
    layout = Layout("", 1, 2, {name: at for at, name in enumerate(COLUMNS, start=1)})
    done = fill(None, layout, COLUMNS, rows(count), profile, folder / "客户")
    assert [record for _, records in done.files for record in records] == [f"crm/客户/{n}" for n in range(count)]
    assert len(done.files) == -(-count // most)
    assert check_files([path for path, _ in done.files], profile, layout) == []


def test_files_are_split_by_their_size(template, tmp_path):
    layout = layout_of(template)
    one = fill(template, layout, COLUMNS, rows(400), PLAIN, tmp_path / "one")
    limit = one.files[0][0].stat().st_size * 2 // 3
    profile = replace(PLAIN, max_bytes=limit)
    done = fill(template, layout, COLUMNS, rows(400), profile, tmp_path / "many")
    assert len(done.files) > 1
    assert [r for _, records in done.files for r in records] == [f"crm/客户/{n}" for n in range(400)]
    assert check_files([path for path, _ in done.files], profile, layout) == []
    assert not list(tmp_path.glob(".*.draft"))


def test_what_the_crm_would_refuse_comes_back_with_the_reason(template, tmp_path):
    profile = replace(PLAIN, digits_only=("手机",), required=("客户名称",), unique=("客户名称",), max_cell=50)
    given_rows = [
        ("r/1", ("甲", "李", "+86 139-1234 5678", None)), ("r/2", ("乙", "李", "1391234567转8", None)), ("r/3", (None, "李", None, None)),
        ("r/4", ("甲", "王", None, None)), ("r/5", ("丁" * 51, "王", None, None)),
    ]  # fmt: skip
    done = fill(template, layout_of(template), COLUMNS, given_rows, profile, tmp_path / "客户")
    assert [(r.record, r.code, r.column) for r in done.rejects] == [
        ("r/2", NOT_DIGITS, "手机"), ("r/3", EMPTY, "客户名称"), ("r/4", TWICE, "客户名称"), ("r/5", TOO_LONG, "客户名称"),
    ]  # fmt: skip
    assert load_workbook(done.files[0][0])["客户"]["C4"].value == "13912345678"
    assert check_files([path for path, _ in done.files], profile, layout_of(template)) == []
    long = replace(PLAIN, max_record_characters=10)
    assert [r.code for r in fill(template, layout_of(template), COLUMNS, rows(1), long, tmp_path / "x").rejects] == [
        RECORD_TOO_LONG
    ]
    assert digits("(+86) 139 1234-5678") == "13912345678"


def test_the_checker_sees_what_is_wrong(template, tmp_path):
    layout = layout_of(template)
    done = fill(template, layout, COLUMNS, rows(12), PLAIN, tmp_path / "客户")
    paths = [path for path, _ in done.files]
    strict = replace(
        PLAIN, max_rows=10, max_columns=4, max_bytes=100, max_cell=5, digits_only=("手机",), unique=("行业",), required=("备注",),
        max_record_characters=10, merged_cells=False,
    )  # fmt: skip
    book = load_workbook(paths[0])
    book["客户"].merge_cells("A20:B20")
    book.save(paths[0])
    told = " ".join(why.text("en") for _, why in check_files(paths, strict, layout))
    for part in (
        "12 rows, more than 10",
        "5 columns",
        "bytes",
        "characters, more than 5",
        "digits alone",
        "second time",
        "is empty",
        "in a row",
        "merged",
    ):
        assert part in told
    assert check_files([tmp_path / "x.csv"], PLAIN, layout)[0][1].text("en") == "the ending is not .xlsx"


def test_a_column_that_is_not_there_and_a_missing_template_are_told(template, tmp_path):
    with pytest.raises(ConfigurationError, match=r"template\.no-column"):
        fill(template, layout_of(template), ("客户名", "手机"), [], PLAIN, tmp_path / "x")
    with pytest.raises(ConfigurationError, match=r"template\.needed"):
        fill(None, layout_of(template), COLUMNS, [], PLAIN, tmp_path / "x")
    with pytest.raises(ConfigurationError, match=r"template\.too-many-columns"):
        fill(template, layout_of(template), COLUMNS, [], replace(PLAIN, max_columns=4), tmp_path / "x")
    (tmp_path / "closed").write_text("a file, no folder")
    with pytest.raises(LocationError, match=r"target\.unwritable"):
        fill(template, layout_of(template), COLUMNS, rows(1), PLAIN, tmp_path / "closed" / "x")


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_shipped_profile_says_where_its_limits_are_published(path):
    profile = read_profile(path)
    assert any(source.url.startswith("http") and source.read_on and source.says for source in profile.sources)
    assert profile.max_rows > 0


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_an_export_is_split_right_for_every_shipped_profile(path, template, tmp_path):
    """A tenth of each limit; benchmarks/import_templates.py does 120,000 rows with the limits as they are."""
    profile = read_profile(path)
    small = replace(
        profile,
        max_rows=min(max(profile.max_rows // 100, 20), 250),
        max_bytes=profile.max_bytes and max(profile.max_bytes // 100, 9_000),
    )
    layout = (
        layout_of(template)
        if profile.format == "xlsx"
        else Layout("", 1, 2, {n: at for at, n in enumerate(COLUMNS, start=1)})
    )
    if profile.header_row:
        layout = replace(layout, header_row=2)  # the fixture's instructions stand above it
    done = fill(template if profile.format == "xlsx" else None, layout, COLUMNS, rows(600), small, tmp_path / "客户")
    assert not done.rejects
    assert sum(len(records) for _, records in done.files) == 600
    assert len(done.files) >= 3
    assert check_files([p for p, _ in done.files], small, layout) == []


def test_a_limit_without_a_source_is_no_profile(tmp_path):
    (tmp_path / "p.yaml").write_text(
        "version: 1\ntitle: X\nsources: [{note: heard somewhere}]\nmax_rows: 5\n", encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match=r"profile\.no-source"):
        read_profile(tmp_path / "p.yaml")
