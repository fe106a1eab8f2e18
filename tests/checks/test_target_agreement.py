"""Sums of columns are of numbers that are written out; a damaged telephone number does not stop a reconciliation."""

from types import SimpleNamespace

import duckdb

from crmmigrate.checks.target_agreement import _totals


def test_numbers_in_scientific_notation_are_no_amounts():
    connection = duckdb.connect(":memory:")
    for side in ("a", "b"):
        connection.execute(
            f"CREATE TABLE {side} AS SELECT unnest(['1.59218970E+32', '9.9999999E+31', '12.50', '7']) AS phone"
        )
    totals = _totals(
        connection, SimpleNamespace(columns=("phone",), left="a", right="b", kinds={}, references={}), "a", None
    )
    assert len(totals) == 1
