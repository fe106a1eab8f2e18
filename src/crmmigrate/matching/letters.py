"""Texts as matrices of characters, so that keys of many are made at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from crmmigrate.matching.folding import sound

if TYPE_CHECKING:
    import numpy as np

_LONGEST = 40
"""Characters behind these make no keys."""

_BASE = 1_099_511_628_211
_BITS = 21
"""A code point has 21 bits, so that three of them fit into a number."""


class Letters:
    """The characters of some texts.

    Args:
        texts: any; of each the first 40 characters count.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        wide = np.array([*texts, " "], dtype=f"U{_LONGEST}")
        points = wide.view(np.uint32).reshape(len(wide), -1)[:-1]
        self._long = [(index, text) for index, text in enumerate(texts) if len(text) > _LONGEST]
        self.length = (points != 0).sum(axis=1)
        self.points = np.ascontiguousarray(points[:, : int(self.length.max(initial=1))])

    def numbers(self) -> np.ndarray:
        """Return a number (int64) for each text, the same for the same text."""
        return _signed(_hashed(self.points))

    @cached_property
    def _sounds(self) -> np.ndarray:
        import numpy as np

        spoken = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
        spoken[self.points.reshape(-1)] = 1
        numbers: dict[str, int] = {}
        for point in np.flatnonzero(spoken[1:]) + 1:
            spoken[point] = numbers.setdefault(sound(chr(point)), len(numbers) + 1)
        spoken[0] = 0
        return np.asarray(spoken[self.points])

    def sounds(self) -> np.ndarray:
        """Return a number for each text, the same for those that sound the same character by character.

        Texts too long to be looked at as a whole sound like themselves only: their numbers are below zero.
        """
        found = _signed(_hashed(self._sounds))
        ids: dict[str, int] = {}
        for index, text in self._long:
            found[index] = -2 - ids.setdefault(text, len(ids))
        return found

    def runs(self, size: int, begin: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Return (text, number) of every run of `size` ≤ 3 neighbouring characters from position `begin` on."""
        import numpy as np

        width = self.points.shape[1]
        rows, keys = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for at in range(begin, width - size + 1):
            there = np.flatnonzero(self.length >= at + size)
            key = np.zeros(len(there), dtype=np.int64)
            for step in range(size):
                key = (key << _BITS) | self.points[there, at + step].astype(np.int64)
            rows.append(there)
            keys.append(key)
        return np.concatenate(rows), np.concatenate(keys)

    def shortened(self, least: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (text, number) of every text, and of what is left of it without one of its characters.

        Args:
            least: per text the length from which on it is shortened.
        """
        import numpy as np

        points = self.points
        chosen = np.flatnonzero((self.length >= least) & (self.length < _LONGEST))
        rows, keys = [chosen], [_hashed(points[chosen])]
        for at in range(self.points.shape[1]):
            there = chosen[self.length[chosen] > at]
            if len(there):
                rows.append(there)
                keys.append(_hashed(np.delete(points[there], at, axis=1)))
        return np.concatenate(rows), _signed(np.concatenate(keys))


def _hashed(points: np.ndarray) -> np.ndarray:
    """Return a 64-bit number per row that rows with the same characters share, whatever zeros follow."""
    import numpy as np

    result = np.zeros(len(points), dtype=np.uint64)
    for column in points.T:
        result = np.where(column != 0, (result ^ column) * np.uint64(_BASE) + np.uint64(0x9E3779B97F4A7C15), result)
        result ^= np.where(column != 0, result >> np.uint64(29), np.uint64(0))
    return result


def mixed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return a number for each pair of numbers."""
    import numpy as np

    both = (one.astype(np.uint64) * np.uint64(_BASE)) ^ (other.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    both ^= both >> np.uint64(31)
    return _signed(both * np.uint64(0xBF58476D1CE4E5B9))


def _signed(numbers: np.ndarray) -> np.ndarray:
    """Return numbers that are not negative (a negative key is none)."""
    import numpy as np

    return np.asarray((numbers >> np.uint64(1)).astype(np.int64))
