"""Companies that each have a name in Chinese and one in letters: each is compared with its own kind.

Names in letters are chosen freely in Taiwan and on the mainland, and in Hong Kong many Chinese ones sound alike: 長益 and 祥益 are both Cheung Yik.
So the Chinese names tell more, but where one of them is short for the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from crmmigrate.matching.texts.bags import Bags

_UNDECIDED = named(LEVELS, "short", "inside", "brand")
_APART = named(LEVELS, "branch", "other_law", "other_number")
"""What only names in letters say: Kian Hin Sdn Bhd and its Ipoh Branch, and Kian Hin Pte Ltd, are all 建兴有限公司."""


class TwoScripts:
    """Values with names in both scripts.

    Args:
        chinese: of each value the names in Chinese.
        foreign: those in letters.
        first: of each value whether its first name is Chinese.
    """

    def __init__(self, chinese: Bags, foreign: Bags, first: np.ndarray) -> None:
        self.chinese, self.foreign = chinese, foreign
        self.both = (chinese.sizes > 0) & (foreign.sizes > 0)
        self.first = first

    def put_right(
        self,
        levels: np.ndarray,
        left: np.ndarray,
        right: np.ndarray,
        levels_of: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> np.ndarray:
        """Return the levels of pairs, those anew of which both sides have both; where both go by their Chinese names, these were all that counted.

        Args:
            levels: as they are otherwise; changed in place.
            left: values.
            right: values.
            levels_of: compares two names.
        """
        import numpy as np

        rest = np.flatnonzero(self.both[left] & self.both[right] & ~(self.first[left] & self.first[right]))
        if not len(rest):
            return levels
        one, other = left[rest], right[rest]
        found = self.chinese.best(one, other, levels_of, once=True)
        foreign = self.foreign.best(one, other, levels_of, once=True)
        found = np.where(np.isin(found, _UNDECIDED), np.minimum(found, foreign), found)
        levels[rest] = np.where(np.isin(foreign, _APART), np.maximum(found, foreign), found)
        return levels
