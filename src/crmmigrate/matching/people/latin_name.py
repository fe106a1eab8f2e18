"""Names of people in letters: given name and surname get mistyped, exchanged, or changed by a marriage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.people.nicknames import Nicknames, given_names
from crmmigrate.matching.texts.bags import hashed_rows, numbered
from crmmigrate.matching.texts.folding import is_chinese, is_pinyin
from crmmigrate.matching.texts.spelling import Spellings
from crmmigrate.matching.word import alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching.people.parts import Person

CLOSE, SIMILAR, OTHER_GIVEN, PART, ONE_WORD, NICKNAME = 1, 2, 3, 4, 5, 6
"""Both words are the same or differ by a letter or two; are similar; differ so, but as two given names do; one name is a word of the other; one of two words is similar; or one surname stands
behind a given name and its short form."""


class LatinNames:
    """The first given name and the surname of people.

    Args:
        people: of whom those in letters count, also with one of the two alone; of two that can be read as pinyin each letter counts (Zhang Wei, Zhang Wen).
    """

    def __init__(self, people: Sequence[Person]) -> None:
        import numpy as np

        self._words = [np.array([getattr(one, part) for one in people], dtype=object) for part in ("first", "surname")]
        self._nicknames = Nicknames(self._words[0].tolist())
        self._spellings = Spellings(self._words[0].tolist())
        self._known = np.array([bool(one.romans and one.surname.isalpha() and not one.vague and not is_chinese(one.name)) for one in people], dtype=bool)  # fmt: skip
        self._lone = np.array([not one.first for one in people], dtype=bool)
        self._more = [one.more for one in people]
        self._several = np.array([bool(one.more) for one in people], dtype=bool)
        self._initials = np.array([bool(one.vague and one.more) for one in people], dtype=bool)
        self._surname = numbered([one.surname for one in people])
        pinyin = {surname for surname in {one.surname for one in people if one.spelt} if is_pinyin(surname)}
        self._spelt = np.array([one.spelt and one.surname in pinyin for one in people], dtype=bool)

    def compare(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return CLOSE, SIMILAR, OTHER_GIVEN, PART, ONE_WORD or NICKNAME for pairs of people, 0 where nothing of their names is alike or one of them is not in letters."""
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
        straight = near[0][0] & near[1][1] & ~(near[0][1] & near[1][0])
        levels[straight & ~self._spellings.one_name(one, other)] = OTHER_GIVEN
        levels[self._by_nickname(one, other)] = NICKNAME
        lone = self._lone[one] != self._lone[other]
        for index in np.flatnonzero((levels > 0) & (levels != PART) & self._several[one] & self._several[other]):
            if _contradict(self._more[one[index]], self._more[other[index]]):
                levels[index] = ONE_WORD
        for index in np.flatnonzero((levels > 0) & (levels < PART)):
            if _of_two_sexes(self._words[0][one[index]], self._words[0][other[index]]):
                levels[index] = ONE_WORD
        levels[lone & (near[0][0] | near[1][1] | near[0][1] | near[1][0])] = PART
        found[asked] = levels
        return found

    def _by_nickname(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two people have one surname and a given name and its short form, or two of them: Bob and Robert Smith."""
        import numpy as np

        called = self._words[0]
        asked = np.flatnonzero((self._surname[one] == self._surname[other]) & (called[one] != called[other]))
        found = np.zeros(len(one), dtype=bool)
        found[asked] = self._nicknames.meet(one[asked], other[asked])
        return found

    def by_given_names(self) -> list[np.ndarray]:
        """Return numbers for the whole names of people if they bear the given names that they are called by: Robert Smith of Bob Smith; -1 for none."""
        import numpy as np

        names = zip(*(words.tolist() for words in self._words), self._known.tolist(), strict=True)
        whole = hashed_rows([[given + surname for given in given_names(called) if known] for called, surname, known in names])  # fmt: skip
        return list(np.where(whole == 0, -1, whole).T)

    def other_initials(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two people of one surname, one of them with initials alone, begin with other letters: J. Connor and Sarah Connor."""
        import numpy as np

        initials = (self._initials[one] | self._initials[other]) & (self._surname[one] == self._surname[other])
        found = np.zeros(len(one), dtype=bool)
        for index in np.flatnonzero(initials):
            sides = [{word[0] for word in (self._words[0][at], *self._more[at]) if word} for at in (one[index], other[index])]  # fmt: skip
            found[index] = all(sides) and sides[0].isdisjoint(sides[1])
        return found

    def _alike(self, side: int, against: int, one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where a word of the one and a word of the other are close, and where they are similar."""
        a, b = self._words[side][one], self._words[against][other]
        same = (a == b) & (a != "")
        close, similar = alike(a.tolist(), b.tolist())
        both = (a != "") & (b != "")
        return same | (close & both), same | (similar & both)


def _contradict(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether each of two people has a further given name that the other has not, nor its initial: Juan Carlos and Juan Pablo."""
    return _lacks(one, other) and _lacks(other, one)


def _lacks(names: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether one of the names is none of the others, even mistyped or as an initial."""
    met = [any(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for b in others) for a in names]
    rest = [name for name, found in zip(names, met, strict=True) if not found]
    return any(not alike([name] * len(others), list(others))[1].any() for name in rest)


def _of_two_sexes(one: str, other: str) -> bool:
    """Return whether two given names differ in the ending that tells a man's from a woman's: Mario and Maria, Daniel and Daniela."""
    his, hers = (one, other) if other.endswith("a") else (other, one)
    return hers.endswith("a") and not his.endswith("a") and his in (hers[:-1], hers[:-1] + "o")
