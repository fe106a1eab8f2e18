"""Which dates are on or after a day: told of every value that has one meaning in this, left open of the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.standards.date import learn, make

if TYPE_CHECKING:
    from collections.abc import Sequence

_PART = re.compile(r"(?P<year>(?:19|20)\d\d)\s*(?:年|[-/.]|\Z)\s*(?:(?P<month>0?[1-9]|1[0-2])\s*月?)?\s*份?\Z")
"""2026年5月, 2026-05, 2026年."""

_OPEN = frozenset(f"date.{trouble}" for trouble in ("ambiguous", "lunar-year", "short-year", "partial", "unreadable", "impossible"))  # fmt: skip
"""Something is said in the cell. A day made up to fill the field, or of another century, is none."""


def on_or_after(values: Sequence[str], day: str) -> list[bool | None]:
    """Return for each raw value of a column whether it is a date from a day on; None where it may be or not.

    A value that may be read in several ways counts where all of them say the same, and the column's own order of day and month is known where it
    proves one. What says nothing (无, 0000-00-00) is no date.

    Args:
        values: distinct.
        day: ISO 8601.
    """
    clean = make(**learn(values))

    def told(value: str) -> bool | None:
        found = clean(value)
        if not found.value:
            return False
        if found.usable:
            return found.value[:10] >= day
        if not any(flag.code in _OPEN for flag in found.flags):
            return False
        readings = found.candidates or _span(value)
        said = {reading[:10] >= day for reading in readings}
        return said.pop() if len(said) == 1 else None

    return [told(value) for value in values]


def _span(value: str) -> tuple[str, ...]:
    """Return the first and the last day that a part of a date may be; nothing where it has no year."""
    part = _PART.fullmatch(value.strip())
    if not part:
        return ()
    year, month = part["year"], part["month"]
    if month:
        return f"{year}-{int(month):02d}-01", f"{year}-{int(month):02d}-31"
    return f"{year}-01-01", f"{year}-12-31"
