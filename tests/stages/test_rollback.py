from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from crmmigrate.errors import AccountingError, ConfigurationError, LimitReached
from crmmigrate.model.issue import text_frame
from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.model.target import Selection
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target

SCHEMA = TargetSchema(1, {"users": TargetTable({
    "id": TargetColumn("integer", identity=True), "external_id": TargetColumn(length=20, unique=True), "name": TargetColumn(),
})})  # fmt: skip
USERS = ObjectLoad("user", "users", ("external_id", "name"), match_on=("external_id",))
PLAN = LoadPlan((USERS,), 5)


def rows(first: int, last: int) -> Any:
    return text_frame([[f"u{i}", f"u{i}", f"名{i}"] for i in range(first, last)], ("_record", *USERS.columns))


def edit(target: Any, statement: str) -> None:
    with target.session.transaction() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture
def target(sqlite_url: str) -> Iterator[Any]:
    """A target with one user of its own, and a load of ten: nine new ones in two batches, and that one updated."""
    with open_target(sqlite_url) as opened:
        opened.create(SCHEMA)
        edit(opened, "INSERT INTO users (external_id, name) VALUES ('u0', 'old')")
        opened.begin_run("load", "load-1", PLAN)
        opened.write_batch("load-1", 1, USERS, rows(0, 5))
        opened.write_batch("load-1", 2, USERS, rows(5, 10))
        yield opened


def roll_back(target: Any, *, apply: bool = True, run: str = "load-1", name: str = "undo-1", **part: Any) -> Any:
    stage = load_stage("rollback")
    return stage.function(Job(Tables({}), stage.options(run=run, apply=apply, **part), name, lambda rows: None, target))


def names(target: Any) -> list[str]:
    return [row[0] for part in target.rows("users", ["name"]) for row in part.itertuples(index=False)]


def test_the_plan_is_what_is_done(target: Any, tmp_path: Path) -> None:
    target.close_run("load-1", "done")
    edit(target, "UPDATE users SET name = 'edited' WHERE external_id = 'u3'")
    plan = roll_back(target, apply=False)
    assert len(names(target)) == 10
    assert "rollback load-1 --apply" in str(plan.next_step)
    done = roll_back(target)
    assert plan.facts["objects"] == done.facts["objects"]
    assert plan.tables["kept"].equals(done.tables["kept"])
    for language, words in (("zh", "保留：此后人工修改过"), ("en", "kept: edited since")):
        done.reports[0].write(tmp_path / "kept.xlsx", language)
        cells = [cell.value for row in load_workbook(tmp_path / "kept.xlsx").worksheets[1] for cell in row]
        assert words in cells
        assert "name" in cells
    assert done.facts | {"changes": 10, "undone": 9, "kept_edited": 1, "kept": 1, "digest_equal": True} == done.facts
    assert names(target) == ["old", "edited"]
    assert [found.text("en") for found in done.findings] == ["changes that stay: 1 because people edited them since"]


def test_a_clean_rollback_has_no_findings(target: Any) -> None:
    target.close_run("load-1", "done")
    done = roll_back(target)
    assert (done.findings, done.facts["kept"], done.flows) == ([], 0, {})
    assert names(target) == ["old"]


