"""Dates, above all of birth: one slip, day and month exchanged, one part different."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level, listed, split
from crmmigrate.matching.lunar_dates import is_lunar, solar_days
from crmmigrate.matching.texts.bags import numbered
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same date"), 0.85, 1e-4, by_frequency=True, shared=True),
    Level("slip", Message("dates with one slip, or day and month exchanged"), 0.07, 1e-3),
    Level("near", Message("dates less than a month apart"), 0.02, 2e-3),
    Level("part", Message("dates of which year, month or day differs"), 0.03, 1e-2),
    Level("different", Message("different dates"), 0.05, 0.989),
)
_SLIP, _NEAR, _PART = 1, 2, 3
_MONTHS = 12
_WHOLE = 8
"""Digits of a date with its day."""

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_LAST = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)")
_MONTH_NAMED = re.compile(
    r"\s*(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]*([A-Za-z]{3,9})|([A-Za-z]{3,9})[\s-]*(\d{1,2})(?:st|nd|rd|th)?)[\s,.-]*(\d{4})(?!\d)"
)
"""5 June 1980, 05-Jun-1980, Jun 5th, 1980."""
_SHORT_YEAR = re.compile(r"\s*(?:(\d{2})[./-](\d{1,2})[./-](\d{1,2})|(\d{1,2})[\s-]?([A-Za-z]{3})[\s-]?(\d{2}))\s*")
"""77.8.6 where that can be no day, and 06DEC74, as hotels and airlines write it."""

_DAYS = re.compile(r"\s*((?!19|20)[1-4]\d{4})(?:\.0+)?\s*")
"""The days since 1899-12-30 by which spreadsheets count, of 1927 to 2036; 19905 may be May 1990."""

_NEXT_YEARS = 30
"""Short years from which on a date is one of the 1900s; and what is a year, as no month has so many days."""

_NO_DAY = re.compile(r"\s*((?:19|20)\d\d)(?:\s*年?|\s*[年/.-]\s*(0?[1-9]|1[0-2])\s*月?|(0[1-9]|1[0-2]))\s*")
"""A year, or a year and a month: 2010年, 2010年6月, 201006."""

_SLIP_AT_MOST = 1
_NO_DAYS = frozenset(("00000000", "00010101", "17530101", "18991230", "18991231", "19000100", "19000101"))
"""The first days that programs know, which stand where none was told; 1970-01-01 is many a birthday too."""


def normal(raw: str) -> str:
    """Return a date as eight digits, or nothing where year, month and day cannot be told, or it is none (1900-01-01).

    Where the year stands last and either number may be the month, the day stands first: of a column written the other way
    all dates are then, and one that is written with the year first is one with day and month exchanged.

    Args:
        raw: 2023-05-01, 2023年5月1日, 20230501, 01/05/2023, 1 May 2023, 06DEC74, 77.8.6, 45047.
    """
    parts = re.findall(r"\d+", raw)
    if len(parts) >= 3 and len(parts[0]) == 4:
        date = f"{parts[0]}{parts[1][:2]:0>2}{parts[2][:2]:0>2}"
    elif found := _YEAR_LAST.match(raw):
        one, other, year = found.groups()
        month, day = (one, other) if int(other) > _MONTHS else (other, one)
        date = f"{year}{month:0>2}{day:0>2}"
    elif (named := _MONTH_NAMED.match(raw)) and (month_name := (named[2] or named[3])[:3].lower()) in _NAMES:
        date = f"{named[5]}{_NAMES.index(month_name) + 1:0>2}{named[1] or named[4]:0>2}"
    elif date := _with_short_year(raw) or _of_days(raw):
        pass
    else:
        date = parts[0][:8] if len(parts) >= 1 and len(parts[0]) in (8, 14) else ""
    return "" if date in _NO_DAYS else date


def _with_short_year(raw: str) -> str:
    """Return a date whose year has two digits and stands where it can only be that, nothing for others."""
    if not (met := _SHORT_YEAR.fullmatch(raw)):
        return ""
    if met[5]:
        name = met[5].lower()
        year, month, day = met[6], _NAMES.index(name) + 1 if name in _NAMES else 0, met[4]
    else:
        year, month, day = met[1], int(met[2]), met[3]
    if not 1 <= month <= _MONTHS or (not met[5] and int(year) <= _NEXT_YEARS + 1):
        return ""
    return f"{20 if int(year) < _NEXT_YEARS else 19}{year}{month:0>2}{day:0>2}"


def _of_days(raw: str) -> str:
    """Return the date that a spreadsheet shows as a number, nothing for what is none."""
    from datetime import date as day

    met = _DAYS.fullmatch(raw)
    return day.fromordinal(day(1899, 12, 30).toordinal() + int(met[1])).strftime("%Y%m%d") if met else ""


def _day(date: str) -> int:
    """Return the number of a day, or 0 for a date there is not."""
    from datetime import date as day

    try:
        return day(int(date[:4]), int(date[4:6]), int(date[6:])).toordinal()
    except ValueError:
        return 0


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of dates, see `normal`, and of years and months, which only say where they differ by more than a slip."""
    lists = [[date for cell in split(value) for date in _dates(cell)] for value in listed(values)]
    return _Dates(lists, counts, len(LEVELS) - 1, "date")


def _dates(raw: str) -> list[str]:
    """Return the dates that a cell may tell."""
    if is_lunar(raw):
        return solar_days(raw)
    date = normal(raw) or _without_day(raw)
    return [date] if date else []


def _without_day(raw: str) -> str:
    """Return a year and a month as six digits, a year as four, nothing where that is not all there is."""
    met = _NO_DAY.fullmatch(raw)
    month = met and (met[2] or met[3])
    return f"{met[1]}{month:0>2}" if met and month else met[1] if met else ""


class _Dates(ItemComparer):
    once = True

    def __init__(self, lists: Sequence[Sequence[str]], counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np

        super().__init__(lists, counts, last, kind)
        self.days = np.array([_day(item) for item in self.items], dtype=np.int64)
        self.whole = np.array([len(item) == _WHOLE for item in self.items], dtype=bool)
        self.parts = [numbered([item[begin:end] for item in self.items]) for begin, end in ((0, 4), (4, 6), (6, 8))]

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA

        levels = super()._levels(one, other)
        less = np.flatnonzero(~(self.whole[one] & self.whole[other]))
        for at, a, b in zip(less, self.texts(one[less]), self.texts(other[less]), strict=True):
            told = min(len(a), len(b))
            levels[at] = self.last if OSA.distance(a[:told], b[:told]) > _SLIP_AT_MOST else -1
        return levels

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        a, b = self.texts(one), self.texts(other)
        levels = np.full(len(one), self.last, dtype=np.int8)
        year, month, day = (part[one] == part[other] for part in self.parts)
        levels[(year & month) | (year & day) | (month & day)] = _PART
        days = np.abs(self.days[one] - self.days[other])
        levels[(days < 31) & (self.days[one] > 0) & (self.days[other] > 0)] = _NEAR
        levels[cpdist(a, b, scorer=OSA.distance, score_cutoff=1) <= 1] = _SLIP
        for index in np.flatnonzero(year & ~month & ~day):
            if a[index][4:6] == b[index][6:] and a[index][6:] == b[index][4:6]:
                levels[index] = _SLIP
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return every date as a key, but years and months."""
        import numpy as np

        return [self.keyed(self.kind, np.where(self.whole, self.numbers, -1))]
