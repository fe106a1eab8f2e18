"""Whether a full load may run now (S0: in hours of little business, at weekends or at night)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from crmmigrate.model.project import WindowSpec

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


def _on(window: WindowSpec, day: str) -> bool:
    return not window.days or day in window.days
