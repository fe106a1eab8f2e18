"""How alike two records are: one comparator a file, found by its name, and the engine that weighs what they say.

A comparator is a module with `LEVELS` (how two values may relate, from the same to different) and `make`, which is given
the distinct values of a role (texts of Arrow, or a sequence of texts) and answers with a `Comparer`. Everything is done once per distinct value or pair of values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    import pyarrow as pa

    Values: TypeAlias = pa.Array | Sequence[str]

SEPARATOR = "\x1f"
"""Stands between the several values that one role has in one record."""

COMPARATORS = (
    "address", "code", "company_name", "country", "date", "email", "given_surname", "identity_number", "person_name", "phone", "profile", "reference", "serial", "sex",
    "text", "vehicle", "website", "word",
)  # fmt: skip


@dataclass(frozen=True)
class Level:
    """One way in which two values may relate.

    Args:
        name: its name in `pairs`, e.g. `same`.
        title: for people.
        m: how often it is seen between two records of one thing, where both have a value.
        u: how often between two records of different things.
        by_frequency: whether a rare value says more than a common one.
        counted: whether it is counted all the same how many have it.
        shared: whether it means that the records share a value.
        in_city: whether it means that both are in one city; what that is worth counts once.
        city_alone: whether it means nothing else than that.
        sole: whether two things may by law, or as good as, not have it in common: learning never makes it commoner than `u`.
    """

    name: str
    title: Message
    m: float
    u: float
    by_frequency: bool = False
    counted: bool = False
    shared: bool = False
    in_city: bool = False
    city_alone: bool = False
    sole: bool = False


def by_name(levels: Sequence[Level]) -> dict[str, int]:
    """Return the number of each level by its name."""
    return {level.name: number for number, level in enumerate(levels)}


def named(levels: Sequence[Level], *names: str) -> tuple[int, ...]:
    """Return the numbers of these levels.

    Raises:
        KeyError: there is none of that name.
    """
    number = by_name(levels)
    return tuple(number[name] for name in names)


def agreeing(levels: Sequence[Level]) -> np.ndarray:
    """Return per level, and at last for none, whether it speaks for one thing before anything is learnt."""
    import numpy as np

    return np.array([*(level.m > level.u for level in levels), False])


TOLD = 3
"""In so many records a thing has to stand, in all parts of a table, before each part is told."""


@dataclass(frozen=True)
class Tally:
    """In how many records of a table something stands, by which a comparer tells what is rare; of parts of a table it adds up.

    Args:
        keys: numbers of things, the same in whatever table they stand.
        times: of each.
        of: where given, what each thing was met with: the same twice counts once.
    """

    keys: np.ndarray
    times: np.ndarray
    of: np.ndarray | None = None

    @classmethod
    def of_set(cls, keys: np.ndarray) -> Tally:
        """Return the tally by which each part of a table is told what any of them has: whatever is in it stands in `TOLD` records."""
        import numpy as np

        return cls(keys, np.full(len(keys), TOLD))


class Comparer(Protocol):
    """The comparison of one role over one table's distinct values, each known by its index.

    What it says of two values does not depend on which of them is left, nor on what else is in the table; but `others` does.
    """

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level (int8) of each pair of value indices; -1 where one side says nothing."""

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return for each pair how many further records share what the two have in common."""

    def different(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return for each pair whether the values exclude that it is one thing."""

    def candidate_keys(self) -> Iterable[tuple[str, np.ndarray, np.ndarray]]:
        """Return the keys under which candidates are looked for: (kind, value indices, numbers of the keys).

        All kinds, also without keys; a number is the same in whatever table it stands.
        """

    def tallies(self) -> list[Tally]:
        """Return what `others` counts by."""

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Let `others` count in a larger table, of which these values are a part; masked values are looked for among those of all of it.

        Args:
            times: for each of `tallies` keys → times there; 0 where a thing stands in fewer than `TOLD` records.
        """


@cache
def comparator(name: str) -> Any:
    """Return the module of a comparator.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in COMPARATORS:
        raise KeyError(name)
    return import_module(f"{__name__}.{name}")


def listed(values: Values) -> Sequence[str]:
    """Return the values of a role as texts of Python."""
    return values if isinstance(values, Sequence) else list(values.to_pylist())


def split(value: str) -> list[str]:
    """Return the several values of one role in one record, the first one first."""
    return [part for part in value.split(SEPARATOR) if part]
