"""Days as `2023-05-01`: Chinese, dotted, compact, English, 民国, 农历, festivals, spreadsheet serials. Day and month are never guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._calendar import Day, day_elsewhere, proven_order, read_day
from crmmigrate.standards._clock import read_clock, split_clock
from crmmigrate.standards._door import line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.standard import Cleaner

DATE_CODES = {
    "date.format": Message("date written as year-month-day"),
    "date.serial": Message("a spreadsheet's day number read as a date"),
    "date.republic": Message("a year of the Republic read as a common year"),
    "date.lunar": Message("a day of the lunar calendar read as a common date"),
    "date.festival": Message("a festival or solar term read as its day"),
    "date.order": Message("day and month read in the order of the column"),
    "date.weekday": Message("day and month told apart by the day of the week"),
    "date.weekday-differs": Message("the day of the week beside the date is another day's"),
    "date.time-dropped": Message("the time of day was left out"),
    "date.impossible": Message("a day the calendar does not have"),
    "date.ambiguous": Message("day and month can be read either way"),
    "date.lunar-year": Message("a day at the end of a lunar year, whose year can be read either way"),
    "date.short-year": Message("a year of two digits"),
    "date.partial": Message("only a part of a date"),
    "date.unreadable": Message("not a date"),
    "date.out-of-range": Message("a date outside of the years expected"),
    "date.placeholder": Message("a date made up to fill the field"),
}
CODES = {**ALL_CODES, **DATE_CODES}
FORMAT, SERIAL, REPUBLIC, LUNAR, FESTIVAL, ORDER, WEEKDAY, TIME_DROPPED = (
    Flag(f"date.{name}", "info")
    for name in ("format", "serial", "republic", "lunar", "festival", "order", "weekday", "time-dropped")
)
WEEKDAY_DIFFERS = Flag("date.weekday-differs", "warning", "LOGIC")
TROUBLES = {
    name: Flag(f"date.{name}", "error") for name in ("ambiguous", "lunar-year", "short-year", "partial", "unreadable")
} | {name: Flag(f"date.{name}", "error", "LOGIC") for name in ("impossible", "out-of-range", "placeholder")}
_ZEROS = re.compile(r"0{4}([-/.]?)0{1,2}\1?0{1,2}(?:[ T]00:00(?::00)?)?\Z", re.ASCII)
_PLACEHOLDERS = frozenset(
    ("1900-01-01", "1900-01-00", "1899-12-30", "1899-12-31", "1970-01-01", "9999-12-31", "2099-12-31", "1111-11-11")
)


def make(order: str = "", system: int = 1900, first: int = 1900, last: int = 2100) -> Cleaner:
    """Return the cleaner.

    Args:
        order: `dmy` or `mdy`, where the column's order is known; where it is not given, the column itself may prove it.
        system: 1900 or 1904, the first year of spreadsheet serials.
        first: the first year expected.
        last: the last year expected.

    Raises:
        ValueError: another order or system.
    """
    check_options(order, system)
    span = (f"{first:04d}", f"{last:04d}")

    def clean(raw: str) -> Cleaned:
        """Return the ISO day, or the raw text with a flag that says why not."""
        text, flags = _entered(raw)
        read = read_day(text, order, system)
        if read.trouble:
            nothing = NOTHING_ZEROS if is_zeros(text) else says_nothing(text)
            if nothing:
                return Cleaned(None, (nothing,))
            if read.trouble in ("unreadable", "partial"):
                return _with_clock(raw, text, order, system, span)
        return answer(raw, read, flags, span)

    return clean


def _entered(raw: str) -> tuple[str, tuple[Flag, ...]]:
    text, flags = line(raw)
    return (text.strip(QUOTES), flags) if text[:1] in QUOTES or text[-1:] in QUOTES else (text, flags)


def learn(values: Iterable[str]) -> dict[str, Any]:
    """Return the order of day and month that the column proves."""
    order = proven_order(values)
    return {"order": order} if order else {}


QUOTES = "'\"‘’“”,，。;； "
"""What stands around a date that was kept as text: '2023-05-01."""
LOCAL = 8 * 60
"""China's clocks are so many minutes ahead of UTC: the day of a moment written in another zone may be another one there."""
NOTHING_ZEROS = Flag("empty.word", "info")


def is_zeros(text: str) -> bool:
    """Whether the text is a date of zeros (0000-00-00), a database's way to say nothing."""
    return bool(_ZEROS.match(text))


def check_options(order: str, system: int) -> None:
    """Refuse another order or system with a ValueError."""
    if order not in ("", "dmy", "mdy"):
        raise ValueError(f"order: {order}")
    if system not in (1900, 1904):
        raise ValueError(f"system: {system}")


def _with_clock(raw: str, text: str, order: str, system: int, span: tuple[str, str]) -> Cleaned:
    before, behind = split_clock(text)
    clock = read_clock(behind) if behind else None
    if clock is None:
        return answer(raw, read_day(text, order, system), (), span)
    read = read_day(before, order, system)
    here = day_elsewhere(read.iso, *clock, LOCAL) if read.iso and clock[1] else read.iso
    if here != read.iso:
        read = Day(trouble="ambiguous", candidates=(read.iso, here))
    return answer(raw, read, (TIME_DROPPED,) if clock[0] else (), span)


def answer(raw: str, read: Day, flags: tuple[Flag, ...], span: tuple[str, str]) -> Cleaned:
    """Return what a read day means for a cell: its ISO form, or the raw text with the trouble."""
    trouble = read.trouble
    if not trouble and read.iso in _PLACEHOLDERS:
        trouble = "placeholder"
    elif not trouble and not span[0] <= read.iso[:4] <= span[1]:
        trouble = "out-of-range"
    if trouble:
        return Cleaned(raw, (TROUBLES[trouble],), "suggested", candidates=read.candidates)
    if read.iso == raw:
        return Cleaned(raw)
    if read.weekday_differs:
        return Cleaned(read.iso, (*flags, WEEKDAY_DIFFERS), "likely")
    if read.how == "serial":
        flags = (*flags, SERIAL, *((TIME_DROPPED,) if read.fraction else ()))
        return Cleaned(read.iso, flags, "likely")
    if read.how in ("lunar", "festival"):
        return Cleaned(read.iso, (*flags, LUNAR if read.how == "lunar" else FESTIVAL), "likely")
    if read.how in ("order", "weekday"):
        return Cleaned(read.iso, (*flags, ORDER if read.how == "order" else WEEKDAY), "likely")
    if read.how == "republic":
        flags = (*flags, REPUBLIC)
    return Cleaned(read.iso, flags or (FORMAT,))


STANDARD = Standard("date", make, Message("days as year-month-day"), ("order", "system", "first", "last"), CODES, learn)
