"""Branches, shops and departments: of which each company's name is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.bags import numbered_where_said
from crmmigrate.matching.shop import other_shop

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching.bags import Bags
    from crmmigrate.matching.company_parts import Name


class Branches:
    """The branch and the department of each value's first name, and which are called 店 without a legal form.

    Of 麟威望江店 nobody knows where the branch begins: it is not said to be another than 麟威眼镜有限公司望江店.

    Args:
        names: all.
        bag: the names of each value.
        first: the number of each value's first name, -1 where there is none.
        part: a number for the branch of each name.
        full: a number for each name as a whole.
    """

    def __init__(self, names: Sequence[Name], bag: Bags, first: np.ndarray, part: np.ndarray, full: np.ndarray) -> None:
        import numpy as np

        self._first = first
        self._shops = {
            index: name.core + name.branch
            for index, name in enumerate(names)
            if not name.kind and name.full.endswith("店") and (not name.branch or name.branch.endswith("店"))
        }
        self._shop = np.isin(first, list(self._shops))
        unknown = np.zeros(len(names), dtype=bool)
        unknown[[index for index in self._shops if not names[index].branch]] = True
        self._branch = np.append(np.where(unknown, -1, part), -1)[first]
        # Nor of which branch 浙大机械系 is, which may be 浙江大学机械系.
        guessed = np.array([bool(name.at_most and name.branch) for name in names], dtype=bool)
        whole = np.array([*(not name.branch for name in names), False], dtype=bool)[first]
        values = np.repeat(np.arange(len(bag.sizes)), bag.sizes)[guessed[bag.items]]
        self._branch[values[whole[values]]] = -1
        self._noted = np.append(numbered_where_said([name.department for name in names]), -1)[first]
        self._whole = np.append(full, -1)[first]

    def other(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values are of different branches or departments, or of a branch and the company itself."""
        import numpy as np

        one, other = self._branch[left], self._branch[right]
        apart = (one >= 0) & (other >= 0) & (one != other)
        for index in np.flatnonzero(~apart & self._shop[left] & self._shop[right]):
            apart[index] = other_shop(self._shops[self._first[left[index]]], self._shops[self._first[right[index]]])
        mine, its = self._noted[left], self._noted[right]
        return np.asarray(
            (apart & (self._whole[left] != self._whole[right])) | ((mine >= 0) & (its >= 0) & (mine != its))
        )
