"""Which days are worked: the official Chinese calendar with its exchanged days (调休), and a company's own days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crmmigrate.model.day import EXPECTED, is_day
from crmmigrate.model.document import Document
from crmmigrate.model.rule import CALENDAR

FIRST, LAST = date(1990, 1, 1), date(2059, 12, 31)
"""The days that can be counted."""


@dataclass(frozen=True)
class OwnDays:
    """A calendar.yaml: days that differ from the official calendar, or from plain weeks in years it does not know.

    Args:
        days_off: not worked.
        working_days: worked.
        years: those of which all days off are given here, because the official calendar does not know them.
    """

    version: int
    days_off: tuple[str, ...] = ()
    working_days: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class WorkCalendar:
    """Days that are worked.

    Args:
        exceptions: day → whether it is worked, where that is not as in a plain week from Monday to Friday.
        years: the years whose days off are known; in others plain weeks are counted.
    """

    exceptions: dict[date, bool]
    years: frozenset[int]


def read_calendar(rules: Path | None = None) -> WorkCalendar:
    """Return the official calendar with what the calendar.yaml beside the rules says.

    Args:
        rules: the folder of the rules, or a file in it.

    Raises:
        Findings: everything wrong in the calendar.yaml.

    Source:
        国务院办公厅关于部分节假日安排的通知 of each year, as the package chinesecalendar has them (2004 to 2026 in version 1.11).
    """
    from chinese_calendar.constants import holidays, workdays

    exceptions = dict.fromkeys(holidays, False) | dict.fromkeys(workdays, True)
    years = {day.year for day in exceptions}
    path = (rules if rules.is_dir() else rules.parent) / CALENDAR if rules else None
    if path is not None and path.exists():
        document = Document.load(path)
        own = document.read(OwnDays)
        for key, worked in (("days_off", False), ("working_days", True)):
            for index, text in enumerate(getattr(own, key)):
                if is_day(text):
                    exceptions[date.fromisoformat(text)] = worked
                else:
                    document.report("rule.date", EXPECTED, (key, index))
        document.check()
        years |= set(own.years)
    return WorkCalendar(exceptions, frozenset(years))
