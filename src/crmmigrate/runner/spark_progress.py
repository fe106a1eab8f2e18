"""How far the cluster has come, told while the driver waits for it."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Tell = Callable[[Message | None], None]
    """Told how far the cluster has come; None when nothing of it is waited for any more."""

_EVERY = 0.5
"""Seconds between two looks."""


@contextmanager
def watched(session: Any, tell: Tell) -> Iterator[None]:
    """Tell every half second how many tasks of the stages that Spark works on are done, of how many."""
    over = Event()
    looking = Thread(target=_look, args=(session.sparkContext.statusTracker(), over, tell), daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        tell(None)


def _look(tracker: Any, over: Event, tell: Tell) -> None:
    from py4j.protocol import Py4JError

    while not over.wait(_EVERY):
        try:
            stages = [found for one in tracker.getActiveStageIds() if (found := tracker.getStageInfo(one)) is not None]
        except (Py4JError, OSError):  # Java is gone: whoever waits for it says so
            return
        done, count = sum(one.numCompletedTasks for one in stages), sum(one.numTasks for one in stages)
        if count:
            tell(Message("{done} of {count} tasks of the cluster", done=done, count=count))
