"""Chinese characters that are read, or written by hand, for one another: 末 for 未, 蒸 for 燕. Those that sound the same besides are heard as one already."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from crmmigrate.matching.texts.blurred_sound import blurred
from crmmigrate.matching.texts.letters import Letters, ideographs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_FILE = Path(__file__).parents[2] / "data" / "look_alikes.txt"
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
    return mistaken(one, other, asked)[0]


def mistaken(one: Sequence[str], other: Sequence[str], asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of texts that differ in one Chinese character, which looks like the other's; and those of which it neither looks nor sounds like that.

    Args:
        one: folded texts.
        other: the other text of each pair.
        asked: the pairs asked about (bool), whose texts have one length.
    """
    import numpy as np

    pairs = np.flatnonzero(asked)
    mine, theirs = (Letters([side[pair] for pair in pairs.tolist()]).points for side in (one, other))
    single = np.flatnonzero((mine != theirs).sum(axis=1) == 1)
    pairs, mine, theirs = pairs[single], mine[single], theirs[single]
    at = (mine != theirs).argmax(axis=1) if len(single) else single
    signs = np.sort([side[np.arange(len(at)), at].astype(np.int64) for side in (mine, theirs)], axis=0)
    looks = np.isin(signs[0] << _BITS | signs[1], _pairs())
    met, numbers = np.unique(signs, return_inverse=True)
    heard = np.array([crc32(blurred(chr(sign)).encode()) for sign in met.tolist()], dtype=np.int64)[
        numbers.reshape(2, -1)
    ]
    otherwise = ~looks & (heard[0] != heard[1]) & ideographs(signs).all(axis=0)
    return pairs[looks], pairs[otherwise]
