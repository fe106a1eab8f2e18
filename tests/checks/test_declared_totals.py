"""What an amount of the sources adds to a total, however it is written."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from crmmigrate.checks.declared_totals import _raw
from crmmigrate.model.total import Total


@pytest.mark.parametrize(
    ("cell", "adds"),
    [
        ("1,234.50", "1234.5"), ("￥１，２３４", "1234"), ("12万", "120000"), ("-5", "-5"), ("(872,637)", "-872637"), ("（1,234.50）", "-1234.5"),
        ("（2万元）", "-20000"), ("(-5)", "-5"), ("−5", "-5"), ("()", None), ("约三万", None), ("9.133E+17", None),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(cell, adds):
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE s AS SELECT ? AS 金额", [cell])
        (found,) = connection.execute(f"SELECT {_raw(Total(sum='金额'))} FROM s").fetchone()
    assert found == (None if adds is None else Decimal(adds))
