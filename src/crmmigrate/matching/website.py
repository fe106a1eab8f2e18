"""Websites: the domain that a company registered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.folding import fold_values
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("the same website"), 0.85, 2e-4, by_frequency=True, shared=True),
    Level("different", Message("different websites"), 0.15, 0.999),
)
_HOST = re.compile(r"(?:[a-z]+:/*)?(?:www\d?\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)")


def host(cell: str) -> str:
    """Return the host in a folded cell, without www, or nothing."""
    found = _HOST.match(cell.replace(" ", ""))
    return found.group(1) if found else ""


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of websites."""
    lists = [list(dict.fromkeys(filter(None, map(host, cells)))) for cells in fold_values(values)]
    return ItemComparer(lists, counts, len(LEVELS) - 1, "website")
