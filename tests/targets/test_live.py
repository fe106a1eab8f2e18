from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.targets.live import LiveColumn, UnfitValueError

KINDS: dict[str, LiveColumn] = {
    "text": LiveColumn("c", "text", sa.String(5), length=5),
    "integer": LiveColumn("c", "integer", sa.Integer()),
    "decimal": LiveColumn("c", "decimal", sa.Numeric(6, 2), precision=6, scale=2),
    "float": LiveColumn("c", "float", sa.Float()),
    "date": LiveColumn("c", "date", sa.Date()),
    "datetime": LiveColumn("c", "datetime", sa.DateTime()),
    "boolean": LiveColumn("c", "boolean", sa.Boolean()),
}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "张三丰", "张三丰"), ("integer", "-12", -12), ("decimal", "1200.5", Decimal("1200.50")),
        ("decimal", "1.500", Decimal("1.50")), ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", "2024-02-29T00:00:00", date(2024, 2, 29)), ("datetime", "2024-02-29", datetime(2024, 2, 29)),  # noqa: DTZ001
        ("boolean", "true", True), ("boolean", "0", False),
    ],
)  # fmt: skip
def test_a_text_is_read_as_its_column_means_it(kind: str, text: str, value: Any) -> None:
    assert KINDS[kind].parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("text", "六个字太长了", "length"), ("text", "\ud800", "character"), ("integer", "1_000", "type"), ("integer", " 1", "type"),
        ("integer", "1.0", "type"), ("integer", "9223372036854775808", "range"), ("decimal", "1.005", "scale"), ("decimal", "12345.00", "range"), ("decimal", "NaN", "type"),
        ("decimal", "12万", "type"), ("date", "2023-02-30", "type"), ("date", "2023-02-01T10:00:00", "type"),
        ("datetime", "2023-02-01T10:00:00+08:00", "type"), ("boolean", "是", "type"), ("float", "x", "type"),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_why(kind: str, text: str, code: str) -> None:
    with pytest.raises(UnfitValueError) as caught:
        KINDS[kind].parse(text)
    assert caught.value.args == (f"load.unfit-{code}",)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_what_is_read_is_shown_as_a_text_that_reads_the_same(kind: str, data: Any) -> None:
    values: dict[str, Any] = {
        "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=5), "integer": st.integers(-(2**63), 2**63 - 1).map(str),
        "decimal": st.decimals(-9999, 9999, places=2).map(str), "float": st.floats(allow_nan=False).map(repr),
        "date": st.dates().map(str), "datetime": st.datetimes().map(lambda value: value.isoformat()),
        "boolean": st.sampled_from(["true", "false"]),
    }  # fmt: skip
    column = KINDS[kind]
    value = column.parse(data.draw(values[kind]))
    shown = column.show(value)
    assert shown is not None
    assert column.parse(shown) == value
    assert column.show(column.parse(shown)) == shown


def test_drivers_differ_and_the_text_does_not() -> None:
    assert {KINDS["boolean"].show(raw) for raw in (1, True, "1", b"\x01")} == {"true"}
    assert {KINDS["decimal"].show(raw) for raw in (1200.5, Decimal("1200.5"), "1200.50")} == {"1200.50"}
    assert {KINDS["datetime"].show(raw) for raw in ("2023-05-01 14:30:00", "2023-05-01 14:30:00.000000", datetime(2023, 5, 1, 14, 30))} == {"2023-05-01T14:30:00"}  # noqa: DTZ001  # fmt: skip
    assert all(column.show(None) is None for column in KINDS.values())
