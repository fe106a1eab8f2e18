"""Write text so that what people write in several ways is written one way; for comparing only, never for output."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

_NOT_WORD = re.compile(r"[\W_]+")
_CJK = re.compile(r"[\u3400-\u9fff]")


@cache
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def fold(texts: Sequence[str]) -> list[str]:
    """Return each text in NFKC, lower case, simplified characters and without surplus blanks.

    Source: Unicode Standard Annex 15 (NFKC); OpenCC dictionary t2s.
    """
    plain = [
        " ".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold().split()) for text in texts
    ]
    chinese = [index for index, text in enumerate(plain) if _CJK.search(text)]
    converted = _simplifier().convert("\n".join(plain[index] for index in chinese)).split("\n")
    for index, text in zip(chinese, converted, strict=False):
        plain[index] = text
    return plain


def fold_lists(lists: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return `fold` of all texts of several lists, done at once."""
    folded = iter(fold([text for texts in lists for text in texts]))
    return [[next(folded) for _ in texts] for texts in lists]


def bare(text: str) -> str:
    """Return `text` without blanks and punctuation."""
    return text if text.isalnum() else _NOT_WORD.sub("", text)


@cache
def _sound(character: str) -> str:
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(character)[0]) if _CJK.match(character) else character


def sound(text: str) -> str:
    """Return the pinyin of `text` without tones, character by character; what is not Chinese stays."""
    return " ".join(map(_sound, text))


def is_chinese(text: str) -> bool:
    """Return whether `text` has a Chinese character."""
    return not text.isascii() and _CJK.search(text) is not None
