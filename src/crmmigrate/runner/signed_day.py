"""The day that somebody wrote beside a signature: without one that can be told, nobody knows what was signed."""

from __future__ import annotations

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


def undated(ticks: Iterable[Tick]) -> list[ConfigurationError]:
    """Return an error, with its place, for each answer whose day is none."""
    return [
        ConfigurationError(
            "golive.no-day", Message("'{text}' is no day that can be told for certain: a tick without one does not count", text=tick.on), tick.place,
            Message("write the day like 2026-11-28"),
        )
        for tick in ticks if not signed_day(tick.on)
    ]  # fmt: skip
