"""Moments as `2023-05-01T14:30:00`, local time; a day alone gets midnight and a flag."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards import date
from crmmigrate.standards._calendar import Day, read_day
from crmmigrate.standards._clock import read_clock, split_clock, zone_minutes
from crmmigrate.standards._door import line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    **date.DATE_CODES,
    "datetime.format": Message("date and time written in the standard form"),
    "datetime.no-time": Message("a date without its time; midnight was set"),
    "datetime.zone": Message("a time of another zone turned into local time"),
}
FORMAT, NO_TIME = Flag("datetime.format", "info"), Flag("datetime.no-time", "info")
ZONE = Flag("datetime.zone", "info")


def make(order: str = "", system: int = 1900, first: int = 1900, last: int = 2100, zone: str = "+08:00") -> Cleaner:
    """Return the cleaner.

    Args:
        order: `dmy` or `mdy`, where the column's order is known.
        system: 1900 or 1904, the first year of spreadsheet serials.
        first: the first year expected.
        last: the last year expected.
        zone: local time's offset from UTC, for times written with a zone.

    Raises:
        ValueError: another order, system or an offset that is none.
    """
    date.check_options(order, system)
    local = zone_minutes(zone)
    if local is None:
        raise ValueError(f"zone: {zone}")
    span = (f"{first:04d}", f"{last:04d}")

    def clean(raw: str) -> Cleaned:
        """Return the moment, or the raw text with a flag that says why not."""
        text, flags = line(raw)
        text = text.strip(date.QUOTES) if text[:1] in date.QUOTES else text
        before, behind = split_clock(text)
        clock = read_clock(behind) if behind else None
        read = read_day(before if clock else text, order, system)
        if read.trouble:
            nothing = says_nothing(text) or (date.NOTHING_ZEROS if date.is_zeros(text) else None)
            if nothing:
                return Cleaned(None, (nothing,))
        cleaned = date.answer("", read, flags, span)
        if cleaned.value == "":
            return Cleaned(raw, cleaned.flags, "suggested", candidates=cleaned.candidates)
        return _moment(raw, read, cleaned, clock, local)

    return clean


def _moment(raw: str, read: Day, cleaned: Cleaned, clock: tuple[int, str] | None, local: int) -> Cleaned:
    seconds, zone = clock or (round(read.fraction * 86400), "")
    moment = datetime.fromisoformat(read.iso) + timedelta(seconds=seconds)
    flags = tuple(flag for flag in cleaned.flags if flag not in (date.FORMAT, date.TIME_DROPPED))
    offset = zone_minutes(zone)
    if offset is not None and offset != local:
        moment += timedelta(minutes=local - offset)
        flags = (*flags, ZONE)
    if clock is None and not read.fraction:
        flags = (*flags, NO_TIME)
    value = moment.isoformat(timespec="seconds")
    if value == raw:
        return Cleaned(value)
    return Cleaned(value, flags or (FORMAT,), cleaned.confidence)


STANDARD = Standard(
    "datetime",
    make,
    Message("moments as YYYY-MM-DDThh:mm:ss"),
    ("order", "system", "first", "last", "zone"),
    CODES,
    date.learn,
)
