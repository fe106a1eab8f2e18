"""Words and names of things that people type: suburbs, streets, brands, occupations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.folding import bare, fold_values
from crmmigrate.matching.texts.letters import Letters
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same word"), 0.72, 0.01, by_frequency=True, shared=True),
    Level("close", Message("words that differ in a letter or two"), 0.12, 2e-3),
    Level("similar", Message("similar words"), 0.04, 0.015),
    Level("different", Message("different words"), 0.12, 0.973),
)
_CLOSE, _SIMILAR = 1, 2
_MASKED = "**"


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of words."""
    lists = [[part for cell in cells if _MASKED not in cell and (part := bare(cell))] for cells in fold_values(values)]
    return _Words(lists, counts, len(LEVELS) - 1, "word")


def alike(one: Sequence[str], other: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return where words are close (a slip in four letters, two in eight), and where they are similar at least.

    Source: Winkler's measure of 1990 for the latter, at the 0.88 that Splink's examples use for names.
    """
    import numpy as np
    from rapidfuzz.distance import OSA, JaroWinkler
    from rapidfuzz.process import cpdist

    distance = cpdist(one, other, scorer=OSA.distance, score_cutoff=2).astype(np.int64)
    shorter = np.fromiter((min(len(a), len(b)) for a, b in zip(one, other, strict=True)), int, len(one))
    close = ((distance <= 1) & (shorter >= 3)) | ((distance <= 2) & (shorter >= 7))
    return close, close | (cpdist(one, other, scorer=JaroWinkler.similarity, score_cutoff=0.88) >= 0.88)


class _Words(ItemComparer):
    once = True

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = np.full(len(one), self.last, dtype=np.int8)
        close, similar = alike(self.texts(one), self.texts(other))
        levels[similar] = _SIMILAR
        levels[close] = _CLOSE
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        return [*super().candidate_keys(), self.keyed("head", Letters([item[:4] for item in self.items]).numbers())]
