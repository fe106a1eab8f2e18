"""The day that somebody wrote beside a signature: without one that can be told, nobody knows what was signed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.golive import Tick
    from crmmigrate.model.standard import Cleaner


@cache
def _cleaner() -> Cleaner:
    from crmmigrate.standards.date import make

    return make()


def signed_day(text: str) -> str:
    """Return a day in ISO form, however it is written (2026/11/28, 2026年11月28日, 28 Nov 2026); empty where the text is none."""
    cleaned = _cleaner()(text)
    return (cleaned.value or "") if cleaned.usable and cleaned.confidence != "suggested" else ""


def is_possible(day: str, run: str, latest: date) -> bool:
    """Tell whether what a run shows can have been signed on a day: not before the run, and not after the day it was handed in.

    A day of grace on either side, because clocks and time zones differ.

    Args:
        day: in ISO form.
        run: that is signed; its name begins with the time. Empty where nothing was loaded yet.
        latest: the day on which the signature came back.
    """
    grace = timedelta(days=1)
    signed = date.fromisoformat(day)
    begun = _day_of(run)
    return signed <= latest + grace and (begun is None or signed >= begun - grace)


def _day_of(run: str) -> date | None:
    try:
        return datetime.strptime(run[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def today() -> date:
    """Return the day, in the time that the names of runs are in."""
    return datetime.now(UTC).date()


def refused_days(ticks: Iterable[Tick]) -> list[ConfigurationError]:
    """Return an error, with its place, for each answer whose day is none, or none on which it can have been given."""
    errors = []
    for tick in ticks:
        day = signed_day(tick.on)
        if not day:
            errors.append(ConfigurationError(
                "golive.no-day", Message("'{text}' is no day that can be told for certain: a tick without one does not count", text=tick.on), tick.place,
                Message("write the day like 2026-11-28"),
            ))  # fmt: skip
        elif not is_possible(day, tick.load, today()):
            errors.append(ConfigurationError(
                "golive.impossible-day", Message("'{text}' lies before the load or in the future: a tick of that day does not count", text=tick.on), tick.place,
                Message("write the day on which it was confirmed"),
            ))  # fmt: skip
    return errors