def test_only_rows_of_a_batch_that_somebody_touched_come_to_the_client(target: Any) -> None:
    edit(target, "UPDATE users SET name = 'edited' WHERE external_id = 'u7'")
    asked: list[str] = []
    event.listen(target.session.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    target.close_run("load-1", "done")
    target.begin_run("rollback", "undo-0", PLAN, parent="load-1")
    counts = []
    for batch in (2, 1):
        asked.clear()
        outcome = target.undo_batch("undo-0", batch, "load-1", batch, apply=True)
        rows_asked_for = any(statement.startswith("SELECT crmm_image_user.target_key") for statement in asked)
        counts.append((outcome.counts["undone"], outcome.counts["kept_edited"], rows_asked_for))
    assert counts == [(4, 1, True), (5, 0, False)]
    assert names(target) == ["old", "edited"]


def test_a_killed_load_is_rolled_back(target: Any) -> None:
    edit(target, "UPDATE crmm_run SET pid = 2147483646, lease = 'dead'")
    assert roll_back(target).facts["undone"] == 10


def test_a_killed_rollback_goes_on(target: Any) -> None:
    target.close_run("load-1", "done")
    target.begin_run("rollback", "undo-0", PLAN, parent="load-1")
    target.undo_batch("undo-0", 2, "load-1", 2, apply=True)
    edit(target, "UPDATE crmm_run SET pid = 2147483646, lease = 'dead' WHERE run = 'undo-0'")
    done = roll_back(target)
    assert (done.facts["rollback"], done.facts["undone"], done.facts["digest_equal"]) == ("undo-0", 10, True)
    assert names(target) == ["old"]


def test_a_batch_that_came_late_is_undone_too(target: Any) -> None:
    target.close_run("load-1", "stopped")
    target.begin_run("rollback", "undo-0", PLAN, parent="load-1")
    target.undo_batch("undo-0", 2, "load-1", 2, apply=True)
    target.close_run("undo-0", "stopped")
    edit(target, "UPDATE crmm_run SET parent = '' WHERE run = 'undo-0'")
    target.resume_run("load-1")
    target.write_batch("load-1", 3, USERS, rows(10, 12))
    target.close_run("load-1", "stopped")
    edit(target, "UPDATE crmm_run SET parent = 'load-1' WHERE run = 'undo-0'")
    assert roll_back(target).facts["undone"] == 12
    assert names(target) == ["old"]


def test_a_rollback_whose_count_is_off_is_not_called_done(target: Any) -> None:
    target.close_run("load-1", "done")
    edit(target, "UPDATE crmm_batch SET inserted = inserted + 1 WHERE batch = 1")
    with pytest.raises(AccountingError) as caught:
        roll_back(target)
    assert caught.value.code == "rollback.unequal"
    assert {known.run: known.state for known in target.runs()} == {"load-1": "done", "undo-1": "stopped"}


def test_a_running_load_is_left_alone(target: Any, sqlite_url: str) -> None:
    with open_target(sqlite_url) as other, pytest.raises(LimitReached) as caught:
        roll_back(other)
    assert caught.value.code == "target.busy"
    assert len(names(target)) == 10


def test_what_can_not_be_rolled_back_is_said(target: Any) -> None:
    target.close_run("load-1", "done")
    target.begin_run("load", "empty", PLAN)
    target.close_run("empty", "done")
    roll_back(target)
    for run, code in (("load-1", "already"), ("empty", "nothing"), ("x", "unknown-run")):
        with pytest.raises(ConfigurationError) as caught:
            roll_back(target, run=run)
        assert caught.value.code == f"rollback.{code}"


def test_what_was_kept_is_undone_when_people_have_settled_it(target: Any) -> None:
    target.close_run("load-1", "done")
    edit(target, "UPDATE users SET name = 'edited' WHERE external_id IN ('u0', 'u3', 'u4')")
    edit(target, "DELETE FROM users WHERE external_id = 'u5'")
    first = roll_back(target)
    assert (first.facts["undone"], first.facts["kept_edited"], first.facts["gone"]) == (6, 3, 1)
    edit(target, "UPDATE users SET name = '名3' WHERE external_id = 'u3'")
    edit(target, "UPDATE users SET name = 'old' WHERE external_id = 'u0'")  # settled by hand
    plan = roll_back(target, apply=False, name="undo-2")
    again = roll_back(target, name="undo-2")
    assert plan.facts["objects"] == again.facts["objects"]
    assert again.facts | {"changes": 4, "undone": 2, "kept_edited": 1, "gone": 1, "digest_equal": True} == again.facts
    assert names(target) == ["old", "edited"]
    edit(target, "DELETE FROM users WHERE external_id = 'u4'")
    last = roll_back(target, name="undo-3")
    assert (last.facts["kept"], last.facts["gone"], last.facts["digest_equal"]) == (0, 2, True)
    with pytest.raises(ConfigurationError) as caught:
        roll_back(target, name="undo-4")
    assert caught.value.code == "rollback.already"
    assert "crmmigrate rollback undo-1 --apply" in str(caught.value)


def test_a_rollback_is_undone_under_the_same_keys(target: Any) -> None:
    target.close_run("load-1", "done")
    before, links = target.digest(), sorted(target.loaded("user").__next__().itertuples(index=False, name=None))
    roll_back(target)
    plan = roll_back(target, apply=False, run="undo-1", name="redo-1")
    done = roll_back(target, run="undo-1", name="redo-1")
    assert plan.facts["objects"] == done.facts["objects"]
    assert (done.facts["undone"], done.facts["kept"], done.facts["digest_equal"], done.findings) == (10, 0, True, [])
    assert target.digest() == before
    assert sorted(next(target.loaded("user")).itertuples(index=False, name=None)) == links
    states = {known.run: known.state for known in target.runs()}
    assert states == {"load-1": "done", "undo-1": "rolled_back", "redo-1": "done"}
    assert roll_back(target, name="undo-2").facts["undone"] == 10
    assert names(target) == ["old"]


def test_what_people_did_after_a_rollback_is_kept_when_it_is_undone(target: Any) -> None:
    target.close_run("load-1", "done")
    edit(target, "UPDATE users SET name = 'edited' WHERE external_id = 'u3'")
    roll_back(target)
    edit(target, "UPDATE users SET name = 'newer' WHERE external_id = 'u0'")
    edit(target, "INSERT INTO users (external_id, name) VALUES ('u7', 'by hand')")
    done = roll_back(target, run="undo-1", name="redo-1")
    assert done.facts | {"changes": 9, "undone": 7, "kept_edited": 1, "error": 1, "digest_equal": True} == done.facts
    assert sorted(names(target)) == sorted(
        ["newer", "名1", "名2", "edited", "名4", "名5", "名6", "by hand", "名8", "名9"]
    )
    with pytest.raises(ConfigurationError) as caught:
        roll_back(target, run="undo-1", name="redo-2")
    assert caught.value.code == "rollback.already"


def test_a_part_of_a_load_is_undone(target: Any) -> None:
    target.close_run("load-1", "done")
    one = roll_back(target, name="undo-1", objects=("user",), keys=("u3",))
    assert (one.facts["changes"], one.facts["undone"], one.facts["digest_equal"]) == (1, 1, True)
    assert len(names(target)) == 9
    batch = roll_back(target, name="undo-2", batches=(2,))
    assert (batch.facts["changes"], batch.facts["digest_equal"]) == (5, True)
    assert target.runs()[0].state == "rolled_back_in_part"
    back = roll_back(target, run="undo-2", name="redo-2")
    assert (back.facts["undone"], back.facts["digest_equal"]) == (5, True)
    rest = roll_back(target, name="undo-3")
    assert (rest.facts["changes"], rest.facts["undone"], rest.facts["digest_equal"]) == (9, 9, True)
    assert names(target) == ["old"]
    assert target.runs()[0].state == "rolled_back"


@pytest.mark.parametrize(("chosen", "code"), [
    ({"objects": ("usr",)}, "unknown-object"), ({"batches": (9,)}, "unknown-batch"), ({"keys": ("u1",)}, "key-of-what"),
    ({"objects": ("user",), "keys": ("u99",)}, "unknown-key"),
])  # fmt: skip
def test_what_is_not_of_the_load_is_said(target: Any, chosen: dict[str, Any], code: str) -> None:
    target.close_run("load-1", "done")
    before = target.digest()
    with pytest.raises(ConfigurationError) as caught:
        roll_back(target, **chosen)
    assert caught.value.code == f"rollback.{code}"
    assert target.digest() == before


def test_a_rollback_that_was_stopped_is_finished_first(target: Any) -> None:
    target.close_run("load-1", "done")
    target.begin_run("rollback", "undo-0", PLAN, parent="load-1", selection=Selection(batches=(2,)))
    target.close_run("undo-0", "stopped")
    with pytest.raises(ConfigurationError) as caught:
        roll_back(target)
    assert caught.value.code == "rollback.unfinished"
    assert roll_back(target, batches=(2,)).facts["rollback"] == "undo-0"
    assert roll_back(target).facts["undone"] == 5


def test_a_closed_run_can_not_be_undone(target: Any) -> None:
    target.close_run("load-1", "done")
    target.purge("load-1")
    with pytest.raises(ConfigurationError) as caught:
        roll_back(target)
    assert caught.value.code == "rollback.closed"
    assert len(names(target)) == 10


def test_nothing_undone_is_a_finding(target: Any) -> None:
    target.close_run("load-1", "done")
    edit(target, "UPDATE users SET name = 'x'")
    done = roll_back(target)
    assert done.facts["undone"] == 0
    assert "nothing could be undone" in [str(finding) for finding in done.findings]


def test_other_rows_that_differ_are_told(target: Any) -> None:
    target.close_run("load-1", "done")
    edit(target, "INSERT INTO users (external_id, name) VALUES ('own', 'own')")
    done = roll_back(target)
    assert (done.facts["digest_equal"], done.facts["foreign"]) == (True, {"users": 1})
    assert [str(finding) for finding in done.findings] == [
        "other rows of users differ from before the load (+1 rows): changed by others or by triggers"
    ]


def test_what_a_later_load_wrote_is_not_called_the_work_of_others(target: Any) -> None:
    target.close_run("load-1", "done")
    target.begin_run("load", "load-2", PLAN)
    target.write_batch("load-2", 1, USERS, rows(20, 22))
    target.close_run("load-2", "done")
    done = roll_back(target)
    assert (done.facts["digest_equal"], done.facts["foreign"], done.facts["later"]) == (True, {"users": 2}, ["load-2"])
    assert [str(finding) for finding in done.findings] == [
        "other rows of users differ from before the load (+2 rows): load-2 wrote since, and maybe others or triggers"
    ]


def test_a_later_load_of_which_nothing_is_left_did_not_write_what_differs(target: Any) -> None:
    target.close_run("load-1", "done")
    target.begin_run("load", "load-2", PLAN)
    target.write_batch("load-2", 1, USERS, rows(20, 22))
    target.close_run("load-2", "done")
    assert roll_back(target, run="load-2", name="undo-2").facts["digest_equal"]
    edit(target, "INSERT INTO users (external_id, name) VALUES ('own', 'own')")
    done = roll_back(target)
    assert (done.facts["foreign"], done.facts["later"]) == ({"users": 1}, [])


def test_what_a_trigger_changed_elsewhere_is_told(target: Any) -> None:
    target.close_run("load-1", "done")
    edit(target, "INSERT INTO users (external_id, name) VALUES ('total', '0')")
    edit(target, "CREATE TRIGGER counted AFTER INSERT ON users WHEN new.name <> 'x' "
                 "BEGIN UPDATE users SET name = name + 1 WHERE external_id = 'total'; END")  # fmt: skip
    target.begin_run("load", "load-2", PLAN)
    target.write_batch("load-2", 1, USERS, rows(20, 22))
    target.close_run("load-2", "done")
    assert roll_back(target, run="load-2").facts["foreign"] == {"users": 0}


def test_a_row_under_another_key_is_not_called_deleted(target: Any) -> None:
    target.close_run("load-1", "done")
    edit(target, "UPDATE users SET id = 900 WHERE external_id = 'u3'")
    edit(target, "DELETE FROM users WHERE external_id = 'u4'")
    plan = roll_back(target, apply=False)
    done = roll_back(target)
    assert done.tables["kept"].equals(plan.tables["kept"])
    assert sorted(zip(done.tables["kept"]["outcome"], done.tables["kept"]["columns"], strict=True)) == [
        ("gone", ""), ("kept_edited", "id"),
    ]  # fmt: skip
    assert done.facts["digest_equal"]
    assert names(target) == ["old", "名3"]


def test_the_later_of_two_loads_is_undone_first(target: Any) -> None:
    target.close_run("load-1", "done")
    for run, first, last in (("load-2", 20, 22), ("load-3", 3, 4)):
        target.begin_run("load", run, PLAN)
        target.write_batch(run, 1, USERS, rows(first, last).assign(name="neu"))
        target.close_run(run, "done")
    edit(target, "UPDATE crmm_run SET since = '2020-01-01T00:00:00+00:00' WHERE run = 'load-1'")
    with pytest.raises(ConfigurationError) as caught:
        roll_back(target, apply=False)
    assert caught.value.code == "rollback.later-load"
    assert "load-3" in caught.value.text()
    roll_back(target, run="load-3", name="undo-3")
    assert roll_back(target).facts["undone"] == 10
    assert sorted(names(target)) == ["neu", "neu", "old"]


def test_the_plan_knows_what_becomes_of_references_filled_later(sqlite_url: str) -> None:
    schema = TargetSchema(1, {"users": TargetTable({
        **SCHEMA.tables["users"].columns, "boss_id": TargetColumn("integer", references="users"),
    })})  # fmt: skip
    later = ObjectLoad("user", "users", ("boss_id",), {"boss_id": "user"}, ("external_id",), deferred=True)
    batch = rows(0, 6).assign(boss_id=["u1", "u2", None, "u2", "u5", None])
    with open_target(sqlite_url) as target:
        target.create(schema)
        plan = LoadPlan((USERS, later), 3)
        target.begin_run("load", "load-1", plan)
        for number, (step, part) in enumerate(((USERS, batch[:3]), (USERS, batch[3:]), (later, batch)), 1):
            target.write_batch("load-1", number, step, part)
        target.close_run("load-1", "done")
        planned = roll_back(target, apply=False)
        done = roll_back(target)
        assert (planned.facts["objects"], planned.facts["kept"]) == (done.facts["objects"], 0)
        assert names(target) == []
