"""Tryton's JSON: dates and decimals are objects with a `__class__`; an answer holds a result or an error."""

from __future__ import annotations

import json
import operator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_COMPARE: dict[str, Any] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip

EDITED = "ConcurrencyException"
"""Somebody has changed a row since it was looked at."""


def opened(data: Any) -> tuple[Any, Any]:
    """Return result and error of a JSON-RPC answer."""
    if not isinstance(data, dict):
        return None, None
    return read(data.get("result")), data.get("error")


def kind_of_error(error: Any) -> str:
    """Return the class of an error that Tryton raises on purpose (`UserError`, `UserWarning`, `ConcurrencyException`, …); empty for any other."""
    known = isinstance(error, list) and len(error) > 1 and (isinstance(error[1], list) or error[0] == EDITED)
    return str(error[0]) if known else ""


def written(value: Any) -> Any:
    """Write a value as Tryton's JSON has it."""
    if isinstance(value, dict):
        return {name: written(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner) for inner in value]
    if isinstance(value, datetime):
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{part: getattr(value, part) for part in parts}}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    return {"__class__": "Decimal", "decimal": str(value)} if isinstance(value, Decimal) else value


def read(value: Any) -> Any:
    """Read a value from Tryton's JSON."""
    if isinstance(value, list):
        return [read(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return date(value["year"], value["month"], value["day"])
    if kind == "datetime":
        return datetime(*(value[part] for part in ("year", "month", "day", "hour", "minute", "second", "microsecond")))  # noqa: DTZ001
    return {name: read(inner) for name, inner in value.items()}


def keeps_to(domain: str | None, field: str, value: Any) -> bool:
    """Whether a number keeps to what a field's domain says of it alone: `[["probability", ">=", 0], ["probability", "<=", 1]]`.

    Terms about other fields, or alternatives, are not looked at.
    """
    terms = json.loads(domain or "[]")
    if (
        not isinstance(value, int | float | Decimal)
        or not isinstance(terms, list)
        or not all(isinstance(term, list) for term in terms)
    ):
        return True
    return all(
        _COMPARE[term[1]](value, term[2]) for term in terms
        if len(term) == 3 and term[0] == field and term[1] in _COMPARE and isinstance(term[2], int | float)
    )  # fmt: skip


def bare(value: Any) -> str:
    """Return the letters and digits of a value that Tryton checks, which it may write with others between them."""
    return "".join(letter for letter in str(value or "") if letter.isalnum()).casefold()
