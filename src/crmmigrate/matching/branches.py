"""Branches, shops and departments: of which each company's name is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.cells import matched
from crmmigrate.matching.shop import other_shop

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.bags import Bags
    from crmmigrate.matching.name_columns import Names

_SHOP = "店"
_STREET = re.compile("([\u3400-\u9fff]{2})(?:路|街|大道|大街)店\\Z")


class Branches:
    """The branch and the department of each value's first name, and which are called 店 without a legal form.

    Of 麟威望江店 nobody knows where the branch begins: it is not said to be another than 麟威眼镜有限公司望江店.

    Args:
        names: all.
        bag: the names of each value.
        first: the number of each value's first name, -1 where there is none.
        full: a number for each name as a whole.
    """

    def __init__(self, names: Names, bag: Bags, first: np.ndarray, full: np.ndarray) -> None:
        import numpy as np

        self._first = first
        part, whole = names.branch.codes, ~names.branch.true()
        ends = names.branch.each(lambda branch: not branch or branch.endswith(_SHOP))
        shops = np.flatnonzero(~names.kind.true() & ends & matched(names.full, f"{_SHOP}$"))
        self._shops = {
            index: name.core + name.branch for index, name in zip(shops.tolist(), names.take(shops).each(), strict=True)
        }
        self._shop = np.isin(first, shops)
        unknown = np.zeros(len(part), dtype=bool)
        unknown[shops[whole[shops]]] = True
        self._branch = np.append(np.where(unknown, -1, part), -1)[first]
        # Nor of which branch 浙大机械系 is, which may be 浙江大学机械系.
        guessed = names.at_most.true() & ~whole
        values = np.repeat(np.arange(len(bag.sizes)), bag.sizes)[guessed[bag.items]]
        self._branch[values[np.append(whole, False)[first][values]]] = -1
        # 朝阳店 stands in 朝阳街 for all we know; 朝阳路店 does not.
        short = names.branch.mapped(lambda branch: _STREET.sub(r"\1店", branch))
        met = {branch: code for code, branch in enumerate(names.branch.values)}
        codes = np.array([met.get(branch, -1) for branch in short.values], dtype=np.int64)[short.codes]
        self._without_street = np.append(codes, -1)[first]
        self._noted = np.append(names.department.where_said(), -1)[first]
        self._whole = np.append(full, -1)[first]

    def other(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values are of different branches or departments, or of a branch and the company itself."""
        import numpy as np

        one, other = self._branch[left], self._branch[right]
        mine, its = self._without_street[left], self._without_street[right]
        apart = (one >= 0) & (other >= 0) & (one != other) & (mine != other) & (one != its)
        for index in np.flatnonzero(~apart & self._shop[left] & self._shop[right]):
            apart[index] = other_shop(self._shops[self._first[left[index]]], self._shops[self._first[right[index]]])
        mine, its = self._noted[left], self._noted[right]
        return np.asarray(
            (apart & (self._whole[left] != self._whole[right])) | ((mine >= 0) & (its >= 0) & (mine != its))
        )
