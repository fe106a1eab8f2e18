"""What fits into a column of the target, and what not."""

from __future__ import annotations

import pytest

from crmmigrate.checks.target_values import questions
from crmmigrate.errors import Findings
from crmmigrate.model.schema import TargetColumn, read_target_schema


def faults(column: TargetColumn, value: str) -> list[str]:
    return [code for code, question in questions(column, {"p": {"A": "甲"}}).items() if not question(value)]


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        (TargetColumn("date"), ["2024-02-29", "0001-01-01"], ["2023-02-29", "20230201", "2023-2-1", "2023-02-01T00:00:00", "２０２３-01-01", ""]),
        (TargetColumn("datetime"), ["2024-02-29", "2024-02-29T23:59", "2024-02-29 23:59:59.123456"], ["2024-02-29T24:01:00", "2024-02-30T00:00:00", "29.2.2024"]),
        (TargetColumn("integer"), ["0", "-12", "9223372036854775807"], ["1.0", "1e3", "9223372036854775808", "１", ""]),
        (TargetColumn("decimal"), ["0", "-1.50", "1234567890123456.99"], ["1,200", "12万", "1e5", "NaN", ".5"]),
        (TargetColumn("boolean"), ["true", "false"], ["TRUE", "是", "1"]),
    ],
)  # fmt: skip
def test_types(column, good, bad):
    assert [value for value in good if faults(column, value)] == []
    assert [value for value in bad if faults(column, value) != ["validate.type"]] == []


def test_range_length_and_picklist():
    assert faults(TargetColumn("decimal", precision=5, scale=2), "1000") == ["validate.range"]
    assert faults(TargetColumn("decimal", precision=5, scale=2), "-999.99") == []
    assert faults(TargetColumn("text", length=3), "甲乙丙丁") == ["validate.too-long"]
    assert faults(TargetColumn("text", length=3), "甲乙丙") == []
    assert faults(TargetColumn("text", picklist="p"), "B") == ["validate.picklist"]
    assert faults(TargetColumn("text", picklist="p"), "A") == []


def test_bounds_shortest_texts_and_patterns():
    age = TargetColumn("integer", at_least="0", below="150")
    assert [faults(age, value) for value in ("0", "149", "-1", "150", "x")] == [
        [], [], ["validate.outside"], ["validate.outside"], ["validate.type"],
    ]  # fmt: skip
    day = TargetColumn("date", above="2000-01-01", at_most="2030-12-31")
    assert [faults(day, value) for value in ("2030-12-31", "2000-01-01")] == [[], ["validate.outside"]]
    moment = TargetColumn("datetime", above="2000-01-01", at_most="2030-12-31T12:00:00")
    assert [faults(moment, value) for value in ("2030-12-31 12:00", "2000-01-01T00:00:01", "2000-01-01", "2030-12-31T12:00:00.5", "x")] == [
        [], [], ["validate.outside"], ["validate.outside"], ["validate.type"],
    ]  # fmt: skip
    code = TargetColumn(length=4, shortest=2, pattern="^[0-9]+$")
    assert [faults(code, value) for value in ("12", "1", "1x")] == [[], ["validate.too-short"], ["validate.pattern"]]


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("{type: text, at_least: '2'}", "schema.no-order"),
        ("{type: boolean, below: 'true'}", "schema.no-order"),
        ("{type: integer, above: ten}", "schema.bound"),
        ("{type: date, at_most: 2023-02-30}", "schema.bound"),
        ("{type: integer, below: 9.5}", ""),
        ("{type: datetime, at_least: 2023-02-28 12:00, at_most: 2024-01-01}", ""),
    ],
)
def test_a_bound_that_says_nothing_is_refused(tmp_path, column, code):
    (tmp_path / "schema.yaml").write_text(f"version: 1\ntables: {{t: {{columns: {{c: {column}}}}}}}\n", "utf-8")
    try:
        read_target_schema(tmp_path / "schema.yaml")
        found = ""
    except Findings as told:
        found = " ".join(error.code for error in told.errors)
    assert found == code


def test_a_reference_holds_a_record_until_it_is_loaded():
    assert questions(TargetColumn("integer", references="accounts"), {}) == {}
