"""Rollbacks in parts, again, and undone themselves: on every kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from tests.targets.crm import ACCOUNTS, CONTACTS, SCHEMA, USERS, account, execute, load, rows, table

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target

USER = rows(USERS, {"external_id": "u1", "name": "王敏"})


@pytest.fixture
def target(database_url: str) -> Iterator[Any]:
    """A target with two accounts of its own and a load of a user, six accounts (two of them updated) and two contacts."""
    with open_target(database_url) as opened:
        opened.create(SCHEMA)
        execute(opened, "INSERT INTO accounts (external_id, name, amount) VALUES ('a1', 'old', 1), ('a2', 'old', 2)")
        load(opened, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, *(account(f"a{i}") for i in range(1, 4)))),
             (ACCOUNTS, rows(ACCOUNTS, *(account(f"a{i}") for i in range(4, 7)))),
             (CONTACTS, rows(CONTACTS, *({"external_id": f"c{i}", "name": "李", "account_id": f"a{i}"} for i in (2, 3)))))  # fmt: skip
        yield opened


def undo(target: Any, name: str, run: str = "r", **part: Any) -> dict[str, Any]:
    """Plan it, do it, and see that the plan was right and the proof holds; return the figures."""
    stage = load_stage("rollback")
    planned, done = (
        stage.function(Job(Tables({}), stage.options(run=run, apply=apply, **part), name, lambda rows: None, target))
        for apply in (False, True)
    )
    assert planned.facts["objects"] == done.facts["objects"]
    assert done.facts["digest_equal"] is True
    return {name: count for name, count in done.facts.items() if count and name in OUTCOMES}


OUTCOMES = ("undone", "undone_in_part", "kept_edited", "kept_referenced", "gone", "error")


def links(target: Any) -> list[tuple[Any, ...]]:
    found = [pd.concat(target.loaded(name)).assign(object=name) for name in ("user", "account", "contact")]
    return sorted(pd.concat(found).itertuples(index=False, name=None))


def test_a_rollback_is_undone_to_the_last_row(target: Any) -> None:
    after, linked = target.digest(), links(target)
    assert undo(target, "undo-1") == {"undone": 9}
    assert links(target) == []
    assert undo(target, "redo-1", "undo-1") == {"undone": 9}
    assert (target.digest(), links(target)) == (after, linked)
    assert undo(target, "undo-2") == {"undone": 9}
    assert len(table(target, "accounts")) == 2
    # New rows get new keys, those brought back keep theirs.
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('later', 'x')")
    assert undo(target, "redo-2", "undo-2") == {"undone": 9}
    assert len({row[0] for row in table(target, "accounts", "id")}) == 7


def test_what_is_left_is_undone_later_and_what_came_between_stays(target: Any) -> None:
    execute(target, "UPDATE accounts SET name = 'by hand', amount = 9 WHERE external_id = 'a1'")
    execute(
        target, "INSERT INTO contacts (external_id, account_id) SELECT 'own', id FROM accounts WHERE external_id = 'a5'"
    )
    assert undo(target, "undo-1") == {"undone": 6, "undone_in_part": 1, "kept_referenced": 2}  # a5 keeps its owner, u1
    execute(target, "DELETE FROM contacts WHERE external_id = 'own'")
    execute(target, "UPDATE accounts SET name = '公司a1', amount = 1 WHERE external_id = 'a1'")
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('between', 'x')")
    assert undo(target, "undo-2") == {"undone": 3}
    assert table(target, "accounts", "external_id", "name", "amount") == [
        ("a1", "old", "1.00"), ("a2", "old", "2.00"), ("between", "x", None),
    ]  # fmt: skip
    assert [run.state for run in target.runs() if run.kind == "load"] == ["rolled_back"]


def test_by_key_by_object_and_by_batch(target: Any) -> None:
    assert undo(target, "undo-1", objects=("account",), keys=("a4", "a1")) == {"undone": 2}
    assert ("a1", "old", "1.00") in table(target, "accounts", "external_id", "name", "amount")
    assert undo(target, "undo-2", objects=("account",), batches=(2,)) == {"undone": 1, "kept_referenced": 1}
    assert undo(target, "undo-3", objects=("contact",)) == {"undone": 2}
    assert undo(target, "undo-4") == {"undone": 4}
    assert table(target, "users") == []
    assert [run.state for run in target.runs() if run.kind == "load"] == ["rolled_back"]


def test_a_part_is_loaded_again_and_a_redo_does_not_double_it(target: Any) -> None:
    undo(target, "undo-1", objects=("account",), keys=("a4", "a5"))
    load(target, "r2", (ACCOUNTS, rows(ACCOUNTS, account("a4", name="again"))))
    assert undo(target, "redo-1", "undo-1") == {"undone": 1, "kept_edited": 1}
    names = table(target, "accounts", "external_id", "name")
    assert names.count(("a4", "again")) == 1
    assert ("a5", "公司a5") in names
    assert len(names) == 6


def test_each_of_several_rollbacks_is_undone_in_any_order_and_all_is_rolled_back_after_that(target: Any) -> None:
    after, linked = target.digest(), links(target)
    execute(target, "UPDATE contacts SET name = 'by hand' WHERE external_id = 'c2'")
    edited = target.digest()
    assert undo(target, "undo-1", objects=("contact",)) == {"undone": 1, "kept_edited": 1}
    assert undo(target, "undo-2", objects=("contact",)) == {"kept_edited": 1}
    assert undo(target, "undo-3", objects=("account",), keys=("a4", "a5")) == {"undone": 2}
    assert undo(target, "redo-1", "undo-1") == {"undone": 1}
    assert [run.state for run in target.runs() if run.run == "r"] == ["rolled_back_in_part"]
    assert undo(target, "undo-4", objects=("contact",)) == {"undone": 1, "kept_edited": 1}, "it stood again"
    assert undo(target, "redo-3", "undo-3") == {"undone": 2}
    assert undo(target, "redo-4", "undo-4") == {"undone": 1}
    assert (target.digest(), links(target)) == (edited, linked)
    assert [run.state for run in target.runs() if run.run == "r"] == ["done"], "undo-2 had undone nothing"
    execute(target, "UPDATE contacts SET name = '李' WHERE external_id = 'c2'")
    assert target.digest() == after
    assert undo(target, "undo-5") == {"undone": 9}
    assert links(target) == []
    assert undo(target, "redo-5", "undo-5") == {"undone": 9}
    assert (target.digest(), links(target)) == (after, linked)


def test_what_a_later_rollback_undid_is_not_brought_back_with_the_earlier_one(target: Any) -> None:
    execute(target, "UPDATE accounts SET name = 'by hand' WHERE external_id = 'a1'")
    assert undo(target, "undo-1", objects=("account",), keys=("a1", "a4")) == {"undone": 1, "undone_in_part": 1}
    execute(target, "UPDATE accounts SET name = '公司a1' WHERE external_id = 'a1'")
    assert undo(target, "undo-2", objects=("account",), keys=("a1",)) == {"undone": 1}
    assert undo(target, "redo-1", "undo-1") == {"undone": 1}
    names = table(target, "accounts", "external_id", "name")
    assert ("a1", "old") in names
    assert ("a4", "公司a4") in names


def test_what_is_nothing_to_undo_says_where_to_look(target: Any) -> None:
    load(target, "r2", (ACCOUNTS, rows(ACCOUNTS, account("a3"))))
    for run, part, hint in (("r2", {}, "rollback r"), ("r", {"objects": ("contact",), "batches": (1,)}, "--batch")):
        with pytest.raises(ConfigurationError) as refused:
            undo(target, "undo-1", run, **part)
        assert hint in str(refused.value)
