"""Texts as matrices of characters, so that keys of many are made at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

from crmmigrate.matching.texts.bags import hashed
from crmmigrate.matching.texts.cells import laid_out
from crmmigrate.matching.texts.folding import is_chinese, sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    import pyarrow as pa

_LONGEST = 40
"""Characters behind these make no keys."""

_AT_ONCE = 100_000
"""So many texts are worked on together where that takes much room."""

_WIDTHS = (8, 16, _LONGEST)
_FIRST_IDEOGRAPH, _LAST_IDEOGRAPH = 0x3400, 0x9FFF

_BASE = 1_099_511_628_211
_BITS = 21
"""A code point has 21 bits, so that three of them fit into a number."""


class Letters:
    """The characters of some texts.

    Args:
        texts: any (large_string where Arrow has them); of each the first 40 characters count.
    """

    def __init__(self, texts: Sequence[str] | pa.Array) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        cells = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.large_string())
        whole = pc.utf8_length(cells).to_numpy().astype(np.int64)
        signs = _laid_out(pc.utf8_slice_codeunits(cells, 0, _LONGEST))
        self._long = {index: str(cells[index]) for index in np.flatnonzero(whole > _LONGEST).tolist()}
        self.length = np.minimum(whole, _LONGEST)
        begins = np.cumsum(self.length) - self.length
        self.points = np.zeros((len(cells), int(self.length.max(initial=1)) or 1), dtype=np.uint32)
        at = np.arange(self.points.shape[1])
        for begin in range(0, len(cells), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            there = at < self.length[part, None]
            self.points[part][there] = signs[(begins[part, None] + at)[there]]

    def texts(self, which: np.ndarray) -> list[str]:
        """Return some of the texts: they are not kept besides, because so many small things in memory hold on to what lies around them."""
        points = self.points[which]
        found: list[str] = points.view(f"U{points.shape[1]}").reshape(-1).tolist()
        if self._long:
            found = [self._long.get(index, text) for index, text in zip(which.tolist(), found, strict=True)]
        return found

    def signs(self) -> np.ndarray:
        """Return the set of each text's characters (uint64), all of them, each of which is one of 64 bits."""
        import numpy as np

        found = self._each(lambda points: np.bitwise_or.reduce(_bits(points), axis=1))
        for index, text in self._long.items():
            found[index] = np.bitwise_or.reduce(_bits(np.array([*map(ord, text)])))
        return np.asarray(found)

    def chinese(self) -> np.ndarray:
        """Return whether each text has a Chinese character."""
        import numpy as np

        found = np.asarray(ideographs(self.points).any(axis=1))
        for index, text in self._long.items():
            found[index] = is_chinese(text)
        return found

    def doubled(self) -> np.ndarray:
        """Return whether a Chinese character follows itself in each text."""
        import numpy as np

        found = ((self.points[:, 1:] == self.points[:, :-1]) & ideographs(self.points[:, 1:])).any(axis=1)
        for index, text in self._long.items():
            found[index] = any(one == other and is_chinese(one) for one, other in pairwise(text))
        return np.asarray(found)

    def numbers(self) -> np.ndarray:
        """Return a number (int64) for each text, the same for the same text."""
        return _signed(self._each(_hashed))

    def _each(self, work: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return what `work` makes of the characters of each text; a part of them at a time, because it takes twice the room of all of them on the way."""
        import numpy as np

        parts = range(0, max(len(self.points), 1), _AT_ONCE)
        return np.concatenate([work(self.points[begin : begin + _AT_ONCE]) for begin in parts])

    def _spoken(self) -> np.ndarray:
        """Return by code point a number (uint64) for how each character sounds, of those that are in the texts."""
        import numpy as np

        spoken = np.zeros(int(self.points.max(initial=0)) + 1, dtype=np.uint64)
        spoken[self.points.reshape(-1)] = 1
        for point in np.flatnonzero(spoken[1:]) + 1:
            said = sound(chr(point))
            # Code points end before 2^21; no two of the 405 syllables have the same checksum.
            spoken[point] = ord(said) if len(said) == 1 else crc32(said.encode()) | 1 << 31
        spoken[0] = 0
        return spoken

    def sounds(self) -> np.ndarray:
        """Return a number for each text, the same for those that sound the same character by character.

        Texts too long to be looked at as a whole sound like themselves only: their numbers are below zero.
        """
        heard = stirred(self._spoken())
        found = _signed(self._each(lambda points: _summed(heard[points])))
        if self._long:
            found[[*self._long]] = -2 - (hashed([*self._long.values()]) >> 1)
        return found

    def runs(self, size: int, begin: int = 0, of: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return (text, number) of every run of `size` ≤ 3 neighbouring characters.

        Args:
            size: of a run.
            begin: the position from which on runs are looked for.
            of: the texts whose runs are wanted; all where not given.
        """
        import numpy as np

        chosen = self._all() if of is None else of
        chosen = chosen[self.length[chosen] >= begin + size]
        width = max(int(self.length[chosen].max(initial=0)) - begin - size + 1, 0)
        keys = np.zeros((len(chosen), width), dtype=np.int64)
        for step in range(size):
            keys <<= _BITS
            keys |= self.points[chosen, begin + step : begin + step + width]
        text, at = np.nonzero(np.arange(width) <= self.length[chosen, None] - begin - size)
        return chosen[text], keys[text, at]

    def shortened(self, least: np.ndarray, of: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return (text, number) of every text, and of what is left of it without one of its characters.

        Args:
            least: per text the length from which on it is shortened.
            of: the texts asked about; all where not given.
        """
        import numpy as np

        of = self._all() if of is None else of
        asked = of[(self.length[of] >= least[of]) & (self.length[of] < _LONGEST)]
        found = [self._shortened(one) for one in self._by_width(asked)]
        texts, numbers = zip(*found, strict=True) if found else ((asked,), (asked,))
        return np.concatenate(texts), np.concatenate(numbers)

    def _shortened(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return `shortened` of texts of about one length."""
        import numpy as np

        width = int(self.length[chosen].max())
        terms = _terms(self.points[chosen, :width])
        upto = np.cumsum(terms, axis=1)
        whole = upto[:, -1:]
        # What stands behind the character moves up by one place.
        left = upto - terms + (whole - upto) * np.uint64(pow(_BASE, -1, 1 << 64))
        text, at = np.nonzero(np.arange(width) < self.length[chosen, None])
        return np.r_[chosen, chosen[text]], _signed(stirred(np.r_[whole[:, 0], left[text, at]]))

    def _all(self) -> np.ndarray:
        import numpy as np

        return np.arange(len(self.length))

    def _by_width(self, chosen: np.ndarray) -> Iterator[np.ndarray]:
        """Give texts of about one length together, but not too many: many short ones need not be as wide as a few long ones."""
        length = self.length[chosen]
        for begin, end in pairwise((0, *_WIDTHS)):
            if len(some := chosen[(length > begin) & (length <= end)]):
                yield from (some[first : first + _AT_ONCE] for first in range(0, len(some), _AT_ONCE))


def _laid_out(texts: pa.Array) -> np.ndarray:
    """Return the characters (uint32) of texts end to end."""
    import numpy as np

    signs, _ = laid_out(texts)
    return np.frombuffer(signs.tobytes().decode().encode("utf-32-le"), dtype=np.uint32)


def ideographs(points: np.ndarray) -> np.ndarray:
    """Return which characters are Chinese."""
    import numpy as np

    return np.asarray((points >= _FIRST_IDEOGRAPH) & (points <= _LAST_IDEOGRAPH))


def _stirred_points(points: np.ndarray) -> np.ndarray:
    """Return `stirred` of each character: of many texts each character there is, or may be, is reckoned with once."""
    import numpy as np

    last = int(points.max(initial=0))
    if last >= points.size:
        return stirred(points.astype(np.uint64))
    return np.asarray(stirred(np.arange(last + 1, dtype=np.uint64))[points])


def _places(width: int) -> np.ndarray:
    """Return by what a character counts at each place of a text."""
    import numpy as np

    return np.cumprod(np.full(width, _BASE, dtype=np.uint64))


def _terms(points: np.ndarray) -> np.ndarray:
    """Return what each character of each text adds to the number of its text, by which and where it is; nothing for zeros."""
    import numpy as np

    return np.asarray(_stirred_points(points) * _places(points.shape[1]))


def _bits(points: np.ndarray) -> np.ndarray:
    """Return for each character one of 64 bits, none for zeros."""
    import numpy as np

    bits = np.uint64(1) << (_stirred_points(points) >> np.uint64(58))
    return np.where(points == 0, np.uint64(0), bits)


def stirred(numbers: np.ndarray) -> np.ndarray:
    """Return 64-bit numbers whose bits depend on all bits of those given; 0 of 0.

    Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014).
    """
    import numpy as np

    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))


def _hashed(points: np.ndarray) -> np.ndarray:
    """Return a 64-bit number per row that rows with the same characters share, whatever zeros follow."""
    return _summed(_stirred_points(points))


def _summed(stirred_points: np.ndarray) -> np.ndarray:
    """Return a number per row of `stirred` characters: their `_terms` added up, and stirred once more."""
    return stirred(stirred_points @ _places(stirred_points.shape[1]))


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
