"""Names of people in letters: given name and surname get mistyped, exchanged, or changed by a marriage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.folding import is_chinese
from crmmigrate.matching.person_parts import is_pinyin
from crmmigrate.matching.word import alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching.person_parts import Person

CLOSE, SIMILAR, PART, ONE_WORD = 1, 2, 3, 4
"""Both words are the same or differ by a letter or two; are similar; one name is a word of the other; or one of two words is similar."""


class LatinNames:
    """The first given name and the surname of people.

    Args:
        people: of whom those in letters count, also with one of the two alone; of two that can be read as pinyin each letter counts (Zhang Wei, Zhang Wen).
    """

    def __init__(self, people: Sequence[Person]) -> None:
        import numpy as np

        self._words = [np.array([getattr(one, part) for one in people], dtype=object) for part in ("first", "surname")]
        self._known = np.array([bool(one.romans and one.surname.isalpha() and not one.vague and not is_chinese(one.name)) for one in people], dtype=bool)  # fmt: skip
        self._lone = np.array([not one.first for one in people], dtype=bool)
        self._spelt = np.array([one.spelt and is_pinyin(one.surname) for one in people], dtype=bool)

    def compare(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return CLOSE, SIMILAR, PART or ONE_WORD for pairs of people, 0 where nothing of their names is alike or one of them is not in letters."""
        import numpy as np

        found = np.zeros(len(one), dtype=np.int8)
        asked = np.flatnonzero(self._known[one] & self._known[other] & ~(self._spelt[one] & self._spelt[other]))
        if not len(asked):
            return found
        one, other = one[asked], other[asked]
        sides = [[self._alike(a, b, one, other) for b in (0, 1)] for a in (0, 1)]
        near, like = ([[pair[which] for pair in row] for row in sides] for which in (0, 1))
        levels = np.zeros(len(one), dtype=np.int8)
        levels[like[0][0] | like[1][1] | like[0][1] | like[1][0]] = ONE_WORD
        levels[(like[0][0] & like[1][1]) | (like[0][1] & like[1][0])] = SIMILAR
        levels[(near[0][0] & near[1][1]) | (near[0][1] & near[1][0])] = CLOSE
        lone = self._lone[one] != self._lone[other]
        levels[lone & (near[0][0] | near[1][1] | near[0][1] | near[1][0])] = PART
        found[asked] = levels
        return found

    def _alike(self, side: int, against: int, one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where a word of the one and a word of the other are close, and where they are similar."""
        a, b = self._words[side][one], self._words[against][other]
        same = (a == b) & (a != "")
        close, similar = alike(a.tolist(), b.tolist())
        both = (a != "") & (b != "")
        return same | (close & both), same | (similar & both)
