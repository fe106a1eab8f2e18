"""Syllables of pinyin that many speakers do not tell apart, and input methods offer for one another (模糊音): zh and z, in and ing, l and n."""

from __future__ import annotations

import re
from functools import lru_cache

from crmmigrate.matching.texts.folding import sound

_BLURRED = (
    (re.compile(r"\b([zcs])h"), r"\1"),
    (re.compile(r"(?<=[aei])ng\b"), "n"),
    (re.compile(r"\bl"), "n"),
    (re.compile(r"\bf"), "h"),
    (re.compile(r"\bhuang?\b"), "huan"),
)


@lru_cache(maxsize=20_000)
def blurred(text: str) -> str:
    """Return how a text sounds to those who do not tell such syllables apart: 陈 as 程, 林 as 凌, 刘 as 牛, 胡 as 福."""
    said = sound(text)
    for exact, loose in _BLURRED:
        said = exact.sub(loose, said)
    return said
