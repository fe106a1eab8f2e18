"""Several connections write, and undo, the batches of one run: what comes of it is what one connection does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from tests.targets.crm import SCHEMA, USERS, execute, rows

from crmmigrate.errors import LimitReached, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.held_rows import Held, TooManyRowsError
from crmmigrate.model.load_partitions import sharing, ties
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target
from crmmigrate.targets.writers import Task, Writers, width

pytestmark = pytest.mark.database("postgresql")

MAPPINGS = {
    "user": "users, match: external_id, fields: {external_id: _record, name: name}",
    "account": "accounts, match: external_id, fields: {external_id: external_id, name: name, owner_id: {from: owner, lookup: {object: user}}}",
}


@pytest.fixture
def urls(new_database: Callable[[str], str]) -> Callable[[], str]:
    return lambda: new_database("postgresql")


@pytest.fixture
def target(urls: Callable[[], str]) -> Iterator[Any]:
    with open_target(urls()) as opened:
        opened.create(SCHEMA)
        yield opened


def options(writers: int, limit: float = 1.0) -> Any:
    mappings = []
    for name, fields in MAPPINGS.items():
        document = Document.parse(f"{{version: 1, object: {name}, target: {fields}}}", name)
        mappings.append(build_mapping(document))
        document.check()
    return load_stage("load").options(tuple(mappings), 20, limit, writers=writers)


def tables(folder: Path, count: int = 200, bad: tuple[int, ...] = (), keys: dict[int, str] | None = None) -> Tables:
    def put(name: str, columns: dict[str, list[str | None]]) -> Table:
        path = folder / f"{name}.parquet"
        pq.write_table(pa.table({key: pa.array(value, pa.string()) for key, value in columns.items()}), path)
        return Table(name, path)

    users: list[str | None] = [f"u/{n}" for n in range(20)]
    accounts: list[str | None] = [f"a/{n}" for n in range(count)]
    return Tables({
        "user": put("user", {"_record": users, "_origin": users, "external_id": users, "name": users}),
        "account": put("account", {
            "_record": accounts, "_origin": accounts, "external_id": [(keys or {}).get(n, f"k{n}") for n in range(count)],
            "name": [None if n in bad else f"公司{n}" for n in range(count)], "owner_id": [f"u/{n % 20}" for n in range(count)],
        }),
    })  # fmt: skip


def put_in(target: Any, count: int) -> None:
    """Leave every third account as an older system did."""
    for number in range(0, count, 3):
        execute(target, f"INSERT INTO accounts (external_id, name) VALUES ('k{number}', '旧{number}')")


def loaded(target: Any, given: Tables, writers: int, name: str = "load", limit: float = 1.0) -> Any:
    done: list[int] = []
    result = load_stage("load").function(Job(given, options(writers, limit), name, done.append, target))
    assert sum(done) == sum(table.rows for _, table in given.items())
    return result


def undone(target: Any, run: str, writers: int, name: str = "undo") -> Any:
    chosen = load_stage("rollback").options(run=run, apply=True, writers=writers)
    return load_stage("rollback").function(Job(Tables({}), chosen, name, lambda _: None, target)).facts


def content(target: Any) -> list[tuple[Any, ...]]:
    owners = pd.concat(target.rows("users", ("id", "external_id")))
    names = dict(zip(owners["id"], owners["external_id"], strict=True))
    found = pd.concat(target.rows("accounts", ("external_id", "name", "owner_id")))
    found["owner_id"] = found["owner_id"].map(names)
    return sorted(found.fillna("").itertuples(index=False, name=None))


def test_a_load_over_several_connections_is_that_over_one_and_so_is_its_rollback(
    urls: Callable[[], str], tmp_path: Path
) -> None:
    keys = {70: "k7", 115: "K12", 150: "ｋ１５０", 199: "k150"}  # which a database may take for the same
    given = tables(tmp_path, bad=(7, 31, 33), keys=keys)
    assert sharing(given, "account", [("external_id",)]) == {"a/70", "a/7", "a/115", "a/12", "a/150", "a/199"}
    found = []
    for writers in (1, 3):
        with open_target(urls()) as target:
            target.create(SCHEMA)
            put_in(target, 200)
            before = target.digest()
            result = loaded(target, given, writers)
            sums = target.batches("load"), result.facts["objects"], sorted(result.aside)
            facts = undone(target, "load", writers)
            assert target.digest() == before
            assert facts["digest_equal"] is True
            found.append((*sums, facts["objects"]))
            again = loaded(target, given, writers, "load-2")
            found[-1] += (again.facts["objects"], content(target))
    assert found[0] == found[1]
    assert found[0][1]["account"]["updated"] > 60


def test_edits_are_kept_by_a_rollback_over_several_connections(target: Any, tmp_path: Path) -> None:
    loaded(target, tables(tmp_path), 3)
    execute(target, "UPDATE accounts SET name = '改过' WHERE external_id IN ('k5', 'k105')")
    facts = undone(target, "load", 3)
    assert facts["kept_edited"] == 2
    assert facts["undone"] + facts["kept_referenced"] == 218
    assert {row[:2] for row in content(target)} == {("k5", "改过"), ("k105", "改过")}


def test_a_load_stops_itself_however_many_write_and_goes_on(target: Any, tmp_path: Path) -> None:
    given = tables(tmp_path, bad=tuple(range(0, 200, 2)))
    with pytest.raises(LimitReached) as caught:
        loaded(target, given, 3, limit=0.1)
    assert caught.value.code == "load.too-many-rejects"
    written = target.batches("load")
    assert len(written) <= 2 + 5 + 3  # users; until there are too many; those under way
    assert [known.state for known in target.runs()] == ["stopped"]
    result = loaded(target, given, 3)
    assert result.facts["objects"]["account"]["inserted"] == 100
    assert len(content(target)) == 100


def test_batches_whose_order_matters_are_undone_in_it(target: Any, tmp_path: Path) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('k0', '旧')")
    loaded(
        target, tables(tmp_path, keys={120: "k0"}), 3
    )  # the second one finds the row of the first, and is another record
    run = next(known for known in target.runs() if known.run == "load")
    target.begin_run("rollback", "undo", LoadPlan.from_text(run.plan), parent="load")
    numbers = sorted(number for number, name in target.batches("load") if name == "account")
    assert target.any_order("undo", "account", numbers[1:])  # all but the first are inserts
    assert target.any_order("undo", "account", numbers)
    image = "crmm_image_account"
    execute(target, f"UPDATE {image} SET b_external_id = 'former' WHERE action = 'update' AND b_external_id = 'k0'")
    assert not target.any_order("undo", "account", numbers)  # gives back a value that is unique
    execute(target, f"UPDATE {image} SET b_external_id = 'k0' WHERE action = 'update' AND b_external_id = 'former'")
    execute(
        target,
        f"UPDATE {image} SET target_key = (SELECT id FROM accounts WHERE external_id = 'k0') WHERE a_external_id = 'k199'",
    )
    assert not target.any_order("undo", "account", numbers)  # two of them changed one row
    execute(
        target, "UPDATE crmm_batch SET updated = 0, inserted = rows - unchanged - rejected WHERE object = 'account'"
    )
    assert target.any_order("undo", "account", numbers)


def test_rows_that_refer_to_each_other_are_undone_in_their_order(urls: Callable[[], str]) -> None:
    own = {"id": TargetColumn("integer", identity=True), "external_id": TargetColumn(length=50, unique=True)}
    schema = TargetSchema(1, {"users": TargetTable({**own, "boss_id": TargetColumn("integer", references="users")})})
    plan = LoadPlan((replace(USERS, columns=("external_id",)),), 10)
    with open_target(urls()) as target:
        target.create(schema)
        target.begin_run("load", "load", plan)
        target.write_batch("load", 1, plan.objects[0], rows(plan.objects[0], {"external_id": "u"}))
        target.close_run("load", "done")
        target.begin_run("rollback", "undo", plan, parent="load")
        assert not target.any_order("undo", "user", [1])


def test_where_locks_last_too_long_the_rest_is_done_in_turn(target: Any) -> None:
    target.begin_run("load", "r", LoadPlan((USERS,), 100))
    ways: list[tuple[int, str]] = []
    both = threading.Barrier(2)

    def task(number: int) -> Task[int]:
        def beside(*_: Any) -> int:
            ways.append((number, "beside"))
            if number < 2:
                both.wait(10)
            if number == 1:
                raise LocationError(
                    "target.locked", Message("somebody else keeps rows or a table locked that are wanted here")
                )
            return number

        def alone() -> int:
            ways.append((number, "alone"))
            return number

        return Task(beside, alone)

    with Writers(target, "r", 2) as writers:
        assert sorted(writers.each(map(task, range(6)))) == list(range(6))
    assert {way for way in ways if way[0] < 2} == {(0, "beside"), (1, "beside"), (1, "alone")}
    assert [way for way in ways if way[0] > 2] == [(number, "alone") for number in range(3, 6)]


def test_a_lock_of_somebody_else_is_waited_for_again_by_one_connection_alone(
    target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.begin_run("load", "r", LoadPlan((USERS,), 100))
    monkeypatch.setattr("crmmigrate.targets.postgresql.BUSY_SECONDS", 0.3)
    monkeypatch.setattr("crmmigrate.targets.session.TRIES", 3)
    execute(target, "INSERT INTO users (external_id, name) VALUES ('u0', 'old')")
    waits: list[str] = []

    def task(number: int) -> Task[Any]:
        frame = rows(USERS, {"external_id": f"u{number}", "name": "new"})

        def beside(other: Any, share: Any) -> Any:
            waited(other, f"beside {number}")
            return other.write_shared(share, number + 1, USERS, frame)

        def alone() -> Any:
            with open_target(target.address) as patient:
                patient.journal.token = target.journal.token
                waited(patient, f"alone {number}")
                return patient.write_batch("r", number + 1, USERS, frame)

        return Task(beside, alone)

    def waited(other: Any, who: str) -> None:
        def met(context: Any) -> None:
            if getattr(context.original_exception, "sqlstate", "") == "55P03":
                waits.append(who)

        sa.event.listen(other.session.engine, "handle_error", met)

    with target.session.engine.connect() as somebody, somebody.begin():
        somebody.exec_driver_sql("SELECT * FROM users WHERE external_id = 'u0' FOR UPDATE")
        with pytest.raises(LocationError) as caught, Writers(target, "r", 2) as writers:
            list(writers.each(map(task, range(3))))
    assert caught.value.code == "target.locked"
    assert [who for who in waits if who.endswith(" 0")] == ["beside 0", "alone 0", "alone 0", "alone 0"]


def test_what_stops_one_connection_stops_the_load_when_the_others_have_come_to_an_end(target: Any) -> None:
    target.begin_run("load", "r", LoadPlan((USERS,), 100))

    def task(number: int) -> Task[Any]:
        def beside(other: Any, share: Any) -> Any:
            if number == 3:
                raise LocationError("target.unreachable", Message("the target has no table '{table}'", table="x"))
            return other.write_shared(share, number, USERS, rows(USERS, {"external_id": f"u{number}", "name": "x"}))

        return Task(beside, lambda: None)

    with pytest.raises(LocationError), Writers(target, "r", 2) as writers:
        for _ in writers.each(map(task, range(1, 50))):
            pass
    there = {number for number, _ in target.batches("r")}
    assert {1, 2} <= there < set(range(1, 8)) - {3}
    assert len(pd.concat(target.rows("users"))) == len(there)


def test_as_many_connections_are_opened_as_pay(target: Any, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert width(target, 60_000, None) == 3
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert width(target, 60_000, None) == 4
    assert width(target, 40_000, None) == 1
    assert width(target, 10, 8) == 8
    with open_target(sqlite_url) as single:
        assert width(single, 10**9, 8) == 1
    target.begin_run("load", "r", LoadPlan((USERS,), 100))
    target.close_run("r", "done")
    with target.rehearsing("r"):  # all in one transaction
        assert width(target, 60_000, 3) == 1


def test_batches_are_tied_by_values_that_rows_of_the_target_may_give_up(tmp_path: Path) -> None:
    given = tables(tmp_path, count=40)
    ranges = {1: (0, 10), 2: (10, 20), 3: (20, 30), 4: (30, 40)}
    key = [("external_id",)]
    assert ties(given, "account", key, ranges) == []
    # In the target the record a/3 holds what a/25 is to get, and one that is not loaded what a/35 gets.
    rows_there = pa.table({"_record": ["a/3", "x"], "external_id": ["K25", "k35"]})
    held = Held(("external_id",), iter([rows_there]), ("external_id",), 10)
    assert ties(given, "account", key, ranges, held) == [(1, 3)]
    with pytest.raises(TooManyRowsError):
        ties(given, "account", key, ranges, Held(("external_id",), iter([rows_there]), (), 1))


def test_rows_that_share_no_value_are_tied_to_none_and_too_many_to_all(tmp_path: Path) -> None:
    given = tables(
        tmp_path, count=30, keys={3: " K4", 5: "００７", 6: "7.0", 8: "Straße", 9: "STRASSE", 11: "é", 12: "É"}
    )
    key = [("external_id",)]
    assert sharing(given, "account", key) == {f"a/{n}" for n in (3, 4, 5, 6, 7, 8, 9, 11, 12)} - {"a/7"}
    assert sharing(given, "account", [("external_id", "name")]) == frozenset()
    assert sharing(given, "account", key, most=7) is None
    assert sharing(given, "account", []) == frozenset()
