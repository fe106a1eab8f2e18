"""Whether a load may run now, and until when (S0: in hours of little business, at weekends or at night)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmmigrate.model.project import WindowSpec

_WEEK = 8 * 24 * 60
"""Minutes after which a window that has not closed never does."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(window: WindowSpec | None, now: datetime) -> bool:
    """Say whether `now` (local time) lies in the window.

    A window whose end is not after its start runs over midnight and belongs to the day on which it starts.

    Args:
        window: days and times; None is always open, no days means every day.
        now: local time.
    """
    if window is None:
        return True
    clock = f"{now:%H:%M}"
    today, yesterday = DAYS[now.weekday()], DAYS[now.weekday() - 1]
    if window.start < window.end:
        return _on(window, today) and window.start <= clock < window.end
    return (_on(window, today) and clock >= window.start) or (_on(window, yesterday) and clock < window.end)


def closing(window: WindowSpec | None, now: datetime) -> datetime | None:
    """Return when the window closes next, which is `now` where it is closed; None where it never does."""
    if window is None:
        return None
    first = now.replace(second=0, microsecond=0)
    minutes = (first + timedelta(minutes=count) for count in range(_WEEK))
    closed = next((minute for minute in minutes if not is_open(window, minute)), None)
    return closed and max(closed, now)


def _on(window: WindowSpec, day: str) -> bool:
    return not window.days or day in window.days
