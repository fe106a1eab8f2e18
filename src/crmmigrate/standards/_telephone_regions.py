"""Where a telephone number of the mainland was given out, by its area code or the first seven digits of a mobile number; and the way back.

Source: the Chinese geocoding data of libphonenumber (Apache 2.0), as phonenumbers brings it; names by our own table of divisions.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE
from crmmigrate.standards._places import reader

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAST, _MOST = 2, 7
"""Digits of the prefixes in the data, without the country's."""


def region_of(value: str) -> dict[str, str]:
    """Return 省 and 市 where the first number of a cell in standard form was given out; nothing where its prefix does not tell.

    People keep a number when they move, and a company's number may be that of its head office: good for a suggestion only.
    """
    number = value.partition(";")[0]
    return _of_prefix(number[3 : 3 + _MOST]) if number.startswith("+86") else {}


@lru_cache(maxsize=100_000)
def _of_prefix(digits: str) -> dict[str, str]:
    from phonenumbers.geodata import GEOCODE_DATA  # large: only where a column asks for it

    for length in range(min(_MOST, len(digits)), _LEAST - 1, -1):
        names = GEOCODE_DATA.get(f"86{digits[:length]}")
        if names is not None:
            found = reader().read(names.get("zh", ""))
            if found.rest or found.head.status not in ("full", "partial") or found.head.former:
                return {}
            levels = found.head.levels
            return {part: levels[level] for part, level in (("省", PROVINCE), ("市", CITY)) if levels.get(level)}
    return {}


def area_code(place: str) -> str:
    """Return the area code of a place or an address, without the zero (`571`); empty where its city is unknown or has several."""
    place = place.strip()
    levels = reader().read(place).head.levels if place else {}
    found = _area_codes().get(_town(levels), frozenset())
    return next(iter(found)) if len(found) == 1 else ""


def _town(levels: Mapping[int, str]) -> tuple[str, str]:
    """Return the province and the prefecture, or the county directly under the province."""
    return levels.get(PROVINCE, ""), levels.get(CITY) or levels.get(COUNTY, "")


@cache
def _area_codes() -> dict[tuple[str, str], frozenset[str]]:
    """Return the area codes of each prefecture; 辽宁省沈阳市、铁岭市 share one."""
    from phonenumbers.geodata import GEOCODE_DATA

    found = defaultdict(set)
    for prefix, names in GEOCODE_DATA.items():
        digits = prefix[2:]
        if not prefix.startswith("86") or "zh" not in names or (digits[0] == "1" and digits[:2] != "10"):
            continue
        first, *others = names["zh"].split("、")
        province = reader().read(first).head.levels.get(PROVINCE, "")
        for place in (first, *(province + other for other in others)):
            town = _town(reader().read(place).head.levels)
            if all(town):
                found[town].add(digits[: 2 if digits[0] in "12" else 3])
    return {town: frozenset(codes) for town, codes in found.items()}
