"""Free text: titles, departments, notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.bags import Holders, hashed
from crmmigrate.matching.texts.folding import fold_values, is_chinese
from crmmigrate.matching.texts.letters import Letters
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same_long", Message("the same long text"), 0.50, 1e-4, by_frequency=True, shared=True),
    Level("similar_long", Message("similar long texts"), 0.25, 2e-3),
    Level("same", Message("the same text"), 0.15, 0.02, by_frequency=True, shared=True),
    Level("similar", Message("similar text"), 0.05, 0.02),
    Level("different", Message("different text"), 0.05, 0.96),
)
_SAME_LONG, _SIMILAR_LONG, _SAME, _SIMILAR, _DIFFERENT = range(5)
_LONG = {False: 16, True: 8}
"""So many letters, or Chinese characters, are hardly the same by chance."""

_WORD = re.compile(r"[^\W_]+")


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of free text; the order of its words does not count."""
    lists = [
        [text for cell in cells if (text := " ".join(sorted(_WORD.findall(cell))))] for cells in fold_values(values)
    ]
    return _Texts(lists, counts, _DIFFERENT, "text")


class _Texts(ItemComparer):
    once = True

    def __init__(self, lists: Sequence[Sequence[str]], counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np

        super().__init__(lists, counts, last, kind)
        self.long = np.array([len(item) >= _LONG[is_chinese(item)] for item in self.items], dtype=bool)

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = super()._levels(one, other)
        both = self.long[one] & self.long[other]
        levels[one == other] = np.where(both, _SAME_LONG, _SAME)[one == other]
        levels[both & (levels == _SIMILAR)] = _SIMILAR_LONG
        return levels

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cpdist

        a, b = self.texts(one), self.texts(other)
        alike = cpdist(a, b, scorer=Indel.normalized_similarity, score_cutoff=0.8)
        return np.where(alike >= 0.8, _SIMILAR, _DIFFERENT).astype(np.int8)

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return whole texts, and their words (runs of three characters of Chinese ones), of which the rarest count."""
        import numpy as np

        chinese = np.array([is_chinese(item) for item in self.items], dtype=bool)
        words = [
            (index, word)
            for index, item in enumerate(self.items)
            if not chinese[index]
            for word in item.split()
            if len(word) > 2
        ]
        letters, runs = Letters(self.items).runs(3, of=np.flatnonzero(chinese))
        items = np.r_[np.array([index for index, _ in words], dtype=np.int64), letters]
        numbers = np.r_[hashed([word for _, word in words]), runs]
        values = np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)
        where, told = Holders(self.bag.items, len(self.items)).of(items, numbers)
        return [self.keyed(self.kind, np.where(self.long, self.numbers, -1)), ("gram", values[where], told)]
