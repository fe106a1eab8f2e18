"""People of one Chinese surname in letters of whom one is called by an English given name, and the other by a Chinese one: Ryan Lu and Lu Chenghang."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.people.romanised import is_foreign
from crmmigrate.matching.people.spelt import is_surname, may_be_english
from crmmigrate.matching.texts.bags import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching.people.parts import Person


class TwoTongues:
    """The given names of people in letters, and by what surname.

    Args:
        people: of whom those with a surname in characters, or none that may be Chinese, do not count.
    """

    def __init__(self, people: Sequence[Person]) -> None:
        import numpy as np

        halves = [_halves(person) for person in people]
        self._surname = numbered([surname for surname, _ in halves])
        self._english = np.array([len(given) == 1 and may_be_english(given[0]) for _, given in halves], dtype=bool)
        self._chinese = np.array([bool(given) and not any(map(is_foreign, given)) for _, given in halves], dtype=bool)

    def meet(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return of which pairs of people the surname is one, and the given names are of two tongues."""
        import numpy as np

        tongues = (self._english[one] & self._chinese[other]) | (self._chinese[one] & self._english[other])
        return np.asarray(tongues & (self._surname[one] == self._surname[other]))


def _halves(person: Person) -> tuple[str, Sequence[str]]:
    """Return the Chinese surname of somebody in letters, and the words of the given name; nothing where there is none."""
    if person.vague or not person.first or not person.surname.isascii():
        return "", ()
    given = (person.first, *person.more)
    if is_surname(person.surname):
        return person.surname, given
    return (given[0], (*given[1:], person.surname)) if is_surname(given[0]) else ("", ())
