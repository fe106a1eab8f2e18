"""Several connections of one process, over which batches of a run are written beside each other.

A server does what one connection asks for in one thread, and PostgreSQL does nearly twice as much beside a second one. What is written is what one
connection would write, for batches that depend on each other are told apart beforehand (`Task.tied`) and written in their order.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from crmmigrate.model.target import Share, Target

MOST = 4
"""Connections at a time where nobody says how many: others work with the database too."""
WORTH = 50_000
"""Rows below which several connections gain less than it takes to open them."""

T = TypeVar("T")


@dataclass(frozen=True)
class Task(Generic[T]):
    """One batch that is to be written.

    Args:
        beside: writes it over another connection, in a share of the run.
        alone: writes it over the connection that holds the lease.
        tied: whether another batch has to be written before or after it.
    """

    beside: Callable[[Target, Share], T]
    alone: Callable[[], T]
    tied: bool = False


def width(target: Target, rows: int, asked: int | None) -> int:
    """Return over how many connections `rows` rows are written at a time: as many as are asked for, else as many as pay."""
    if not target.parallel:
        return 1
    return asked or (min(MOST, os.cpu_count() or 1) if rows > WORTH else 1)


class Writers:
    """Connections to a target that takes several writers; to be used in a `with`, which waits for batches under way.

    Args:
        target: holds the lease of the run, and is `parallel`.
        run: its name.
        count: of connections; where the server lets so many not in, there are fewer, and be it none.
    """

    def __init__(self, target: Target, run: str, count: int) -> None:
        self._free: SimpleQueue[tuple[Target, Share]] = SimpleQueue()
        with ExitStack() as opened:
            targets = list(_connected(target, run, count, opened))
            self._count = len(targets)
            for other, share in zip(targets, target.share(run, self._count), strict=True):
                self._free.put((other, share))
            self._opened = opened.pop_all()
        self._pool = ThreadPoolExecutor(max(self._count, 1), "writers")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._pool.shutdown(cancel_futures=True)
        finally:
            self._opened.close()

    def each(self, tasks: Iterable[Task[T]]) -> Iterator[T]:
        """Do the tasks and yield what they answer, in the order in which they end; the next one is asked for when a connection is free.

        Where rows that one batch has locked are wanted by another for too long, all that are left are done one after the other. Nobody can tell
        that from a lock of somebody else; so only the connection that holds the lease waits for a lock again and again.

        Raises:
            CrmMigrateError: whatever a task raises; those under way go on to their end.
        """
        pending: dict[Future[T], Task[T]] = {}
        beside = self._count > 0
        for task in tasks:
            if task.tied or not beside:
                yield task.alone()
                continue
            pending[self._pool.submit(self._do, task)] = task
            ended = wait(pending, return_when=FIRST_COMPLETED).done if len(pending) == self._count else ()
            for one in ended:
                stuck, answer = self._answer(one, pending)
                beside = beside and not stuck
                yield answer
        for one in list(pending):
            yield self._answer(one, pending)[1]

    def _do(self, task: Task[Any]) -> Any:
        other, share = self._free.get()
        try:
            return task.beside(other, share)
        finally:
            self._free.put((other, share))

    def _answer(self, ended: Future[T], pending: dict[Future[T], Task[T]]) -> tuple[bool, T]:
        """Return what a task answered, and whether it had to be done again because others held locks all the time."""
        task = pending.pop(ended)
        try:
            return False, ended.result()
        except LocationError as error:
            if error.code != "target.locked":
                raise
        wait(pending)  # who holds the locks may be one of them
        return True, task.alone()


def _connected(target: Target, run: str, count: int, opened: ExitStack) -> Iterator[Target]:
    """Open connections beside that of `target` for as long as the server takes more: it may have few, or the user be allowed few."""
    for _ in range(count):
        other = open_target(Location(target.address))
        try:
            other.committed(run)  # opens it, and it stays open
        except LocationError:
            other.__exit__(None, None, None)
            return
        yield opened.enter_context(other)
