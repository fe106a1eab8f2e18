"""Names of people in two columns, given name and surname, which get exchanged, shortened and mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import SEPARATOR, Comparer, Level, Tally, listed
from crmmigrate.matching.texts.bags import hashed, numbered
from crmmigrate.matching.texts.folding import bare, fold
from crmmigrate.matching.texts.letters import Letters, mixed
from crmmigrate.matching.word import alike
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same name"), 0.55, 2e-4, by_frequency=True, shared=True),
    Level("swapped", Message("given name and surname exchanged"), 0.04, 1e-5),
    Level("close", Message("given names and surnames that are the same or differ in a letter or two"), 0.15, 3e-5),
    Level("similar", Message("similar given names and surnames"), 0.05, 2e-4),
    Level("surname", Message("the same surname"), 0.10, 5e-3, by_frequency=True),
    Level("given", Message("the same given name"), 0.06, 1e-2, by_frequency=True),
    Level("one", Message("a similar given name or surname"), 0.02, 3e-2),
    Level("different", Message("different names"), 0.03, 0.95),
)
_SAME, _SWAPPED, _CLOSE, _SIMILAR, _SURNAME, _GIVEN, _ONE, _DIFFERENT = range(8)


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of names in two columns, given name first."""
    parts = [[*value.split(SEPARATOR), "", ""][:2] for value in listed(values)]
    given, surname = ([bare(text) for text in fold([pair[side] for pair in parts])] for side in (0, 1))
    return _Names(given, surname, counts)


class _Names:
    def __init__(self, given: list[str], surname: list[str], counts: np.ndarray) -> None:
        import numpy as np

        self.texts = [np.array(side, dtype=object) for side in (given, surname)]
        both = numbered([*given, *surname, ""])
        empty = both[-1]
        self.given, self.surname = np.split(both[:-1], 2)
        self.no_given, self.no_surname = self.given == empty, self.surname == empty
        self.full = numbered([f"{a} {b}" for a, b in zip(given, surname, strict=True)])
        self.named, self.called = hashed(surname), hashed(given)
        self.counts = counts
        # Per value in how many records its whole name stands, its surname, its given name.
        self.records = [
            np.bincount(side, weights=counts, minlength=1)[side] for side in (self.full, self.surname, self.given)
        ]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair; -1 where one side has no name."""
        import numpy as np
        import pandas as pd

        low, high = np.minimum(left, right), np.maximum(left, right)
        inverse, distinct = pd.factorize(low * (len(self.full) + 1) + high)
        return self._levels(distinct // (len(self.full) + 1), distinct % (len(self.full) + 1))[inverse]

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        given, surname = self.given[one] == self.given[other], self.surname[one] == self.surname[other]
        crossed = (self.given[one] == self.surname[other]) & (self.surname[one] == self.given[other])
        whole = ~(self.no_given[one] | self.no_given[other] | self.no_surname[one] | self.no_surname[other])
        levels = np.full(len(one), _DIFFERENT, dtype=np.int8)
        near_given, like_given = self._alike(0, 0, one, other, self.no_given[one] | self.no_given[other])
        near_surname, like_surname = self._alike(1, 1, one, other, self.no_surname[one] | self.no_surname[other])
        near_cross, like_cross = self._alike(0, 1, one, other, ~whole)
        near_back, like_back = self._alike(1, 0, one, other, ~whole)
        levels[like_given | like_surname | like_cross | like_back] = _ONE
        levels[given & ~self.no_given[one]] = _GIVEN
        levels[surname & ~self.no_surname[one]] = _SURNAME
        levels[(like_given & like_surname) | (like_cross & like_back)] = _SIMILAR
        levels[(near_given & near_surname) | (near_cross & near_back)] = _CLOSE
        levels[whole & crossed] = _SWAPPED
        levels[whole & given & surname] = _SAME
        levels[(self.no_given & self.no_surname)[one] | (self.no_given & self.no_surname)[other]] = -1
        # Of a name and a surname alone nothing can be said but that the surnames differ or not.
        lonely = ~whole & (levels == _DIFFERENT)
        alone = self.no_surname[one] | self.no_surname[other]
        levels[lonely & ~like_surname & (self.no_given[one] != self.no_given[other]) & alone] = -1
        return levels

    def _alike(
        self, side: int, against: int, one: np.ndarray, other: np.ndarray, unknown: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        near, like = np.zeros(len(one), dtype=bool), np.zeros(len(one), dtype=bool)
        known = np.flatnonzero(~unknown)
        if len(known):
            near[known], like[known] = alike(
                self.texts[side][one[known]].tolist(), self.texts[against][other[known]].tolist()
            )
        return near, like

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further records have the name, or the surname or given name where only that is shared."""
        import numpy as np

        rarest = np.full(len(left), np.inf)
        for side, records in zip(
            (self.given, self.surname, self.full), self.records[::-1][:2] + self.records[:1], strict=True
        ):
            same = side[left] == side[right]
            rarest = np.where(same, np.minimum(rarest, records[left]), rarest)
        return np.where(np.isinf(rarest), 0, np.maximum(rarest - 2, 0))

    def _keys(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return mixed(self.called, self.named), self.named, self.called

    def tallies(self) -> list[Tally]:
        """Return in how many records whole names, surnames and given names stand."""
        return [Tally(keys, self.counts) for keys in self._keys()]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take them to stand in so many records."""
        self.records = [told(keys) for told, keys in zip(times, self._keys(), strict=True)]

    def different(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where nothing in the names is alike."""
        import numpy as np

        return np.asarray(self.compare(left, right) == _DIFFERENT)

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return the whole name in any order, each part, and the heads of both."""
        import numpy as np

        low, high = np.minimum(self.called, self.named), np.maximum(self.called, self.named)
        known = np.flatnonzero(~(self.no_given | self.no_surname))
        heads = [a[:3] + "|" + b[:3] for a, b in zip(*self.texts, strict=True)]
        named, called = np.flatnonzero(~self.no_surname), np.flatnonzero(~self.no_given)
        return [
            ("both", known, mixed(low[known], high[known])),
            ("heads", known, Letters(heads).numbers()[known] if len(known) else known),
            ("part", np.concatenate([named, called]), np.concatenate([self.named[named], self.called[called]])),
        ]
