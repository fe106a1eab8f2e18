"""The comparers of a table's roles in the making: other processes take some of the values apart, this one the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.matching import Comparer, comparator
from crmmigrate.matching.acyclic import unsearched
from crmmigrate.model.processes import Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pyarrow as pa

    from crmmigrate.model.processes import Hands

_SHARE, _SHARED = 100_000, 500_000
"""So many values at a time are taken apart by whichever process is free, where they are so many: with fewer, to get ready takes longer than it saves."""


class Making:
    """Comparers, one role after the other.

    The first role's values are the longest: they are taken apart here, while others begin with those of the other roles, or in shares.

    Args:
        hands: other processes.
    """

    def __init__(self, hands: Hands | None = None) -> None:
        self._hands = hands
        self._first: tuple[Any, ...] | None = None
        self._tasks: list[Task] = []

    def begin(self, compare: str, options: Mapping[str, Any], values: pa.Array, counts: np.ndarray) -> None:
        """Let the next role's comparer be made, see `Comparer`."""
        given = (compare, options, values, counts)
        if self._first is None:
            self._first = given
        else:
            self._tasks.append(self._hands.ask(_made, *given) if self._hands else Task(_made, given, None))

    def made(self) -> list[Comparer]:
        """Return the comparers; they are asked for once."""
        if self._first is None:
            return []
        compare, options, values, counts = self._first
        if shares := _answers(self._shares(compare, values)):
            options = {**options, "shares": shares}
        made = [_made(compare, options, values, counts), *_answers(self._tasks)]
        self._hands, self._first, self._tasks = None, None, []  # what was given is let go of
        return made

    def _shares(self, compare: str, values: pa.Array) -> list[Task]:
        """Return the taking apart of the shares of a role's values; none where they are few, or nobody else would take any."""
        import pyarrow as pa

        if (
            not self._hands
            or self._hands.count < 1
            or len(values) < _SHARED
            or not hasattr(comparator(compare), "apart")
        ):
            return []
        # Of a slice all of the array would be sent.
        shares = (pa.concat_arrays([values[at : at + _SHARE], values[:0]]) for at in range(0, len(values), _SHARE))
        return [self._hands.ask(_apart, compare, share) for share in shares]


def _made(compare: str, options: Mapping[str, Any], values: pa.Array, counts: np.ndarray) -> Comparer:
    """Return the comparer of a role; other processes have their own modules."""
    import pyarrow as pa

    with unsearched():
        made: Comparer = comparator(compare).make(values, counts, **options)
    pa.default_memory_pool().release_unused()  # of all that was found on the way little is kept
    return made


def _apart(compare: str, values: pa.Array) -> Any:
    """Return what a comparator finds of some of its values."""
    with unsearched():
        return comparator(compare).apart(values)


def _answers(tasks: Sequence[Task]) -> list[Any]:
    """Return what tasks answer: others begin with the first ones, this process with the last of those nobody has begun with."""
    done = {at: tasks[at].result() for at in range(len(tasks) - 1, -1, -1) if tasks[at].taken_back()}
    return [done[at] if at in done else task.result() for at, task in enumerate(tasks)]


def ready() -> None:
    """Load what taking values apart needs, in a process that is to do so."""
    from crmmigrate.matching.texts.bags import hashed
    from crmmigrate.matching.texts.folding import folded

    folded(["國"])
    hashed(["a"])
