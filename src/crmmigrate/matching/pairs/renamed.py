"""People who are called alike only by what a remark tells of one of them: 王芳 (原名李娜) and 李娜."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.pairs.colleagues import share_their_own
from crmmigrate.matching.person_name import LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison
    from crmmigrate.matching.person_name import People

_ONE_NAME = named(LEVELS, "same", "sound", "pinyin", "close", "nickname", "slip", "one_character", "similar")
_PART = named(LEVELS, "part")[0]


def renamed_alone(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let the name that a remark tells be no more than a part of one where two people have nothing of their own in common: another of that name may be meant.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    for at in by.of("person_name"):
        comparer: People = by.comparers[at]  # type: ignore[assignment]
        if comparer.renamed is None:
            continue
        one, other = by.codes[left, at], by.codes[right, at]
        told = (comparer.renamed[one] | comparer.renamed[other]) & (comparer.own[one] != comparer.own[other])
        asked = np.flatnonzero(told & np.isin(levels[:, at], _ONE_NAME))
        levels[asked[~share_their_own(by, levels[asked])], at] = _PART
