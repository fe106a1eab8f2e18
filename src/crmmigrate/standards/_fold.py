"""Fold words so that spellings of one word are equal: width, case, 繁简, blanks and punctuation."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.standards._door import line

if TYPE_CHECKING:
    from collections.abc import Callable

NAME_CHARACTERS = "昇徵鉅甦陞氾榘"
"""Traditional in form, yet used in registered names of the mainland: never changed."""
READ_TWICE = "乾著於瞭藉夥麼"
"""Simplified words have them too (乾坤, 著名); changed only where other characters show that the text is traditional."""

_PUNCTUATION = re.compile(
    r"(?:(?<![A-Za-z0-9])[+＋]|[\s\-‐‑–—―_－/／\\|.。．·•,，、;；:：'\"“”‘’()（）\[\]【】〔〕<>《》「」『』&＆])+"
)
"""A plus behind a letter is part of it: A+级 is not A级."""


@cache
def _opencc() -> tuple[Callable[[str], str], re.Pattern[str]]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    signs = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))))
    spared = frozenset(NAME_CHARACTERS + READ_TWICE)
    changed = (sign for sign in signs if sign not in spared and convert(sign) != sign)
    return convert, re.compile("[" + "".join(changed) + "]")


def simplified(text: str) -> str:
    """Return `text` in simplified characters (OpenCC t2s); text that is already simplified, or may be, stays as it is."""
    convert, traditional = _opencc()
    for _ in range(3):
        if not traditional.search(text):
            break
        changed = convert(text)
        if len(changed) == len(text):
            changed = "".join(old if old in NAME_CHARACTERS else new for old, new in zip(text, changed, strict=True))
        text = changed
    return text


def is_simple(text: str) -> bool:
    """Whether `simplified` would leave the text as it is."""
    return not _opencc()[1].search(text)


def folded(text: str) -> str:
    """Return a key that all spellings of one word share."""
    text = line(text)[0]
    return _PUNCTUATION.sub("", simplified(text).lower()) or text
