"""`crmmigrate audit` with gates, assumptions and an earlier audit."""

import json
import sqlite3

import pytest
from openpyxl import Workbook, load_workbook
from tests.command_line import called


def audit(*words):
    return called("audit", *words)


@pytest.fixture
def customers(tmp_path):
    path = tmp_path / "客户.csv"
    lines = [f"C{n:03},杭州启明{chr(0x4E10 + n)}{chr(0x5E10 + n)}有限公司,139001380{n:02}" for n in range(30)]
    path.write_text("\n".join(["客户编号,客户名称,手机", *lines]) + "\n", encoding="utf-8")
    return path


def test_a_gate_not_met_is_a_finding_and_one_that_is_none_stops_before_anything_is_read(customers, tmp_path):
    met = audit(customers, "-o", tmp_path / "a", "--gate", "score>=10", "--format", "json")
    assert (met.returncode, json.loads(met.stdout)["facts"]["gates"]) == (0, {"score>=10": True})
    missed = audit(customers, "-o", tmp_path / "a", "--gate", "score>=100.5", "--format", "json")
    assert (missed.returncode, json.loads(missed.stdout)["status"]) == (1, "findings")
    wrong = audit(tmp_path / "missing.csv", "-o", tmp_path / "b", "--gate", "scores>=1")
    assert wrong.returncode == 2
    assert "audit.gate" in wrong.stderr


def test_an_inventory_in_which_people_wrote_stays(customers, tmp_path):
    book = tmp_path / "a" / "01_数据源盘点表.xlsx"
    for _ in range(2):
        assert audit(customers, "-o", tmp_path / "a").returncode == 0
    filled = load_workbook(book)
    filled.worksheets[1].cell(2, filled.worksheets[1].max_column, "王敏")
    filled.save(book)
    before = book.read_bytes()
    done = audit(customers, "-o", tmp_path / "a")
    assert (done.returncode, "file.written-in" in done.stderr, book.read_bytes() == before) == (2, True, True)


def test_a_quotation_mark_that_is_not_closed_is_told_with_its_place(customers, tmp_path):
    lines = customers.read_text("utf-8").splitlines()
    for at in (4, 9):
        lines[at] = lines[at].replace(",杭州", ',"杭州')
    customers.write_text("\n".join(lines) + "\n", "utf-8")
    done = audit(customers, "-o", tmp_path / "a")
    assert done.returncode == 1
    assert "first at 客户.csv!5, 客户.csv!10 [source.quote-swallows]" in done.stderr
    [risk] = [risk for risk in json.loads((tmp_path / "a" / "audit.json").read_text("utf-8"))["risks"]
              if risk["code"] == "source.quote-swallows"]  # fmt: skip
    assert risk["finding"].endswith("first at 客户.csv!5, 客户.csv!10")
    assert "客户.csv!5" in (tmp_path / "a" / "01_数据质量审计报告.html").read_text("utf-8")
    book = load_workbook(tmp_path / "a" / "01_数据源盘点表.xlsx")
    rows = list(book["Sources"].iter_rows(values_only=True))
    assert "客户.csv!5" in str(rows[1][rows[0].index("Noted first at")])


def test_a_file_with_a_header_only_is_told_by_name(customers, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    customers.rename(folder / "客户.csv")
    (folder / "联系人.csv").write_text("编号,姓名,手机\n", encoding="utf-8")
    book = Workbook()
    book.active.title = "合同"
    book.active.append(["编号", "金额"])
    book.create_sheet("说明").append(["导出于 2026 年"])  # a title is no header
    book.save(folder / "合同.xlsx")
    done = audit(folder, "-o", tmp_path / "a")
    assert done.returncode == 1
    assert (
        "there is a header and no row below it: 2, first at 合同.xlsx#合同, 联系人.csv [source.no-rows]" in done.stderr
    )
    risks = json.loads((tmp_path / "a" / "audit.json").read_text("utf-8"))["risks"]
    assert {risk["table"] for risk in risks if risk["code"] == "source.no-rows"} == {"in.合同/合同", "in.联系人"}


def test_an_earlier_audit_is_found_by_its_run_its_folder_and_its_file(customers, tmp_path):
    work = tmp_path / "work"
    run = json.loads(audit(customers, "-o", tmp_path / "a", "--work", work, "--format", "json").stdout)["run"]
    for name in (run, tmp_path / "a", tmp_path / "a" / "audit.json"):
        done = audit(customers, "-o", tmp_path / "b", "--work", work, "--compare", name, "--lang", "en")
        assert done.returncode == 0, done.stderr
        assert "0 better, 0 worse, 0 new, 0 gone" in done.stderr
    missing = audit(customers, "-o", tmp_path / "b", "--work", work, "--compare", tmp_path / "none.json")
    assert missing.returncode == 3
    assert "Traceback" not in missing.stderr


def test_its_own_reports_are_no_source(customers, tmp_path):
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "of yesterday.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = audit(tmp_path, "-o", tmp_path / "audit", "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    found = json.loads((tmp_path / "audit" / "audit.json").read_text(encoding="utf-8"))
    assert [table["name"].rpartition(".")[2] for table in found["tables"]] == ["客户"]


def test_a_large_table_of_a_database_is_counted_in_place(tmp_path):
    connection = sqlite3.connect(tmp_path / "工单.db")
    connection.execute("CREATE TABLE t (no TEXT PRIMARY KEY, level TEXT)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(f"T-{n:04}", "急普缓"[n % 3]) for n in range(300)])
    connection.commit()
    connection.close()
    done = audit(
        tmp_path / "工单.db", "-o", tmp_path / "a", "--in-place", 300, "--work", tmp_path / "w", "--lang", "zh"
    )
    assert done.returncode in (0, 1), done.stderr
    found = json.loads((tmp_path / "a" / "audit.json").read_text(encoding="utf-8"))
    columns = {column["name"]: column for column in found["tables"][0]["columns"]}
    assert [columns[name]["in_place"] for name in ("no", "level")] == [False, True]
    assert (columns["level"]["filled"], columns["level"]["distinct"]) == (300, 3)
    assert "大表中有 1 列由数据库就地统计" in next((tmp_path / "a").glob("*.html")).read_text(encoding="utf-8")
