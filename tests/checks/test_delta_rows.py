"""What became of the rows of an object since a load, without any target: tables and a crosswalk are enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crmmigrate.checks.delta_rows import GIVEN_BACK_COLUMNS, OWED_COLUMNS, DeltaRows
from crmmigrate.model.issue import ASIDE_COLUMNS, text_frame
from crmmigrate.model.left_out import LEFT_OUT_COLUMNS, NO_WAVE, OTHER_WAVE, TAKEN_BACK
from crmmigrate.model.mapping import Mapping, read_mappings
from crmmigrate.model.table import Table, Tables
from crmmigrate.model.target import LOADED_COLUMNS
from crmmigrate.runner.tables import TableWriter

MAPPING = """version: 1
object: account
target: {table: accounts}
match: {on: [code]}
fields: {code: {from: 代码, required: true}, name: 名称}
"""
Row = tuple[str, str | None, str | None]
"""A record, its code and its name."""


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Mapping:
    path = tmp_path_factory.mktemp("m") / "account.crmmap.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return read_mappings([path])[0]


class World:
    """One load `L1` and what came after it.

    Args:
        folder: for the tables.
        mapping: of the object.
    """

    def __init__(self, folder: Path, mapping: Mapping) -> None:
        self.folder = folder
        self.mapping = mapping

    def _table(self, name: str, columns: tuple[str, ...], rows: list[Any]) -> Table:
        writer = TableWriter(name, self.folder / f"{name}.parquet", columns)
        writer.write(text_frame(rows, columns))
        return writer.close()

    def compare(
        self, before: list[Row], now: list[Row], links: list[tuple[str, ...]], *, set_aside: tuple[str, ...] = (),
        owed: list[tuple[str | None, ...]] | None = None, merged: tuple[tuple[str, str], ...] = (),
        left_out: tuple[tuple[str, str], ...] = (),
    ) -> DeltaRows:  # fmt: skip
        columns = ("_record", "_origin", "code", "name")
        made = {
            f"{side}.account": [(row[0], "t", *row[1:]) for row in rows]
            for side, rows in (("before", before), ("now", now))
        }
        tables = {name: self._table(name, columns, rows) for name, rows in made.items()}
        asides: dict[str, list[Any]] = {
            "set_aside": [("account", record, "t", "rejected", "load.refused-unique", None, None, None) for record in set_aside],
            "aside": [("account", record, "t", "merged", None, None, None, into) for record, into in merged], "aside_before": [],
        }  # fmt: skip
        tables |= {name: self._table(name, ASIDE_COLUMNS, rows) for name, rows in asides.items()}
        tables["owed"] = self._table("owed", OWED_COLUMNS, [("account", *row) for row in owed or []])
        tables["given_back"] = self._table("given_back", GIVEN_BACK_COLUMNS, [])
        tables["left_out"] = self._table("left_out", LEFT_OUT_COLUMNS, [("account", *row) for row in left_out])
        walk = [(record, key, "true", run, since) for record, key, run, since in links]
        return DeltaRows(Tables(tables), self.mapping, [text_frame(walk, LOADED_COLUMNS)], frozenset({"L0", "L1"}), {})


@pytest.fixture
def world(tmp_path: Path, mapping: Mapping) -> World:
    return World(tmp_path, mapping)


def counts(found: DeltaRows) -> dict[str, int]:
    return {word: count for word, count in found.counts.items() if count and word != "fields"}


def rows(found: DeltaRows, kind: str) -> list[dict[str, Any]]:
    return found.tables[kind].to_pylist() if kind in found.tables else []


def test_a_renamed_record_takes_its_row_over(world: World) -> None:
    found = world.compare(
        [("a", "K1", "甲"), ("b", "K2", "乙")], [("z", "K1", "甲公司"), ("y", "K3", "丙")], [("a", "1", "L1", "1"), ("b", "2", "L1", "1")]
    )  # fmt: skip
    assert counts(found) == {"taken_over": 1, "new": 1, "deleted": 1}
    assert rows(found, "link") == [{"_record": "z", "_row_of": "a"}]
    [change] = rows(found, "update")
    assert (change["name"], change["_was.name"]) == ("甲公司", "甲"), "held against what the other brought"
    assert [row["_record"] for row in rows(found, "remove")] == ["b"]


def test_a_record_that_is_gone_stays_known_whatever_was_loaded_since(world: World) -> None:
    found = world.compare(
        [("b", "K2", "乙")], [("b", "K2", "乙")],
        [("a", "1", "L0", "0"), ("b", "2", "L0", "0"), ("other", "3", "elsewhere", "0")],
    )  # fmt: skip
    assert counts(found) == {"unchanged": 1, "deleted": 1}, "and what others linked is none of ours"


def test_two_records_that_are_gone_leave_one_row_to_be_taken_out(world: World) -> None:
    found = world.compare([("a", "K1", "甲"), ("b", "K1", "甲")], [], [("a", "1", "L0", "0"), ("b", "1", "L1", "1")])
    assert found.removable == 1
    assert rows(found, "remove") == [{"_record": "a", "_row_of": "a", "_also": '["a","b"]'}]


def test_the_record_linked_last_owns_a_row(world: World) -> None:
    links = [("a", "1", "L0", "0"), ("b", "1", "L1", "1")]
    both: list[Row] = [("a", "K1", "甲2"), ("b", "K2", "乙2")]
    found = world.compare([("a", "K1", "甲"), ("b", "K2", "乙")], both, links)
    assert counts(found) == {"changed": 1, "split": 1}
    assert [row["_record"] for row in rows(found, "update")] == ["b"]
    assert [row[1] for row in found.carried] == ["a"]
    back = world.compare([("b", "K2", "乙")], [("a", "K1", "甲2")], links)  # it lives on as the first again
    assert counts(back) == {"changed": 1}
    assert rows(back, "update")[0]["_was.name"] == "乙"


def test_what_was_refused_or_left_alone_is_tried_again(world: World) -> None:
    before: list[Row] = [("a", "K1", "甲2"), ("b", "K2", "乙2"), ("c", "K3", "丙"), ("d", "K4", "丁")]
    links = [("a", "1", "L1", "1"), ("c", "3", "L1", "1"), ("d", "4", "L1", "1")]
    found = world.compare(before, before, links, set_aside=("b", "c"), owed=[("a", "name", "甲"), ("d", "", None)])
    assert counts(found) == {"again": 4}
    assert rows(found, "insert") == [{"_record": "b"}], "it never went in"
    assert rows(found, "refill") == [{"_record": "d"}], "a reference was not filled"
    assert [(row["_record"], row["_was.name"]) for row in rows(found, "update")] == [("a", "甲"), ("c", None)]
    moved = [replace_name(row, "新") if row[0] == "a" else row for row in before]
    again = world.compare(before, moved, links, set_aside=("b", "c"), owed=[("a", "name", "甲"), ("d", "", None)])
    assert counts(again) == {"again": 3, "changed": 1}
    assert rows(again, "update")[0]["_was.name"] == "甲"


def replace_name(row: Row, name: str) -> Row:
    return (row[0], row[1], name)


def test_rows_that_are_left_out_are_no_work_while_they_have_no_row(world: World) -> None:
    rows: list[Row] = [(f"r{number}", str(number), "甲") for number in range(5)]
    codes = (("r1", OTHER_WAVE), ("r2", NO_WAVE), ("r3", TAKEN_BACK), ("r4", TAKEN_BACK))
    links = [("r0", "1", "L1", "2026-01-01"), ("r4", "5", "L1", "2026-01-01")]
    found = world.compare(rows, rows, links, left_out=codes)
    told = {word: count for word, count in found.counts.items() if count}
    assert told == {"unchanged": 2, "waiting": 2, "taken_back": 1}, "r4 is there again"
    assert found.tables == {}
    assert [(row[1], row[3], row[4]) for row in found.carried] == [
        ("r1", "out_of_scope", OTHER_WAVE), ("r2", "out_of_scope", NO_WAVE), ("r3", "out_of_scope", TAKEN_BACK),
    ]  # fmt: skip
