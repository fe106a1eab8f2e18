"""What a load and its rollback must leave alone: other people's rows, half-written batches, exact values."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from tests.targets.crm import ACCOUNTS, PLAN, SCHEMA, USERS, account, execute, load, roll_back, rows, table

from crmmigrate.errors import ConfigurationError, LimitReached, LocationError
from crmmigrate.model.target import Selection
from crmmigrate.targets import open_target
from crmmigrate.targets.images import Images
from crmmigrate.targets.proof import Adding
from crmmigrate.targets.writing import BatchWriter

USER = rows(USERS, {"external_id": "u1", "name": "王敏"})


@pytest.fixture
def target(database_url: str) -> Iterator[Any]:
    with open_target(database_url) as opened:
        opened.create(SCHEMA)
        yield opened


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Any]:
    with open_target(postgresql_url) as opened:
        opened.create(SCHEMA)
        yield opened


@pytest.fixture
def mysql(mysql_url: str) -> Iterator[Any]:
    with open_target(mysql_url) as opened:
        opened.create(SCHEMA)
        yield opened


@pytest.fixture(params=["postgresql", "mysql"])
def served(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def keys(target: Any) -> dict[str, str]:
    return {str(name): str(key) for name, key in table(target, "accounts", "external_id", "id")}


def test_a_batch_that_breaks_off_in_the_middle_leaves_nothing(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('a1', 'old')")
    target.begin_run("load", "r", PLAN)
    target.write_batch("r", 1, USERS, USER)
    before = target.digest()

    def broken(self: Any, found: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(BatchWriter, "_link", broken)
        with pytest.raises(RuntimeError):
            target.write_batch("r", 2, ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2")))
    assert target.digest() == before
    assert target.batches("r")[0][0] == 1
    outcome = target.write_batch("r", 2, ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2")))
    assert (outcome.updated, outcome.inserted) == (1, 1)


def test_a_batch_survives_more_than_one_deadlock(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('a1', 'old')")
    target.begin_run("load", "r", PLAN)
    target.write_batch("r", 1, USERS, USER)
    whole, broken = Images.counted, []

    class DeadlockError(Exception):
        pass

    def deadlocked(self: Any, statement: Any) -> int:
        broken.append(1)
        if len(broken) < 4:
            raise DeadlockError
        return whole(self, statement)

    class Dialect(type(target.dialect)):  # type: ignore[misc]
        def transient(self, error: Exception) -> bool:
            return isinstance(error, DeadlockError)

        @property
        def errors(self) -> tuple[type[Exception], ...]:
            return (DeadlockError, *super().errors)

    target.dialect.__class__ = Dialect
    monkeypatch.setattr(Images, "counted", deadlocked)
    assert target.write_batch("r", 2, ACCOUNTS, rows(ACCOUNTS, account("a1"))).updated == 1
    assert len(broken) == 4


def test_a_load_that_is_being_undone_is_not_resumed(target: Any) -> None:
    target.begin_run("load", "r", PLAN, plan_digest="d")
    target.write_batch("r", 1, USERS, USER)
    target.close_run("r", "stopped")
    target.begin_run("rollback", "undo", PLAN, parent="r")
    target.close_run("undo", "stopped")
    with pytest.raises(ConfigurationError) as caught:
        target.resume_run("r", "d")
    assert caught.value.code == "load.being-undone"
    target.resume_run("undo")


NOTES = {
    "by another unique column": "ext VARCHAR(100), FOREIGN KEY (ext) REFERENCES accounts (external_id) ON DELETE CASCADE",
    "by two columns": "ext VARCHAR(100), acc_id BIGINT, FOREIGN KEY (acc_id, ext) REFERENCES accounts (id, external_id) ON DELETE CASCADE",
}  # fmt: skip


@pytest.mark.parametrize("how", NOTES)
def test_a_row_that_another_depends_on_stays_however_it_is_named(target: Any, how: str) -> None:
    execute(target, "CREATE UNIQUE INDEX both_keys ON accounts (id, external_id)")
    collation = "COLLATE utf8mb4_bin" if "mysql" in target.place else ""
    execute(target, f"CREATE TABLE notes (nid INTEGER PRIMARY KEY, {NOTES[how]}) {collation}")
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))))
    columns = "1, external_id, id" if "acc_id" in NOTES[how] else "1, external_id"
    execute(target, f"INSERT INTO notes SELECT {columns} FROM accounts WHERE external_id = 'a1'")
    assert roll_back(target, "r")["kept_referenced"] == 2  # the account, and its user
    assert list(keys(target)) == ["a1"]
    assert [len(part) for part in target.rows("notes")] == [1]


@pytest.mark.database("postgresql")
def test_a_row_in_another_schema_holds_its_parent(postgresql: Any) -> None:
    load(postgresql, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))))
    execute(postgresql, "CREATE SCHEMA app")
    execute(postgresql, "CREATE TABLE app.notes (nid INTEGER PRIMARY KEY, acc_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE)")  # fmt: skip
    execute(postgresql, "INSERT INTO app.notes SELECT 1, id FROM accounts WHERE external_id = 'a1'")
    assert roll_back(postgresql, "r")["kept_referenced"] == 2
    assert list(keys(postgresql)) == ["a1"]


@pytest.mark.database("mysql")
def test_a_row_in_another_database_holds_its_parent(mysql: Any, mysql_url: str) -> None:
    home = mysql_url.rpartition("/")[2].partition("?")[0]
    load(mysql, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))))
    execute(mysql, f"CREATE DATABASE {home}_app")
    try:
        execute(mysql, f"CREATE TABLE {home}_app.notes (nid INTEGER PRIMARY KEY, acc_id BIGINT, "
                       f"FOREIGN KEY (acc_id) REFERENCES {home}.accounts (id) ON DELETE CASCADE)")  # fmt: skip
        execute(mysql, f"INSERT INTO {home}_app.notes SELECT 1, id FROM accounts WHERE external_id = 'a1'")
        assert roll_back(mysql, "r")["kept_referenced"] == 2
        assert list(keys(mysql)) == ["a1"]
    finally:
        execute(mysql, f"DROP DATABASE {home}_app")


@pytest.mark.database("mysql")
def test_a_child_that_writes_the_key_in_other_letters_holds_its_parent(mysql: Any) -> None:
    execute(mysql, "CREATE TABLE coded (code VARCHAR(20) PRIMARY KEY, name VARCHAR(50)) COLLATE utf8mb4_general_ci")
    execute(mysql, "CREATE TABLE notes (nid INTEGER PRIMARY KEY, code VARCHAR(20), FOREIGN KEY (code) REFERENCES coded (code)) COLLATE utf8mb4_general_ci")  # fmt: skip
    step = replace(USERS, object="coded", table="coded", columns=("code", "name"), match_on=("code",))
    batch = rows(step, {"_record": "1", "code": "abc"}, {"_record": "2", "code": "def"})
    plan = replace(PLAN, objects=(step,))
    mysql.begin_run("load", "r", plan)
    mysql.write_batch("r", 1, step, batch)
    mysql.close_run("r", "done")
    execute(mysql, "INSERT INTO notes VALUES (1, 'ABC')")
    mysql.begin_run("rollback", "undo", plan, parent="r")
    assert mysql.undo_batch("undo", 1, "r", 1, apply=True).counts["kept_referenced"] == 1


@pytest.mark.database("postgresql")
def test_letter_case_counts_in_citext(postgresql: Any) -> None:
    execute(postgresql, "CREATE EXTENSION citext")
    execute(postgresql, "ALTER TABLE accounts ALTER COLUMN name TYPE citext")
    execute(postgresql, "INSERT INTO accounts (external_id, name) VALUES ('a1', 'abc')")
    step = replace(ACCOUNTS, columns=("external_id", "name"), references={})
    load(postgresql, "r", (step, rows(step, account("a1", name="ABC"), account("a2", name="new"))))
    execute(postgresql, "UPDATE accounts SET name = 'NEW' WHERE external_id = 'a2'")
    assert roll_back(postgresql, "r") == {"undone": 1, "kept_edited": 1}
    assert table(postgresql, "accounts", "name") == [("abc",), ("NEW",)]


@pytest.mark.database("mysql")
@pytest.mark.parametrize("later", ["gbk", "utf8mb4"])
@pytest.mark.parametrize(
    "what",
    [
        "MODIFY name VARCHAR(20) CHARACTER SET gbk NOT NULL",
        "DEFAULT CHARACTER SET gbk, MODIFY name VARCHAR(20) NOT NULL",
    ],
)
def test_a_table_in_gbk_is_undone_also_where_it_is_changed_to_another_character_set(
    mysql: Any, mysql_url: str, what: str, later: str
) -> None:
    execute(mysql, f"ALTER TABLE accounts {what}")
    execute(mysql, "INSERT INTO accounts (external_id, name) VALUES ('a1', '旧名')")
    step = replace(ACCOUNTS, columns=("external_id", "name"), references={})
    load(mysql, "r", (step, rows(step, account("a1", name="新名"), account("a2", name="客户"))))
    execute(mysql, f"ALTER TABLE accounts MODIFY name VARCHAR(20) CHARACTER SET {later} NOT NULL")
    with open_target(mysql_url) as afterwards:
        assert roll_back(afterwards, "r") == {"undone": 2}
    assert table(mysql, "accounts", "name") == [("旧名",)]


@pytest.mark.database("mysql")
def test_a_row_with_a_zero_date_is_loaded_and_undone(mysql: Any) -> None:
    with mysql.session.transaction() as connection:
        mode = connection.exec_driver_sql("SELECT @@sql_mode").scalar_one()
        connection.exec_driver_sql("SET SESSION sql_mode = ''")
        connection.exec_driver_sql("INSERT INTO accounts (external_id, name, `order`) VALUES ('a1', 'old', '0000-00-00'), ('a2', 'old', '1980-07-00')")  # fmt: skip
        connection.exec_driver_sql("SET SESSION sql_mode = %s", (mode,))
    before = mysql.digest()
    step = replace(ACCOUNTS, columns=("external_id", "name"), references={})
    load(mysql, "r", (step, rows(step, account("a1"), account("a2"))))
    assert roll_back(mysql, "r") == {"undone": 2}
    assert mysql.digest() == before


def test_a_row_that_was_there_is_known_as_adopted_and_an_older_journal_learns_it(target: Any) -> None:
    target.begin_run("load", "older", PLAN)
    target.close_run("older", "done")
    execute(target, "ALTER TABLE crmm_crosswalk DROP COLUMN adopted")
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('a1', 'old')")
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))))
    walk = pa.concat_tables(target.crosswalk("account"))
    assert dict(zip(*(walk.column(name).to_pylist() for name in ("_record", "adopted")), strict=True)) == {
        "a1": "true",
        "a2": None,
    }


QUOTING = {
    "mysql": "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'wrong: 13800138000'",
    "postgresql": "DO $$ BEGIN RAISE EXCEPTION 'wrong: 13800138000' USING ERRCODE = '54000'; END $$",
}


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.database(kind)) for kind in QUOTING])
def test_an_error_quotes_no_value(kind: str, request: pytest.FixtureRequest) -> None:
    opened = request.getfixturevalue(kind)
    with pytest.raises(LocationError) as caught, opened.session.transaction() as connection:
        connection.exec_driver_sql(QUOTING[kind])
    assert caught.value.code == "target.failed"
    assert "13800138000" not in caught.value.text()
    assert {"mysql": "1644", "postgresql": "54000"}[kind] in caught.value.text()


def test_a_killed_load_gives_way_though_its_number_lives_again(target: Any) -> None:
    target.begin_run("load", "r", PLAN, plan_digest="d")
    lease = target.journal.token.split(":")
    if not lease[1]:
        pytest.skip("the system does not say when a process began")
    execute(target, "UPDATE crmm_run SET pid = 1, lease = :lease", lease=f"dead:{lease[1]}:7")
    target.resume_run("r", "d")
    elsewhere = "UPDATE crmm_run SET lease = 'dead:another-container:7', heartbeat = heartbeat - :age"
    execute(target, elsewhere, age=60)
    with pytest.raises(LimitReached):
        target.resume_run("r", "d")
    execute(target, elsewhere, age=120)
    target.resume_run("r", "d")


def test_one_bad_cell_is_a_reject_and_stops_nothing(target: Any) -> None:
    step = replace(ACCOUNTS, columns=("external_id", "name", "owner_id"), references={})
    outcome = load(target, "r", (step, rows(step, account("a1", owner_id="9" * 20), account("a2", owner_id=None))))[0]
    assert [(reject.record, reject.code) for reject in outcome.rejects] == [("a1", "load.unfit-range")]
    assert list(keys(target)) == ["a2"]


@pytest.mark.database("postgresql")
def test_what_postgresql_can_not_hold_is_a_reject(postgresql: Any) -> None:
    execute(postgresql, "CREATE INDEX noted ON accounts (note)")
    step = replace(ACCOUNTS, columns=("external_id", "name", "note"), references={})
    execute(postgresql, "ALTER TABLE accounts ALTER COLUMN note TYPE text")
    long = secrets.token_hex(20_000)
    batch = rows(step, account("a1", name="a\0b"), account("a2", note=long), account("a3"))
    outcome = load(postgresql, "r", (step, batch))[0]
    assert [(reject.record, reject.code) for reject in outcome.rejects] == [
        ("a1", "load.unfit-character"), ("a2", "load.refused-length"),
    ]  # fmt: skip
    assert list(keys(postgresql)) == ["a3"]


def test_blanks_that_fill_up_a_column_mean_nothing(target: Any) -> None:
    execute(target, "CREATE TABLE coded (code CHAR(10) PRIMARY KEY, ext CHAR(10), name VARCHAR(50))")
    execute(target, "INSERT INTO coded VALUES ('c1', 'r1', 'old')")
    step = replace(USERS, object="coded", table="coded", columns=("code", "ext", "name"), match_on=("ext",))
    batch = rows(
        step, {"_record": "1", "code": "c1", "ext": "r1", "name": "new"}, {"_record": "2", "code": "c2", "ext": "r2"}
    )
    plan = replace(PLAN, objects=(step,))
    for run, figures in (("r1", (1, 1, 0)), ("r2", (0, 0, 2))):
        target.begin_run("load", run, plan)
        outcome = target.write_batch(run, 1, step, batch)
        target.close_run(run, "done")
        assert (outcome.inserted, outcome.updated, outcome.unchanged) == figures
    assert {row for part in target.rows("coded", ("ext",)) for row in part["ext"]} == {"r1", "r2"}


@pytest.mark.database("mysql")
def test_a_fraction_that_the_column_cuts_is_a_reject(mysql: Any) -> None:
    step = replace(ACCOUNTS, columns=("external_id", "name", "seen_at"), references={})
    batch = rows(step, account("a1", seen_at="2023-05-01T14:30:00.9"), account("a2", seen_at="2023-05-01T14:30:00.000"))
    outcome = load(mysql, "r", (step, batch))[0]
    assert [(reject.record, reject.code) for reject in outcome.rejects] == [("a1", "load.unfit-scale")]


def test_a_rollback_that_an_earlier_version_began_is_proved_by_its_own_digests(target: Any) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('mine', '别人')")
    with target.session.transaction() as connection:
        names = PLAN.tables
        old = {
            name: str(Adding(connection, target.dialect, target._table(connection, name), "").all()) for name in names
        }
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"))))
    target.begin_run("rollback", "undo", PLAN, parent="r")
    execute(target, "UPDATE crmm_run SET digests = :old WHERE run = 'undo'", old=json.dumps(old))
    for batch, _ in target.batches("r"):
        target.undo_batch("undo", batch, "r", batch, apply=True)
    assert target.undo_agrees("undo")
    execute(target, "UPDATE accounts SET name = '改' WHERE external_id = 'mine'")
    assert not target.undo_agrees("undo")


def test_runs_make_the_indexes_of_the_crosswalk_that_they_need(target: Any) -> None:
    def indexes(table: str = "crmm_crosswalk") -> set[str]:
        with target.session.transaction(write=False) as connection:
            return {str(index["name"]) for index in sa.inspect(connection).get_indexes(table)}

    load(target, "r", (USERS, USER))
    assert indexes() == set()
    load(target, "s", (ACCOUNTS, rows(ACCOUNTS, account("a1"))))  # users are there
    assert indexes() == {"crmm_crosswalk_target"}
    planned = target.undo_batch("", 1, "s", 1, apply=False)
    by_batch = set() if target.dialect.keyed_images else {"crmm_image_account_batch"}
    assert (planned.counts["undone"], indexes("crmm_image_account")) == (1, by_batch)
    target.begin_run("rollback", "part", PLAN, parent="r", selection=Selection(batches=(1,)))
    target.close_run("part", "stopped")
    assert indexes() == {"crmm_crosswalk_target", "crmm_crosswalk_run"}  # a part of a load takes links out one by one
    load(target, "t", (ACCOUNTS, rows(ACCOUNTS, account("a1"))))  # what rollbacks alone need is gone again
    assert (indexes(), indexes("crmm_image_account")) == ({"crmm_crosswalk_target"}, set())


def test_a_rollback_that_is_taken_up_again_behind_another_load_has_its_indexes(target: Any) -> None:
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"))))
    target.begin_run("rollback", "undo", PLAN, parent="r", selection=Selection(batches=(1, 2)))
    target.close_run("undo", "stopped")
    load(target, "s")
    target.resume_run("undo")
    with target.session.transaction(write=False) as connection:
        inspector = sa.inspect(connection)
        walk, image = (
            {index["name"] for index in inspector.get_indexes(name)}
            for name in ("crmm_crosswalk", "crmm_image_account")
        )
    assert "crmm_crosswalk_run" in walk
    assert target.dialect.keyed_images or "crmm_image_account_batch" in image
    for batch, _ in target.batches("r"):
        target.undo_batch("undo", batch, "r", batch, apply=True)
    assert target.undo_agrees("undo")
    target.close_run("undo", "done")
    assert table(target, "accounts", "external_id") == []


def test_an_index_stays_while_somebody_reads_its_table(served: Any) -> None:
    load(served, "r", (USERS, USER))
    served.begin_run("rollback", "part", PLAN, parent="r", selection=Selection(batches=(1,)))
    served.close_run("part", "stopped")
    execute(served, "DELETE FROM users")  # else the load makes an index, and waits for the reader
    with served.session.transaction(write=False) as reader:
        reader.exec_driver_sql("SELECT * FROM crmm_crosswalk").all()
        load(served, "s", (USERS, USER))  # does not wait for the reader
        assert "crmm_crosswalk_run" in {index["name"] for index in sa.inspect(reader).get_indexes("crmm_crosswalk")}
    load(served, "t", (USERS, USER))
    with served.session.transaction(write=False) as connection:
        assert "crmm_crosswalk_run" not in {
            index["name"] for index in sa.inspect(connection).get_indexes("crmm_crosswalk")
        }


def test_keys_between_which_others_take_some_are_the_ones_of_their_rows(postgresql: Any) -> None:
    execute(postgresql, "ALTER SEQUENCE users_id_seq INCREMENT BY 3")
    people = [{"external_id": f"u{number}", "name": f"员工{number}"} for number in range(3)]
    load(postgresql, "r", (USERS, rows(USERS, *people)))
    assert table(postgresql, "users", "external_id", "id") == [("u0", "1"), ("u1", "4"), ("u2", "7")]
    with postgresql.session.transaction(write=False) as connection:
        linked = postgresql.journal.keys_of(connection, "user", ["u0", "u1", "u2"])
    assert linked == {"u0": ("1", "r"), "u1": ("4", "r"), "u2": ("7", "r")}


def test_rows_between_those_of_a_load_are_none_of_its_business(target: Any) -> None:
    execute(
        target,
        "INSERT INTO accounts (external_id, name) VALUES ('a1', 'old'), ('b', 'other'), ('a2', 'old'), ('c', 'other')",
    )
    before = target.digest()
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))), (ACCOUNTS, rows(ACCOUNTS, account("a3"))))  # fmt: skip
    assert roll_back(target, "r") == {"undone": 4}
    assert target.digest() == before
    assert target.undo_foreign("undo-r") == {}
    load(target, "s", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a5"), account("a6"))))
    execute(target, "UPDATE accounts SET name = 'another' WHERE external_id = 'c'")
    assert roll_back(target, "s") == {"undone": 3}
    assert target.undo_foreign("undo-s") == {"accounts": 0}
