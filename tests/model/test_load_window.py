"""The load window, over midnight too."""

from __future__ import annotations

from datetime import datetime

import pytest

from crmmigrate.model.load_window import closing, is_open
from crmmigrate.model.project import WindowSpec

NIGHT = WindowSpec(("sat",), "22:00", "06:00")
DAY = WindowSpec(("sat", "sun"), "00:00", "06:00")


@pytest.mark.parametrize(
    ("window", "now", "is_so"),
    [
        (None, "2026-11-23T12:00", True),
        (DAY, "2026-11-21T05:59", True),
        (DAY, "2026-11-21T06:00", False),
        (DAY, "2026-11-23T05:00", False),
        (NIGHT, "2026-11-21T22:00", True),
        (NIGHT, "2026-11-22T05:59", True),
        (NIGHT, "2026-11-22T06:00", False),
        (NIGHT, "2026-11-21T05:00", False),
        (WindowSpec((), "00:00", "24:00"), "2026-11-25T23:59", True),
    ],
)
def test_edges(window, now, is_so):
    assert is_open(window, datetime.fromisoformat(now)) is is_so


@pytest.mark.parametrize(
    ("window", "now", "ends"),
    [
        (None, "2026-11-23T12:00", None),
        (DAY, "2026-11-21T05:59:30", "2026-11-21T06:00"),
        (DAY, "2026-11-23T05:00:07", "2026-11-23T05:00:07"),
        (NIGHT, "2026-11-21T23:10", "2026-11-22T06:00"),
        (WindowSpec(("sat", "sun")), "2026-11-21T10:00", "2026-11-23T00:00"),
        (WindowSpec(), "2026-11-25T23:59", None),
    ],
)
def test_when_it_closes(window, now, ends):
    assert closing(window, datetime.fromisoformat(now)) == (ends and datetime.fromisoformat(ends))
