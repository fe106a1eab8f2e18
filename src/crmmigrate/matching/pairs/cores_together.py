"""Names of companies that are read more generously where both are in one place: a brand in characters that may be read alike, a name in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.person_name import FEW
from crmmigrate.matching.texts.folding import all_sounds, is_chinese

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = by_name(COMPANY_LEVELS)
_SHORT, _SHORT_HERE, _SIMILAR, _DIFFERENT = (_NAME[level] for level in ("short", "short_here", "similar", "different"))
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
    import numpy as np

    for at in by.of("company_name"):
        rest = np.flatnonzero((levels[:, at] == _DIFFERENT) & by.met("address", levels, _ONE_HOUSE))
        levels[rest[_alike(by, at, left[rest], right[rest], _read_alike)], at] = _SIMILAR


def short_in_one_city(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let a rare brand with its trade be worth much in the city that the other name is registered in, where nothing else is shared: 速宁新材料 of Hangzhou and 杭州速宁新材料科技有限公司.

    By that nobody is merged, but asked about; arguments as for `read_alike_in_one_house`.
    """
    import numpy as np

    for at in by.of("company_name"):
        asked = (levels[:, at] == _SHORT) & by.met("address", levels, _ONE_CITY)
        rest = np.flatnonzero(asked & ~by.shares(levels, "phone", "email", "website", "code"))
        names, one, other = by.comparers[at], by.codes[left[rest], at], by.codes[right[rest], at]
        registered = names.sure[names.first[one]] | names.sure[names.first[other]]  # type: ignore[attr-defined]
        rest = rest[registered & (names.others(one, other) < FEW)]
        levels[rest[_alike(by, at, left[rest], right[rest], _begins)], at] = _SHORT_HERE


def _alike(
    by: Comparison, at: int, left: np.ndarray, right: np.ndarray, alike: Callable[[str, str], bool]
) -> np.ndarray:
    """Return of which pairs this is true of brand and trade in the current names, the shorter one first."""
    import numpy as np

    names = by.comparers[at]
    cores = (names.letters.texts(names.first[by.codes[side, at]]) for side in (left, right))  # type: ignore[attr-defined]
    return np.array([alike(*sorted(pair, key=len)) for pair in zip(*cores, strict=True)], dtype=bool)


def _begins(short: str, long: str) -> bool:
    """Return whether a name of brand and trade stands at the head of another."""
    return len(short) >= _BRAND + _TRADE and is_chinese(short) and long.startswith(short)


def _read_alike(short: str, long: str) -> bool:
    """Return whether the brands of two names may sound the same, and one trade begins with the other."""
    one, other = short[:_BRAND], long[:_BRAND]
    if len(short) < _BRAND + _TRADE or not is_chinese(one) or not is_chinese(other):
        return False
    return long[_BRAND:].startswith(short[_BRAND:]) and not set(all_sounds(one)).isdisjoint(all_sounds(other))
