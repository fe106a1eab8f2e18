"""Work of this process side by side: numpy and rapidfuzz let other threads go on while they reckon."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from crmmigrate.model.processes import allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
    """Give what `work` returns for each of the parts, in their order.

    A part is asked for when a thread is free for it, so that no more of them are in memory than there are processors.

    Args:
        work: must not depend on what it did with other parts.
        parts: of the work; a single one is done without a thread.
    """
    parts = iter(parts)
    first = list(islice(parts, 2))
    waiting = chain(first, parts)
    if len(first) < 2 or allowed() < 2:
        yield from map(work, waiting)
        return
    with ThreadPoolExecutor(allowed(), "side by side") as pool:
        begun: deque[Future[R]] = deque(pool.submit(work, part) for part in islice(waiting, allowed()))
        while begun:
            done = begun.popleft().result()
            begun.extend(pool.submit(work, part) for part in islice(waiting, 1))
            yield done
