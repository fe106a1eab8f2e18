"""Days in English words and figures with a year of four digits: fourth of July, 1995; 23-2020-September; Sunday, March, 6th 2016.

The month is named, the year has four digits and the day at most two: whatever their order, there is one way to read the three.
A weekday behind a number may be counted (third Tuesday of September 2014): then the number is no day of the month.
"""

from __future__ import annotations

import re
from calendar import monthrange

MONTHS = {name: number for number, names in enumerate(
    ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
     "sep sept september", "oct october", "nov november", "dec december"), 1) for name in names.split()}  # fmt: skip
_ORDINALS = {name: number for number, name in enumerate(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
     "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"), 1)} | {"thirtieth": 30}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30}
_SPELLED = re.compile(rf"\b(?:(?P<tens>twenty|thirty)[\s\-]+)?(?P<ordinal>{'|'.join(_ORDINALS)})\b", re.ASCII)
_PART = re.compile(r"(\d+)(?:st|nd|rd|th)?|(?:in\s+(?=\d{4}\b))|([a-z]+)|[\s,.\-/\[\]()]+|(.)", re.ASCII)
_FILLERS = frozenset(("of", "the", "on", "dated"))
_MONTH_WITHIN = re.compile("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)
_LONGEST = 60


def english_day(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day, not yet checked against the calendar; None where the text is not just these three."""
    if len(text) > _LONGEST or not _MONTH_WITHIN.search(text):
        return None
    year = month = number = 0
    for digits, word, other in _PART.findall(_SPELLED.sub(_figure, text.lower())):
        if len(digits) == 4 and not year:
            year = int(digits)
        elif 0 < len(digits) <= 2 and not number:
            number = int(digits)
        elif word in MONTHS and not month:
            month = MONTHS[word]
        elif digits or other or (word and word not in _FILLERS):
            return None
    return (year, month, number) if year and month and number else None


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COUNTED = re.compile(
    rf"\b(?P<which>first|second|third|fourth|fifth|[1-5](?:st|nd|rd|th)|last)[\s\-]+(?P<weekday>{'|'.join(WEEKDAYS)})[a-z]*\b\.?"
    rf"(?:\s+(?:of|in)\s+(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b[\s,.]*(?:of\s+|in\s+)?(?P<year>\d{{4}})\Z)?",
    re.ASCII,
)


def counted_weekday(text: str) -> tuple[int, int, int] | None:
    """Return the day of a counted weekday, as year, month and day.

    Returns:
        (0, 0, 0) where the number may count the weekday and no day can be told from it (2nd Wednesday October 2014); None where no weekday
        stands behind a number from one to five.
    """
    found = _COUNTED.search(text.lower())
    if not found:
        return None
    if not found["year"] or text[: found.start()].strip().lower() not in ("", "the") or not int(found["year"]):
        return 0, 0, 0
    year, month = int(found["year"]), MONTHS[found["month"]]
    begun, length = monthrange(year, month)
    days = range(1 + (WEEKDAYS.index(found["weekday"]) - begun) % 7, length + 1, 7)
    which = -1 if found["which"] == "last" else int(_SPELLED.sub(_figure, found["which"])[0]) - 1
    return (year, month, days[which]) if which < len(days) else (0, 0, 0)


def _figure(found: re.Match[str]) -> str:
    return str(_ORDINALS[found["ordinal"]] + _TENS.get(found["tens"], 0))
