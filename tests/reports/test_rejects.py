import pandas as pd
import pytest
from openpyxl import load_workbook

from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_COLUMNS, declare_code
from crmmigrate.model.schema import TargetTable
from crmmigrate.reports.rejects import read_rejects, rejects_report
from crmmigrate.runner.scanned_files import is_declared

CODE = declare_code("test.rejects-blank-name", Message("the name is empty"))


def batches():
    yield pd.DataFrame(
        {
            "_record": ["r1", "r2"],
            "_origin": ["x!1", "x!2"],
            "名称": [None, "乙"],
            "电话": ["=1+1", "2"],
            "备注": ["x", "y"],
        },
        dtype="str",
    )
    yield pd.DataFrame(
        {"_record": ["r3"], "_origin": ["x!3"], "名称": ["丙"], "电话": ["007"], "备注": ["z"]}, dtype="str"
    )


ASIDE = pd.DataFrame(
    [
        ("account", "r1", "x!1", "rejected", CODE, "名称", None, None),
        ("account", "r1", "x!1", "rejected", "unknown.code", "电话", None, None),
        ("account", "r3", "x!3", "rejected", CODE, "电话", None, None),
        ("account", "r3", "x!3", "quarantined", "unknown.code", None, None, None),
        ("order", "o1", "y!1", "rejected", CODE, None, None, None),
    ],
    columns=list(ASIDE_COLUMNS), dtype="str",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rejected_rows_with_their_own_columns_and_reasons(tmp_path, language):
    report = rejects_report(
        {"account": batches}, ASIDE, run="run-1", corrected={("account", "r3", "名称"): "corrected"}
    )
    report.write(tmp_path / report.name, language)
    assert is_declared(tmp_path / report.name), "it holds personal data, for named people"
    book = load_workbook(tmp_path / report.name)
    page = book[{"en": "account", "zh": "客户"}[language]]
    rows = list(page.iter_rows(values_only=True))
    assert (rows[0][0], rows[0][9:12]) == ("_record", ("名称", "电话", "备注"))
    reason = Message("the name is empty").text(language)
    also = "；" if language == "zh" else "; "
    assert rows[1][:6] == (
        "r1",
        "account",
        "x!1",
        f"{reason}{also}unknown.code",
        f"{CODE}{also}unknown.code",
        f"名称{also}电话",
    )
    assert rows[1][6:11] == (Message("fill in the tinted cells").text(language) + also + Message("correct the tinted cells").text(language),
                           None, None, None, "=1+1")  # fmt: skip
    assert rows[2][2:6] == ("x!3", f"{reason}{also}unknown.code", f"{CODE}{also}unknown.code", "电话")
    assert rows[2][9:12] == ("corrected", "007", "z")
    assert (len(rows), rows[1][12]) == (3, "run-1")
    assert [page.column_dimensions[letter].hidden for letter in "ABCMN"] == [True, True, False, True, True]
    assert page["K2"].data_type == "s"
    tinted = [[cell.fill.fill_type == "solid" for cell in row[9:12]] for row in page.iter_rows(min_row=2)]
    assert tinted == [[True, True, False], [True, True, False]]
    notes = " ".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell)
    sentence = "Then: crmmigrate load migration.yaml --rejects WORKBOOK"
    assert Message(sentence).text(language) in notes
    assert "order" not in book.sheetnames


NASTY = [
    "a\r\nb",
    "a\rb",
    " x ",
    "_x0041_",
    "_x000D_",
    "\u3000",
    "1.0",
    "007",
    "=1+1",
    "\x07",
    "'x",
    "2024-01-01",
    "\U0001f600",
    None,
    "",
]


def test_what_nobody_touched_is_not_changed(tmp_path):
    def rows():
        records = [f"r{number}" for number in range(len(NASTY))]
        yield pd.DataFrame({"_record": records, "_origin": records, "值": NASTY}, dtype="str")

    aside = pd.DataFrame([("t", f"r{n}", "x", "rejected", CODE, "值", None, None) for n in range(len(NASTY))],
                         columns=list(ASIDE_COLUMNS), dtype="str")  # fmt: skip
    report = rejects_report({"t": rows}, aside, run="run-1")
    report.write(tmp_path / report.name, "zh")
    book = load_workbook(tmp_path / report.name)
    book.save(tmp_path / "saved.xlsx")
    for name in (report.name, "saved.xlsx"):
        back = {row.record: row for row in read_rejects(tmp_path / name)}
        assert {value for n, value in enumerate(NASTY) if back[f"r{n}"].changed("值", value)} == set()
        assert back["r0"].changed("值", "other")


def test_a_sheet_is_named_as_people_call_its_table(tmp_path):
    report = rejects_report(
        {"account": batches},
        ASIDE,
        run="run-1",
        targets={"account": TargetTable({}, "客户"), "order": TargetTable({}, "订单")},
    )
    report.write(tmp_path / report.name, "zh")
    assert load_workbook(tmp_path / report.name).sheetnames[1:-1] == ["客户"]
    assert {row.record for row in read_rejects(tmp_path / report.name)} == {"r1", "r3"}
    unnamed = rejects_report({"account": batches}, ASIDE, targets={"account": TargetTable({})})
    unnamed.write(tmp_path / unnamed.name, "zh")
    assert load_workbook(tmp_path / unnamed.name).sheetnames[1:-1] == ["客户"], "as the other workbooks call it"


@pytest.mark.parametrize("column", ["account_id", "名称 + 电话"])
def test_a_reason_that_names_a_column_of_the_target_is_shown_at_those_it_is_made_from(tmp_path, column):
    aside = pd.DataFrame(
        [("account", "r3", "x!3", "rejected", "map.reference-missing", column, None, None)], columns=list(ASIDE_COLUMNS)
    )
    behind = {"account": {"account_id": ("名称", "电话", "曾用名"), "note": ("备注",)}}
    report = rejects_report({"account": batches}, aside, behind=behind)
    report.write(tmp_path / report.name, "zh")
    page = load_workbook(tmp_path / report.name).worksheets[1]
    assert page["F2"].value == "名称；电话"
    assert "着色" in page["G2"].value
    assert [cell.fill.fill_type == "solid" for cell in page[2][9:12]] == [True, True, False]
