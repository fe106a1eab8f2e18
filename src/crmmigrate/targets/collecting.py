"""Rows by the thousand make Python look for circles among them again and again, in which there are none."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_counting = Lock()
_inside: list[bool] = []
"""One for each block that is under way, in whatever thread: whether the collector was on when the first of them began."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nothing look for circles meanwhile, in any thread; what is no longer referred to goes nevertheless."""
    with _counting:
        _inside.append(_inside[0] if _inside else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _counting:
            was_on = _inside.pop()
            if was_on and not _inside:
                gc.enable()
