"""Chinese names of one brand with two trades: sister companies, whatever a third record that is short for both ties together."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crmmigrate.matching import by_name
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.readings import trades

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_AT = by_name(LEVELS)
_BY_BRAND, _DIFFERENT = _AT["brand"], _AT["different"]
_BRAND = 2
"""Characters of a brand, at least."""

_TRADE = range(2, 7)
"""Characters of a word that says what a company does."""


def two_trades(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs are such sisters by their current names, of which one at least is registered: 海天模具有限公司 and 海天机械.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles.
    """
    import numpy as np

    found = np.zeros(len(left), dtype=bool)
    for index in by.of("company_name"):
        found |= _sisters(by, index, left, right, levels[:, index] == _DIFFERENT)
    return found


def unsay_brand(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let what both are called for short say nothing of such sisters, for that is their brand; arguments as for `two_trades`, the levels are changed in place."""
    for index in by.of("company_name"):
        levels[_sisters(by, index, left, right, levels[:, index] == _BY_BRAND), index] = _DIFFERENT


def _sisters(by: Comparison, index: int, left: np.ndarray, right: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return of the pairs asked about (bool) which are such sisters by the names in this role."""
    import numpy as np

    names, rest = by.comparers[index], np.flatnonzero(asked)
    one, other = (names.first[by.codes[side[rest], index]] for side in (left, right))  # type: ignore[attr-defined]
    alike = (names.limited[one] | names.limited[other]) & (names.brand[one] == names.brand[other])  # type: ignore[attr-defined]
    cores = (names.letters.texts(side[alike]) for side in (one, other))  # type: ignore[attr-defined]
    found = np.zeros(len(left), dtype=bool)
    found[rest[alike]] = [of_two_trades(*pair) for pair in zip(*cores, strict=True)]
    return found


def of_two_trades(one: str, other: str) -> bool:
    """Return whether two cores are one brand before words for trades that have no character in common: 电器 and 电机, or 建材 and 建筑材料, may be slips or short."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = ((one[brand:], other[brand:]) for brand in range(_BRAND, same + 1))
    return any(_is_trade(a) and _is_trade(b) and set(a).isdisjoint(b) for a, b in ends)


@lru_cache(maxsize=20_000)
def _is_trade(text: str) -> bool:
    """Return whether a text is made of words for trades alone."""
    parts = ((text[:size], text[size:]) for size in _TRADE if size <= len(text))
    return any(word in trades() and (not rest or _is_trade(rest)) for word, rest in parts)
