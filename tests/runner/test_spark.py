"""On Spark the result is the same, row for row, also where a task dies; without it the error says what to do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from tests.command_line import called
from tests.stages.test_load import SCHEMA, options, tables
from tests.stages.test_validate import MAPPINGS, mapping
from tests.stages.test_validate import SCHEMA as TARGET

from crmmigrate.errors import AccountingError, ConfigurationError, LocationError
from crmmigrate.matching.engine import match
from crmmigrate.matching.roles import shipped
from crmmigrate.messages import Message
from crmmigrate.model.decision import Decision
from crmmigrate.model.dedupe import Thresholds
from crmmigrate.model.engine import EngineSpec
from crmmigrate.model.issue import ASIDE_COLUMNS, text_frame
from crmmigrate.model.stage import Batch, Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner import spark_progress
from crmmigrate.runner.accounting import account
from crmmigrate.runner.engine import apply
from crmmigrate.runner.execute import reopen
from crmmigrate.runner.packs import generator, lay_out
from crmmigrate.runner.spark import SparkEngine
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import load_stage
from crmmigrate.stages.validate import ValidateOptions, validate
from crmmigrate.targets import open_target

pytestmark = pytest.mark.program("java", "openjdk-17-jre-headless")
MASTER = "local[2,4]"  # four tries a task
SETTINGS = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""Of so few rows most of the time goes into making code quick that runs once."""
HEARD: list[Message | None] = []
"""How far the cluster had come, as it was told."""


@pytest.fixture(scope="module")
def installed() -> None:
    if find_spec("pyspark") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no PySpark here (extra 'spark')")


@pytest.fixture(scope="module")
def engine(installed: None) -> Iterator[SparkEngine]:
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers know the program, not its tests
    made = SparkEngine(EngineSpec("spark", MASTER, SETTINGS), small=0, batch_rows=40, tell=HEARD.append)
    made.check()
    yield made
    made.close()


@pytest.fixture
def source(tmp_path) -> Table:
    writer = TableWriter("客户", tmp_path / "客户.parquet")
    names = [None if n % 7 == 0 else f"公司{n}" for n in range(230)]
    writer.write(
        pd.DataFrame({"_record": [f"crm/{n}" for n in range(230)], "_origin": "x", "名称 `a`.b": names}, dtype="str")
    )
    return writer.close()


@dataclass
class Halved:
    """Sets every other row aside, and says something of every fifth; once it dies at a batch, killed like by a machine out of memory."""

    dies: str = ""

    def __call__(self, rows: pd.DataFrame) -> Batch:
        if self.dies and (rows["_record"] == "crm/90").any() and not Path(self.dies).exists():
            Path(self.dies).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        kept = rows.iloc[::2].assign(长=lambda kept: kept["名称 `a`.b"].str.len().astype("str"))
        issues: list[Any] = [
            ("客户", r, "x", "名称", "a.b", "info", "FMT", None, "'\"\n", "", "certain")
            for r in rows["_record"].iloc[::5]
        ]
        aside: list[Any] = [("客户", r, None, "rejected", "c.d", None, None, None) for r in rows["_record"].iloc[1::2]]
        return Batch(kept, issues, aside, {"名称": {"cells": len(rows)}})


@dataclass
class Told:
    """What a table's rows led to."""

    issues: list[Any]
    aside: list[Any]
    rows: int = 0
    cells: int = 0

    def __call__(self, rows, issues, aside, columns) -> None:
        self.rows += rows
        self.issues += [tuple(row.values()) for row in issues.to_pylist()]
        self.aside += aside
        self.cells += columns.get("名称", {}).get("cells", 0)


