"""What a table's own triggers set when a rollback writes to it is no edit of people; what people edit still is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.targets.crm import ACCOUNTS, PLAN, SCHEMA, account, execute, load, roll_back, rows, table

from crmmigrate.model.delta import SEEN
from crmmigrate.model.issue import text_frame
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.model.target import ROW_OF, WAS
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target

STEP = replace(ACCOUNTS, columns=("external_id", "name", "级别"), references={})
DELTA = replace(STEP, columns=("name",), change="update")
STAMPED = {
    "sqlite": "CREATE TRIGGER stamped AFTER UPDATE OF name, note ON accounts "
    "BEGIN UPDATE accounts SET version = OLD.version + 1 WHERE id = NEW.id; END",
    "postgresql": """CREATE FUNCTION stamped() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.version := OLD.version + 1; NEW.changed_at := clock_timestamp(); RETURN NEW; END $$;
        CREATE TRIGGER stamped BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION stamped()""",
    "mysql": "CREATE TRIGGER stamped BEFORE UPDATE ON accounts FOR EACH ROW SET NEW.version = OLD.version + 1, NEW.changed_at = SYSDATE(6)",
}  # fmt: skip


@pytest.fixture
def target(database_url: str) -> Iterator[Any]:
    """A target whose accounts count their changes and note the time of the last one, with one of its own."""
    with open_target(database_url) as opened:
        opened.create(SCHEMA)
        kind = opened.session.engine.dialect.name.replace("mariadb", "mysql")
        execute(opened, "ALTER TABLE accounts ADD COLUMN version INTEGER NOT NULL DEFAULT 1")
        execute(
            opened,
            f"ALTER TABLE accounts ADD COLUMN changed_at {'DATETIME(6)' if kind == 'mysql' else 'TIMESTAMP'} NULL",
        )
        execute(opened, "INSERT INTO accounts (external_id, name) VALUES ('own', 'own')")
        execute(opened, STAMPED[kind])
        yield opened


def changed(target: Any, run: str, **names: tuple[str, str]) -> Any:
    """Do a delta that gives accounts another name: key = (old, new)."""
    columns = ("_record", ROW_OF, "name", WAS + "name", SEEN)
    frame = text_frame([[key, key, new, old, None] for key, (old, new) in names.items()], columns)
    return load(target, run, (DELTA, frame), plan=replace(PLAN, objects=(DELTA,)))[0]


def loaded(target: Any, *keys: str) -> None:
    assert load(target, "r1", (STEP, rows(STEP, *map(account, keys))))[0].rejects == ()


def kept(target: Any, run: str) -> list[tuple[str, ...]]:
    return [tuple(row[2:]) for row in target.kept(run).itertuples(index=False, name=None)]


def undone(target: Any, run: str) -> Any:
    """Do what the command does."""
    stage = load_stage("rollback")
    return stage.function(Job(Tables({}), stage.options(run=run, apply=True), f"undo-{run}", lambda rows: None, target))


def test_a_delta_that_was_rolled_back_leaves_the_load_free_to_go(target: Any) -> None:
    loaded(target, "a1", "a2", "a3")
    assert changed(target, "r2", a1=("公司a1", "new1"), a2=("公司a2", "new2")).updated == 2
    assert roll_back(target, "r2") == {"undone": 2}
    assert table(target, "accounts", "name", "version")[1:] == [("公司a1", "3"), ("公司a2", "3"), ("公司a3", "1")]
    assert roll_back(target, "r1") == {"undone": 3}
    assert table(target, "accounts", "name") == [("own",)]


def test_what_people_edited_before_and_after_the_rollback_stays_and_is_listed(target: Any) -> None:
    loaded(target, *(f"a{n}" for n in range(1, 6)))
    changed(target, "r2", **{f"a{n}": (f"公司a{n}", f"new{n}") for n in range(1, 6)})
    execute(target, "UPDATE accounts SET note = 'by hand' WHERE external_id = 'a2'")
    execute(target, "UPDATE accounts SET name = 'by hand' WHERE external_id = 'a3'")
    assert roll_back(target, "r2") == {"undone": 3, "undone_in_part": 1, "kept_edited": 1}
    execute(target, "UPDATE accounts SET note = 'later' WHERE external_id = 'a4'")
    assert roll_back(target, "r1") == {"undone": 2, "kept_edited": 3}
    assert [row[0] for row in table(target, "accounts", "external_id")] == ["own", "a2", "a3", "a4"]
    words = {columns for _, columns in kept(target, "undo-r1")}
    assert all("version" in columns for columns in words)
    assert {columns.split(", ")[0] for columns in words} == {"name", "note"}


def test_deltas_are_rolled_back_one_after_the_other_and_again(target: Any) -> None:
    loaded(target, "a1", "a2")
    changed(target, "r2", a1=("公司a1", "b1"), own=("own", "mine"))
    changed(target, "r3", a1=("b1", "c1"))
    assert roll_back(target, "r3") == {"undone": 1}
    assert changed(target, "r4", a1=("b1", "d1"), a2=("公司a2", "d2")).updated == 2
    assert roll_back(target, "r4") == {"undone": 2}
    assert roll_back(target, "r2") == {"undone": 1}
    assert roll_back(target, "r1") == {"undone": 2}


def test_a_rollback_of_the_rollback_goes_on_from_what_the_trigger_left(target: Any) -> None:
    loaded(target, "a1", "a2")
    changed(target, "r2", a1=("公司a1", "new1"))
    roll_back(target, "r2")
    target.begin_run("redo", "redo", PLAN, parent="undo-r2")
    assert target.undo_batch("redo", 1, "undo-r2", 1, apply=True).counts["undone"] == 1
    assert target.undo_agrees("redo")
    target.close_run("redo", "done")
    assert table(target, "accounts", "name")[1] == ("new1",)
    target.begin_run("rollback", "again", PLAN, parent="r2")
    assert target.undo_batch("again", 1, "r2", 1, apply=True).counts["undone"] == 1
    target.close_run("again", "done")
    assert roll_back(target, "r1") == {"undone": 2}


def test_rows_that_a_load_wrote_twice_are_undone(target: Any) -> None:
    second = replace(STEP, columns=("name",), deferred=True)
    again = rows(STEP, account("a1", name="second"), account("a2", name="second"))
    load(target, "r1", (STEP, rows(STEP, account("a1"), account("a2"))), (second, again))
    assert roll_back(target, "r1") == {"undone": 4}
    assert table(target, "accounts", "name") == [("own",)]


def test_a_plan_says_what_is_done(target: Any) -> None:
    loaded(target, "a1", "a2", "a3")
    changed(target, "r2", a1=("公司a1", "new1"), a2=("公司a2", "new2"))
    roll_back(target, "r2")
    execute(target, "UPDATE accounts SET note = 'x' WHERE external_id = 'a2'")
    plan = target.undo_batch("", 1, "r1", 1, apply=False)
    assert {word: count for word, count in plan.counts.items() if count} == {"undone": 2, "kept_edited": 1}
    assert roll_back(target, "r1") == {"undone": 2, "kept_edited": 1}


def test_it_is_told_which_columns_the_database_sets_and_nobody_has_to_compare_with_a_backup(target: Any) -> None:
    loaded(target, "a1", "a2")
    changed(target, "r2", a1=("公司a1", "new1"), own=("own", "mine"))
    done = undone(target, "r2")
    columns = "version" if "sqlite" in target.place else "version, changed_at"
    assert [str(note) for note in done.notes] == [
        f"1 rows of accounts were given back but for {columns}, which the database sets by itself when a row changes"
    ]
    assert (done.findings, done.facts["set"]) == ([], {"accounts": 1})
    done = undone(target, "r1")
    assert (done.findings, done.notes, done.facts["undone"]) == ([], [], 2)


def test_a_trigger_that_keeps_what_the_load_wrote_is_found(target: Any) -> None:
    loaded(target, "a1", "a2")
    changed(target, "r2", a1=("公司a1", "new1"))
    kind = target.session.engine.dialect.name.replace("mariadb", "mysql")
    execute(target, {
        "sqlite": "CREATE TRIGGER firm AFTER UPDATE OF name ON accounts BEGIN UPDATE accounts SET name = OLD.name WHERE id = NEW.id; END",
        "postgresql": """CREATE FUNCTION firm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := OLD.name; RETURN NEW; END $$;
            CREATE TRIGGER firm BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION firm()""",
        "mysql": "CREATE TRIGGER firm BEFORE UPDATE ON accounts FOR EACH ROW SET NEW.name = OLD.name",
    }[kind])  # fmt: skip
    done = undone(target, "r2")
    assert "the target is not as it was before the load" in str(done.findings[0])
    assert "name" in str(done.notes[0])


def test_rows_of_gone_records_may_go_after_a_rollback_unless_people_touched_them(target: Any) -> None:
    loaded(target, "a1", "a2", "a3")
    changed(target, "r2", a1=("公司a1", "new1"), a2=("公司a2", "new2"), a3=("公司a3", "new3"))
    assert roll_back(target, "r2") == {"undone": 3}
    execute(target, "UPDATE accounts SET note = 'by hand' WHERE external_id = 'a2'")
    ids = {key: str(number) for key, number in table(target, "accounts", "external_id", "id")}
    edited = target.edited("account", list(ids.values()))
    assert {key: edited.get(number, frozenset()) - {"changed_at"} for key, number in ids.items() if key != "own"} == {
        "a1": frozenset(), "a2": frozenset({"note", "version"}), "a3": frozenset(),
    }  # fmt: skip
    gone = replace(STEP, columns=(), change="delete")
    frame = text_frame([["a1"], ["a2"]], ("_record",))
    outcome = load(target, "r3", (gone, frame), plan=replace(PLAN, objects=(gone,)))[0]
    assert (outcome.deleted, {found.column for found in outcome.conflicts} & {"note"}) == (1, {"note"})
    assert roll_back(target, "r3") == {"undone": 1}
    assert roll_back(target, "r1") == {"undone": 2, "kept_edited": 1}


def test_what_a_rollback_of_other_rows_left_is_not_called_the_work_of_others(target: Any) -> None:
    loaded(target, "a1", "a2", "a3")
    load(target, "w2", (STEP, rows(STEP, account("b1"), account("b2"))))
    changed(target, "r2", a1=("公司a1", "new1"), b1=("公司b1", "new1"))
    changed(target, "r3", a1=("new1", "newer1"), a2=("公司a2", "new2"))
    roll_back(target, "r3")
    roll_back(target, "r2")
    done = undone(target, "w2")
    assert (done.facts["undone"], done.facts["foreign"], done.findings) == (2, {}, [])
    changed(target, "r4", a3=("公司a3", "new3"))
    load(target, "w3", (STEP, rows(STEP, account("c1"))))
    roll_back(target, "r4")
    execute(target, "UPDATE accounts SET note = 'by hand' WHERE external_id = 'a3'")
    assert undone(target, "w3").facts["foreign"] == {"accounts": 0}


def test_what_was_noted_goes_with_the_images(target: Any) -> None:
    loaded(target, "a1")
    changed(target, "r2", a1=("公司a1", "new1"))
    roll_back(target, "r2")
    with target.session.transaction() as connection:
        assert len(connection.exec_driver_sql("SELECT * FROM crmm_left_accounts").all()) == 1
    target.purge("r2")
    with target.session.transaction() as connection:
        assert connection.exec_driver_sql("SELECT * FROM crmm_left_accounts").all() == []


@pytest.mark.database("mysql")
def test_a_time_that_the_column_itself_sets_is_given_back(mysql_url: str) -> None:
    with open_target(mysql_url) as target:
        target.create(SCHEMA)
        execute(
            target,
            "ALTER TABLE accounts ADD COLUMN changed_at TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
        )
        loaded(target, "a1", "a2")
        changed(target, "r2", a1=("公司a1", "new1"))
        execute(target, "UPDATE accounts SET note = 'by hand' WHERE external_id = 'a2'")
        assert roll_back(target, "r2") == {"undone": 1}
        assert roll_back(target, "r1") == {"undone": 1, "kept_edited": 1}
        assert kept(target, "undo-r1") == [("kept_edited", "note, changed_at")]
