"""A column that a table gains after a load is none of the load's: it neither hinders the rollback nor is it lost where people filled it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.targets.crm import ACCOUNTS, SCHEMA, USERS, account, execute, load, roll_back, rows, table

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
