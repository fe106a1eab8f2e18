"""A target that was made from a description is described by the same words, whatever its database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.targets.crm import SCHEMA, execute

from crmmigrate.targets import open_target
from crmmigrate.targets.drift import described_tables


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.database("postgresql")),
        pytest.param("mysql", marks=pytest.mark.database("mysql")),
    ],
)
def target(request: pytest.FixtureRequest, shared_database: Any, tmp_path: Path) -> Any:
    url = f"sqlite:///{tmp_path / 'crm.db'}" if request.param == "sqlite" else shared_database(request.param)
    with open_target(url) as opened:
        opened.create(SCHEMA)
        yield opened


def test_what_was_created_is_described_as_it_was(target: Any) -> None:
    found = described_tables(target, [*SCHEMA.tables, "nothing"])
    assert found.keys() == SCHEMA.tables.keys()
    for table, spec in SCHEMA.tables.items():
        for name, column in spec.columns.items():
            live = found[table][name]
            assert (live.type, live.identity, live.references if not column.picklist else "") == (
                column.type,
                column.identity,
                column.references,
            )
            assert live.required == column.required or column.identity
            assert live.unique or not column.unique
            assert column.type != "text" or live.length >= column.length


def test_a_column_that_fills_itself_may_go_unmapped(target: Any) -> None:
    execute(target, "ALTER TABLE users ADD COLUMN lang VARCHAR(2) NOT NULL DEFAULT 'zh'")
    target._live.clear()
    assert not described_tables(target, ["users"])["users"]["lang"].must_be_mapped
