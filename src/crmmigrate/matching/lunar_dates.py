"""Dates that are told by the lunar calendar, as birthdays often are: 农历1973.1.25 is 1973-02-27."""

from __future__ import annotations

import re

_WORD = re.compile("[农農阴陰夏]\\s*[历曆]|[旧舊][历曆]")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[年./-]?\s*([闰閏]?)(\d{1,2})\s*[月./-]?\s*(\d{1,2})(?!\d)")
_FIRST, _LAST = 1901, 2050
"""The years of which tables of the calendar agree."""


def is_lunar(raw: str) -> bool:
    """Return whether a date says that it is one of the lunar calendar."""
    return ("历" in raw or "曆" in raw) and _WORD.search(raw) is not None


def solar_days(raw: str) -> list[str]:
    """Return the days, as eight digits, that a lunar date may be; none where its year, month and day cannot be told.

    The year may be the common one, in which the last months of the lunar year before lie.
    """
    found = _DATE.search(_WORD.sub("", raw))
    if found is None:
        return []
    year, month, day, leap = int(found[1]), int(found[3]), int(found[4]), bool(found[2])
    days = [_solar(year, month, day, leap=leap), _solar(year - 1, month, day, leap=leap)]
    return [day for day in days if day[:4] == found[1] or day == days[0] != ""]


def _solar(year: int, month: int, day: int, *, leap: bool) -> str:
    """Return the common day of a lunar one; empty where the calendar has it not."""
    from borax.calendars.lunardate import LunarDate  # only where a cell is of this kind

    if not _FIRST <= year <= _LAST:
        return ""
    try:
        return str(LunarDate(year, month, day, int(leap)).to_solar_date().strftime("%Y%m%d"))
    except ValueError:
        return ""
