"""Shops of one brand, whose names do not say where the brand ends: 草原情牛肉面景泰城店 and 草原情牛肉面团结路店."""

from __future__ import annotations

_BRAND, _WHERE = 3, 2
"""Characters that two shops of one brand have in common at least, and that tell each of them from others."""


def other_shop(one: str, other: str) -> bool:
    """Return whether two names that end in 店 are of two shops of one brand: one or two slips make no other shop, nor a trade that one of them leaves out.

    Args:
        one: a name without its place, folded, and what is in brackets behind it.
        other: likewise.
    """
    from rapidfuzz.distance import OSA, Prefix

    shared = Prefix.similarity(one, other)
    mine, its = one[shared:].removesuffix("店"), other[shared:].removesuffix("店")
    if shared < _BRAND or min(len(mine), len(its)) < _WHERE or mine.endswith(its) or its.endswith(mine):
        return False
    return OSA.distance(mine, its) > max(1, max(len(mine), len(its)) // 3)
