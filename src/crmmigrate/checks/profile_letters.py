"""Letters that are written in two ways: full and half width, traditional and simplified Chinese."""

from __future__ import annotations

from functools import cache

FULL = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000"
HALF = "".join(map(chr, range(0x21, 0x7F))) + " "
"""Full-width signs and their half-width forms, sign by sign."""

SPARED = "昇徵鉅甦陞氾榘乾著於瞭藉夥麼後麗"
"""Traditional characters in use in mainland names."""


def widths(signs: str) -> tuple[str, str]:
    """Return the full-width forms of some half-width signs, and those signs, in the order of Unicode."""
    pairs = [(full, half) for full, half in zip(FULL, HALF, strict=True) if half in signs]
    return "".join(full for full, _ in pairs), "".join(half for _, half in pairs)


@cache
def simplified_forms() -> dict[str, str]:
    """Return traditional character → what it is in simplified Chinese, mostly one character (OpenCC, t2s)."""
    from opencc import OpenCC

    signs = [chr(code) for code in range(0x4E00, 0xA000)]
    plain = OpenCC("t2s").convert("\n".join(signs)).split("\n")
    return {old: new for old, new in zip(signs, plain, strict=True) if old != new}


@cache
def traditional() -> str:
    """Return the characters only traditional Chinese writes; those in use in mainland names are spared."""
    return "".join(sign for sign in simplified_forms() if sign not in SPARED)
