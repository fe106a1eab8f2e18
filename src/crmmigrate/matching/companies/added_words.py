"""Sister companies in Chinese: of two names one has a word more that says what a company of the same owner does, or that it is the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_LONGER = named(LEVELS, "word_more", "one_character", "similar")
_SISTERS = frozenset(
    ("研究院", "研究所", "销售", "营销", "进出口", "物流", "置业", "房地产", "投资", "控股", "租赁", "检测")
)
"""What somebody leaves out by mistake less often than an owner founds a company for it."""

_NEW = "新"


def is_sister(one: str, other: str) -> bool:
    """Return whether one core is the other with such a word put in: 新元化工销售 and 新元化工, 新永兴贸易 and 永兴贸易."""
    if len(one) > len(other):
        one, other = other, one
    more = len(other) - len(one)
    if not more:
        return False
    if other[:1] == _NEW and other[1:] == one:
        return True
    same = next((at for at in range(len(one)) if one[at] != other[at]), len(one))
    # The word may begin before the first difference, where it begins as what stands behind it does.
    places = range(max(0, same - more + 1), same + 1)
    return any(other[at : at + more] in _SISTERS and other[:at] + other[at + more :] == one for at in places if at > 1)


def sisters(cores: pa.Array, one: np.ndarray, other: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs of names (positions in `cores`) `is_sister` holds of, of those whose levels leave that open."""
    import numpy as np
    import pyarrow as pa

    found = np.isin(levels, _LONGER)
    rest = np.flatnonzero(found)
    pairs = (cores.take(pa.array(side[rest])).to_pylist() for side in (one, other))
    found[rest] = [is_sister(*pair) for pair in zip(*pairs, strict=True)]
    return np.asarray(found)
