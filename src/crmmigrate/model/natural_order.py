"""The order in which people read names that hold numbers: row 2 before row 10."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]+)")


def natural(text: str) -> tuple[str | tuple[int, str], ...]:
    """Return a key by which texts are sorted with each run of digits as a number, however long it is."""
    return tuple(_number(part) if place % 2 else part for place, part in enumerate(_DIGITS.split(text)))


def _number(digits: str) -> tuple[int, str]:
    """Return what sorts like the number: Python makes none of more than 4,300 digits."""
    stripped = digits.lstrip("0")
    return len(stripped), stripped


def natural_sql(expression: str) -> str:
    """Return the SQL of an ORDER BY in which texts that begin alike are sorted by the number at their end, for example the row of a sheet."""
    start, number = f"regexp_replace({expression}, '[0-9]+$', '')", f"regexp_extract({expression}, '[0-9]+$')"
    return f"{start}, TRY_CAST({number} AS HUGEINT), {expression}"
