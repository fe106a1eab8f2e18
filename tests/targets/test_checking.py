"""CHECKs in the words of three databases become bounds, lengths, patterns and lists, or say that they are something else."""

from __future__ import annotations

from typing import Any

import pytest

from crmmigrate.checks.target_values import questions
from crmmigrate.model.schema import TargetColumn
from crmmigrate.targets import open_target
from crmmigrate.targets.checking import read_check

KINDS = {"age": "integer", "amount": "decimal", "idno": "text", "状态": "text", "born": "date", "other": "integer"}


@pytest.mark.parametrize(
    ("dialect", "sql", "columns", "whole"),
    [
        ("postgresql", "age >= 0 AND age <= 150", {"age": {"at_least": "0", "at_most": "150"}}, True),
        ("postgresql", "((amount > (0)::numeric) AND (amount < '1e3'::numeric))", {"amount": {"above": "0"}}, False),
        ("postgresql", "amount >= '-5'::integer::numeric AND amount <= 1000.5", {"amount": {"at_least": "-5", "at_most": "1000.5"}}, True),
        ("postgresql", "length((idno)::text) = 18 OR idno IS NULL", {"idno": {"length": 18, "shortest": 18}}, True),
        ("postgresql", "(idno)::text ~ '^[[:digit:]]{17}[0-9X]$'::text", {"idno": {"pattern": r"^[0-9]{17}[0-9X]\Z"}}, True),
        ("postgresql", r"(idno)::text ~ '^\w+$'::text", {}, False),
        ("postgresql", "born > '1900-01-01'::date", {"born": {"above": "1900-01-01"}}, True),
        ("postgresql", "age >= other", {}, False),
        ("postgresql", "(other IS NULL) OR (amount >= (10)::numeric)", {}, False),  # of another column
        ("postgresql", "age IS NULL OR (age >= 1 AND other >= 1)", {}, False),
        ("postgresql", "age IS NULL OR (age >= 1 AND (age <= 9 OR age IS NULL))", {"age": {"at_least": "1", "at_most": "9"}}, True),
        ("postgresql", r"idno ~* '^a.[$.]\$$'", {"idno": {"pattern": r"(?s)(?i)^a.[$.]\$\Z"}}, True),
        ("postgresql", "age >= 0 OR other >= 0", {}, False),
        ("mysql", "`amount` between 0 and 1000 and `age` <> 3", {"amount": {"at_least": "0", "at_most": "1000"}}, False),
        ("mysql", "char_length(`idno`) = 18", {"idno": {"length": 18, "shortest": 18}}, True),
        ("mysql", "length(`idno`) = 18", {"idno": {"length": 18}}, False),  # bytes
        ("mysql", "`idno` regexp '^a.$'", {"idno": {"pattern": "(?i)^a.$"}}, False),  # the collation decides about case
        ("sqlite", "0 <= Age", {"age": {"at_least": "0"}}, True),
        ("sqlite", "idno GLOB '1[0-9]?*'", {"idno": {"pattern": r"(?s)^1[0-9]..*\Z"}}, True),
        ("sqlite", "idno <> ''", {"idno": {"shortest": 1}}, True),
        ("sqlite", "not age > 3", {}, False),
        ("sqlite", "age > 0 ; drop", {}, False),
    ],
)  # fmt: skip
def test_what_can_be_said_of_one_column_is_said(
    dialect: str, sql: str, columns: dict[str, Any], *, whole: bool
) -> None:
    said = read_check(sql, KINDS, dialect)
    assert ({name: its for name, its in said.columns.items() if its}, said.whole) == (columns, whole)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [("postgresql", "((状态)::text = ANY ((ARRAY['甲'::character varying, 'it''s'::character varying])::text[])) OR 状态 IS NULL"),
     ("mysql", r"`状态` in ('甲','it\'s')"), ("sqlite", "状态 IN ('甲', 'it''s')")],
)  # fmt: skip
def test_a_list_of_texts_is_a_picklist(dialect: str, sql: str) -> None:
    said = read_check(sql, KINDS, dialect)
    assert (said.values, said.whole) == ({"状态": ["甲", "it's"]}, True)


def test_what_two_lists_allow_is_what_stands_in_both() -> None:
    said = read_check("状态 IN ('A', 'B') AND 状态 IN ('B', 'C')", KINDS, "postgresql")
    assert (said.values, said.whole) == ({"状态": ["B"]}, True)
    said = read_check("状态 IN ('A') AND 状态 IN ('C')", KINDS, "postgresql")
    assert (said.values, said.whole) == ({"状态": ["A"]}, False)


@pytest.mark.database("postgresql")
@pytest.mark.parametrize("pattern", ["^.{1,10}$", "^a$", r"^[^b]+\$$"])
def test_a_pattern_takes_of_texts_with_line_breaks_what_the_database_takes(postgresql_url: str, pattern: str) -> None:
    fields = read_check(f"idno ~ '{pattern}'", KINDS, "postgresql").columns["idno"]
    [asked] = [ask for code, ask in questions(TargetColumn(**fields), {}).items() if code == "validate.pattern"]
    with open_target(postgresql_url) as target, target.session.transaction(write=False) as connection:
        for value in ("a", "a\n", "a\nb", "a\n$", "a$\n", "b$"):
            taken = connection.exec_driver_sql("SELECT %s::text ~ %s", (value, pattern)).scalar()
            assert asked(value) == taken, value
