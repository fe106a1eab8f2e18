from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import event

from crmmigrate.errors import ConfigurationError, LimitReached, LocationError
from crmmigrate.model.document import Document
from crmmigrate.model.issue import text_frame
from crmmigrate.model.load_batches import ahead
from crmmigrate.model.load_plan import load_plan
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.tables import Materialiser
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target

IDENTITY = TargetColumn("integer", identity=True)
KEY = TargetColumn(length=50, required=True, unique=True)
SCHEMA = TargetSchema(1, {
    "users": TargetTable({"id": IDENTITY, "external_id": KEY, "boss_id": TargetColumn("integer", references="users")}),
    "accounts": TargetTable({
        "id": IDENTITY, "external_id": KEY, "name": TargetColumn(length=20, required=True),
        "owner_id": TargetColumn("integer", references="users"),
    }),
})  # fmt: skip
FIELDS = {
    "user": "users, fields: {external_id: _record, boss_id: {from: 上级, lookup: {object: user, by: 姓名, missing: defer}}}",
    "account": "accounts, fields: {external_id: _record, name: 名称, owner_id: {from: 负责人, lookup: {object: user}}}",
}


def options(batch_rows: int = 10, limit: float = 1.0) -> Any:
    mappings = []
    for name, fields in FIELDS.items():
        document = Document.parse(f"{{version: 1, object: {name}, match: external_id, target: {fields}}}", name)
        mappings.append(build_mapping(document))
        document.check()
    return load_stage("load").options(tuple(mappings), batch_rows, limit)


def tables(folder: Path, bad: tuple[int, ...] = (), count: int = 45) -> Tables:
    def put(name: str, columns: dict[str, list[str | None]]) -> Table:
        path = folder / f"{name}.parquet"
        pq.write_table(pa.table({key: pa.array(value, pa.string()) for key, value in columns.items()}), path)
        return Table(name, path)

    users: list[str | None] = ["u/1", "u/2"]
    accounts: list[str | None] = [f"a/{i}" for i in range(count)]
    return Tables({
        "user": put("user", {"_record": users, "_origin": users, "external_id": users, "boss_id": ["u/2", None]}),
        "account": put("account", {
            "_record": accounts, "_origin": [f"a.xlsx!{i}" for i in range(count)], "external_id": accounts,
            "name": [None if i in bad else f"公司{i}" for i in range(count)], "owner_id": ["u/1"] * count,
        }),
    })  # fmt: skip


@pytest.fixture
def target(sqlite_url: str) -> Iterator[Any]:
    with open_target(sqlite_url) as opened:
        opened.create(SCHEMA)
        yield opened


def written(given: Tables, result: Any) -> Any:
    """Return the result with its tables as the runner writes them."""
    folder = given["account"].path.parent / "out"
    folder.mkdir(exist_ok=True)
    writer = Materialiser(given, lambda name: folder / f"{name}.parquet", lambda rows: None)
    for name, content in result.tables.items():
        result.tables[name] = writer.write(name, content).frame()  # type: ignore[union-attr]
    return result


def run(target: Any, given: Tables, chosen: Any, name: str = "load-1") -> Any:
    done: list[int] = []
    result = load_stage("load").function(Job(given, chosen, name, done.append, target))
    assert sum(done) == sum(table.rows for _, table in given.items())
    return written(given, result)


def test_every_row_is_loaded_or_set_aside(target: Any, tmp_path: Path) -> None:
    result = run(target, tables(tmp_path, bad=(3, 30)), options())
    assert [row[:7] for row in result.aside] == [
        ("account", f"a/{i}", f"a.xlsx!{i}", "rejected", "load.refused-not-null", "name", None) for i in (3, 30)
    ]
    loaded = result.tables["account"]
    assert list(loaded.columns) == ["_record", "_origin", "target_key"]
    assert list(loaded["_record"]) == [f"a/{i}" for i in range(45) if i not in (3, 30)]
    in_target = {row[1]: row[0] for part in target.rows("accounts") for row in part.itertuples(index=False)}
    assert dict(zip(loaded["_record"], loaded["target_key"], strict=True)) == in_target
    assert result.flows == {"user": ("user",), "account": ("account",)}
    assert result.findings
    assert result.facts["objects"]["account"]["inserted"] == 43


def test_a_deferred_reference_is_filled_at_the_end(target: Any, tmp_path: Path) -> None:
    run(target, tables(tmp_path), options())
    users = {row[1]: row for part in target.rows("users") for row in part.itertuples(index=False, name=None)}
    assert users["u/1"][2] == users["u/2"][0]


