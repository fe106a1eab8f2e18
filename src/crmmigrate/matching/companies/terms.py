"""The words of company names in letters: one name may stand in the other word by word, in whatever order.

Mary Mapes Dodge is Dodge Renaissance Academy, Mary Mapes; YMCA North Lawndale is North Lawndale YMCA of Metropolitan Chicago.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.matching import Tally
from crmmigrate.matching.texts.bags import bags, hashed

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from crmmigrate.matching.companies.name_columns import Coded

_FILE = Path(__file__).parents[2] / "data" / "company_words.txt"
_PLURAL = 3
"""Longer words may end in an s."""

_LONG = 6
"""Letters of a word that is known although one of them is wrong."""


def _singular(word: str) -> str:
    """Return a word without the s of a plural."""
    return word.removesuffix("s") if len(word) > _PLURAL else word


def one_of(word: str) -> str:
    """Return a word that many companies have in their names without the ending of its plural, also one that was mistyped; any other as it is: a brand may end so."""
    one = f"{word[:-3]}y" if word.endswith("ies") else _singular(word)
    return one if one in _general() else _put_right(word)


@lru_cache(maxsize=20_000)
def _put_right(word: str) -> str:
    """Return the word that is meant where a letter was typed twice, left out or exchanged for its neighbour, any other as it is; another letter makes another word: painting is no printing."""
    twice = (word[:at] + word[at + 1 :] for at in range(1, len(word)) if word[at] == word[at - 1])
    turned = (word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] for at in range(2, len(word)))
    meant = {_long_words().get(near, "") for near in (*twice, *turned)} | {_lacking().get(word, "")}
    return max(meant) if len(meant - {""}) == 1 else word


@cache
def _long_words() -> dict[str, str]:
    """Return such words as are long enough to be known by all but one of their letters, and their plurals, with the singular."""
    plural = {f"{word[:-1]}ies" if word.endswith("y") else f"{word}s": word for word in _general()}
    return {
        whole: word
        for whole, word in (*plural.items(), *zip(_general(), _general(), strict=True))
        if len(whole) >= _LONG
    }


@cache
def _lacking() -> dict[str, str]:
    """Return these without one of their letters, neither the first nor the last, with the singular; empty for what two of them may be."""
    found: dict[str, str] = {}
    for whole, word in _long_words().items():
        for at in range(1, len(whole) - 1):
            lacks = whole[:at] + whole[at + 1 :]
            found[lacks] = word if found.get(lacks, word) == word else ""
    return found


@cache
def _filling() -> frozenset[str]:
    """Return words that are left out as often as they are written, or of which two stand for the same: ABC Day Care is ABC Learning Center."""
    return _listed(0)


@cache
def _general() -> frozenset[str]:
    """Return words that many companies have in their names, and that tell one of an owner's from another: with nothing but these a name is in none."""
    return _listed(1)


def _listed(part: int) -> frozenset[str]:
    """Return the words of a part of the file; an empty line ends each."""
    return frozenset(map(_singular, _FILE.read_text(encoding="utf-8").split("\n\n")[part].split()))


class Terms:
    """The words of some names, without their order and without those that fill.

    Args:
        words: of each name, see `Foreign`; empty where it is not in letters. Each value is of some name: they are counted.
    """

    def __init__(self, words: Coded) -> None:
        import numpy as np

        self.written, distinct = words
        """A number for the words of each name."""
        self.bag, terms = bags([said_of(one) for one in distinct])
        self.key, self._of = hashed(terms), hashed(distinct)
        general = _general()
        self._telling = np.array([term not in general for term in terms], dtype=bool)
        self._tells = np.bincount(self._owners()[self._telling[self.bag.items]], minlength=len(distinct)) > 0
        self._times = np.bincount(self.bag.items, minlength=len(terms))

    def _owners(self) -> np.ndarray:
        import numpy as np

        return np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)

    def inside(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where all words of one name are among those of the other, and one of them tells what it is."""
        import numpy as np

        found = self._tells[self.written[one]] & self._tells[self.written[other]]
        asked = np.flatnonzero(found)
        found[asked] = self.within(one[asked], other[asked])
        return np.asarray(found)

    def within(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where all words of one name are among those of the other, whatever they tell."""
        import numpy as np

        a, b = self.written[one], self.written[other]
        owner, left, right = self.bag.cross(a, b)
        shared = np.bincount(owner[left == right], minlength=len(a))
        return np.asarray((shared == self.bag.sizes[a]) | (shared == self.bag.sizes[b]))

    def others(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return how many further names have the rarest of the words that two share; 0 where they share none."""
        import numpy as np

        owner, left, right = self.bag.cross(self.written[one], self.written[other])
        same = left == right
        fewest = np.full(len(one), np.inf)
        np.minimum.at(fewest, owner[same], self._times[left[same]])
        return np.where(np.isfinite(fewest), np.maximum(fewest - 2, 0), 0)

    def keys(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (number of the words of names, number of one of them that tells what they are)."""
        told = self._telling[self.bag.items]
        return self._owners()[told], self.key[self.bag.items[told]]

    def tally(self) -> Tally:
        """Return the words with the names that have them."""
        import numpy as np

        items, owners = self.bag.items, self._owners()
        return Tally(self.key[items], np.ones(len(items), dtype=np.int64), self._of[owners])

    def recount(self, times: Callable[[np.ndarray], np.ndarray]) -> None:
        """Take so many names to have the words."""
        self._times = times(self.key)


def said_of(words: str) -> list[str]:
    """Return the different words of a name that do not just fill it, nor are initials."""
    filling = _filling()
    found = dict.fromkeys(_singular(word) for word in words.split() if len(word) > 1 or word.isdigit())
    return [word for word in found if word not in filling]
