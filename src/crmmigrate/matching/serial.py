"""Numbers and codes that several things may share: house numbers, postcodes, membership numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.folding import bare, fold_values
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same number"), 0.82, 1e-3, by_frequency=True, shared=True),
    Level("slip", Message("numbers that differ in one place"), 0.10, 2e-3),
    Level("different", Message("different numbers"), 0.08, 0.997),
)


_FURTHER = re.compile(r"(?<=\A\d{5})-\d{4}\Z")
"""Of a postcode of the United States the four digits that few write (ZIP+4)."""


def make(values: Values, counts: np.ndarray, *, postcodes: bool = False) -> Comparer:
    """Return the comparer of numbers; blanks and punctuation do not count.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
        postcodes: whether they are such: 78701-1234 is 78701.
    """
    folded = fold_values(values)
    if postcodes:
        folded = [[_FURTHER.sub("", cell) for cell in cells] for cells in folded]
    lists = [[part for part in map(bare, cells) if part] for cells in folded]
    return _Serials(lists, counts, len(LEVELS) - 1, "serial")


class _Serials(ItemComparer):
    once = True

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        a, b = self.texts(one), self.texts(other)
        return np.where(cpdist(a, b, scorer=OSA.distance, score_cutoff=1) <= 1, 1, self.last).astype(np.int8)
