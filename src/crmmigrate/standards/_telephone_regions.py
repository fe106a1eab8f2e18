"""Where a telephone number of the mainland was given out: by its area code, or the first seven digits of a mobile number.

Source: the Chinese geocoding data of libphonenumber (Apache 2.0), as phonenumbers brings it; names by our own table of divisions.
"""

from __future__ import annotations

from functools import lru_cache

from crmmigrate.standards._divisions import CITY, PROVINCE
from crmmigrate.standards._places import reader

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