def test_the_load_stops_itself_and_goes_on_with_a_higher_limit(target: Any, tmp_path: Path) -> None:
    given = tables(tmp_path, bad=(1, 2, 3, 41))
    with pytest.raises(LimitReached) as caught:
        run(target, given, options(limit=0.05))
    assert caught.value.code == "load.too-many-rejects"
    assert "3 × account.name: " in caught.value.text("en")
    assert [known.state for known in target.runs()] == ["stopped"]
    stopped_at = target.batches("load-1")[0][0]
    result = run(target, given, options(limit=0.5))
    assert stopped_at == 2 < target.batches("load-1")[0][0]
    assert result.facts["resumed"]
    assert {row[1] for row in result.aside} == {"a/1", "a/2", "a/3", "a/41"}  # also those from before the stop
    assert len(result.tables["account"]) == 41


def test_a_row_stays_with_its_record_while_that_is_loaded_too_whatever_batches_they_are_in(
    target: Any, tmp_path: Path
) -> None:
    run(target, tables(tmp_path, count=1), options())
    given = tables(tmp_path, count=2)
    twins = given["account"].frame().assign(external_id="a/0").to_dict("list")
    pq.write_table(
        pa.table({name: pa.array(values, pa.string()) for name, values in twins.items()}), given["account"].path
    )
    result = run(target, given, options(batch_rows=1), "load-2")
    assert [row[:5] for row in result.aside] == [("account", "a/1", "a.xlsx!1", "rejected", "load.match-taken")]
    assert [row[2] for part in target.rows("accounts") for row in part.itertuples(index=False)] == ["公司0"]


def test_a_resume_with_other_rows_or_batches_is_refused(target: Any, tmp_path: Path) -> None:
    with pytest.raises(LimitReached):
        run(target, tables(tmp_path, bad=(1, 2, 3)), options(limit=0.05))
    for bad, chosen in (((1,), options()), ((1, 2, 3), options(batch_rows=9))):
        with pytest.raises(ConfigurationError) as caught:
            run(target, tables(tmp_path, bad=bad), chosen)
        assert caught.value.code == "load.plan-changed"


def test_a_run_killed_behind_its_last_batch_only_reports(target: Any, tmp_path: Path) -> None:
    given = tables(tmp_path)
    first = run(target, given, options())
    before = target.digest()
    done: list[int] = []
    again = written(given, load_stage("load").function(Job(given, options(), "load-1", done.append, target)))
    assert again.tables["account"].equals(first.tables["account"])
    assert (done, target.digest()) == ([], before)


def test_what_is_not_mapped_is_said(target: Any, tmp_path: Path) -> None:
    chosen = options()
    with pytest.raises(ConfigurationError) as caught:
        run(target, tables(tmp_path), replace(chosen, mappings=chosen.mappings[:1]))
    assert caught.value.code == "load.no-mapping"
    assert target.runs() == []


def test_the_load_stops_at_a_number_of_rejects(target: Any, tmp_path: Path) -> None:
    given = tables(tmp_path, bad=(1, 2, 3, 41))
    with pytest.raises(LimitReached) as caught:
        run(target, given, replace(options(), max_rejects=2))
    assert caught.value.code == "load.too-many-rejects"
    stopped_at = target.batches("load-1")[0][0]
    with pytest.raises(LimitReached):  # with the same limit it does not creep on, one batch a try
        run(target, given, replace(options(), max_rejects=2))
    assert target.batches("load-1")[0][0] == stopped_at == 2
    assert len(run(target, given, replace(options(), max_rejects=4)).aside) == 4


def test_the_load_stops_before_it_changes_too_many_rows(target: Any, tmp_path: Path) -> None:
    with target.session.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO accounts (external_id, name) SELECT 'a/' || value, 'alt' FROM json_each('[0,1,2,20,30]')"
        )
    given = tables(tmp_path)
    with pytest.raises(LimitReached) as caught:
        run(target, given, replace(options(), max_update=2))
    assert (caught.value.code, caught.value.exit_code) == ("load.too-many-updates", 4)
    assert target.batches("load-1")[0][0] == 2
    assert run(target, given, replace(options(), max_update=5)).facts["objects"]["account"]["updated"] == 5


