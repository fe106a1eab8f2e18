"""What the target's columns hold: one question per kind of fault, asked about a value written as text."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.schema import TargetColumn

TOO_LONG = declare_code("validate.too-long", Message("the text is longer than the target's column"))
TYPE = declare_code("validate.type", Message("the value is not of the target column's type"))
RANGE = declare_code("validate.range", Message("the number does not fit into the target's column"))
OUTSIDE = declare_code("validate.outside", Message("the value is outside the bounds that the target sets"))
TOO_SHORT = declare_code("validate.too-short", Message("the text is shorter than the target allows"))
PATTERN = declare_code("validate.pattern", Message("the text does not have the form that the target wants"))
PICKLIST = declare_code("validate.picklist", Message("the target's picklist has no such code"))

_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?\Z", re.ASCII)
_DECIMAL = re.compile(r"[-+]?\d+(\.\d+)?\Z", re.ASCII)
_INTEGER = re.compile(r"[-+]?\d+\Z", re.ASCII)


def questions(column: TargetColumn, picklists: dict[str, dict[str, str]]) -> dict[str, Callable[[str], bool]]:
    """Return code → question for one column; the answer is false where the value is at fault.

    A reference holds the parent's record until it is loaded: there is nothing to ask.
    """
    if column.references:
        return {}
    if column.type != "text":
        checks = {TYPE: _TYPE_CHECKS[column.type]}
        if column.type == "decimal":
            limit = Decimal(10) ** (column.precision - column.scale)
            checks[RANGE] = lambda raw: not is_decimal(raw) or abs(Decimal(raw)) < limit
        if column.at_least or column.at_most or column.above or column.below:
            checks[OUTSIDE] = _within(column)
        return checks
    length, shortest = column.length, column.shortest
    checks = {TOO_LONG: lambda raw: len(raw) <= length}
    if shortest:
        checks[TOO_SHORT] = lambda raw: len(raw) >= shortest
    if column.pattern:
        found = re.compile(column.pattern).search
        checks[PATTERN] = lambda raw: found(raw) is not None
    if column.picklist:
        codes = frozenset(picklists.get(column.picklist, {}))
        checks[PICKLIST] = lambda raw: raw in codes
    return checks


def _within(column: TargetColumn) -> Callable[[str], bool]:
    """Return whether a number, a day or a moment is within a column's bounds; one that is none of these is at fault for that."""
    moments = column.type in ("date", "datetime")
    fits, read = (_TYPE_CHECKS[column.type], datetime.fromisoformat) if moments else (is_decimal, Decimal)
    compared: list[tuple[Any, str]] = [
        (ge, column.at_least),
        (le, column.at_most),
        (gt, column.above),
        (lt, column.below),
    ]
    bounds = [(compare, read(bound)) for compare, bound in compared if bound]
    return lambda raw: not fits(raw) or all(compare(read(raw), bound) for compare, bound in bounds)


def is_date(raw: str) -> bool:
    """Whether `raw` is a date of the calendar written `2023-05-01`."""
    return bool(_DATE.match(raw)) and _parses(date.fromisoformat, raw)


def is_datetime(raw: str) -> bool:
    """Whether `raw` is a date, or a date and time, written `2023-05-01T14:30:00`."""
    return bool(_DATETIME.match(raw)) and _parses(datetime.fromisoformat, raw)


def is_decimal(raw: str) -> bool:
    """Whether `raw` is a decimal number written plainly: `-1200.50`."""
    return bool(_DECIMAL.match(raw)) and _parses(Decimal, raw)


def is_integer(raw: str) -> bool:
    """Whether `raw` is a whole number of at most 64 bits."""
    return bool(_INTEGER.match(raw)) and len(raw) < 21 and -(2**63) <= int(raw) < 2**63


def is_boolean(raw: str) -> bool:
    """Whether `raw` is `true` or `false`."""
    return raw in ("true", "false")


def _parses(function: Callable[[str], Any], raw: str) -> bool:
    try:
        function(raw)
    except (ValueError, InvalidOperation):
        return False
    return True


_TYPE_CHECKS: dict[str, Callable[[str], bool]] = {
    "date": is_date, "datetime": is_datetime, "decimal": is_decimal, "integer": is_integer, "boolean": is_boolean,
}  # fmt: skip