def test_the_sample_is_the_same_as_on_one_machine(tmp_path, engine):
    project = tmp_path / "迁移"
    lay_out(project, "b2b")
    generator("b2b")(project, scale=0.05)
    path = str(project / "migration.yaml")
    with (project / "migration.yaml").open("a", encoding="utf-8") as file:
        file.write(f"engine: {json.dumps({'settings': SETTINGS})}\n")
    assert called("run", path, "--to", "validate").returncode == 1
    shutil.copytree(project / "work", tmp_path / "local")
    engine.close()  # the command begins and ends one of its own
    ran = called("run", path, "--from", "standardise", "--to", "validate", "--spark-master", MASTER)
    assert ran.returncode == 1, ran.stderr
    here, there = Workspace(tmp_path / "local"), Workspace(project / "work")
    folders = set()
    for step in ("standardise", "fill", "dedupe", "rules", "map", "validate"):
        runs = [workspace.latest(step) for workspace in (here, there)]
        assert runs[0].run != runs[1].run
        [ours, theirs] = [reopen(w, run.run) for w, run in zip((here, there), runs, strict=True)]
        for made, workspace, run in ((ours, here, runs[0]), (theirs, there, runs[1])):
            tables = workspace.runs_folder / run.run / "tables"
            made |= {name: Table(name, tables / f"{name}.parquet") for name in ("_issues", "_aside")}
        assert list(ours) == list(theirs)
        for name, table in ours.items():
            pd.testing.assert_frame_equal(table.frame(), theirs[name].frame(), obj=f"{step}/{name}")
        assert [run.accounting for run in runs[:1]] == [run.accounting for run in runs[1:]]
        assert runs[0].facts == runs[1].facts
        folders |= {step for table in theirs.values() if table.path.is_dir()}
    assert folders == {"standardise", "fill", "map"}


@pytest.mark.parametrize("dies", [False, True])
def test_rows_and_what_is_told_of_them_come_once_and_in_order_though_a_worker_is_killed(
    engine, source, tmp_path, dies, monkeypatch
):
    monkeypatch.setattr(spark_progress, "_EVERY", 0.01)
    HEARD.clear()
    mark = tmp_path / "died"
    told = Told([], [])
    made = engine.row_wise(Halved(str(mark) if dies else ""), source, tmp_path / "out.parquet", told)
    assert mark.exists() == dies
    assert HEARD.pop() is None
    assert {(0, 6), (6, 6)} & {(said.params["done"], said.params["count"]) for said in HEARD if said}
    expected = Told([], [])
    batches = list(apply(Halved(), source.batches(40), 0))
    for batch in batches:
        expected.rows += len(batch.rows) + len(batch.aside)
        expected.issues += batch.issues
        expected.aside += batch.aside
        expected.cells += batch.columns["名称"]["cells"]
    assert told == expected
    pd.testing.assert_frame_equal(made.frame(), pd.concat([batch.rows for batch in batches], ignore_index=True))
    assert [path.name for path in made.parts] == [f"part-{n:05}.parquet" for n in range(6)]
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".part") == []


def test_a_table_without_rows_has_its_columns(engine, source, tmp_path):
    writer = TableWriter("leer", tmp_path / "leer.parquet")
    writer.write(source.frame().iloc[:0])
    made = engine.row_wise(Halved(), writer.close(), tmp_path / "out.parquet", Told([], []))
    assert (made.rows, made.columns) == (0, ("_record", "_origin", "名称 `a`.b", "长"))


@dataclass
class Refusing:
    """Cannot go on with rows; or fails, with a value of a cell in its words."""

    how: str

    def __call__(self, rows: pd.DataFrame) -> Batch:
        if not len(rows):
            return Batch(rows)
        if self.how == "refuses":
            hint = Message("there are: {words}", words="a, b")
            raise ConfigurationError("map.sql", Message("the SQL expression fails: {why}", why="x"), "a.yaml:3:4", hint)
        raise KeyError("张三的电话")


