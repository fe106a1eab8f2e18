"""A column that a table gains after a load is none of the load's: it neither hinders the rollback nor is it lost where people filled it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.targets.crm import ACCOUNTS, PLAN, SCHEMA, USERS, account, execute, load, roll_back, rows, table

from crmmigrate.targets import open_target


@pytest.fixture
def target(database_url: str) -> Iterator[Any]:
    with open_target(database_url) as opened:
        opened.create(SCHEMA)
        yield opened


def test_it_is_no_edit_unless_people_filled_it(target: Any, database_url: str) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('a0', 'old')")
    before = table(target, "accounts", "external_id", "name")
    users = rows(USERS, {"external_id": "u1", "name": "王敏"})
    load(target, "r", (USERS, users), (ACCOUNTS, rows(ACCOUNTS, *(account(f"a{i}") for i in range(4)))))
    execute(target, "ALTER TABLE accounts ADD COLUMN stars VARCHAR(8) DEFAULT 'none'")
    execute(target, "ALTER TABLE accounts ADD COLUMN tag VARCHAR(8)")
    execute(target, "UPDATE accounts SET tag = 'VIP' WHERE external_id = 'a2'")
    with open_target(database_url) as fresh:
        sums = roll_back(fresh, "r")
        assert sums == {"undone": 3, "kept_edited": 1, "kept_referenced": 1}, sums
        kept = fresh.kept("undo-r")
        assert kept[kept["outcome"] == "kept_edited"]["columns"].tolist() == ["tag"]
        assert [row for row in table(fresh, "accounts", "external_id", "name") if row[0] == "a0"] == before


def test_a_load_goes_on_and_is_taken_back(target: Any, database_url: str) -> None:
    before = table(target, "accounts", "external_id", "name")
    target.begin_run("load", "r", PLAN)
    target.write_batch("r", 1, USERS, rows(USERS, {"external_id": "u1", "name": "王敏"}))
    target.write_batch("r", 2, ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2")))
    target.close_run("r", "stopped")
    execute(target, "ALTER TABLE accounts ADD COLUMN tag VARCHAR(8)")
    with open_target(database_url) as fresh:
        fresh.resume_run("r")
        assert fresh.write_batch("r", 3, ACCOUNTS, rows(ACCOUNTS, account("a3"))).inserted == 1
        fresh.close_run("r", "done")
        execute(fresh, "UPDATE accounts SET tag = 'VIP' WHERE external_id = 'a3'")
        sums = roll_back(fresh, "r")
        assert sums == {"undone": 2, "kept_edited": 1, "kept_referenced": 1}, sums
        execute(fresh, "DELETE FROM accounts WHERE external_id = 'a3'")
        assert table(fresh, "accounts", "external_id", "name") == before
