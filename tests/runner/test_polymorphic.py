"""References to one of several objects, to the object itself and in a circle: mapped, loaded, reconciled, read back from the target."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from crmmigrate.cli import main

SCHEMA = """version: 1
tables:
  companies:
    columns:
      id: {type: integer, identity: true}
      external_id: {length: 64, required: true, unique: true}
      name: {length: 64, required: true}
      parent_id: {type: integer, references: companies}
      head_id: {type: integer, references: people}
  people:
    columns:
      id: {type: integer, identity: true}
      external_id: {length: 64, required: true, unique: true}
      name: {length: 64, required: true}
      company_id: {type: integer, required: true, references: companies}
  notes:
    columns:
      id: {type: integer, identity: true}
      external_id: {length: 64, required: true, unique: true}
      about_id: {type: integer}
      about_kind: {length: 16}
"""
MAPPINGS = {
    "company": """version: 1
object: company
target: companies
match: external_id
fields:
  external_id: {from: _record, required: true}
  name: {from: 名称, required: true}
  parent_id: {from: 上级, lookup: {object: company, by: 编号, missing: blank}}
  head_id: {from: 负责人, lookup: {object: person, by: 编号, missing: blank}}
""",
    "person": """version: 1
object: person
target: people
match: external_id
fields:
  external_id: {from: _record, required: true}
  name: {from: 姓名, required: true}
  company_id: {from: 公司, lookup: {object: company, by: 编号}, required: true}
""",
    "note": """version: 1
object: note
source: {where: "作废 IS NULL"}
target: notes
match: external_id
fields:
  external_id: {from: _record, required: true}
  about_id: {from: 关于, lookup: {object: company, or: person, by: 编号, missing: blank}}
  about_kind: {kind_of: about_id, values: {company: Company, person: Person}}
""",
}
ROWS = {
    "公司": "编号,名称,上级,负责人\nK1,总公司,,P2\nK2,子公司,K1,P1\nK3,孙公司,K2,\n",
    "人员": "编号,姓名,公司\nP1,甲,K2\nP2,乙,K1\n",
    "备忘": "编号,关于,作废\nN1,P1,\nN2,K3,\nN3,X,\nN4,K1,是\n",
}
PROJECT = """version: 1
sources: {old: in/}
objects:
  company: {table: old.公司, key: 编号}
  person: {table: old.人员, key: 编号}
  note: {table: old.备忘, key: 编号}
standard: standard.yaml
mappings: mappings/
target: {url: "sqlite:///work/crm.db", schema: schema.yaml}
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "mappings").mkdir()
    for name, text in ROWS.items():
        (tmp_path / "in" / f"{name}.csv").write_text(text, "utf-8")
    for name, text in MAPPINGS.items():
        (tmp_path / "mappings" / f"{name}.crmmap.yaml").write_text(text, "utf-8")
    (tmp_path / "schema.yaml").write_text(SCHEMA, "utf-8")
    (tmp_path / "migration.yaml").write_text(PROJECT, "utf-8")
    (tmp_path / "standard.yaml").write_text(
        "version: 1\nobjects: {company: {columns: {名称: {standard: text}}}}\n", "utf-8"
    )
    (tmp_path / "work").mkdir()
    return tmp_path


def test_every_reference_arrives_at_its_row(project, capsys):
    def call(*words):
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        return end.value.code or 0, capsys.readouterr()

    assert call("mapping", "lint", project / "mappings", "--format", "json")[0] == 0
    call("target", "create", f"sqlite:///{project}/work/crm.db", "--schema", project / "schema.yaml")
    code, said = call("run", project / "migration.yaml")
    assert code in (0, 1), said.err
    with closing(sqlite3.connect(project / "work" / "crm.db")) as connection:
        companies = connection.execute(
            "SELECT c.name, p.name, h.name FROM companies c LEFT JOIN companies p ON p.id = c.parent_id LEFT JOIN people h ON h.id = c.head_id ORDER BY 1"
        ).fetchall()
        notes = connection.execute(
            "SELECT n.about_kind, coalesce(p.name, c.name) FROM notes n LEFT JOIN people p ON n.about_kind = 'Person' AND p.id = n.about_id "
            "LEFT JOIN companies c ON n.about_kind = 'Company' AND c.id = n.about_id ORDER BY n.external_id"
        ).fetchall()
    assert sorted(companies) == sorted([("总公司", None, "乙"), ("子公司", "总公司", "甲"), ("孙公司", "子公司", None)])
    assert notes == [("Person", "甲"), ("Company", "孙公司"), (None, None)]
    code, said = call("reconcile", project / "migration.yaml", "--format", "json")
    assert '"agrees": true' in said.out, said.out