def test_what_is_wrong_in_a_file_is_the_same_error(engine, source, tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        engine.row_wise(Refusing("refuses"), source, tmp_path / "out.parquet", Told([], []))
    assert caught.value.text("en") == "a.yaml:3:4: the SQL expression fails: x [map.sql]\n  → there are: a, b"
    assert not (tmp_path / "out.parquet").exists()


def test_a_failure_is_told_without_what_stands_in_cells(engine, source, tmp_path, capfd):
    with pytest.raises(LocationError) as caught:
        engine.row_wise(Refusing("fails"), source, tmp_path / "out.parquet", Told([], []))
    assert caught.value.code == "engine.failed"
    assert "KeyError" in caught.value.text("en")
    assert "张三" not in caught.value.text("en")
    assert "张三" not in "".join(capfd.readouterr())


def test_the_equation_is_reckoned_by_the_cluster(engine, tmp_path):
    def table(name: str, records: list[str], **more: Any) -> Table:
        writer = TableWriter(name, tmp_path / f"{name}.parquet")
        writer.write(pd.DataFrame({"_record": records, **more}, dtype="str"))
        return writer.close()

    given, made = table("given", ["1", "2", "3", "4"]), table("made", ["1/#1", "1/#2", "3"])
    writer = TableWriter("aside", tmp_path / "_aside.parquet", ASIDE_COLUMNS)
    rows = [("a", "2", None, "merged", "x.y", None, None, "1"), ("b", "9", None, "rejected", "x.y", None, None, None)]
    writer.write(text_frame([*rows, ("a", "4", None, "rejected", "x.y", None, None, None)], ASIDE_COLUMNS))
    aside = writer.close()
    found = account({"a": given}, {"a": made}, aside, {"a": ("a",)}, engine, frozenset({"a"}))
    assert found == {"a": {"in": 4, "out": 2, "out_of_scope": 0, "merged": 1, "quarantined": 0, "rejected": 1}}
    with pytest.raises(AccountingError) as caught:
        account({"a": given}, {"a": made}, aside, {"a": ("a",)}, engine)
    assert "strangers 2" in caught.value.text("en")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("master", "code"), [("lokal", "engine.master"), ("spark://127.0.0.1:1", "engine.unreachable")]
)
def test_a_master_that_is_not_there_is_refused_before_anything_is_done(tmp_path, master, code):
    project = tmp_path / "p"
    lay_out(project, "b2b")
    ran = called("run", str(project / "migration.yaml"), "--to", "map", "--spark-master", master)
    assert ran.returncode == (2 if code == "engine.master" else 3)
    assert code in ran.stderr
    assert master in ran.stderr
    assert "→" in ran.stderr
    assert not list((project / "work").glob("runs/*"))


def test_without_spark_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ConfigurationError) as caught:
        SparkEngine(EngineSpec("spark")).check()
    assert "pip install 'crmmigrate[spark]'" in caught.value.text("en")


