"""Chinese characters that are read, or written by hand, for one another: 末 for 未, 蒸 for 燕. Those that sound the same besides are heard as one already."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.matching.letters import Letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_FILE = Path(__file__).parents[1] / "data" / "look_alikes.txt"
_BITS = 21
"""Of a code point."""


@cache
def _pairs() -> np.ndarray:
    """Return the pairs of the table as sorted numbers, the lower code point first; each line of the file has characters that all look alike."""
    import numpy as np

    lines = _FILE.read_text(encoding="utf-8").split()
    return np.array(sorted({ord(low) << _BITS | ord(high) for line in lines for low, high in combinations(sorted(line), 2)}))  # fmt: skip


def look_alike(one: Sequence[str], other: Sequence[str], asked: np.ndarray) -> np.ndarray:
    """Return the pairs of texts that differ in one character, which looks like the other's.

    Args:
        one: folded texts.
        other: the other text of each pair.
        asked: the pairs asked about (bool), whose texts have one length.
    """
    import numpy as np

    pairs = np.flatnonzero(asked)
    mine, theirs = (Letters([side[pair] for pair in pairs.tolist()]).points.astype(np.int64) for side in (one, other))
    low, high = np.minimum(mine, theirs), np.maximum(mine, theirs)
    found = ((low != high).sum(axis=1) == 1) & np.isin(low << _BITS | high, _pairs()).any(axis=1)
    return np.asarray(pairs[found])
