import shutil
import sqlite3
from contextlib import closing
from copy import copy

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.issue import ASIDE_COLUMNS
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.load_plan import load_plan
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables, to_text_frame
from crmmigrate.model.target import Selection
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile
from crmmigrate.targets import open_target

SCHEMA = """
version: 1
tables:
  users:
    columns:
      id: {type: integer, identity: true}
      external_id: {length: 64, required: true, unique: true}
      name: {length: 64}
  accounts:
    columns:
      id: {type: integer, identity: true}
      external_id: {length: 64}
      name: {length: 200, required: true}
      owner_id: {type: integer, references: users}
      amount: {type: decimal, precision: 12, scale: 2}
      active: boolean
      created_on: date
      remark: {length: 200}
"""
USER = """
version: 1
object: user
target: {table: users}
match: {on: [external_id]}
fields:
  external_id: {from: _record}
  name: {from: 姓名}
"""
ACCOUNT = """
version: 1
object: account
target: {table: accounts}
match: {on: [external_id]}
write: {mode: upsert, policy: fill_empty}
fields:
  external_id: {from: _record}
  name: {from: 名称}
  owner_id: {lookup: {object: user, missing: blank}}
  amount: {from: 金额}
  active: {from: 在用}
  created_on: {from: 日期}
  remark: {from: 备注}
"""


def write(folder, name, rows, columns):
    path = folder / f"{name}.parquet"
    pd.DataFrame(rows, columns=list(columns), dtype="str").to_parquet(path, index=False)
    return Table(name, path)


def record(i):
    return f"crm/客户/C{i:02}"


def expected_rows():
    return [
        (record(i), record(i), f"杭州明达{i}有限公司 Ltd", f"staff/员工/E{i % 3}" if i % 5 else None, f"{i}234.50", "true" if i % 2 else "false",
         f"2023-05-{i + 1:02}", "老客户" if i % 3 else None)
        for i in range(20)
    ]  # fmt: skip


