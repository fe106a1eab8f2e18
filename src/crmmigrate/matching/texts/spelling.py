"""Given names in letters that are one name written or mistyped in two ways, and such as are two names a letter apart.

Who mistypes a name exchanges letters, doubles one, leaves out a vowel of a long one or writes what sounds the same: Jonathon, Phillip, Micheal, Erik.
Another consonant, or another vowel of a short name, is as often another name: Rajesh and Rakesh, Tom and Tim, Simon and Simone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.bags import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_SOUNDS = (
    (re.compile("ph"), "f"),
    (re.compile("ck|c|q"), "k"),
    (re.compile(r"(?<=\w)h"), ""),
    (re.compile(r"(\w)\1+"), r"\1"),
)
"""Letters that sound alike; what stands twice is there once."""

_SAME = str.maketrans("yzw", "isv")
_VOWELS = re.compile(r"(?<=\w)[aeiou]+(?=\w)")
_END = re.compile("[aeiou]+$")
_LONG = 6
"""Letters of a name whose vowels within tell little."""


class Spellings:
    """How some given names are written.

    Args:
        names: folded, in letters.
    """

    def __init__(self, names: Sequence[str]) -> None:
        import numpy as np

        distinct = list(dict.fromkeys(names))
        at = {name: index for index, name in enumerate(distinct)}
        which = np.fromiter((at[name] for name in names), dtype=np.int64, count=len(names))
        sounds = [_sound(name) for name in distinct]
        self._length = np.array([len(name) for name in distinct], dtype=np.int64)[which]
        self._letters = numbered(["".join(sorted(name)) for name in distinct])[which]
        self._sound = numbered(sounds)[which]
        self._bones = numbered([_END.sub("a", _VOWELS.sub("", sound)) for sound in sounds])[which]

    def one_name(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where names that differ in a letter or two are likely to be one."""
        import numpy as np

        long = np.maximum(self._length[one], self._length[other]) >= _LONG
        alike = (self._letters[one] == self._letters[other]) | (self._sound[one] == self._sound[other])
        return np.asarray(alike | (long & (self._bones[one] == self._bones[other])))


def _sound(name: str) -> str:
    for letters, sound in _SOUNDS:
        name = letters.sub(sound, name)
    return name.translate(_SAME)
