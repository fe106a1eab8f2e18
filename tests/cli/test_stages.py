"""Each stage alone on one table, as scripts call it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from tests.command_line import called as crmmigrate

PACK = Path(__file__).parents[2] / "mappings" / "b2b"


MAPPING = """version: 1
object: account
target: {table: accounts}
match: {on: [external_id]}
fields:
  external_id: {from: _record, required: true}
  name: {from: 客户名称, required: true}
  phone: 电话
  created_on: {from: 创建日期, do: [date], on_error: blank}
  industry: {from: 行业, values: {制造业: manufacturing, C: manufacturing}, unmapped: reject}
ignore: [客户编号, 邮箱]
"""


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


@pytest.fixture
def customers(tmp_path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "客户"
    for row in (
        ("客户编号", "客户名称", "电话", "邮箱", "创建日期", "行业"),
        ("C1", "杭州启明精密机械有限公司", "138-0013-8000", "a＠qiming.cn", "2023年5月1日", "制造"),
        ("C2", "杭州启明精密机械有限公司 ", "13800138000", "a@qiming.cn", "2023.5.2", "制造业"),
        ("C3", "NA", "12345", "b@na.cn", "6月31日", "别的"),
    ):
        sheet.append(row)
    book.create_sheet("联系人").append(("姓名",))
    path = tmp_path / "客户.xlsx"
    book.save(path)
    return path


def test_standardise_a_column_to_standard_output(customers):
    done = crmmigrate(
        "standardise", f"{customers}#客户", "--column", "电话=phone", "--column", "创建日期=date", "-o", "-"
    )
    assert done.returncode in (0, 1), done.stderr
    rows = rows_of(done.stdout)
    assert [row["电话"] for row in rows] == ["+8613800138000", "+8613800138000", "12345"]
    assert [row["创建日期"] for row in rows][:2] == ["2023-05-01", "2023-05-02"]
    assert [row["客户编号"] for row in rows] == ["C1", "C2", "C3"]


def test_standard_input_to_standard_output():
    done = crmmigrate(
        "standardise", "-", "--column", "phone=phone", "-o", "-", stdin="name,phone\n000123,138 0013 8000\n"
    )
    assert done.returncode == 0, done.stderr
    (row,) = rows_of(done.stdout)
    assert (row["name"], row["phone"]) == ("000123", "+8613800138000")


def test_the_american_spelling_is_welcome(customers, tmp_path):
    done = crmmigrate("standardize", f"{customers}#客户", "--column", "电话=phone", "-o", tmp_path / "x.csv")
    assert done.returncode in (0, 1), done.stderr


def test_the_whole_road_of_one_table(customers, tmp_path):
    clean, golden, target = tmp_path / "clean.parquet", tmp_path / "golden.xlsx", tmp_path / "accounts.csv"
    issues, crosswalk, rejects = tmp_path / "issues.csv", tmp_path / "crosswalk.csv", tmp_path / "rejects.csv"
    done = crmmigrate("standardise", f"{customers}#客户", "--standard", PACK / "standard.yaml", "--object", "account",
                      "-o", clean, "--issues", issues)  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert any(row["column"] == "电话" for row in rows_of(issues.read_text("utf-8-sig")))
    done = crmmigrate("dedupe", clean, "--object", "account", "-o", golden, "--crosswalk", crosswalk)
    assert done.returncode in (0, 1), done.stderr
    links = rows_of(crosswalk.read_text("utf-8-sig"))
    assert len(links) == 3
    assert len({row["survivor"] for row in links}) == 2
    assert "NA" in {cell.value for cell in openpyxl.load_workbook(golden).active["D"]} | {
        cell.value for column in openpyxl.load_workbook(golden).active.iter_cols() for cell in column
    }
    mapping = tmp_path / "account.crmmap.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    done = crmmigrate("map", golden, "--mapping", mapping, "-o", target, "--rejects", rejects)
    assert done.returncode in (0, 1), done.stderr
    kept, refused = rows_of(target.read_text("utf-8-sig")), rows_of(rejects.read_text("utf-8-sig"))
    assert [(row["name"], row["created_on"]) for row in kept] == [("杭州启明精密机械有限公司", "2023-05-01")]
    assert [(row["code"], row["column"]) for row in refused] == [("map.unmapped-value", "行业")]
    done = crmmigrate(
        "validate", clean, "--standard", PACK / "standard.yaml", "--object", "account", "--format", "json"
    )
    answer = json.loads(done.stdout)
    assert answer["status"] in ("ok", "findings")
    figures = next(iter(answer["counts"].values()))
    assert figures["in"] == 3 == figures["out"] + figures["rejected"]
    assert answer["run"]


def test_scope_alone(customers, tmp_path):
    rules = tmp_path / "scope.yaml"
    rules.write_text(
        'version: 1\nobjects: {account: {keep: [{column: 创建日期, since: "2023-05-02"}]}}\n', encoding="utf-8"
    )
    done = crmmigrate(
        "scope",
        f"{customers}#客户",
        "--rules",
        rules,
        "--object",
        "account",
        "-o",
        "-",
        "--rejects",
        tmp_path / "out.csv",
    )
    assert done.returncode == 1, done.stderr
    assert "1 dates may be before or after 2023-05-02" in done.stderr, "6月31日 names no year"
    assert [row["客户编号"] for row in rows_of(done.stdout)] == ["C2", "C3"]
    assert {row["reason"] for row in rows_of((tmp_path / "out.csv").read_text("utf-8-sig"))} == {"out_of_scope"}


def test_fill_alone(customers, tmp_path):
    registry = tmp_path / "工商登记.csv"
    registry.write_text("企业名称,行业门类\n杭州启明精密机械有限公司,制造业\n", encoding="utf-8")
    standard = tmp_path / "standard.yaml"
    standard.write_text(
        "version: 1\nobjects:\n  account:\n    fill:\n      - table: registry\n        by: [{客户名称: 企业名称}]\n        columns: {行业: 行业门类}\n",
        encoding="utf-8",
    )
    gaps = tmp_path / "gaps.csv"
    gaps.write_text("客户名称,行业\n杭州启明精密机械有限公司,\nNA,\n", encoding="utf-8")
    done = crmmigrate(
        "fill", gaps, "--standard", standard, "--object", "account", "--reference", f"registry={registry}", "-o", "-"
    )
    assert done.returncode == 0, done.stderr
    assert [row["行业"] for row in rows_of(done.stdout)] == ["制造业", ""]


def test_audit_writes_its_reports(customers, tmp_path):
    done = crmmigrate("audit", customers, "-o", tmp_path / "audit", "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    assert json.loads(done.stdout)["files"]
    assert {path.name for path in (tmp_path / "audit").iterdir()} >= {
        "audit.json", "01_数据源盘点表.xlsx", "01_数据质量审计报告.html",
    }  # fmt: skip


def test_reconcile_any_two_tables(tmp_path):
    left, right = tmp_path / "a.csv", tmp_path / "b.csv"
    left.write_text("id,v\n1,x\n2,y\n", encoding="utf-8")
    right.write_text("id,v\n2,y\n1,x\n", encoding="utf-8")
    assert crmmigrate("reconcile", left, right, "--key", "id").returncode == 0
    right.write_text("id,v\n2,Y\n1,x\n", encoding="utf-8")
    done = crmmigrate("reconcile", left, right, "--key", "id", "--format", "json")
    assert done.returncode == 1, done.stderr


def test_nothing_is_left_behind_without_a_workspace(customers, tmp_path):
    (tmp_path / "here").mkdir()
    crmmigrate("standardise", f"{customers}#客户", "--column", "电话=phone", "-o", "-", cwd=tmp_path / "here")
    assert list((tmp_path / "here").iterdir()) == []


def test_a_workspace_asked_for_keeps_the_run(customers, tmp_path):
    done = crmmigrate(
        "standardise", f"{customers}#客户", "--column", "电话=phone", "-o", tmp_path / "x.csv", "--work", tmp_path / "w"
    )
    assert done.returncode in (0, 1), done.stderr
    listed = crmmigrate("runs", "--work", tmp_path / "w", "--format", "json")
    assert [run["stage"] for run in json.loads(listed.stdout)["facts"]["runs"]] == ["extract", "standardise"]


def test_chinese_is_spoken_when_asked(customers):
    done = crmmigrate("--lang", "zh", "standardise", customers, "--column", "电话=phone", "-o", "-")
    assert done.returncode == 2
    assert "个表" in done.stderr or "多个" in done.stderr


def test_the_issues_hold_what_reading_noted_too_and_unusable_values_are_a_finding(tmp_path):
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("name,phone\na,1391234567,left over\nb,13800138000\n", encoding="utf-8")
    issues = tmp_path / "issues.csv"
    done = crmmigrate("standardise", ragged, "--column", "phone=phone", "-o", tmp_path / "o.csv", "--issues", issues)
    codes = [row["code"] for row in rows_of(issues.read_text("utf-8-sig"))]
    assert "source.ragged-row" in codes
    assert "phone.length" in codes
    assert done.returncode == 1
    assert "! unusable values: 1 (phone.length 1); --issues FILE lists them" in done.stderr
    assert (
        "the row has more or fewer cells than the header: 1, first at ragged.csv!2 [source.ragged-row]; --issues"
        in done.stderr
    )
    assert "migration.yaml" not in done.stderr


@pytest.mark.parametrize(("language", "words"), [("en", "the formula was saved without its value: 4, first at"), ("zh", "公式保存时没有计算结果：共 4 处，首处在")])  # fmt: skip
def test_what_reading_noted_is_told_in_sentences_and_a_lost_column_is_a_finding(tmp_path, language, words):
    book = openpyxl.Workbook()
    for row in (
        ("客户名称", "电话", "备注"),
        ("=A9", "0571-88886666", "=B9"),
        ("=A8", "0571-88886667", "老客户"),
        ("=A7", "0571-88886668", None),
    ):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    done = crmmigrate(
        "dedupe", tmp_path / "t.xlsx", "--object", "account", "-o", tmp_path / "o.csv", "--lang", language
    )
    assert words in done.stderr
    assert "t.xlsx#Sheet!2, t.xlsx#Sheet!3, t.xlsx#Sheet!4" in done.stderr
    [lost] = [line for line in done.stderr.splitlines() if line.startswith("! ")]
    assert "客户名称" in lost, "the column that names the customers; the other lost one cell only"
    assert done.returncode == 1


@pytest.mark.parametrize(("asked", "fitting"), [("account", "contact"), ("contact", "account")])
def test_a_table_of_the_other_kind_is_told_which_object_it_is(tmp_path, asked, fitting):
    table = tmp_path / "t.csv"
    table.write_text({"contact": "姓名,手机,生日\n王芳,13800138000,1990-01-01\n", "account": "公司名称,统一社会信用代码\n杭州启明机械有限公司,\n"}[fitting], "utf-8")  # fmt: skip
    done = crmmigrate("dedupe", table, "--object", asked, "-o", tmp_path / "o.csv")
    assert done.returncode == 2
    assert f"--object {fitting}" in done.stderr
    assert "--rules" not in done.stderr


DOUBTFUL = "客户名称,电话\n杭州启明精密机械,0571-88886666\n杭州启明精密机械有限公司,0571-12348888\n"
CLEAR = "客户名称,电话,地址\n杭州启明精密机械有限公司,0571-88001234,杭州\n成都蓝天食品有限公司,028-66005678,成都\n"


@pytest.mark.parametrize("tail", ["C3,丙\nC4,丁\nC5,戊\n", "丙\n丁\n"])
def test_a_quotation_mark_that_is_not_closed_is_told_with_its_place(tmp_path, tail):
    table, out = tmp_path / "t.csv", tmp_path / "o.csv"
    table.write_text(f'编号,名称\nC1,甲\nC2,"乙\n{tail}', encoding="utf-8")
    done = crmmigrate("standardise", table, "--column", "名称=text", "-o", out)
    assert done.returncode == 1
    assert "takes in the rows behind it: 1, first at t.csv!3 [source.quote-swallows]" in done.stderr
    assert "unusable values" not in done.stderr


def test_a_table_without_rows_is_told_and_is_no_finding_of_a_single_stage(tmp_path):
    table, out = tmp_path / "t.csv", tmp_path / "o.csv"
    table.write_text("编号,名称\n", encoding="utf-8")
    done = crmmigrate("standardise", table, "--column", "名称=text", "-o", out)
    assert done.returncode == 0
    assert "there is a header and no row below it: 1, first at t.csv [source.no-rows]" in done.stderr


def test_a_review_workbook_of_an_earlier_time_does_not_stay(tmp_path):
    table, book, out = tmp_path / "t.csv", tmp_path / "review.xlsx", tmp_path / "g.csv"
    table.write_text(DOUBTFUL, encoding="utf-8")
    assert crmmigrate("dedupe", table, "--object", "account", "-o", out, "--review", book).returncode == 1
    table.write_text(CLEAR, encoding="utf-8")
    done = crmmigrate("dedupe", table, "--object", "account", "-o", out, "--review", book)
    assert done.returncode == 0, done.stderr
    assert not book.exists()
    assert "was removed" in done.stderr
    assert "migration.yaml" not in done.stderr


@pytest.mark.parametrize("text", [CLEAR, DOUBTFUL])
def test_a_review_workbook_in_which_people_decided_stays(tmp_path, text):
    table, book, out = tmp_path / "t.csv", tmp_path / "review.xlsx", tmp_path / "g.csv"
    table.write_text(DOUBTFUL, encoding="utf-8")
    assert crmmigrate("dedupe", table, "--object", "account", "-o", out, "--review", book).returncode == 1
    assert crmmigrate("dedupe", table, "--object", "account", "-o", out, "--review", book).returncode == 1
    filled = openpyxl.load_workbook(book)
    filled.save(book)  # as Excel does to a book that was only looked at
    assert crmmigrate("dedupe", table, "--object", "account", "-o", out, "--review", book).returncode == 1
    titles = [cell.value for cell in filled.worksheets[1][1]]
    filled.worksheets[1].cell(3, titles.index("Decision") + 1, "Merge")
    filled.save(book)
    before = book.read_bytes()
    table.write_text(text, encoding="utf-8")
    done = crmmigrate("dedupe", table, "--object", "account", "-o", out, "--review", book)
    assert done.returncode == 2
    assert f"{book}: this file was saved since" in done.stderr
    assert "give it with --decisions" in done.stderr
    assert book.read_bytes() == before


def test_the_review_workbook_is_called_what_it_was_called(tmp_path):
    table, book, out = tmp_path / "t.csv", tmp_path / "zweifel.xlsx", tmp_path / "g.csv"
    table.write_text(DOUBTFUL, encoding="utf-8")
    done = crmmigrate("dedupe", table, "--object", "account", "-o", out, "--review", book)
    assert done.returncode == 1, done.stderr
    assert openpyxl.load_workbook(book).sheetnames
    assert f"--decisions {book}" in done.stderr
    assert "05_疑似重复审核表" not in done.stderr


def test_status_knows_a_load_that_was_rolled_back_and_speaks_chinese(tmp_path):
    from crmmigrate.runner.workspace import Workspace

    workspace = Workspace(tmp_path / "work")
    workspace.begin("load", run="20260101T000000Z-load-aaaaaa").end("done", 0)
    undone = workspace.begin("rollback", run="20260102T000000Z-rollback-bbbbbb")
    undone.manifest.facts = {"applied": False, "undoes": "20260101T000000Z-load-aaaaaa"}
    undone.end("done", 0)
    told = crmmigrate("status", "--work", workspace.folder, "--format", "json")
    assert json.loads(told.stdout)["facts"]["load"] == "done"
    undone.manifest.facts["applied"] = True
    undone.end("done", 0)
    told = crmmigrate("status", "--work", workspace.folder)
    assert "rolled back" in told.stdout
    assert "20260102T000000Z-rollback-bbbbbb" in told.stdout
    workspace.begin("load", run="20260103T000000Z-load-cccccc").end("done", 0)
    told = crmmigrate("status", "--work", workspace.folder)
    assert "rolled back" not in told.stdout


def test_audit_of_the_folder_one_is_in_names_its_source_after_it(customers, tmp_path):
    (tmp_path / "旧系统").mkdir()
    customers.rename(tmp_path / "旧系统" / "客户.xlsx")
    done = crmmigrate("audit", ".", "-o", tmp_path / "audit", "--format", "json", cwd=tmp_path / "旧系统")
    assert done.returncode in (0, 1), done.stderr
    audit = (tmp_path / "audit" / "audit.json").read_text(encoding="utf-8")
    assert '"旧系统.' in audit
    assert '".客户' not in audit
