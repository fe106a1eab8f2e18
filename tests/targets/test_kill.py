"""A few kills of a load and of its rollback on each database; `benchmarks/kill.py` does as many as one likes."""

from __future__ import annotations

import sys

import kill
import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("writers", [1, 3])
def test_no_row_is_lost_and_none_is_there_twice(database_url: str, writers: int) -> None:
    if writers > 1 and not database_url.startswith("postgresql"):
        return  # one writes
    found = kill.rounds(database_url, kills=3, rows=300, batch_rows=15, writers=writers)
    assert [figures.work for figures in found] == ["load", "rollback"]
    assert all(figures.good for figures in found), found
    assert sum(figures.kills for figures in found) > 0
