import json

import pandas as pd
import pytest

from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages.audit import AuditOptions, audit, examine


def table(folder, name, columns):
    rows = len(next(iter(columns.values())))
    frame = pd.DataFrame(
        {"_record": [f"{name}/{i}" for i in range(rows)], "_origin": [f"x#{i}" for i in range(rows)], **columns},
        dtype="str",
    )
    path = folder / f"{name}.parquet"
    frame.to_parquet(path, index=False)
    return Table(name, path)


@pytest.fixture
def tables(tmp_path):
    customers = table(tmp_path, "crm.客户", {
        "客户编号": [f"C{i:03}" for i in range(20)],
        "客户名称": [f"杭州明达{chr(0x4E00 + i)}有限公司" for i in range(18)] + ["杭州明达一有限公司", "（杭州）明达一 公司"],
        "手机": ["13800138000.0"] + [f"139001380{i:02}" for i in range(9)] + [None] * 10,
        "身份证号": ["330106199001010000"] + [f"3301061990010112{i:02}" for i in range(19)],
        "备注": ["日??己思懊"] + [None] * 19,
    })  # fmt: skip
    registry = table(tmp_path, "registry.工商登记", {"企业名称": ["甲乙有限公司"], "成立日期": ["2001-02-03"]})
    sources = table(tmp_path, "_sources", {
        "source": ["crm", "registry"], "table": ["客户", "工商登记"], "file": ["旧.xlsx", "r.csv"], "format": ["xlsx", "csv"],
        "rows": ["20", "1"], "columns": ["5", "2"], "owner": ["", "工商"],
        "dropped": [json.dumps([{"place": 3, "why": "note"}]), None], "hidden": [None, None],
    })  # fmt: skip
    return Tables({t.name: t for t in (customers, registry, sources)})


def run(tables):
    return audit.function(Job(tables, AuditOptions(("registry",)), "run", lambda rows: None))


def test_audit_moves_no_rows_and_counts_them(tables):
    result = run(tables)
    assert result.flows == {}
    assert (result.facts["tables"], result.facts["rows"], result.facts["columns"]) == (2, 21, 7)
    assert set(result.tables) == {"audit_columns", "risks"}
    columns = result.tables["audit_columns"].set_index(["table", "column"])
    assert columns.loc[("crm.客户", "手机"), "filled"] == "10"
    assert columns.loc[("crm.客户", "客户名称"), "meaning"] == "company"


def test_audit_finds_duplicates_damage_and_missing_owner(tables):
    found = examine(tables, ("registry",))
    customers = next(profile for profile in found.tables if profile.name == "crm.客户")
    assert customers.keys[0] == "客户编号"
    assert customers.near_duplicates == 2
    damage = {column.name: column.damage for column in customers.columns}
    assert damage["手机"]["float-number"] == 1
    assert damage["身份证号"]["lost-digits"] == 1
    assert damage["备注"]["mojibake"] == 1
    codes = {(risk.code, risk.table, risk.column) for risk in found.risks}
    assert ("damage.lost-digits", "crm.客户", "身份证号") in codes
    assert ("source.no-owner", "crm", "") in codes
    assert ("privacy.id-number", "crm.客户", "身份证号") in codes
    assert found.scores["accessibility"] == pytest.approx(20 / 21, abs=0.001)
    assert not any(risk.table.startswith("registry") for risk in found.risks)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_reports_are_written_without_personal_values(tables, tmp_path, language):
    from openpyxl import load_workbook

    for report in run(tables).reports:
        report.write(tmp_path / report.name, language)
    html = (tmp_path / "01_数据质量审计报告.html").read_text(encoding="utf-8")
    data = (tmp_path / "audit.json").read_text(encoding="utf-8")
    book = load_workbook(tmp_path / "01_数据源盘点表.xlsx", read_only=True)
    sheets = "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    for secret in ("13900138001", "330106199001011201", "13800138000", "杭州明达一有限公司"):
        assert secret not in html
        assert secret not in data
        assert secret not in sheets
    assert json.loads(data)["tables"][0]["name"] == "crm.客户"
    assert "http://" not in html
    assert "https://" not in html
    assert "src=" not in html


def test_audit_of_a_table_without_rows(tmp_path):
    empty = table(tmp_path, "a.b", {"客户名称": []})
    result = run(Tables({"a.b": empty}))
    assert result.facts["rows"] == 0
    for report in result.reports:
        report.write(tmp_path / report.name, "en")
        assert (tmp_path / report.name).stat().st_size > 100
