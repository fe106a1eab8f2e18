"""Free text: titles, departments, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.folding import bare, fold_values
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("the same text"), 0.60, 0.02, by_frequency=True, shared=True),
    Level("similar", Message("similar text"), 0.20, 0.02),
    Level("different", Message("different text"), 0.20, 0.96),
)


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of free text."""
    lists = [[part for part in map(bare, cells) if part] for cells in fold_values(values)]
    return _Texts(lists, counts, len(LEVELS) - 1, "text")


class _Texts(ItemComparer):
    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cpdist

        a, b = [self.items[index] for index in one], [self.items[index] for index in other]
        alike = cpdist(a, b, scorer=Indel.normalized_similarity, score_cutoff=0.8)
        return np.where(alike >= 0.8, 1, 2).astype(np.int8)

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        return []
