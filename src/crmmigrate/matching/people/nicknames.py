"""English given names and what those who bear them are called: Bob is Robert, Liz is Elizabeth.

Names that a man and a woman are called by alike (Chris, Alex, Sam, Pat) are not in the table: a couple has one telephone.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.bags import hashed_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_FILE = Path(__file__).parents[2] / "data" / "nicknames.txt"


@cache
def _bearers() -> dict[str, tuple[str, ...]]:
    """Return the given names that somebody may bear who is called so; of a given name, itself. Each line of the file begins with the given name."""
    found: dict[str, list[str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        given, *called = line.split()
        for name in (given, *called):
            found.setdefault(name, []).append(given)
    return {name: tuple(given) for name, given in found.items()}


def given_names(called: str) -> tuple[str, ...]:
    """Return the given names of which `called` is a short or pet form."""
    return tuple(name for name in _bearers().get(called, ()) if name != called)


def is_given(called: str) -> bool:
    """Return whether somebody is called so in English."""
    return called in _bearers()


class Nicknames:
    """What some people are called.

    Args:
        called: the first given name of each, folded.
    """

    def __init__(self, called: Sequence[str]) -> None:
        bearers = _bearers()
        self._given = hashed_rows([bearers.get(name, ()) for name in called])

    def meet(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two people may bear one given name by what they are called."""
        import numpy as np

        mine, theirs = self._given[one], self._given[other]
        return np.asarray(((mine[:, :, None] == theirs[:, None, :]) & (mine[:, :, None] != 0)).any(axis=(1, 2)))
