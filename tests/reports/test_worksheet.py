from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from crmmigrate.messages import Message
from crmmigrate.reports import worksheet
from crmmigrate.reports.cells import UNWRITABLE
from crmmigrate.reports.worksheet import Column, Sheet, shown, write_workbook


def written(path, sheets, **options):
    write_workbook(path, "en", sheets, **options)
    return load_workbook(path)


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-5", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "|calc", "%x"])
def test_text_is_never_a_formula(tmp_path, text):
    book = written(tmp_path / "a.xlsx", [Sheet("s", [Column("x"), Column("y", entry=True)], [[text, text]])])
    for cell in book["s"][2]:
        assert (cell.value, cell.data_type, cell.quotePrefix, cell.number_format) == (text, "s", True, "@")


def test_text_that_looks_like_a_number_stays_text(tmp_path):
    values = ["000123", "1E5", "330106199001011234", "2023-01-02", "TRUE", "NA", "1/2"]
    book = written(tmp_path / "a.xlsx", [Sheet("s", [Column(v) for v in values], [values])])
    assert [cell.value for cell in book["s"][2]] == values


def test_numbers_are_numbers_unless_excel_would_spoil_them(tmp_path):
    row = [3, 2.5, Decimal("1.25"), 10**17, None, "–"]
    book = written(tmp_path / "a.xlsx", [Sheet("s", [Column(str(i), number=True) for i in range(6)], [row])])
    assert [cell.value for cell in book["s"][2]] == [3, 2.5, 1.25, str(10**17), None, "–"]


def test_only_entries_of_a_locked_sheet_can_be_written_to_and_rows_can_be_filtered(tmp_path):
    columns = [Column("a"), Column("b", entry=True, choices=("x", "y")), Column("c", number=True)]
    rows = [["1", None, 2], [None, "x", None]]
    book = written(
        tmp_path / "a.xlsx", [Sheet("s", columns, rows, heads=0, locked=True), Sheet("t", columns, rows)], title="T"
    )
    page = book["s"]
    assert (page.protection.sheet, page.protection.autoFilter, page.protection.password) == (True, False, None)
    assert [[cell.protection.locked for cell in row] for row in page.iter_rows(min_row=1)] == [
        [True, True, True], [True, False, True], [True, False, True]
    ]  # fmt: skip
    assert not book["t"].protection.sheet
    assert any("no password" in str(row[0].value) for row in book["About this workbook"])


def test_header_is_frozen_and_filtered_and_machine_columns_are_hidden(tmp_path):
    columns = [
        Column("_record", hidden=True),
        Column("客户名称"),
        Column("决定", entry=True, choices=(Message("yes"), "no")),
    ]
    page = written(tmp_path / "a.xlsx", [Sheet("s", columns, [["r1", "杭州明达科技股份有限公司", None]] * 3)])["s"]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:C4"
    assert page.column_dimensions["A"].hidden
    assert page.column_dimensions["B"].width >= 2 * len("杭州明达科技股份有限公司")
    [rule] = page.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"yes,no"', "C2:C4")
    assert page["C2"].fill.fgColor.rgb != page["B2"].fill.fgColor.rgb


def test_a_sheet_that_is_too_long_goes_on_in_another(tmp_path, monkeypatch):
    monkeypatch.setattr(worksheet, "SHEET_ROWS", 4)
    book = written(tmp_path / "a.xlsx", [Sheet("s", [Column("n", number=True)], ([i] for i in range(9)))])
    assert book.sheetnames == ["s", "s~2", "s~3"]
    assert [cell.value for page in book for cell in page["A"][1:]] == list(range(9))


def test_sheets_have_names_that_excel_takes(tmp_path):
    titles = ["a/b:c*?[d]", "a/b:c*?[d]", "x" * 40, "X" * 40, "", "'"]
    book = written(tmp_path / "a.xlsx", [Sheet(title, [Column("x")], []) for title in titles])
    assert len({name.casefold() for name in book.sheetnames}) == len(titles)
    assert all(0 < len(name) <= 31 for name in book.sheetnames)


def test_first_page_and_signatures(tmp_path):
    book = written(
        tmp_path / "a.xlsx",
        [Sheet("s", [Column("x")], [["1"]])],
        title="Title",
        notes=["Why"],
        signatures=["IT", "Sales"],
    )
    assert book.sheetnames == ["About this workbook", "s", "Sign-off"]
    assert [row[0].value for row in book["About this workbook"].iter_rows(max_row=3)] == ["Title", None, "Why"]
    assert [cell.value for cell in book["Sign-off"]["A"]] == ["Role", "IT", "Sales"]
    assert book["Sign-off"]["B2"].border.top.style == "thin"
    assert book["s"]["A2"].border.top.style is None


texts = st.text(max_size=20)


@settings(max_examples=30)
@given(st.lists(texts, min_size=1, max_size=5))
def test_any_text_can_be_written_and_read_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("w") / "a.xlsx"
    book = written(path, [Sheet("s", [Column("x")] * len(values), [values])])
    cells = [cell.value or "" for cell in book["s"][2]] if book["s"].max_row > 1 else [""] * len(values)
    for value, cell in zip(values, cells, strict=True):
        printable = UNWRITABLE.sub("\ufffd", value)
        assert cell.replace("\r\n", "\n").replace("\r", "\n") == printable.replace("\r\n", "\n").replace("\r", "\n")


def test_shown():
    assert shown(None, "en") == shown(float("nan"), "en") == ""
    assert shown(("a", Message("b {n}", n=1)), "en") == "a; b 1"
