"""Names of companies that are read more generously where both are in one place: a brand in characters that may be read alike, a name in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.texts.folding import all_sounds, is_chinese

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = by_name(COMPANY_LEVELS)
_SHORT, _FORM, _SIMILAR, _DIFFERENT = (_NAME[level] for level in ("short", "form", "similar", "different"))
_ONE_HOUSE = named(ADDRESS_LEVELS, "same", "similar")
_ONE_CITY = named(ADDRESS_LEVELS, "same_city", "elsewhere_in_city")
_BRAND, _TRADE = 2, 2
"""Characters of a brand, and at least of a trade."""


def read_alike_in_one_house(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let names at one address be similar whose brands may be read alike, before one trade or one that is short for it: 行科机电设备 and 星科机电.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    _raise(by, left, right, levels, (_DIFFERENT, _SIMILAR), _ONE_HOUSE, _read_alike)


def short_in_one_city(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let brand and trade be worth the whole name in one city: 速宁新材料 of Hangzhou and 杭州速宁新材料科技有限公司; arguments as for `read_alike_in_one_house`.

    By that alone nobody is merged, but asked about; what else is shared decides by itself.
    """
    _raise(by, left, right, levels, (_SHORT, _FORM), _ONE_CITY, _begins)


def _raise(
    by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray, change: tuple[int, int], where: tuple[int, ...],
    alike: Callable[[str, str], bool],
) -> None:  # fmt: skip
    """Change the level of names that are alike and share nothing but the place, in place."""
    import numpy as np

    if not by.of("address"):
        return
    for at in by.of("company_name"):
        asked = (levels[:, at] == change[0]) & by.met("address", levels, where)
        rest = np.flatnonzero(asked & ~by.shares(levels, "phone", "email", "website", "code"))
        names = by.comparers[at]
        sides = [names.first[by.codes[side[rest], at]] for side in (left, right)]  # type: ignore[attr-defined]
        cores = (names.letters.texts(side) for side in sides)  # type: ignore[attr-defined]
        found = np.array([alike(*sorted(pair, key=len)) for pair in zip(*cores, strict=True)], dtype=bool)
        levels[rest[found], at] = change[1]


def _begins(short: str, long: str) -> bool:
    """Return whether a name of brand and trade stands at the head of another."""
    return len(short) >= _BRAND + _TRADE and is_chinese(short) and long.startswith(short)


def _read_alike(short: str, long: str) -> bool:
    """Return whether the brands of two names may sound the same, and one trade begins with the other."""
    one, other = short[:_BRAND], long[:_BRAND]
    if len(short) < _BRAND + _TRADE or not is_chinese(one) or not is_chinese(other):
        return False
    return long[_BRAND:].startswith(short[_BRAND:]) and not set(all_sounds(one)).isdisjoint(all_sounds(other))