@dataclass
class Dying:
    """What a task does; once its process is killed when it is about to journal its second batch."""

    function: Any
    mark: str

    def __call__(self, number: int) -> Any:
        def watch(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT INTO crmm_batch"):
                self.seen += 1
            if self.seen == 2 and not Path(self.mark).exists():
                Path(self.mark).touch()
                os.kill(os.getpid(), signal.SIGKILL)

        self.seen = 0
        event.listen(sa.Engine, "before_cursor_execute", watch)
        try:
            return self.function(number)
        finally:
            event.remove(sa.Engine, "before_cursor_execute", watch)


@dataclass
class Deadly:
    """The cluster, on which a task dies once."""

    engine: SparkEngine
    mark: Path
    width: int = 1

    def answers(self, function: Any, count: int) -> list[Any]:
        return self.engine.answers(Dying(function, str(self.mark)), count)


@pytest.mark.database("postgresql")
def test_a_load_by_several_writers_is_that_of_one_though_one_is_killed(engine, tmp_path, new_database):
    given = tables(tmp_path, bad=(7, 30), count=120)
    accounts = given["account"].frame()
    accounts.loc[[70, 115], "external_id"] = ["a/7", "A/12"]  # the first row of a key that can be written has it
    writer = TableWriter("account", given["account"].path)
    writer.write(accounts)
    writer.close()
    found = []
    mark = tmp_path / "died"
    for cluster in (None, Deadly(engine, mark)):
        with open_target(new_database("postgresql")) as target:
            target.create(SCHEMA)
            before = target.digest()
            job = Job(given, options(batch_rows=10), "load", lambda rows: None, target, cluster)
            result = load_stage("load").function(job)
            rows = pd.concat(target.rows("accounts", ("external_id", "name"))).sort_values("external_id")
            found.append((rows.to_csv(index=False), target.batches("load"), result.facts["objects"], result.aside))
            chosen = load_stage("rollback").options(run="load", apply=True)
            load_stage("rollback").function(Job(Tables({}), chosen, "undo", lambda rows: None, target))
            assert target.digest() == before
    assert mark.exists()
    assert [row[1] for row in found[0][3]] == ["a/7", "a/30"]
    assert found[0] == found[1]


@pytest.mark.database("postgresql")
def test_values_that_rows_give_up_and_triggers_are_met_in_order(engine, tmp_path, new_database):
    """A later row takes the name that an earlier one gives up; a trigger numbers new rows."""
    given = tables(tmp_path, count=120)
    accounts = given["account"].frame()
    for dialect in ("postgresql", "mysql"):
        with open_target(new_database(dialect)) as target:
            target.create(SCHEMA)
            statements = ["ALTER TABLE accounts ADD UNIQUE (name)", "ALTER TABLE accounts ADD COLUMN place INTEGER"]
            with target.session.transaction() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
            for run, cluster, names in (
                ("first", None, accounts["name"]),
                ("second", engine, accounts["name"].shift(1, fill_value="公司0'")),
            ):
                writer = TableWriter("account", given["account"].path)
                writer.write(accounts.assign(name=names))
                writer.close()
                result = load_stage("load").function(
                    Job(given, options(batch_rows=10), run, lambda rows: None, target, cluster)
                )
                assert result.aside == []
                if cluster:
                    assert result.facts["objects"]["account"]["updated"] == 120
            fresh = accounts.assign(
                _record=accounts["_record"] + "n",
                external_id=accounts["external_id"] + "n",
                name=accounts["name"] + "n",
            )
            writer = TableWriter("account", given["account"].path)
            writer.write(fresh)
            writer.close()
            with target.session.transaction() as connection:
                for statement in COUNTED[dialect]:
                    connection.exec_driver_sql(statement)
            load_stage("load").function(Job(given, options(batch_rows=10), "third", lambda rows: None, target, engine))
            found = pd.concat(target.rows("accounts", ("external_id", "place"))).dropna()
            found = found[found["external_id"].str.endswith("n")].assign(place=lambda rows: rows["place"].astype(int))
            assert list(found.sort_values("place")["external_id"]) == list(fresh["external_id"])


COUNTED = {
    "postgresql": [
        "CREATE SEQUENCE places",
        "CREATE FUNCTION numbered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.place := nextval('places'); RETURN NEW; END $$",
        "CREATE TRIGGER numbered BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION numbered()",
    ],
    "mysql": [
        "CREATE TABLE places (last INTEGER)", "INSERT INTO places VALUES (0)",
        ("CREATE TRIGGER numbered BEFORE INSERT ON accounts FOR EACH ROW BEGIN UPDATE places SET last = last + 1; "
        "SET NEW.place = (SELECT last FROM places); END"),
    ],
}  # fmt: skip


def test_what_is_rejected_is_the_same_where_the_cluster_looks_at_whole_tables(engine, tmp_path):
    fields = {"_origin": "x", "key": [f"k{n % 90}" for n in range(100)], "level": ["A", "B", None, "A"] * 25}
    fields |= {"since": ["2024-01-01", "x"] * 50, "owner": [None, *(f"a/{n}" for n in range(99))]}
    given = {
        "account": {"_record": [f"a/{n}" for n in range(100)], **fields},
        "contact": {
            "_record": [f"c/{n}" for n in range(100)],
            "_origin": "x",
            "key": "k",
            "account": [f"a/{n}" for n in range(100)],
        },
    }
    owned = mapping("account", "accounts", "level: x", "since: x", "owner: {lookup: {object: account, missing: blank}}")
    made = {}
    for name, columns in given.items():
        writer = TableWriter(name, tmp_path / f"_{name}.parquet")  # which Spark itself would pass over
        writer.write(pd.DataFrame(columns, dtype="str"))
        made[name] = writer.close()
    found = []
    for folder, cluster in (("here", None), ("there", engine)):
        (tmp_path / folder).mkdir()
        result = validate.function(
            Job(
                Tables(made),
                ValidateOptions(schema=TARGET, mappings=(owned, MAPPINGS[1])),
                "r",
                lambda rows: None,
                None,
                cluster,
            )
        )
        writer = Materialiser(
            Tables(made), lambda name, folder=folder: tmp_path / folder / f"{name}.parquet", lambda rows: None, cluster
        )
        rows = {name: writer.write(name, content).frame().to_csv() for name, content in result.tables.items()}
        found.append((rows, result.issues, result.aside, result.facts))
    assert found[0] == found[1]
    codes = {row[4] for row in found[0][1]}
    assert codes >= {
        "validate.type",
        "validate.picklist",
        "validate.not-unique",
        "validate.parent-rejected",
        "validate.parent-blanked",
    }


def twice() -> pd.DataFrame:
    """Return 230 made-up accounts: equal ones, short and foreign names, and a phone and an address that many share."""
    rows = []
    for n in range(115):
        name = f"杭州{'启明远航宏达天成瑞丰'[n % 5 * 2 : n % 5 * 2 + 2]}{'甲乙丙丁戊己庚辛壬癸'[n // 5 % 10]}{n // 50}精密机械有限公司"
        phone, address = f"0571-86{n:06d}", f"杭州市中山路{n}号{n + 100}室"
        shared = [phone if n % 2 else "0571-88886666", address if n % 3 else "杭州市文三路1号301室"]
        other = [name, name[2:-4], f"{name[:4]}（集团）", f"Acme {n % 9} Ltd", "李宁" + "甲乙"[n % 2]][n % 5]
        rows += [
            [name, None, *shared],
            [other, None if n % 4 else f"9133010{n:03d}27XQ8C8J", shared[0], shared[1] if n % 4 else None],
        ]
    columns = ["客户名称", "统一社会信用代码", "电话", "详细地址"]
    return pd.DataFrame(
        [[f"s/{n:03d}", *row] for n, row in enumerate(rows)], columns=["_record", *columns], dtype="str"
    )


def test_the_groups_of_equal_records_are_those_of_one_machine(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "batch_rows", 115)
    frame = twice()
    shipped_rules = shipped("account", frame.columns)
    assert shipped_rules is not None
    rules = replace(shipped_rules, block_pairs=1, thresholds=Thresholds(auto=0.99))
    decided = [
        Decision.of("account", f"s/{2 * n:03d}", f"s/{2 * n + 1:03d}", "separate" if n % 4 else "merge")
        for n in range(20)
    ]
    here = match(frame, rules, decided)
    with engine.evidence(frame, rules, tmp_path) as evidence:
        there = match(frame, rules, decided, evidence)
        assert [path.suffix for path in tmp_path.iterdir()] == [".part"]  # goes with what a killed run has left
    assert not list(tmp_path.iterdir())
    torn = frame.assign(电话=[*frame["电话"].iloc[:-1], 1]).astype({"电话": object})  # fails in its last part
    with pytest.raises(pa.ArrowException), engine.evidence(torn, rules, tmp_path):
        pass
    assert not list(tmp_path.iterdir())
    assert here.facts == there.facts
    assert here.facts["blocks_refined"]
    assert here.facts["distinct"] < len(frame)
    assert here.facts["largest_block_used"]["name.gram"]
    assert here.thresholds == there.thresholds
    for mine, its in [
        *((getattr(here, name), getattr(there, name)) for name in ("cluster", "left", "right", "decision")),
        *((getattr(here.scores, name), getattr(there.scores, name)) for name in ("levels", "weights", "bits", "never", "doubtful")),
        *((getattr(here.spread, name), getattr(there.spread, name)) for name in ("free", "held", "right", "right_held")),
    ]:  # fmt: skip
        np.testing.assert_array_equal(mine, its)
    assert [(d.record_a, d.record_b) for d in here.overruled] == [(d.record_a, d.record_b) for d in there.overruled]
