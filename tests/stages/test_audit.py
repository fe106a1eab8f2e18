import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.checks.profile_compare import compare, read_audit
from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages.audit import AuditOptions, audit, examine, write_json

SAMPLE = Path(__file__).parents[2] / "samples" / "b2b"


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
    columns = result.tables["audit_columns"].to_pandas().set_index(["table", "column"])
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


def test_gates_are_judged_and_one_that_nothing_shows_is_not_met(tables):
    options = AuditOptions(("registry",), gates=("score>=1", "duplicates<=1", "timeliness >= 10"))
    result = audit.function(Job(tables, options, "run", lambda rows: None))
    assert result.facts["gates"] == {"score>=1": True, "duplicates<=1": False, "timeliness>=10": False}
    told = [finding.text("en") for finding in result.findings]
    assert "gate duplicates<=1 is NOT met: 10" in told
    assert "gate timeliness>=10 is NOT met: nothing in the data shows this figure" in told


def test_high_risks_are_counted_with_the_place_of_the_register(tables):
    result = run(tables)
    told = [finding.text("en") for finding in result.findings]
    high = sum(int(level) >= 6 for level in result.tables["risks"]["level"].to_pylist())
    assert high
    assert f"{high} risks are high; sheet 'Risk register' of 01_数据源盘点表.xlsx lists all of them" in told


@pytest.mark.parametrize(
    "options",
    [
        {"gates": ("scores>=80",)},
        {"gates": ("score",)},
        {"assumptions": ("pairs=3",)},
        {"assumptions": ("pairs_hour=0",)},
    ],
)
def test_a_gate_or_an_assumption_that_is_none_is_refused(tables, options):
    with pytest.raises(ConfigurationError):
        audit.function(Job(tables, AuditOptions(**options), "run", lambda rows: None))


def test_effort_follows_its_assumptions(tables):
    plain, slow = (
        examine(tables, ("registry",), assumptions=given).effort for given in ((), ("fill_hour=1", "table_days=3"))
    )
    assert slow.fill == plain.fill
    assert slow.days == pytest.approx(plain.days + (3 - 0.25) + plain.fill / 6 * (1 - 1 / 30), abs=0.15)


def test_compare_says_what_got_better_worse_new_and_gone(tables, tmp_path):
    before = tmp_path / "audit.json"
    write_json(before, "en", examine(tables, ("registry",)))
    mended = tables["crm.客户"].frame()
    mended["手机"] = [f"139001380{i:02}" for i in range(20)]
    mended["身份证号"] = mended["身份证号"].where(mended.index > 5)
    mended = mended.drop(columns="备注").assign(新列="甲")
    mended.to_parquet(tmp_path / "after.parquet", index=False)
    after = Tables({"crm.客户": Table("crm.客户", tmp_path / "after.parquet"), "_sources": tables["_sources"]})
    options = AuditOptions(("registry",), compare=read_audit(before), compared="first")
    result = audit.function(Job(after, options, "run", lambda rows: None))
    for report in result.reports:
        report.write(tmp_path / report.name, "en")
    changes = {
        (c["kind"], c["what"], c["measure"]): c["verdict"]
        for c in json.loads(before.read_text(encoding="utf-8"))["changes"]
    }
    assert changes["column", "crm.客户/手机", "filled"] == "better"
    assert changes["column", "crm.客户/身份证号", "filled"] == "worse"
    assert changes["column", "crm.客户/备注", ""] == "gone"
    assert changes["column", "crm.客户/新列", ""] == "new"
    assert changes["table", "registry.工商登记", "rows"] == "gone"
    assert changes["risk", "damage.float-number · crm.客户/手机", "cells"] == "gone"
    assert result.notes[0].text("en").startswith("since first: ")
    assert "Since the last audit" in (tmp_path / "01_数据质量审计报告.html").read_text(encoding="utf-8")


def test_an_audit_compared_with_itself_has_not_changed(tables, tmp_path):
    found = examine(tables, ("registry",))
    write_json(tmp_path / "audit.json", "zh", found)
    assert compare(found, read_audit(tmp_path / "audit.json")) == ()


def test_an_audit_of_another_version_is_refused(tables, tmp_path):
    write_json(tmp_path / "audit.json", "zh", examine(tables, ("registry",)))
    content = (tmp_path / "audit.json").read_text(encoding="utf-8")
    (tmp_path / "audit.json").write_text(content.replace('"version": 2', '"version": 1', 1), encoding="utf-8")
    with pytest.raises(LocationError) as error:
        read_audit(tmp_path / "audit.json")
    assert error.value.code == "audit.other-version"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tables": 3, "scores": {}}'])
def test_something_else_than_an_audit_is_refused(tmp_path, content):
    (tmp_path / "audit.json").write_text(content, encoding="utf-8")
    with pytest.raises(LocationError):
        read_audit(tmp_path / "audit.json")


