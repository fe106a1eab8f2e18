"""References: whether two records belong to the same parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level, listed, split
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same parent"), 0.90, 1e-3, by_frequency=True, shared=True),
    Level("different", Message("different parents"), 0.10, 0.999),
)


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of references; they are compared letter by letter."""
    return ItemComparer([split(value) for value in listed(values)], counts, len(LEVELS) - 1, "parent")
