"""How Chinese brands are written in letters."""

from __future__ import annotations

from functools import lru_cache

from crmmigrate.matching.texts.folding import is_chinese, sound

_PINYIN = 5
"""Letters of a brand's pinyin that are hardly a word of something else."""


@lru_cache(maxsize=20_000)
def brand_pinyin(brand: str) -> tuple[str, ...]:
    """Return the pinyin of a Chinese brand, where that is long enough to tell it from words."""
    pinyin = sound(brand).replace(" ", "") if is_chinese(brand) else ""
    return (pinyin,) if len(pinyin) >= _PINYIN else ()


def forget() -> None:
    """Let go of what was remembered between names: it lies among what was made of them, and would keep the memory of all that."""
    brand_pinyin.cache_clear()
