"""Arabic names in letters: Al Ghadeer, El Ghadir and Al-Ghadir are one name, which each writes down as he hears it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.cells import matched

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_DOUBLED = re.compile(r"([a-z])\1+")
_HEARD = str.maketrans("eoy", "iui")
_DIPHTHONG = re.compile("[ou]{2}|uw")


def arabic_words(words: Sequence[str]) -> np.ndarray:
    """Return which names in letters have the Arabic article among their words.

    Args:
        words: of each name, in the order of the alphabet.
    """
    import pyarrow as pa

    return matched(pa.array(words, pa.large_string()), "(?:^| )[ae]l(?: |$)")


def as_transcribed(core: str) -> str:
    """Return an Arabic name as all write it alike: Arabic tells three vowels apart, long or short.

    Args:
        core: folded, without blanks.
    """
    text = _DIPHTHONG.sub("u", core)
    text = "al" + text[2:] if text.startswith("el") else text
    return _DOUBLED.sub(r"\1", text.replace("ee", "i").translate(_HEARD))