def test_files_and_reading_decisions_are_shown_where_extraction_tells_them(tables, tmp_path):
    from openpyxl import load_workbook

    told = (
        tables["_sources"]
        .frame()
        .assign(decision=['{"header": [3], "why": "first full row"}', None], key=['["客户编号"]', None])
    )
    told.to_parquet(tmp_path / "told.parquet", index=False)
    files = table(tmp_path, "_files", {
        "source": ["crm", "crm"], "file": ["旧.xlsx", "~$旧.xlsx"], "format": ["xlsx", ""], "size": ["10", "1"], "modified": ["2024-01-01", ""],
        "sha256": ["ab", "cd"], "state": ["read", "lock"], "why": [None, None],
    })  # fmt: skip
    more = Tables({**dict(tables.items()), "_sources": Table("_sources", tmp_path / "told.parquet"), "_files": files})
    result = run(more)
    for report in result.reports:
        report.write(tmp_path / report.name, "en")
    book = load_workbook(tmp_path / "01_数据源盘点表.xlsx", read_only=True)
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "header: 3; why: first full row" in cells
    assert {"~$旧.xlsx", "lock file"} <= cells
    assert "~$旧.xlsx" in (tmp_path / "01_数据质量审计报告.html").read_text(encoding="utf-8")
    assert "file.lock" in result.tables["risks"]["code"].to_pylist()


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The committed b2b sample, audited."""
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.execute import Context, execute
    from crmmigrate.runner.extract import extraction, project_keys, project_sources
    from crmmigrate.runner.workspace import Workspace

    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(SAMPLE / "in", folder / "in")
    text = (SAMPLE / "migration.yaml").read_text(encoding="utf-8").partition("standard:")[0]
    (folder / "migration.yaml").write_text(text, encoding="utf-8")
    project = read_project(folder / "migration.yaml")
    outcome = execute(
        extraction(project_sources(project), project_keys(project)),
        {},
        None,
        Context(Workspace(folder / "work"), Quiet()),
    )
    return Tables(outcome.tables), examine(Tables(outcome.tables), ("registry",))


class Quiet:
    def begin(self, title, total):
        return lambda rows: None

    def end(self):
        pass


def truth(name):
    with (SAMPLE / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sample_s_duplicates_and_overlaps_are_those_of_the_truth(sample):
    tables, found = sample
    entity = {(row["object"], row["origin"]): row["entity"] for row in truth("entities")}
    sets, true, estimated = {}, {}, {}
    for profile in found.tables:
        for duplicates in profile.duplicates:
            thing = {"company": "account", "person": "contact"}[duplicates.kind]
            origins = tables[profile.name].frame(["_origin"])["_origin"]
            known = [entity[thing, origin] for origin in origins if (thing, origin) in entity]
            sets.setdefault((duplicates.kind, profile.source), set()).update(known)
            repeated = len(known) - len(set(known))
            assert duplicates.low <= repeated <= duplicates.high, profile.name
            true[duplicates.kind] = true.get(duplicates.kind, 0) + repeated
            estimated[duplicates.kind] = estimated.get(duplicates.kind, 0) + duplicates.estimate
    for kind, repeated in true.items():
        assert abs(estimated[kind] - repeated) <= 0.1 * repeated + 1
    for overlap in found.overlaps:
        shared = len(sets[overlap.kind, overlap.left] & sets[overlap.kind, overlap.right])
        assert abs(overlap.entities - shared) <= 0.1 * shared + 2, overlap


def test_the_sample_s_references_and_orphans_are_exact(sample):
    _, found = sample
    orphans = Counter(row["object"] for row in truth("faults") if row["kind"] == "orphan")
    counted = {(r.child, r.column, r.parent): r.orphans for r in found.relations}
    assert counted["crm.联系人", "客户编号", "crm.客户"] == orphans["contact"]
    assert counted["tickets.tickets", "customer_no", "crm.客户"] == orphans["ticket"]
    to_staff = {child for child, _, parent in counted if parent == "staff.员工名单"}
    assert {parent for _, _, parent in counted} == {"crm.客户", "crm.联系人", "erp.ERP客户档案", "staff.员工名单"}
    assert {"crm.客户", "crm.商机", "erp.ERP客户档案", "orders.ERP订单"} <= to_staff
    blank = Counter(row["object"] for row in truth("faults") if row["kind"] == "blank_name")
    nameless = {risk.table: risk.cells for risk in found.risks if risk.code == "table.nameless"}
    assert nameless.get("crm.客户", 0) == blank["account"]
    differ, compared = (sum(getattr(c, name) for c in found.contradictions) for name in ("differ", "compared"))
    assert differ <= 0.05 * compared
