"""Several processes write batches of one run: each batch once, whoever tries it how often, and none after the run was taken over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import event
from tests.targets.crm import PLAN, SCHEMA, USERS, roll_back, rows

from crmmigrate.errors import LimitReached
from crmmigrate.model.load_partitions import partitions, ties
from crmmigrate.model.table import Table, Tables
from crmmigrate.targets import open_target
from crmmigrate.targets.journal import Journal


@pytest.fixture(
    params=[
        pytest.param("postgresql", marks=pytest.mark.database("postgresql")),
        pytest.param("mysql", marks=pytest.mark.database("mysql")),
    ]
)
def url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    return new_database(request.param)


@pytest.fixture
def target(url: str) -> Iterator[Any]:
    with open_target(url) as opened:
        opened.create(SCHEMA)
        yield opened


def users(number: int) -> Any:
    return rows(USERS, *({"external_id": f"u{number}.{n}", "name": "x"} for n in range(20)))


def test_a_batch_that_is_written_twice_at_a_time_is_there_once(target: Any, url: str) -> None:
    before = target.digest()
    target.begin_run("load", "r", PLAN)
    shares = target.share("r", 2)

    def attempt(place: int) -> int:
        with open_target(url) as other:
            return sum(bool(other.write_shared(shares[place], n, USERS, users(n))) for n in range(1 + place, 9, 2))

    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(attempt, [1, 0, 1, 0, 1, 0]))
    assert sum(written) == 8
    assert [number for number, _ in target.batches("r")] == list(range(8, 0, -1))
    assert target.totals("r")["user"]["inserted"] == 160 == sum(map(len, target.rows("users")))
    target.close_run("r", "done")
    with pytest.raises(LimitReached, match="taken over"):
        target.write_shared(shares[0], 9, USERS, users(9))
    assert roll_back(target, "r") == {"undone": 160}
    assert target.digest() == before


def test_who_takes_a_run_over_leaves_no_share_to_those_before(
    target: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.begin_run("load", "r", PLAN)
    [share] = target.share("r", 1)
    assert target.write_shared(share, 2, USERS, users(2))
    monkeypatch.setattr(Journal, "_alive", lambda *_: False)  # as for one whose process was killed
    with open_target(url) as other:
        other.resume_run("r")
        with pytest.raises(LimitReached) as caught:
            target.write_shared(share, 3, USERS, users(3))
        assert caught.value.code == "target.lease-lost"
        assert [number for number, _ in other.batches("r")] == [2]
        [again] = other.share("r", 1)
        assert [bool(target.write_shared(again, n, USERS, users(n))) for n in (1, 2, 3)] == [True, False, True]


def test_batches_that_are_tied_go_to_one_writer_in_order() -> None:
    dealt = partitions(range(1, 9), [(2, 7), (7, 4)], 3)
    assert sorted(n for share in dealt for n in share) == list(range(1, 9))
    assert len(dealt) == 3
    assert [share for share in dealt if 2 in share][0][:3] == (2, 4, 7)  # noqa: RUF015
    assert all(list(share) == sorted(share) for share in dealt)
    assert partitions([5], [(5, 6)], 8) == [(5,)]
    assert partitions([], [], 4) == []


def test_batches_are_tied_by_what_a_database_takes_for_the_same(tmp_path: Path) -> None:
    values = ["ABC-1", "Straße", "10", "É'", "x", "Ａｂｃ－１\u3000", "STRASSE", "１０.0", "e＇", "y"]
    path = tmp_path / "user.parquet"
    pq.write_table(pa.table({"_record": [f"u{n}" for n in range(10)], "name": values}), path)
    found = ties(Tables({"user": Table("user", path)}), "user", [("name",)], {n + 1: (n, n + 1) for n in range(10)})
    assert found == [(1, 6), (2, 7), (3, 8), (4, 9)]


def test_a_journal_without_the_table_of_partitions_gets_it_before_the_run_is_held(target: Any) -> None:
    target.begin_run("load", "r", PLAN)
    table = target.journal.table("partition")
    with target.session.transaction() as connection:
        table.drop(connection)
    asked: list[str] = []
    event.listen(target.session.engine, "before_cursor_execute", lambda *given: asked.append(given[2].strip().upper()))
    event.listen(target.session.engine, "commit", lambda *_: asked.append("COMMIT"))
    assert len(target.share("r", 1)) == 1
    made = next(place for place, text in enumerate(asked) if text.startswith("CREATE TABLE"))
    held = next(place for place, text in enumerate(asked) if text.startswith("UPDATE"))
    assert "COMMIT" in asked[made:held]