class Migration:
    """A tiny migration that is loaded, and may then be damaged."""

    def __init__(self, folder, url=""):
        self.folder = folder
        self.url = url or f"sqlite:///{(folder / 'crm.db').as_posix()}"
        (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
        (folder / "user.crmmap.yaml").write_text(USER, encoding="utf-8")
        (folder / "account.crmmap.yaml").write_text(ACCOUNT, encoding="utf-8")
        self.schema = read_target_schema(folder / "schema.yaml")
        self.mappings = read_mappings([folder])
        self.database = folder / "crm.db"
        users = [(f"staff/员工/E{i}", f"staff/员工/E{i}", f"王{i}") for i in range(3)]
        account_columns = ("_record", *(m for m in self.mappings[1].fields))
        source = [(record(i), f"旧.xlsx#客户!{i + 2}") for i in range(25)]
        aside = [
            ("account", record(20), "", "out_of_scope", "scope.old", None, None, None),
            ("account", record(21), "", "merged", "dedupe.merged", None, None, record(1)),
            ("account", record(22), "", "quarantined", "x.y", None, None, None),
            ("account", record(23), "", "rejected", "map.required", "名称", None, None),
            ("account", record(24), "", "rejected", "load.refused-unique", None, None, None),
            ("crm.客户", "crm/客户/C99", "", "rejected", "consolidate.no-object", None, None, None),
        ]
        late = (record(24), record(24), "丙公司", None, None, None, None, None)
        self.tables = {
            "source.user": write(
                folder,
                "source.user",
                [(r, f"员工.xlsx#员工!{i}") for i, (r, *_) in enumerate(users)],
                ("_record", "_origin"),
            ),
            "expected.user": write(folder, "expected.user", users, ("_record", "external_id", "name")),
            "source.account": write(folder, "source.account", source, ("_record", "_origin")),
            "expected.account": write(folder, "expected.account", [*expected_rows(), late], account_columns),
            "aside": write(folder, "aside", aside, ASIDE_COLUMNS),
        }

    def load(self, run="load-1", without=(), only=()):
        plan = load_plan(self.mappings)
        plan = LoadPart({"account": frozenset(only)}).extend(plan) if only else plan
        with self.open() as target:
            target.create(self.schema)
            target.begin_run("load", run, plan)
            for number, step in enumerate(plan.objects, start=1):
                rows = self.tables[f"expected.{step.object}"].frame()
                rows = rows[~rows["_record"].isin([record(24), *without])]
                rows = rows[rows["_record"].isin(only)] if only else rows
                outcome = target.write_batch(run, number, step, rows)
                assert not outcome.rejects
            target.close_run(run, "done")

    def open(self):
        return open_target(self.url, schema=self.schema)

    def damage(self, statement, *values):
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            assert connection.execute(statement, values).rowcount >= 1
            connection.commit()

    def reconcile(self):
        options = ReconcileOptions(mappings=self.mappings, schema=self.schema)
        with self.open() as target:
            result = reconcile.function(Job(Tables(self.tables), options, "run", lambda rows: None, target))
        result.tables = {name: to_text_frame(table) for name, table in result.tables.items()}
        return result


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    made = Migration(tmp_path_factory.mktemp("loaded"))
    made.load()
    return made


@pytest.fixture
def migration(loaded, tmp_path):
    """A loaded migration with a database of its own, to be damaged."""
    own = copy(loaded)
    own.tables = dict(loaded.tables)
    own.folder = tmp_path
    own.database = tmp_path / "crm.db"
    own.url = f"sqlite:///{own.database.as_posix()}"
    shutil.copyfile(loaded.database, own.database)
    return own


def test_a_whole_migration_agrees(migration):
    result = migration.reconcile()
    assert result.findings == []
    assert result.flows == {}
    equation = result.tables["equation"].set_index("object")
    assert tuple(equation.loc["account"]) == ("25", "1", "1", "1", "2", "20", "20", "0")
    assert tuple(equation.loc["user"]) == ("3", "0", "0", "0", "0", "3", "3", "0")
    assert result.tables["differences"].empty
    assert result.facts["agrees"] is True


def test_every_database_agrees_and_a_damaged_cell_is_found(tmp_path, database_url):
    from sqlalchemy import create_engine, text

    from crmmigrate.model.location import Location

    migration = Migration(tmp_path, database_url)
    migration.load()
    result = migration.reconcile()
    assert result.findings == []
    assert result.tables["differences"].empty
    engine = create_engine(Location.parse(database_url).url())
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE accounts SET name = '别的公司', amount = amount * 100 {ACCOUNT_7}"))
    engine.dispose()
    found = migration.reconcile().tables["differences"]
    assert sorted(zip(found["_record"], found["column"], found["kind"], strict=True)) == [
        (record(7), "amount", "value.factor"), (record(7), "name", "value.other"),
    ]  # fmt: skip


ACCOUNT_7 = "WHERE external_id = 'crm/客户/C07'"
DAMAGES = {
    "lost row": (f"DELETE FROM accounts {ACCOUNT_7}", [(7, "", "row.gone")]),
    "doubled row": (
        (f"INSERT INTO accounts (external_id, name, owner_id, amount, active, created_on, remark) "
        f"SELECT 'copy', name, owner_id, amount, active, created_on, remark FROM accounts {ACCOUNT_7}"),
        [(7, "", "row.doubled")],
    ),
    "swapped values": (
        ("UPDATE accounts SET name = CASE external_id WHEN 'crm/客户/C07' THEN '杭州明达8有限公司 Ltd' ELSE '杭州明达7有限公司 Ltd' END "
        "WHERE external_id IN ('crm/客户/C07', 'crm/客户/C08')"),
        [(7, "name", "value.swapped"), (8, "name", "value.swapped")],
    ),
    "cents for yuan": (f"UPDATE accounts SET amount = 723450 {ACCOUNT_7}", [(7, "amount", "value.factor")]),
    "rounded": (f"UPDATE accounts SET amount = 7235 {ACCOUNT_7}", [(7, "amount", "value.rounding")]),
    "truncated": (f"UPDATE accounts SET name = substr(name, 1, 6) {ACCOUNT_7}", [(7, "name", "value.truncated")]),
    "null for value": (f"UPDATE accounts SET amount = NULL {ACCOUNT_7}", [(7, "amount", "value.lost")]),
    "null for empty": (
        "UPDATE accounts SET remark = '' WHERE external_id = 'crm/客户/C06'", [(6, "remark", "value.empty")]
    ),
    "value from nowhere": (
        "UPDATE accounts SET remark = '新' WHERE external_id = 'crm/客户/C06'", [(6, "remark", "value.added")]
    ),
    "trailing blank": (f"UPDATE accounts SET name = name || ' ' {ACCOUNT_7}", [(7, "name", "value.blanks")]),
    "case fold": (f"UPDATE accounts SET name = upper(name) {ACCOUNT_7}", [(7, "name", "value.case")]),
    "day shifted": (f"UPDATE accounts SET created_on = '2023-05-07' {ACCOUNT_7}", [(7, "created_on", "value.day")]),
    "boolean turned": (f"UPDATE accounts SET active = 0 {ACCOUNT_7}", [(7, "active", "value.other")]),
    "wrong owner": (
        f"UPDATE accounts SET owner_id = (SELECT id FROM users WHERE name = '王2') {ACCOUNT_7}", [(7, "owner_id", "value.reference")]
    ),
    "orphan": (f"UPDATE accounts SET owner_id = 999 {ACCOUNT_7}", [(7, "owner_id", "key.orphan")]),
    "owner lost": (f"UPDATE accounts SET owner_id = NULL {ACCOUNT_7}", [(7, "owner_id", "value.lost")]),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_single_damage_is_found_alone(migration, name):
    statement, expected = DAMAGES[name]
    migration.damage(statement)
    result = migration.reconcile()
    found = result.tables["differences"].fillna("")
    assert [(r["object"], r["_record"], r["column"], r["kind"]) for r in found.to_dict("records")] == [
        ("account", record(number), column, kind) for number, column, kind in expected
    ]
    assert len(result.findings) == 1
    first = expected[0][0]
    assert f"旧.xlsx#客户!{first + 2}" in result.findings[0].text("en")
    assert "杭州" not in result.findings[0].text("en")


def test_a_row_that_was_never_loaded_is_missing(tmp_path):
    migration = Migration(tmp_path)
    migration.load(without=[record(3)])
    result = migration.reconcile()
    assert list(result.tables["differences"]["kind"]) == ["row.missing"]
    assert tuple(result.tables["equation"].set_index("object").loc["account"])[-3:] == ("20", "19", "1")
    assert result.findings


def test_a_row_lost_between_the_stages_is_named(migration):
    kept = migration.tables["aside"].frame()
    kept = kept[kept["_record"] != record(20)]
    migration.tables["aside"] = write(migration.folder, "aside2", kept.to_numpy().tolist(), ASIDE_COLUMNS)
    result = migration.reconcile()
    assert [(r["_record"], r["kind"]) for r in result.tables["differences"].to_dict("records")] == [
        (record(20), "row.unaccounted")
    ]
    assert any("off by 1" in finding.text("en") for finding in result.findings)


def test_a_lost_parent_is_found_with_its_children(migration):
    migration.damage("DELETE FROM users WHERE name = '王1'")
    kinds = migration.reconcile().tables["differences"].groupby("object")["kind"].agg(set)
    assert kinds["user"] == {"row.gone"}
    assert kinds["account"] == {"key.orphan"}


def test_two_records_in_one_row_are_a_difference(migration):
    with closing(sqlite3.connect(migration.database)) as connection:
        connection.execute(
            "UPDATE crmm_crosswalk SET target_key = (SELECT target_key FROM crmm_crosswalk WHERE source_key = ?) WHERE source_key = ?",
            (record(1), record(2)),
        )
        connection.commit()
    result = migration.reconcile()
    assert [(r["_record"], r["kind"]) for r in result.tables["differences"].to_dict("records")] == [
        (record(2), "key.shared")
    ]
    assert result.tables["equation"].set_index("object").loc["account", "difference"] == "1"


def test_strangers_are_counted_apart(migration):
    migration.damage("INSERT INTO accounts (external_id, name) VALUES ('other', '别家公司')")
    result = migration.reconcile()
    assert result.findings == []
    assert result.facts["strangers"] == {"account": 1}


def test_what_the_policy_kept_is_explained(tmp_path):
    migration = Migration(tmp_path)
    with migration.open() as target:
        target.create(migration.schema)
    migration.damage("INSERT INTO accounts (external_id, name, remark) VALUES (?, '手工录入', NULL)", record(7))
    migration.load()
    result = migration.reconcile()
    assert result.findings == []
    assert result.facts["explained"] == {"account": 1}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_reports_name_the_difference_without_its_values(migration, tmp_path, language):
    import json

    from openpyxl import load_workbook

    migration.damage(f"UPDATE accounts SET name = '别的公司名称' {ACCOUNT_7}")
    result = migration.reconcile()
    for report in result.reports:
        report.write(tmp_path / report.name, language)
    page = (tmp_path / "10_迁移核对报告.html").read_text(encoding="utf-8")
    book = load_workbook(tmp_path / "10_迁移核对报告.xlsx")
    cells = "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    data = json.loads((tmp_path / "reconcile.json").read_text(encoding="utf-8"))
    for text in (page, cells, json.dumps(data, ensure_ascii=False)):
        assert "旧.xlsx#客户!9" in text
        assert "别的公司名称" not in text
    assert data["kinds"]["value.other"]["count"] == 1
    assert len(book.sheetnames) == 11


def two_tables(folder):
    columns = ("_record", "_origin", "编号", "名称", "金额")
    rows = [(f"a/{i}", f"a.xlsx#x!{i + 2}", str(i), f"甲{i}", f"{i}.50") for i in range(50)]
    other = [(f"b/{i}", f"b.csv#x!{i + 2}", str(i), f"甲{i}", f"{i}.5") for i in range(50)]
    other[9] = ("b/9", "b.csv#x!11", "9", "乙", "9.5")
    return write(folder, "left", rows, columns), write(folder, "right", other, columns)


def test_two_tables_are_compared_by_key(tmp_path):
    left, right = two_tables(tmp_path)
    tables = Tables({"left": left, "right": right})
    result = reconcile.function(Job(tables, ReconcileOptions(key=("编号",)), "run", lambda rows: None))
    [difference] = result.tables["differences"].to_pylist()
    assert (difference["_origin"], difference["column"], difference["expected"], difference["actual"]) == (
        "a.xlsx#x!11",
        "名称",
        "甲9",
        "乙",
    )
    assert len(result.findings) == 1
    for report in result.reports:
        report.write(tmp_path / report.name, "zh")
    only = ReconcileOptions(key=("编号",), column=("金额",))
    assert (
        reconcile.function(Job(Tables({"left": left, "right": right}), only, "run", lambda rows: None)).findings == []
    )


def test_to_agree_on_nothing_proves_nothing(migration, tmp_path):
    columns = ("_record", "_origin", "编号")
    empty = {name: write(tmp_path, name, [], columns) for name in ("left", "right")}
    result = reconcile.function(Job(Tables(empty), ReconcileOptions(key=("编号",)), "run", lambda rows: None))
    assert [finding.template for finding in result.findings] == ["there were no rows to compare, so nothing is proven"]
    with migration.open() as target, pytest.raises(ConfigurationError) as caught:
        reconcile.function(
            Job(Tables({}), ReconcileOptions(mappings=migration.mappings), "run", lambda rows: None, target)
        )
    assert caught.value.code == "reconcile.nothing"


def test_two_tables_need_a_key_that_exists(tmp_path):
    left, right = two_tables(tmp_path)
    for key, code in (((), "compare.no-key"), (("编码",), "compare.no-column")):
        with pytest.raises(ConfigurationError) as caught:
            reconcile.function(
                Job(Tables({"left": left, "right": right}), ReconcileOptions(key=key), "run", lambda rows: None)
            )
        assert caught.value.code == code


def test_only_a_row_that_was_there_may_have_kept_its_value(tmp_path):
    migration = Migration(tmp_path)
    with migration.open() as target:
        target.create(migration.schema)
    migration.damage("INSERT INTO accounts (external_id, name, remark) VALUES (?, '自有', '自有')", record(1))
    migration.load()
    kept = migration.reconcile()
    assert kept.facts["agrees"]
    assert kept.facts["explained"] == {"account": 2}
    migration.damage("UPDATE accounts SET remark = '编的' WHERE external_id = ?", record(3))
    migration.damage("UPDATE accounts SET remark = '编的' WHERE external_id = ?", record(4))
    found = migration.reconcile().tables["differences"]
    assert sorted(zip(found["_record"], found["column"], found["kind"], strict=True)) == [
        (record(3), "remark", "value.added"), (record(4), "remark", "value.other"),
    ]  # fmt: skip


def differing(result):
    found = result.tables["differences"]
    return sorted(zip(found["_record"], found["column"], strict=True))


def test_what_people_edited_after_the_load_is_no_value_that_a_later_part_of_it_kept(tmp_path):
    migration = Migration(tmp_path)
    with migration.open() as target:
        target.create(migration.schema)
    migration.load(without=[record(19)])
    migration.damage("UPDATE accounts SET name = '后改的' WHERE external_id = ?", record(3))
    migration.load("load-2", only=[record(19)])
    result = migration.reconcile()
    assert differing(result) == [(record(3), "name")]
    assert result.facts["explained"] == {}
    # A load that is given all rows offers its name to the row of the edit, and keeps the edit.
    migration.load("load-3")
    again = migration.reconcile()
    assert again.facts["agrees"]
    assert again.facts["explained"] == {"account": 1}


@pytest.mark.parametrize("whole", [True, False])
def test_a_row_that_a_rollback_took_out_is_called_so(tmp_path, whole):
    migration = Migration(tmp_path)
    migration.load(without=[record(19)])
    migration.load("load-2", only=[record(19)])
    selection = Selection() if whole else Selection(objects=("account",))
    with migration.open() as target:
        target.begin_run("rollback", "undo", load_plan(migration.mappings), parent="load-2", selection=selection)
        for batch, _ in target.batches("load-2"):
            target.undo_batch("undo", batch, "load-2", batch, apply=True)
        target.close_run("undo", "done")
    result = migration.reconcile()
    assert list(zip(result.tables["differences"]["_record"], result.tables["differences"]["kind"], strict=True)) == [
        (record(19), "row.taken_back")
    ]
    migration.load("load-3", only=[record(19)])
    assert migration.reconcile().facts["agrees"]


def test_an_edit_of_a_row_that_was_there_before_is_known_by_its_images(tmp_path):
    migration = Migration(tmp_path)
    with migration.open() as target:
        target.create(migration.schema)
    migration.damage("INSERT INTO accounts (external_id, name, remark) VALUES (?, '自有', NULL)", record(1))
    migration.damage("INSERT INTO accounts (external_id, name, remark) VALUES (?, '自有', NULL)", record(2))
    migration.load()
    kept = migration.reconcile()
    assert kept.facts["agrees"]
    assert kept.facts["explained"] == {"account": 2}
    migration.damage("UPDATE accounts SET remark = '后改的' WHERE external_id = ?", record(1))
    migration.damage("UPDATE accounts SET name = '又改的' WHERE external_id = ?", record(2))
    result = migration.reconcile()
    assert differing(result) == [(record(1), "remark"), (record(2), "name")]
    assert result.facts["explained"] == {"account": 1}


def test_text_is_compared_to_the_letter_without_a_schema_too(migration):
    migration.damage("UPDATE accounts SET remark = '1.10' WHERE external_id = ?", record(4))
    rows = [(*row[:7], "1.1" if row[0] == record(4) else row[7]) for row in expected_rows()]
    columns = ("_record", *migration.mappings[1].fields)
    migration.tables["expected.account"] = write(migration.folder, "expected.account", rows, columns)
    options = ReconcileOptions(mappings=migration.mappings)
    with migration.open() as target:
        result = reconcile.function(Job(Tables(migration.tables), options, "run", lambda rows: None, target))
    found = result.tables["differences"].to_pylist()
    assert (record(4), "remark") in {(one["_record"], one["column"]) for one in found}
