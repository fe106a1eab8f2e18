from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.targets.crm import execute

from crmmigrate.model.schema import TargetSchema
from crmmigrate.targets import open_target
from crmmigrate.targets.digests import RowSum, row_sum

ROWS = st.lists(st.tuples(st.integers() | st.none(), st.text(max_size=5)), max_size=8)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int | None, str]], chance: object) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert row_sum(mixed) == row_sum(rows)


@given(ROWS, ROWS)
def test_sums_add_up_and_come_apart(left: list[tuple[int | None, str]], right: list[tuple[int | None, str]]) -> None:
    whole = row_sum([*left, *right])
    assert whole == row_sum(left) + row_sum(right)
    assert whole - row_sum(right) == row_sum(left)
    assert RowSum.parse(str(whole)) == whole


@given(ROWS, ROWS)
def test_other_rows_give_another_digest(
    left: list[tuple[int | None, str]], right: list[tuple[int | None, str]]
) -> None:
    same = sorted(map(repr, left)) == sorted(map(repr, right))
    assert (row_sum(left) == row_sum(right)) == same


def test_a_row_twice_is_not_no_row() -> None:
    assert len({str(row_sum([("a",)] * count)) for count in range(4)}) == 4


LONG = "长" * 300
DIFFERENT: tuple[tuple[Any, ...], ...] = (
    ("'a'", "'b'", "1.5", "2"), ("'A'", "'b'", "1.5", "2"), ("'a '", "'b'", "1.5", "2"), ("'a'", "NULL", "1.5", "2"), ("'a'", "''", "1.5", "2"),
    ("''", "'ab'", "1.5", "2"), ("'ab'", "''", "1.5", "2"), ("'b'", "'a'", "1.5", "2"), ("'a'", "'b'", "1.6", "2"), ("'a'", "'b'", "1.5", "2.25"),
    ("'a'", "'b'", "NULL", "2"), ("'a'", "'é'", "1.5", "2"), ("'a'", "'e'", "1.5", "2"), ("'a'", "'NULL'", "1.5", "2"),
    (f"'{LONG}'", "'b'", "1.5", "2"), (f"'{LONG} '", "'b'", "1.5", "2"),
)  # fmt: skip
"""Values of a row; no two are the same, whatever a collation thinks."""


@pytest.mark.parametrize("long", ["VARCHAR(400)", "TEXT"])
def test_any_difference_in_a_row_gives_another_digest_on_each_server(database_url: str, long: str) -> None:
    with open_target(database_url) as target:
        target.create(TargetSchema(1, {}))  # makes a file of SQLite
        execute(
            target,
            f"CREATE TABLE t (id INTEGER PRIMARY KEY, a {long}, b VARCHAR(9), c DOUBLE PRECISION, d DECIMAL(9, 2))",
        )
        found = {target.digest()["t"]}
        for values in DIFFERENT:
            execute(target, f"INSERT INTO t VALUES (1, {', '.join(values)})")
            found.add(target.digest()["t"])
            execute(target, "DELETE FROM t")
        assert len(found) == 1 + len(DIFFERENT)


def test_a_table_less_some_of_its_rows_is_the_others_on_each_server(database_url: str) -> None:
    with open_target(database_url) as target:
        target.create(TargetSchema(1, {}))
        execute(target, "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(9))")
        sums = []
        for number in range(1, 4):
            execute(target, f"INSERT INTO t VALUES ({number}, '客户{number}')")
            sums.append(RowSum.parse(target.digest()["t"]))
        execute(target, "DELETE FROM t WHERE id = 1")
        assert sums[2] - RowSum.parse(target.digest()["t"]) == sums[0]
