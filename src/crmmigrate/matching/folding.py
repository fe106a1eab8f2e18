"""Write text so that what people write in several ways is written one way; for comparing only, never for output."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crmmigrate.matching import SEPARATOR, split

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
        text.lower()
        if text.isascii() and text.isalnum()
        else " ".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold().split())
        for text in texts
    ]
    chinese = [index for index, text in enumerate(plain) if is_chinese(text)]
    converted = _simplifier().convert("\n".join(plain[index] for index in chinese)).split("\n")
    for index, text in zip(chinese, converted, strict=False):
        plain[index] = text
    return plain


def fold_values(values: Sequence[str]) -> list[list[str]]:
    """Return for each value of a role `fold` of the several values it may consist of, the first one first."""
    if not any(SEPARATOR in value for value in values):
        return [[text] if value else [] for text, value in zip(fold(values), values, strict=True)]
    lists = [split(value) for value in values]
    folded = iter(fold([text for texts in lists for text in texts]))
    return [[next(folded) for _ in texts] for texts in lists]


def bare(text: str) -> str:
    """Return `text` without blanks and punctuation."""
    return text if text.isalnum() else _NOT_WORD.sub("", text)


_TONES = str.maketrans("", "", "\u0300\u0301\u0304\u030c")


@cache
def _readings() -> dict[str, str]:
    """Return pypinyin's readings by code point, the commonest first (`hǎo,hào`).

    They are read from its file where that is found: importing pypinyin loads its phrases, which take more time and memory
    than all else that is needed of it.
    """
    found = find_spec("pypinyin")
    places = (found.submodule_search_locations if found else None) or [""]
    file = Path(places[0], "pinyin_dict.json")
    if file.is_file():
        return dict(json.loads(file.read_text(encoding="utf-8")))
    from pypinyin.pinyin_dict import pinyin_dict

    return {str(point): readings for point, readings in pinyin_dict.items()}


@cache
def _sound(character: str) -> str:
    readings = _readings().get(str(ord(character))) if _CJK.match(character) else None
    if not readings:
        return character
    bare_letters = unicodedata.normalize("NFD", readings.partition(",")[0]).translate(_TONES)
    return unicodedata.normalize("NFC", bare_letters).replace("ü", "v")


def sound(text: str) -> str:
    """Return the pinyin of `text` without tones, character by character; what is not Chinese stays."""
    return " ".join(map(_sound, text))


def is_chinese(text: str) -> bool:
    """Return whether `text` has a Chinese character."""
    return not text.isascii() and _CJK.search(text) is not None
