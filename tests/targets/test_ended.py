"""Links that end together with their batch: they stay where they are, and count no more; on every kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from tests.targets.crm import ACCOUNTS, CONTACTS, SCHEMA, USERS, account, execute, load, roll_back, rows, table
from tests.targets.test_redo import USER, undo

from crmmigrate.model.issue import text_frame
from crmmigrate.model.target import ROW_OF
from crmmigrate.targets import open_target

SEVERAL = rows(ACCOUNTS, *(account(f"a{number}") for number in range(1, 5)))


@pytest.fixture
def target(database_url: str) -> Iterator[Any]:
    with open_target(database_url) as opened:
        opened.create(SCHEMA)
        yield opened


def links(target: Any, name: str = "account") -> dict[str, str]:
    """Return record → run of what is linked, as every reader of the crosswalk says it."""
    found = pd.concat(target.loaded(name))
    linked = dict(zip(found["_record"], found["run"], strict=True))
    walk = {record for part in target.crosswalk(name) for record in part.column("_record").to_pylist()}
    with target.session.transaction(write=False) as connection:
        keys = target.journal.keys_of(connection, name, [f"a{number}" for number in range(9)])
        elsewhere = target.journal.linked_elsewhere(connection, name, "none")
    assert (walk, {record: run for record, (_, run) in keys.items()}) == (set(linked), linked)
    assert elsewhere == bool(linked)
    return linked


def count(target: Any, name: str) -> int:
    with target.session.transaction(write=False) as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())


def test_a_batch_that_is_undone_as_a_whole_moves_no_link(target: Any) -> None:
    load(target, "r1", (USERS, USER), (ACCOUNTS, SEVERAL))
    roll_back(target, "r1")
    assert (count(target, "crmm_crosswalk"), count(target, "crmm_unlinked"), count(target, "crmm_ended")) == (5, 0, 2)
    assert links(target) == {}
    load(target, "r2", (USERS, USER), (ACCOUNTS, SEVERAL))
    assert links(target) == dict.fromkeys(("a1", "a2", "a3", "a4"), "r2")
    assert len(table(target, "accounts")) == 4
    roll_back(target, "r2")
    assert (links(target), table(target, "accounts")) == ({}, [])


def test_a_link_stays_with_the_row_that_was_kept_until_that_is_undone_too(target: Any) -> None:
    load(target, "r1", (USERS, USER), (ACCOUNTS, SEVERAL))
    execute(target, "UPDATE accounts SET name = 'by hand' WHERE external_id = 'a2'")
    execute(target, "DELETE FROM accounts WHERE external_id = 'a3'")
    assert undo(target, "undo-1", "r1") == {"undone": 2, "kept_edited": 1, "kept_referenced": 1, "gone": 1}
    assert links(target) == {"a2": "r1"}
    load(target, "r2", (ACCOUNTS, SEVERAL))
    assert links(target) == {"a1": "r2", "a2": "r1", "a3": "r2", "a4": "r2"}
    assert len(table(target, "accounts")) == 4
    undo(target, "undo-2", "r2")
    execute(target, "UPDATE accounts SET name = '公司a2' WHERE external_id = 'a2'")
    assert undo(target, "undo-3", "r1") == {"undone": 2, "gone": 1}
    assert (links(target), table(target, "accounts")) == ({}, [])
    assert count(target, "crmm_unlinked") == 2  # what an earlier rollback had kept goes link by link


def test_what_comes_back_is_linked_again_unless_its_record_stands_in_another_row(target: Any) -> None:
    load(target, "r1", (USERS, USER), (ACCOUNTS, SEVERAL))
    before = target.digest()
    undo(target, "undo-1", "r1")
    load(target, "r2", (ACCOUNTS, rows(ACCOUNTS, account("a1", name="again", owner_id=None))))
    assert undo(target, "redo-1", "undo-1") == {"undone": 4, "kept_edited": 1}
    assert links(target) == {"a1": "r2", "a2": "r1", "a3": "r1", "a4": "r1"}
    assert len(table(target, "accounts")) == 4
    undo(target, "undo-2", "r1")
    undo(target, "undo-3", "r2")
    assert (links(target), links(target, "user"), table(target, "accounts")) == ({}, {}, [])
    load(target, "r3", (USERS, USER), (ACCOUNTS, SEVERAL))
    undo(target, "undo-4", "r3")
    undo(target, "redo-4", "undo-4")
    assert links(target) == dict.fromkeys(("a1", "a2", "a3", "a4"), "r3")
    assert before.keys() == target.digest().keys()


def test_a_part_that_is_undone_first_comes_back_by_itself(target: Any) -> None:
    load(target, "r1", (USERS, USER), (ACCOUNTS, SEVERAL))
    undo(target, "undo-1", "r1", objects=("account",), keys=("a1",))
    undo(target, "undo-2", "r1")
    assert links(target) == {}
    undo(target, "redo-2", "undo-2")
    assert links(target) == dict.fromkeys(("a2", "a3", "a4"), "r1")
    undo(target, "redo-1", "undo-1")
    assert links(target) == dict.fromkeys(("a1", "a2", "a3", "a4"), "r1")


def test_a_row_of_an_ended_batch_that_comes_back_is_linked_again(target: Any) -> None:
    load(target, "r1", (USERS, USER), (ACCOUNTS, SEVERAL))
    execute(target, "UPDATE accounts SET name = 'by hand' WHERE external_id IN ('a1', 'a2')")
    assert undo(target, "undo-1", "r1") == {"undone": 2, "kept_edited": 2, "kept_referenced": 1}
    execute(target, "UPDATE accounts SET name = '公司a1' WHERE external_id = 'a1'")
    before = {"a1": "r1", "a2": "r1"}
    gone = replace(ACCOUNTS, change="delete")
    load(target, "r2", (gone, text_frame([["a1", "a1"]], ("_record", ROW_OF))))
    load(target, "r3", (ACCOUNTS, rows(ACCOUNTS, account("a1", owner_id=None))))
    assert links(target) == {"a1": "r3", "a2": "r1"}
    assert undo(target, "undo-3", "r3") == {"undone": 1}
    assert undo(target, "undo-2", "r2") == {"undone": 1}
    assert links(target) == before
    assert (
        count(target, "crmm_unlinked") == 3
    )  # of a3 and a4, which had ended, and of a1, which r3 put into another row
    execute(target, "UPDATE accounts SET name = '公司a2' WHERE external_id = 'a2'")
    assert undo(target, "undo-4", "r1")["undone"] == 3
    assert (links(target), table(target, "accounts")) == ({}, [])


def test_a_parent_whose_link_has_ended_is_none(target: Any) -> None:
    load(target, "r1", (USERS, USER), (ACCOUNTS, SEVERAL))
    roll_back(target, "r1")
    child = rows(CONTACTS, {"external_id": "c1", "name": "李", "account_id": "a1"})
    (outcome,) = load(target, "r2", (CONTACTS, child))
    assert [reject.code for reject in outcome.rejects] == ["load.parent-missing"]


def test_the_crosswalk_of_an_earlier_version_gives_its_links_away_one_by_one(target: Any) -> None:
    load(target, "older")
    with target.session.transaction() as connection:
        old = sa.Table(
            "crmm_crosswalk", sa.MetaData(), sa.Column("object", sa.String(128), primary_key=True),
            sa.Column("source_key", sa.String(400), primary_key=True), sa.Column("target_key", sa.String(255)),
            sa.Column("run", sa.String(128)), sa.Column("batch", sa.Integer),
            sa.Column("adopted", sa.SmallInteger, nullable=False, server_default="0"), **target.dialect.table_options(),
        )  # fmt: skip
        old.drop(connection)
        target.journal.table("ended").drop(connection)
        old.create(connection)
    target.journal._known.clear()
    assert links(target) == {}
    load(target, "r1", (USERS, USER), (ACCOUNTS, SEVERAL))
    execute(target, "UPDATE accounts SET name = 'by hand' WHERE external_id = 'a2'")
    undo(target, "undo-1", "r1")
    assert (links(target), count(target, "crmm_crosswalk"), count(target, "crmm_unlinked")) == ({"a2": "r1"}, 2, 3)
    load(target, "r2", (ACCOUNTS, SEVERAL))
    assert links(target) == {"a1": "r2", "a2": "r1", "a3": "r2", "a4": "r2"}
