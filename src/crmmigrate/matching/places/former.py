"""Districts and counties that were one once: names go on to tell them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).parents[2] / "data" / "divisions_former.csv"
_LATELY = 2015
"""Those that were one until then still stand in names: 江北区 is in 宁波 or in 重庆, where it was one until 2024."""


class Former(NamedTuple):
    """A district or county that is none any more.

    Args:
        name: its full name.
        province: in which it was, by its name.
        city: in which it was, by its name.
        lately: whether it was one lately.
        became: code of what it is part of now.
    """

    name: str
    province: str
    city: str
    lately: bool
    became: str


@cache
def former_counties() -> tuple[Former, ...]:
    """Return all that are known."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Former(row["name"], row["province"], row["city"], int(row["last_year"] or 0) >= _LATELY, row["became"])
            for row in csv.DictReader(file)
            if row["level"] == "3"
        )


@cache
def former_names() -> frozenset[str]:
    """Return their names."""
    return frozenset(former.name for former in former_counties())
