"""Times and spans as people are told them; what programs read stays UTC, in ISO 8601."""

from __future__ import annotations

from datetime import datetime

from crmmigrate.messages import Message

_MINUTE = 60


def lasting(seconds: float) -> Message:
    """Return how long something takes: short times in seconds, from a minute on in minutes."""
    told = f"{seconds:.1f}"
    return (
        Message("{seconds} seconds", seconds=told)
        if float(told) < _MINUTE
        else Message("{minutes} minutes", minutes=f"{seconds / _MINUTE:.1f}")
    )


def local_time(moment: str) -> str:
    """Return a moment in the time zone of this machine, with its distance from UTC; text that is none stays as it is.

    Args:
        moment: ISO 8601 with its distance from UTC; it may be empty.
    """
    try:
        here = datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment
    return here.isoformat(sep=" ", timespec="seconds")
