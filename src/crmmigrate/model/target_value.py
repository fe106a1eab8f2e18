"""Whether a text in standard form can stand in a column of the target."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmmigrate.model.schema import TargetColumn

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?\Z")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")
_DATETIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?)?\Z"
)


def fits(text: str, column: TargetColumn) -> bool:
    """Whether `text` is a value of the column's type; lengths and digits are asked elsewhere."""
    if column.type == "integer":
        return bool(_INTEGER.match(text))
    if column.type == "decimal":
        return bool(_DECIMAL.match(text))
    if column.type == "date":
        return bool(_DATE.match(text)) and _is_moment(text)
    if column.type == "datetime":
        return bool(_DATETIME.match(text)) and _is_moment(text)
    return column.type != "boolean" or text in ("true", "false")


def _is_moment(text: str) -> bool:
    """Whether the calendar has the day."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
