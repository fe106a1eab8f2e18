"""Customers who are people in a table of companies: what they are called there tells little of who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.customers import whom
from crmmigrate.matching.roles import roles_of
from crmmigrate.model.person_titles import OF_MEN, OF_WOMEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from crmmigrate.matching import Comparer
    from crmmigrate.matching.comparison import Comparison
    from crmmigrate.matching.roles import Role

_CALLED, _NICKNAME, _OTHER_SCRIPT, _DIFFERENT = named(LEVELS, "called", "nickname", "other_script", "different")
_LONGEST = 12
"""Characters of what somebody is called, with a city."""


class Customers:
    """Which names of companies are a given name, or a surname with a title, and no more; and which are whole names of people.

    Args:
        roles: of the table.
        comparers: of these.
    """

    def __init__(self, roles: Mapping[str, Role], comparers: Sequence[Comparer]) -> None:
        import numpy as np

        at = next(iter(roles_of(roles, "company_name")), -1)
        self._any = at >= 0 and not roles_of(roles, "person_name")
        if not self._any:
            return
        self._names = names = comparers[at]
        count = len(names.length)  # type: ignore[attr-defined]
        self._given, self._titled, self._whole, self._sex = (np.full(count + 1, -1) for _ in range(4))
        few = np.flatnonzero((names.kind < 0) & (names.length <= _LONGEST))  # type: ignore[attr-defined]
        met: dict[str, int] = {}
        for index, core in zip(few.tolist(), names.letters.texts(few), strict=True):  # type: ignore[attr-defined]
            given, surname, title = whom(core)
            if given:
                self._given[index] = met.setdefault(given, len(met))
            elif title:
                self._titled[index] = met.setdefault(surname, len(met))
                self._sex[index] = 0 if title in OF_MEN else 1 if title in OF_WOMEN else -1
            elif surname:
                self._whole[index] = met.setdefault(surname, len(met))
        self._any = bool((self._given >= 0).any() or (self._titled >= 0).any())

    def told(self, by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
        """Let what both are called say no more than a given name or a surname says, where they have no other name in common.

        Args:
            by: has the values of the records.
            left: records.
            right: records.
            levels: of the pairs, pairs × roles; changed in place.
        """
        import numpy as np

        if not self._any:
            return
        at = by.of("company_name")[0]
        seen, left, right = levels[:, at].copy(), by.codes[left, at], by.codes[right, at]
        one, other = (self._names.first[side] for side in (left, right))  # type: ignore[attr-defined]
        a, b = self._titled[one], self._titled[other]
        titled = ((a >= 0) & ((a == b) | (a == self._whole[other]))) | ((b >= 0) & (b == self._whole[one]))
        found = titled | ((self._given[one] >= 0) & (self._given[one] == self._given[other]))
        found[found] = ~self._otherwise(left[found], right[found])
        couple = titled & (self._sex[one] >= 0) & (self._sex[other] >= 0) & (self._sex[one] != self._sex[other])
        seen[found] = np.where(couple[found], _DIFFERENT, _CALLED)
        chinese = np.maximum(self._titled, self._whole) >= 0
        nickname = ((self._given[one] >= 0) & chinese[other]) | ((self._given[other] >= 0) & chinese[one])
        # Any Wendy may be any 李娜, but for what she is reached by.
        seen[nickname & np.isin(seen, (_OTHER_SCRIPT, _DIFFERENT)) & by.shares(levels, "phone", "code")] = _NICKNAME
        levels[:, at] = seen

    def _otherwise(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values have a name in common that says more."""
        import numpy as np

        names = self._names
        owner, one, other = names.bag.cross(left, right)  # type: ignore[attr-defined]
        more = (names.core[one] == names.core[other]) & (np.maximum(self._given, self._titled)[one] < 0)  # type: ignore[attr-defined]
        return np.asarray(np.bincount(owner[more], minlength=len(left)) > 0)
