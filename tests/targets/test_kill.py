"""A few kills of a load and of its rollback on each database; `benchmarks/kill.py` does as many as one likes."""

from __future__ import annotations

import sys
from collections.abc import Callable

import kill
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")


def killed(url: str, writers: int) -> None:
    found = kill.rounds(url, kills=3, rows=300, batch_rows=15, writers=writers)
    assert [figures.work for figures in found] == ["load", "rollback"]
    assert all(figures.good for figures in found), found
    assert sum(figures.kills for figures in found) > 0


def test_no_row_is_lost_and_none_is_there_twice(database_url: str) -> None:
    killed(database_url, 1)


@pytest.mark.database("postgresql")
def test_nor_where_several_connections_write(new_database: Callable[[str], str]) -> None:
    killed(new_database("postgresql"), 3)
