"""Times are told in the zone of the reader, spans in a unit that fits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from crmmigrate.model.told_time import lasting, local_time

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def in_shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("seconds", "told"), [
    (0.04, "0.0 seconds"), (2.34, "2.3 seconds"), (59.94, "59.9 seconds"), (59.97, "1.0 minutes"), (90, "1.5 minutes"), (7200, "120.0 minutes"),
])  # fmt: skip
def test_a_span_is_told_in_seconds_or_minutes(seconds: float, told: str) -> None:
    assert lasting(seconds).text("en") == told


@pytest.mark.usefixtures("in_shanghai")
@pytest.mark.parametrize(("moment", "told"), [
    ("2026-11-27T13:25:05+00:00", "2026-11-27 21:25:05+08:00"), ("", ""), ("long ago", "long ago"),
])  # fmt: skip
def test_a_moment_is_told_in_the_zone_of_the_machine(moment: str, told: str) -> None:
    assert local_time(moment) == told
