"""Whether somebody is a man or a woman, as it is told (GB/T 2261.1: 1 男, 2 女): that two are of one sex says nothing, that they are not speaks against one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.folding import bare, fold_values
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same sex"), 0.97, 0.5),
    Level("different", Message("a man and a woman"), 0.03, 0.5),
)

_SEXES = {
    **dict.fromkeys(["男", "男性", "男士", "男生", "男孩", "男宝宝", "先生", "1", "m", "male", "man", "boy", "mr", "herr"], "m"),
    **dict.fromkeys(["女", "女性", "女士", "女生", "女孩", "女宝宝", "小姐", "太太", "2", "f", "female", "woman", "girl", "mrs", "ms", "miss", "frau"], "f"),
}  # fmt: skip


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of sexes."""
    told = ([sex for cell in cells if (sex := _SEXES.get(bare(cell)))] for cells in fold_values(values))
    return _Sexes([*told], counts, len(LEVELS) - 1, "sex")


class _Sexes(ItemComparer):
    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        # Half of all are of the same: whatever is learnt, that is no reason to take two for one.
        return np.where(one == other, -1, self.last).astype(np.int8)

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        return []
