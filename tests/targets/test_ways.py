"""Whichever way a batch goes (not looked for, looked for without the crosswalk, looked for), it comes to the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from tests.targets.crm import ACCOUNTS, PLAN, SCHEMA, account, execute, roll_back, rows, table

from crmmigrate.targets import open_target
from crmmigrate.targets.finding import find

STEP = replace(ACCOUNTS, columns=("external_id", "name", "seen_at"), references={})


@pytest.fixture
def target(database_url: str) -> Iterator[Any]:
    """A target with a run that has written a batch of new rows, so that the next is taken for new."""
    with open_target(database_url) as opened:
        opened.create(SCHEMA)
        opened.begin_run("load", "r", PLAN)
        assert opened.write_batch("r", 1, STEP, rows(STEP, account("a1"), account("a2"))).inserted == 2
        yield opened


def test_rows_taken_for_new_are_not_looked_for(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []

    def finding(batch: Any, owners: Any) -> Any:
        looked.append(owners is not None)
        return find(batch, owners)

    monkeypatch.setattr("crmmigrate.targets.writing.find", finding)
    assert target.write_batch("r", 2, STEP, rows(STEP, account("b1"), account("b2"))).inserted == 2
    assert looked == []
    by_name = replace(STEP, match_on=("name",))  # no key of the table forbids a name that is there
    assert target.write_batch("r", 3, by_name, rows(STEP, account("c1"))).inserted == 1
    assert looked == [False]


def test_a_row_that_a_colleague_adds_meanwhile_is_found(target: Any) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('b1', 'old')")
    outcome = target.write_batch("r", 2, STEP, rows(STEP, account("b1"), account("b2")))
    assert (outcome.inserted, outcome.updated, outcome.rejects) == (1, 1, ())
    target.close_run("r", "done")
    assert roll_back(target, "r") == {"undone": 4}
    assert table(target, "accounts", "external_id", "name") == [("b1", "old")]


def test_a_record_that_comes_twice_is_the_same_row(target: Any) -> None:
    again = rows(STEP, account("a1", name="new"), account("b1"))
    outcome = target.write_batch("r", 2, STEP, again)
    assert (outcome.inserted, outcome.updated, outcome.rejects) == (1, 1, ())
    assert len(pd.concat(list(target.loaded("account")))) == 3
    without = replace(STEP, match_on=())
    outcome = target.write_batch("r", 3, without, rows(STEP, account("b1", name="newer")))
    assert (outcome.inserted, outcome.updated, outcome.rejects) == (0, 1, ())


def test_a_bad_row_among_those_taken_for_new_is_found(target: Any) -> None:
    outcome = target.write_batch(
        "r", 2, STEP, rows(STEP, *(account(f"b{i}", name=None if i == 3 else "x") for i in range(9)))
    )
    assert [(reject.record, reject.code) for reject in outcome.rejects] == [("b3", "load.refused-not-null")]
    assert outcome.inserted == 8


def test_another_record_with_the_match_key_of_this_run_is_rejected(target: Any) -> None:
    twin = account("a1")
    outcome = target.write_batch("r", 2, STEP, rows(STEP, {**twin, "_record": "twin"}, account("b1")))
    assert [(reject.record, reject.code) for reject in outcome.rejects] == [("twin", "load.match-taken")]
    assert outcome.inserted == 1


def test_an_update_that_is_refused_is_found_and_the_others_are_made(target: Any) -> None:
    step = replace(STEP, columns=("external_id", "name", "级别"))
    target.write_batch("r", 2, step, rows(step, *(account(f"b{i}") for i in range(6))))
    target.close_run("r", "done")
    before = target.digest()
    target.begin_run("load", "r2", PLAN)
    changed = (account(f"b{i}", name="new", 级别="Z" if i == 3 else "B") for i in range(6))
    outcome = target.write_batch("r2", 1, step, rows(step, *changed))
    assert [(reject.record, reject.code, reject.column) for reject in outcome.rejects] == [
        ("b3", "load.refused-foreign-key", "级别")
    ]
    assert (outcome.updated, outcome.inserted) == (5, 0)
    target.close_run("r2", "done")
    assert roll_back(target, "r2") == {"undone": 5}
    assert target.digest() == before


@pytest.mark.database("postgresql")
def test_a_text_key_in_a_collation_of_its_own_is_loaded_listed_and_undone(postgresql_url: str) -> None:
    step = replace(STEP, object="coded", table="coded", columns=("code", "name"), match_on=("code",))
    plan = replace(PLAN, objects=(step,))
    with open_target(postgresql_url) as target:
        target.dialect.creating = True  # type: ignore[attr-defined]
        execute(target, 'CREATE TABLE coded (code VARCHAR(20) COLLATE "POSIX" PRIMARY KEY, name VARCHAR(50))')
        for run, figures in (("r", (2, 0)), ("r2", (0, 1))):
            target.begin_run("load", run, plan)
            outcome = target.write_batch(
                run,
                1,
                step,
                rows(step, {"_record": "1", "code": "a", "name": run}, {"_record": "2", "code": "b", "name": "x"}),
            )
            target.close_run(run, "done")
            assert (outcome.inserted, outcome.updated) == figures
        assert list(pd.concat(list(target.loaded("coded")))["present"]) == ["true", "true"]
        target.begin_run("rollback", "undo", plan, parent="r2")
        assert target.undo_batch("undo", 1, "r2", 1, apply=True).counts["undone"] == 1


AFTER = {
    "sqlite": "CREATE TRIGGER noted AFTER UPDATE OF name ON accounts BEGIN UPDATE accounts SET note = 'by trigger' WHERE id = NEW.id; END",
    "postgresql": """CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.note IS NULL THEN UPDATE accounts SET note = 'by trigger' WHERE id = NEW.id; END IF; RETURN NULL; END $$;
        CREATE TRIGGER noted AFTER UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION noted()""",
    "mysql": "CREATE TRIGGER noted BEFORE UPDATE ON accounts FOR EACH ROW SET NEW.note = 'by trigger'",
}  # fmt: skip


def test_the_image_is_what_a_trigger_left(target: Any) -> None:
    target.close_run("r", "done")
    before = target.digest()
    execute(target, AFTER[target.session.engine.dialect.name.replace("mariadb", "mysql")])
    target.begin_run("load", "r2", PLAN)
    target.write_batch("r2", 1, STEP, rows(STEP, account("a1", name="new"), account("a2")))
    target.close_run("r2", "done")
    assert table(target, "accounts", "name", "note") == [("new", "by trigger"), ("公司a2", None)]
    with target.session.transaction() as connection:
        images = connection.exec_driver_sql("SELECT a_note FROM crmm_image_account WHERE run = 'r2'").all()
    assert [tuple(row) for row in images] == [("by trigger",)]
    execute(target, "DROP TRIGGER noted" + (" ON accounts" if "postgresql" in target.place else ""))
    assert roll_back(target, "r2") == {"undone": 1}
    assert target.digest() == before


def test_newer_is_decided_by_what_was_there_before(target: Any) -> None:
    step = replace(
        STEP,
        newer_by="seen_at",
        policy=dict.fromkeys(STEP.columns, "newer"),
        columns=("seen_at", "name", "external_id"),
    )
    later = rows(
        step,
        account("a1", name="later", seen_at="2024-01-01T00:00:00"),
        account("a2", name="earlier", seen_at="2022-01-01T00:00:00"),
    )
    outcome = target.write_batch("r", 2, step, later)
    assert (outcome.updated, outcome.unchanged) == (1, 1)
    assert table(target, "accounts", "name", "seen_at") == [
        ("later", "2024-01-01T00:00:00"),
        ("公司a2", "2023-05-01T14:30:00"),
    ]


ADDED = [
    "CREATE RULE noted AS ON UPDATE TO told DO ALSO INSERT INTO other VALUES (1)",
    "CREATE TRIGGER noted AFTER UPDATE ON told FOR EACH ROW EXECUTE FUNCTION noting()",
    "ALTER TABLE told ADD FOREIGN KEY (above) REFERENCES told (name) ON UPDATE CASCADE",
    "ALTER TABLE other ADD FOREIGN KEY (above) REFERENCES told (name) ON UPDATE SET NULL",
    "CREATE TABLE more () INHERITS (told)",
    "ALTER TABLE told ENABLE ROW LEVEL SECURITY",
]


def test_postgresql_is_asked_what_it_changed_only_where_nothing_else_changes_the_rows(postgresql_url: str) -> None:
    with open_target(postgresql_url) as opened:
        made = [
            "CREATE TABLE told (id integer PRIMARY KEY, name text UNIQUE, above text)", "CREATE TABLE other (id integer, above text)",
            "CREATE FUNCTION noting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        ]  # fmt: skip
        for statement in made:
            execute(opened, statement)

        def tells() -> bool:
            with opened.session.transaction() as connection:
                return bool(opened.dialect.tells_changes(connection, "told"))

        assert tells()
        for statement in ADDED:
            with opened.session.rehearsing():
                execute(opened, statement)
                assert not tells(), statement
        assert tells()


NAMED = replace(STEP, object="named", table="named", columns=("code", "name"), match_on=("code",))
ROUND = [
    "CREATE TABLE child (name text REFERENCES named (name) ON UPDATE CASCADE)",
    "INSERT INTO child VALUES ('old')",
    "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE named SET note = 'by child' WHERE name = NEW.name; RETURN NULL; END $$",
    "CREATE TRIGGER noted AFTER UPDATE ON child FOR EACH ROW EXECUTE FUNCTION noted()",
]


@pytest.fixture
def named(postgresql_url: str) -> Iterator[Any]:
    """A target with one row in a table, and a run over it."""
    with open_target(postgresql_url) as opened:
        execute(
            opened,
            "CREATE TABLE named (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, code text UNIQUE, name text UNIQUE, note text)",
        )
        execute(opened, "INSERT INTO named (code, name) VALUES ('a', 'old')")
        yield opened


def test_the_image_is_what_came_back_from_a_child_to_which_a_key_cascaded(named: Any) -> None:
    for statement in ROUND:
        execute(named, statement)
    named.begin_run("load", "r", replace(PLAN, objects=(NAMED,)))
    assert named.write_batch("r", 1, NAMED, rows(NAMED, {"_record": "a", "code": "a", "name": "new"})).updated == 1
    with named.session.transaction() as connection:
        images = connection.exec_driver_sql("SELECT b_name, b_note, a_name, a_note FROM crmm_image_named").all()
    assert [tuple(row) for row in images] == [("old", None, "new", "by child")]


def test_a_table_that_inherits_from_the_loaded_one_meanwhile_keeps_its_rows(
    named: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(named.dialect)
    bulk = kind.bulk

    def inheriting(self: Any, connection: Any, name: str, *rest: Any) -> None:
        if "crmm_new_" in name:  # the table is locked and was looked at; its rows are updated next
            with named.session.engine.connect() as somebody, somebody.begin():
                somebody.exec_driver_sql("CREATE TABLE more () INHERITS (named)")
                somebody.exec_driver_sql("INSERT INTO more (id, code, name) VALUES (7, 'g', 'kept')")
        bulk(self, connection, name, *rest)

    monkeypatch.setattr(kind, "bulk", inheriting)
    named.begin_run("load", "r", replace(PLAN, objects=(NAMED,)))
    assert named.write_batch("r", 1, NAMED, rows(NAMED, {"_record": "a", "code": "a", "name": "new"})).updated == 1
    assert table(named, "named", "code", "name") == [("a", "new"), ("g", "kept")]


def test_a_table_with_a_percent_sign_in_its_name_is_loaded_and_undone(named: Any) -> None:
    step = replace(NAMED, table="50%s")
    plan = replace(PLAN, objects=(step,))
    execute(named, 'ALTER TABLE named RENAME TO "50%s"')
    before = named.digest()
    named.begin_run("load", "r", plan)
    two = rows(step, *({"_record": code, "code": code, "name": f"new {code}"} for code in "ab"))
    outcome = named.write_batch("r", 1, step, two)
    assert (outcome.inserted, outcome.updated, outcome.rejects) == (1, 1, ())
    named.close_run("r", "done")
    named.begin_run("rollback", "undo", plan, parent="r")
    assert named.undo_batch("undo", 1, "r", 1, apply=True).counts["undone"] == 2
    assert named.digest() == before


CASELESS = {
    "postgresql": "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
    "CREATE TABLE keyed (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, code text COLLATE caseless, part text, name text, UNIQUE (code, part))",
    "mysql": "CREATE TABLE keyed (id integer AUTO_INCREMENT PRIMARY KEY, code varchar(20), part varchar(20), name varchar(20), UNIQUE (code, part)) "
    "DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci",
}  # fmt: skip


@pytest.mark.parametrize("between", [0, 1000])
@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.database(kind)) for kind in CASELESS])
def test_keys_that_differ_by_case_only_come_to_the_same_wherever_they_stand_in_a_batch(
    kind: str, between: int, new_database: Any
) -> None:
    """A thousand rows further on another statement asks for the second key, and returns the row once more."""
    step = replace(STEP, object="keyed", table="keyed", columns=("code", "part", "name"), match_on=("code", "part"))
    codes = ("abc", *(f"f{number}" for number in range(between)), "ABC")
    with open_target(new_database(kind)) as target:
        for statement in CASELESS[kind].split(";"):
            execute(target, statement)
        execute(target, "INSERT INTO keyed (code, part, name) VALUES ('abc', 'p', 'old')")
        target.begin_run("load", "r", replace(PLAN, objects=(step,)))
        frame = rows(step, *({"_record": code, "code": code, "part": "p", "name": code} for code in codes))
        outcome = target.write_batch("r", 1, step, frame)
        assert [(reject.record, reject.code) for reject in outcome.rejects] == [("ABC", "load.refused-unique")]
        assert (outcome.inserted, outcome.updated) == (between, 1)
        assert table(target, "keyed", "code", "name")[0] == ("abc", "abc")
