import pandas as pd
import pytest
from openpyxl import load_workbook

from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_COLUMNS, declare_code
from crmmigrate.reports.rejects import rejects_report

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
        ("account", "r2", "x!2", "merged", "dedupe.merged", None, None, "r3"),
        ("account", "r3", "x!3", "quarantined", "unknown.code", None, None, None),
        ("order", "o1", "y!1", "rejected", CODE, None, None, None),
    ],
    columns=list(ASIDE_COLUMNS), dtype="str",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rejected_rows_with_their_own_columns_and_reasons(tmp_path, language):
    report = rejects_report({"account": batches}, ASIDE)
    report.write(tmp_path / report.name, language)
    book = load_workbook(tmp_path / report.name)
    page = book["account"]
    rows = list(page.iter_rows(values_only=True))
    assert (rows[0][0], rows[0][5:]) == ("_record", ("名称", "电话", "备注"))
    reason = Message("the name is empty").text(language)
    also = "；" if language == "zh" else "; "
    reasons, codes = f"{reason}{also}unknown.code", f"{CODE}{also}unknown.code"
    assert rows[1] == ("r1", "x!1", reasons, codes, f"名称{also}电话", None, "=1+1", "x")
    assert rows[2] == ("r3", "x!3", reasons, codes, "电话", "丙", "007", "z")
    assert len(rows) == 3
    assert page.column_dimensions["A"].hidden
    assert page["G2"].data_type == "s"
    tinted = [[cell.fill.fill_type == "solid" for cell in row[5:]] for row in page.iter_rows(min_row=2)]
    assert tinted == [[True, True, False], [True, True, False]]
    notes = " ".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell)
    sentence = "These rows were not migrated. Correct them in the source and run again: no command takes this workbook back yet."
    assert Message(sentence).text(language) in notes
    assert "order" not in book.sheetnames


def test_a_sheet_is_named_as_people_call_its_table(tmp_path):
    report = rejects_report({"account": batches}, ASIDE, titles={"account": "客户", "order": "订单"})
    report.write(tmp_path / report.name, "zh")
    assert load_workbook(tmp_path / report.name).sheetnames[1:] == ["客户"]
    unnamed = rejects_report({"account": batches}, ASIDE, titles={"account": ""})
    unnamed.write(tmp_path / unnamed.name, "zh")
    assert load_workbook(tmp_path / unnamed.name).sheetnames[1:] == ["account"]