def test_references_filled_later_are_no_changes_of_rows_there_before(
    target: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = "boss_id: {from: boss_id, lookup: {object: user, by: name, missing: defer}}"
    owner = "owner_id: {from: owner_id, lookup: {object: user, by: name, missing: defer}}"
    monkeypatch.setitem(FIELDS, "user", f"users, fields: {{external_id: _record, {chief}}}")
    monkeypatch.setitem(FIELDS, "account", f"accounts, fields: {{external_id: _record, name: name, {owner}}}")
    given, chosen = tables(tmp_path, count=4), replace(options(batch_rows=2), max_update=0)
    assert [step.object for step in load_plan(chosen.mappings, 2).objects if step.deferred] == ["user", "account"]
    write, batches = target.write_batch, []

    def killed(*given: Any) -> Any:
        batches.append(given[1])
        if len(batches) == 5:
            raise KeyboardInterrupt
        return write(*given)

    monkeypatch.setattr(target, "write_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        run(target, given, chosen)
    assert target.batches("load-1")[0] == (4, "user"), "it stops between two steps that fill references"
    done = run(target, given, chosen)
    assert done.facts["resumed"]
    assert [done.facts["objects"][name]["updated"] for name in ("user", "account")] == [1, 4]


def test_a_resume_with_another_mapping_is_refused(target: Any, tmp_path: Path) -> None:
    given, chosen = tables(tmp_path, bad=(1,)), options(limit=0.0)
    with pytest.raises(LimitReached):
        run(target, given, chosen)
    before = target.digest()
    users, accounts = chosen.mappings
    other = replace(accounts, write=replace(accounts.write, mode="insert"))
    with pytest.raises(ConfigurationError) as caught:
        run(target, given, replace(chosen, mappings=(users, other), max_reject_ratio=1.0))
    assert (caught.value.code, caught.value.exit_code, target.digest()) == ("load.plan-changed", 2, before)


def test_a_resume_into_a_table_that_has_changed_is_refused(target: Any, tmp_path: Path, sqlite_url: str) -> None:
    given = tables(tmp_path, bad=(1,))
    with pytest.raises(LimitReached):
        run(target, given, options(limit=0.0))
    with target.session.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE accounts RENAME COLUMN name TO title")
    with open_target(sqlite_url) as again:
        before = again.digest()
        with pytest.raises(LocationError) as caught:
            run(again, given, options())
        assert (caught.value.code, caught.value.exit_code, again.digest()) == ("target.column-missing", 3, before)


def test_a_failure_of_the_database_says_how_to_go_on(target: Any, tmp_path: Path) -> None:
    with target.session.transaction() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER t AFTER INSERT ON accounts WHEN (SELECT count(*) FROM accounts) > 3 "
            "BEGIN SELECT abs(-9223372036854775808); END"
        )
    with pytest.raises(LocationError) as caught:
        run(target, tables(tmp_path), options())
    assert caught.value.code == "target.failed"
    assert caught.value.hint.text("en").startswith("go on with crmmigrate load")


def test_a_disk_that_is_full_leaves_whole_batches(target: Any, tmp_path: Path, sqlite_url: str) -> None:
    given = tables(tmp_path, count=500)
    size: list[int] = []

    def cap(connection: Any, record: Any) -> None:
        size.append(connection.execute("PRAGMA page_count").fetchone()[0])
        connection.execute(f"PRAGMA max_page_count = {size[0] + 35}")

    with open_target(sqlite_url) as full:
        event.listen(full.session.engine, "connect", cap)
        with pytest.raises(LocationError) as caught:
            load_stage("load").function(Job(given, options(), "load-1", lambda rows: None, full))
    assert (caught.value.code, caught.value.exit_code) == ("target.unreachable", 3)
    assert "--resume" in caught.value.hint.text("en")
    written, journalled = target.batches("load-1")[0][0], pd.concat(target.loaded("account"))
    assert 1 < written < 51
    assert (
        len(journalled)
        == sum(len(part) for part in target.rows("accounts"))
        == target.totals("load-1")["account"]["inserted"]
    )
    result = run(target, given, options())
    assert (result.facts["resumed"], len(result.tables["account"])) == (True, 500)


def test_batches_are_cut_by_their_rows_and_by_their_length_wherever_they_come_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from crmmigrate.model import load_batches

    class Rows:
        def __init__(self, size: int) -> None:
            self.size = size

        def batches(self, _: int, columns: list[str], skip: int) -> Any:
            frame = text_frame([[f"r{i}", "长" * 90 if i > 40 else None] for i in range(95)], ("_record", "name"))
            for start in range(skip, 95, self.size):
                yield frame.iloc[start : start + self.size][columns]

    monkeypatch.setattr(load_batches, "BATCH_CHARACTERS", 200)
    cuts = [
        [list(part["_record"]) for part in load_batches.load_batches(Rows(size), ("name",), 15)]
        for size in (1, 7, 40, 95)
    ]
    assert cuts[0] == cuts[1] == cuts[2] == cuts[3]
    for done in range(len(cuts[0])):  # a resume
        skip = sum(map(len, cuts[0][:done]))
        left = load_batches.load_batches(Rows(7), ("name",), 15, skip=skip)
        assert [list(part["_record"]) for part in left] == cuts[0][done:]
    assert [record for part in cuts[0] for record in part] == [f"r{i}" for i in range(95)]
    assert max(map(len, cuts[0])) == 15
    assert all(sum(len(record) + 90 * (int(record[1:]) > 40) for record in part) <= 200 for part in cuts[0])


def test_the_next_batch_is_made_while_one_is_written_and_what_goes_wrong_there_is_raised_in_its_turn() -> None:
    from threading import Event

    made = [Event() for _ in range(3)]

    def batches() -> Iterator[int]:
        for number, known in enumerate(made):
            known.set()
            yield number
        raise LookupError("the file ends")

    seen: list[int] = []

    def take() -> None:
        for number in ahead(batches()):
            assert number == 2 or made[number + 1].wait(10)
            seen.append(number)

    with pytest.raises(LookupError, match="the file ends"):
        take()
    assert seen == [0, 1, 2]
