"""The accounting finds every way in which rows can go astray."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.errors import AccountingError
from crmmigrate.model.issue import ASIDE_COLUMNS, text_frame
from crmmigrate.model.table import Table
from crmmigrate.runner.accounting import account
from crmmigrate.runner.engine import LocalEngine
from crmmigrate.runner.tables import TableWriter


@pytest.fixture
def table(tmp_path):
    def make(name: str, records: list[str], folder: str = "") -> Table:
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        writer = TableWriter(name, path / f"{name}.parquet", ["_record", "_origin"])
        writer.write(pd.DataFrame({"_record": records, "_origin": [f"f!{r}" for r in records]}, dtype="str"))
        return writer.close()

    return make


@pytest.fixture
def aside(tmp_path):
    def make(*rows: tuple[str, str, str]) -> Table:
        writer = TableWriter("aside", tmp_path / "aside.parquet", ASIDE_COLUMNS)
        full = [(name, record, f"f!{record}", reason, "x.y", None, None, None) for name, record, reason in rows]
        writer.write(text_frame(full, ASIDE_COLUMNS))
        return writer.close()

    return make


def test_a_balanced_table_gives_its_figures(table, aside):
    result = account(
        {"a": table("a", ["1", "2", "3", "4"], "in")},
        {"a": table("a", ["1", "3"], "out")},
        aside(("a", "2", "merged"), ("a", "4", "rejected")),
        {"a": ("a",)},
        LocalEngine(),
    )
    assert result == {
        "a": {"in": 4, "out": 2, "out_of_scope": 0, "merged": 1, "quarantined": 0, "rejected": 1},
    }


@pytest.mark.parametrize(
    ("rows_in", "rows_out", "rows_aside", "word"),
    [
        (["1", "2"], ["1"], [], "lost 1"),
        (["1", "2"], ["1", "2"], [("a", "2", "merged")], "both 1"),
        (["1", "2"], ["1", "2", "9"], [], "strangers 1"),
        (["1", "2"], ["1", "2", "2"], [], "doubled 1"),
        (["1", "1"], ["1"], [], "doubled 1"),
        (["1", "2"], ["1"], [("a", "2", "merged"), ("a", "2", "rejected")], "aside_twice 1"),
        (["1"], ["1"], [("a", "7", "merged")], "aside_stranger 1"),
    ],
)
def test_each_way_of_going_astray_is_found(table, aside, rows_in, rows_out, rows_aside, word):
    with pytest.raises(AccountingError) as caught:
        account(
            {"a": table("a", rows_in, "in")},
            {"a": table("a", rows_out, "out")},
            aside(*rows_aside),
            {"a": ("a",)},
            LocalEngine(),
        )
    assert word in caught.value.text("en")
    assert caught.value.exit_code == 70


def test_a_row_may_feed_two_objects_but_has_to_arrive_in_one(table, aside):
    inputs = {"raw": table("raw", ["1", "2"], "in")}
    outputs = {"account": table("account", ["1", "2"], "out"), "contact": table("contact", ["2"], "out")}
    result = account(inputs, outputs, aside(), {"raw": ("account", "contact")}, LocalEngine())
    assert result["raw"]["out"] == 2


def test_a_table_that_goes_nowhere_has_lost_its_rows(table, aside):
    with pytest.raises(AccountingError):
        account({"raw": table("raw", ["1"], "in")}, {}, aside(), {"raw": ()}, LocalEngine())
