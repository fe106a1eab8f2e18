"""Everything that could stop a load is told at once, before the first row."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.command_line import called
from tests.conftest import execute as on_server
from tests.runner.small_migration import opened
from tests.targets.crm import PLAN, SCHEMA, execute

from crmmigrate.cli.check import check_load
from crmmigrate.cli.permission import check_mappings
from crmmigrate.messages import Message
from crmmigrate.model.schema import read_target_schema
from crmmigrate.targets import open_target

FILES = {
    "migration.yaml": """version: 1
sources: {crm: in/客户.csv}
objects: {account: [{table: crm.客户, key: 编号}]}
standard: standard.yaml
mappings: mappings/
target: {url: "sqlite:///work/crm.db", schema: schema.yaml}
""",
    "standard.yaml": "version: 1\nobjects: {account: {key: 编号, columns: {名称: {standard: text}}}}\n",
    "schema.yaml": """version: 1
tables:
  accounts:
    columns:
      id: {type: integer, identity: true}
      external_id: {type: text, length: 50, required: true, unique: true}
      name: {type: text, length: 20}
      parent_id: {type: integer, references: accounts}
""",
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: accounts}
match: {on: [external_id]}
fields:
  external_id: {from: _record, required: true}
  name: 名称
  parent_id: {from: 上级, lookup: {object: account, by: 编号, missing: blank}}
ignore: [编号]
""",
    "in/客户.csv": "编号,名称,上级\n1,甲,\n2,,1\n",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its target, run up to validate. Nobody writes into it: take `folder`."""
    folder = tmp_path_factory.mktemp("made")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with opened(folder).open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))
    opened(folder).run(last="validate")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p"))


def codes(folder: Path) -> set[str]:
    return {fault["code"] for fault in check_load(opened(folder)).facts["faults"]}


def test_the_way_on_is_a_command_that_does_something(folder: Path) -> None:
    assert check_load(opened(folder)).next_step == "crmmigrate load migration.yaml"
    limit = "limits: {max_rejects: 0}\n"
    with opened(folder).open_target() as target:
        execute(target, "INSERT INTO accounts (external_id, name) VALUES ('other', '乙')")
        execute(target, "CREATE UNIQUE INDEX one ON accounts (name)")
    settings, mapping = folder / "migration.yaml", folder / "mappings" / "account.crmmap.yaml"
    gates = "gates: {max_reject_ratio: 1.0}\n"
    mapping.write_text(mapping.read_text("utf-8") + gates, encoding="utf-8")
    text = settings.read_text("utf-8") + gates
    settings.write_text(text + limit, encoding="utf-8")
    source = folder / "in" / "客户.csv"
    source.write_text(source.read_text("utf-8") + "3,乙,\n", encoding="utf-8")
    assert called("load", folder).returncode == 4
    settings.write_text(text, encoding="utf-8")
    assert check_load(opened(folder)).next_step == "crmmigrate load migration.yaml --resume"
    assert called("load", folder, "--resume").returncode in (0, 1)
    with opened(folder).open_target() as target:
        execute(target, "DELETE FROM accounts WHERE external_id = 'other'")
    assert check_load(opened(folder)).next_step == "crmmigrate load migration.yaml"
    assert called("load", folder).returncode in (0, 1)
    told = check_load(opened(folder)).next_step
    assert told == "a load would change nothing; to prove what is there: crmmigrate reconcile migration.yaml"


def test_where_equal_rows_were_there_before_any_load_the_load_is_what_goes_on(folder: Path) -> None:
    assert called("load", folder).returncode in (0, 1)
    load = opened(folder).load_chain()[-1].run
    shutil.rmtree(folder / "work" / "runs" / load)
    assert load in check_load(opened(folder)).next_step, "there was one: its folder is gone"
    (folder / "work" / "log.jsonl").unlink()
    told = check_load(opened(folder))
    assert not any(sums["inserted"] + sums["updated"] for sums in told.facts["planned"].values())
    assert told.next_step == "crmmigrate load migration.yaml"


def test_all_faults_come_at_once_and_nothing_is_written(folder: Path) -> None:
    assert codes(folder) == set()
    with opened(folder).open_target() as target:
        execute(target, "DROP TABLE accounts")
        execute(
            target, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, external_id VARCHAR(50) NOT NULL UNIQUE, "
            "name VARCHAR(10) NOT NULL, parent_id INTEGER, region VARCHAR(5) NOT NULL)",
        )  # fmt: skip
    mapping = folder / "mappings" / "account.crmmap.yaml"
    mapping.write_text(
        mapping.read_text("utf-8") + "approved: {by: 王敏, on: 2026-01-01, digest: abc}\n", encoding="utf-8"
    )
    found = codes(folder)
    assert found == {
        "mapping.live-required", "mapping.live-changed", "mapping.approval-changed", "preflight.empty", "preflight.not-mapped",
    }  # fmt: skip
    with opened(folder).open_target() as target:
        assert target.runs() == []


def test_rows_of_the_crm_are_matched_before_there_is_a_journal(folder: Path) -> None:
    with opened(folder).open_target() as target:
        execute(target, "INSERT INTO accounts (external_id, name) VALUES ('crm/客户/1', '原有')")
    found = check_load(opened(folder)).facts["planned"]["account"]
    assert (found["inserted"], found["updated"]) == (1, 1)


def test_what_lint_calls_an_error_stops_a_load_before_its_first_row(folder: Path) -> None:
    mapping = folder / "mappings" / "account.crmmap.yaml"
    mapping.write_text(
        mapping.read_text("utf-8").replace("name: 名称", 'name: {from: 名称, default: "' + "长" * 30 + '"}'), "utf-8"
    )
    told = called("run", folder)
    assert (told.returncode, "mapping.too-long" in told.stderr, "load.lint-errors" in told.stderr) == (2, True, True)
    with (folder / "migration.yaml").open("a", encoding="utf-8") as file:
        file.write("lint: {mapping.too-long: warning}\n")
    check_mappings(opened(folder).project)


def test_only_checks_of_mapped_columns_are_told_and_a_gate_that_is_not_met_stands_in_the_way(folder: Path) -> None:
    schema, settings = folder / "schema.yaml", folder / "migration.yaml"
    columns = schema.read_text("utf-8")
    with (folder / "in" / "客户.csv").open("a", encoding="utf-8") as file:
        file.write(f"3,{'长' * 30},\n")
    with opened(folder).open_target() as target:
        execute(target, "DROP TABLE accounts")
        execute(
            target, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, external_id VARCHAR(50) NOT NULL UNIQUE, name VARCHAR(20), "
            "parent_id INTEGER REFERENCES accounts(id))",
        )  # fmt: skip
    schema.write_text(columns + "    checks: {mine: upper(name) = name, other: region <> status}\n", encoding="utf-8")
    looked = check_load(opened(folder))
    told = [line for line in looked.lines if "mapping.target-check" in line]
    assert (len(told), "upper(name)" in told[0]) == (1, True)
    way = Message("nothing stands in the way of the load").text()
    assert (way in looked.result, looked.facts["faults"]) == (False, [])
    with settings.open("a", encoding="utf-8") as file:
        file.write("gates: {conformity_rate: off}\n")
    looked = check_load(opened(folder))
    assert (way in looked.result, looked.facts["faults"]) == (True, [])


def test_a_disk_too_small_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil
    from types import SimpleNamespace

    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: SimpleNamespace(free=0)
    )  # a full disk is not to be had in a test
    assert codes(folder) == {"preflight.space"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.database(kind)) for kind in ("postgresql", "mysql")]
)
def test_every_right_that_is_missing_is_told(kind: str, new_database: Any) -> None:
    url = new_database(kind)
    role, parts = f"crmm_{secrets.token_hex(4)}", urlsplit(url)
    database = parts.path.lstrip("/")
    with open_target(url) as target:
        target.create(SCHEMA)
        if kind == "postgresql":
            on_server(kind, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
            execute(target, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            execute(target, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
            execute(target, f"REVOKE DELETE, UPDATE ON contacts FROM {role}")
            execute(target, f"REVOKE INSERT ON users FROM {role}")
        else:
            on_server(kind, f"CREATE USER {role}@'%' IDENTIFIED BY 'x'")
            on_server(kind, f"GRANT ALL ON {database}.accounts TO {role}@'%'")
            on_server(kind, f"GRANT SELECT, INSERT ON {database}.contacts TO {role}@'%'")
            on_server(kind, f"GRANT SELECT, UPDATE, DELETE ON {database}.users TO {role}@'%'")
    try:
        with open_target(f"{parts.scheme}://{role}:x@{parts.hostname}:{parts.port}{parts.path}") as poor:
            found = poor.shortcomings(PLAN)
            told = {(fault.code, fault.place.rpartition("#")[2], str(fault.message.params["right"])) for fault in found}
    finally:
        if kind == "postgresql":
            with open_target(url) as target:
                execute(target, f"DROP OWNED BY {role}")
            on_server(kind, f"DROP ROLE {role}")
        else:
            on_server(kind, f"DROP USER {role}@'%'")
    tables = {(where, right) for code, where, right in told if code == "target.not-permitted"}
    assert tables == {("contacts", "UPDATE"), ("contacts", "DELETE"), ("users", "INSERT")}
    assert "CREATE" in {right for code, _, right in told if code == "target.no-journal-right"}
