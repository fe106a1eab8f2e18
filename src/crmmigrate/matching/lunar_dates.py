"""Dates that are told by the lunar calendar, as birthdays often are: 农历1973.1.25 is 1973-02-27."""

from __future__ import annotations

import re

_WORD = re.compile("[农農阴陰夏]\\s*[历曆]|[旧舊][历曆]")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[年./-]?\s*([闰閏]?)(\d{1,2})\s*[月./-]?\s*(\d{1,2})(?!\d)")
_SOLAR_SAID = "(?:[阳陽公新西国國]\\s*[历曆])"
_SOLAR_BEFORE = re.compile(rf"{_SOLAR_SAID}[\s:：（(]*(?={_DATE.pattern})")
_SOLAR_BEHIND = re.compile(rf"{_DATE.pattern}[日号\s（(]*{_SOLAR_SAID}")
_BESIDE = re.compile(r"[日号號\s:：（()）\[\]【】]*")
"""What stands between a date and the word that says its calendar."""

_DAY = re.compile("[0-9一二三四五六七八九十正冬腊臘初廿卅]")
_FIRST, _LAST = 1901, 2050
"""The years of which tables of the calendar agree."""


def is_lunar(raw: str) -> bool:
    """Return whether a date says that it is one of the lunar calendar."""
    return ("历" in raw or "曆" in raw) and _WORD.search(raw) is not None


def solar_days(raw: str) -> list[str]:
    """Return the days, as eight digits, that a date may be beside which the lunar calendar is named; none where its year, month and day cannot be told.

    Beside the lunar day may stand the common one (1990-05-13（农历四月十九）), which is then told. The year of a lunar one may be the common one, in which the last
    months of the lunar year before lie.
    """
    common = _common(raw)
    found = common or _DATE.search(_WORD.sub("", raw))
    if found is None:
        return []
    if common:
        return [f"{common[1]}{common[3]:0>2}{common[4]:0>2}"]
    year, month, day, leap = int(found[1]), int(found[3]), int(found[4]), bool(found[2])
    days = [_solar(year, month, day, leap=leap), _solar(year - 1, month, day, leap=leap)]
    return [day for day in days if day[:4] == found[1] or day == days[0] != ""]


def _common(raw: str) -> re.Match[str] | None:
    """Return the date of the common calendar that stands in a cell; None where there is only a lunar one."""
    date, word = _DATE.search(raw), _WORD.search(raw)
    behind = _SOLAR_BEHIND.search(raw)
    if behind and (date is None or date.start() == 0 or not _SOLAR_BEFORE.search(raw)):
        return behind
    if before := _SOLAR_BEFORE.search(raw):
        return _DATE.match(raw, before.end())
    if date is None or word is None or date[2]:
        return None
    if date.end() <= word.start():
        beside = _BESIDE.fullmatch(raw, date.end(), word.start()) is not None
        lunar = beside and not _DAY.search(raw, word.end()) and not re.search(_SOLAR_SAID, raw)
    else:
        lunar = not _DAY.search(raw, word.end(), date.start())
    return None if lunar else date


def _solar(year: int, month: int, day: int, *, leap: bool) -> str:
    """Return the common day of a lunar one; empty where the calendar has it not."""
    from borax.calendars.lunardate import LunarDate  # only where a cell is of this kind

    if not _FIRST <= year <= _LAST:
        return ""
    try:
        return str(LunarDate(year, month, day, int(leap)).to_solar_date().strftime("%Y%m%d"))
    except ValueError:
        return ""
