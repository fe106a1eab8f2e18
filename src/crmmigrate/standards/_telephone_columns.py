"""What a whole column of telephone numbers makes probable: the area code, or the country, of those written without one."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_WITH_AREA = re.compile(r"\s*[(（]?(010|02\d|0[3-9]\d{2})[)）\- ]{0,2}\d{4} ?-?\d{3,4}(?!\d)", re.ASCII)
_WITH_COUNTRY = re.compile(r"\s*(?:[+＋]|00)\s*(?!86)([1-9][\d\-() .]{6,20})", re.ASCII)
_MAINLAND = re.compile(
    r"\s*(?:(?:[+＋]|00)\s*86[- ]?)?(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-?\d{7,8})(?!\d)", re.ASCII
)
_LEAST, _SHARE = 20, 0.9
"""So many different numbers, and this share of them, must have the area code or country before it is suggested for others."""


def learn(values: Iterable[str]) -> dict[str, Any]:
    """Return what nearly all numbers of a column have: `likely_area`, their area code; `likely_region`, their country, not the mainland."""
    areas: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for value in values:
        if found := _WITH_AREA.match(value):
            areas[found[1]] += 1
        if abroad := _WITH_COUNTRY.match(value):
            regions[_country(abroad[1])] += 1
        elif _MAINLAND.match(value):
            regions["CN"] += 1
    usual, country = _usual(areas), _usual(regions)
    return {
        **({"likely_area": usual} if usual else {}),
        **({"likely_region": country} if country not in ("", "CN") else {}),
    }


def _usual(counts: Counter[str]) -> str:
    """Return what nearly all have, or nothing."""
    top = counts.most_common(1)
    return top[0][0] if top and top[0][1] >= _LEAST and top[0][1] >= _SHARE * counts.total() else ""


def _country(digits: str) -> str:
    """Return the country of an international number without its +, as two letters; empty where it is none."""
    import phonenumbers

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{digits}")) or ""
    except phonenumbers.NumberParseException:
        return ""
