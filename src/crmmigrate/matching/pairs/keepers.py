"""Customers of whom one is called by the name of who is asked for at the other: 刘广才, and 穗穗农机专业合作社 that 刘广才 keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.people.parts import is_whole_name
from crmmigrate.matching.roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from crmmigrate.matching import Comparer
    from crmmigrate.matching.comparison import Comparison
    from crmmigrate.matching.roles import Role

_KEEPER, _DIFFERENT = named(LEVELS, "keeper", "different")
_LONGEST = 4
"""Characters of a whole name."""


class Keepers:
    """Which names of companies are whole names of people, and who is asked for where.

    Args:
        roles: of the table.
        comparers: of these.
    """

    def __init__(self, roles: Mapping[str, Role], comparers: Sequence[Comparer]) -> None:
        import numpy as np

        at = next(iter(roles_of(roles, "company_name")), -1)
        asked = [*roles].index("contact") if "contact" in roles else -1
        self._any = at >= 0 and asked >= 0 and roles["contact"].compare == "person_name"
        if not self._any:
            return
        names, people, self._contact = comparers[at], comparers[asked], asked
        count = len(names.length)  # type: ignore[attr-defined]
        called = np.full(count + 1, -1)
        few = np.flatnonzero((names.kind < 0) & (names.length <= _LONGEST) & names.chinese)  # type: ignore[attr-defined]
        met: dict[str, int] = {}
        for index, core in zip(few.tolist(), names.letters.texts(few), strict=True):  # type: ignore[attr-defined]
            if is_whole_name(core):
                called[index] = met.setdefault(core, len(met))
        first = names.first  # type: ignore[attr-defined]
        self._called = called[first]
        """Of each value, the number of the person who is called so; -1 for what is nobody's name."""
        self._kept = (first >= 0) & (self._called < 0) & np.append(names.told.kept, False)[first]  # type: ignore[attr-defined]
        """Of each value, whether it may be a shop or a cooperative: companies, schools and offices have people who are customers themselves."""
        bag = people.bag  # type: ignore[attr-defined]
        self._asked = np.full(people.values, -1)  # type: ignore[attr-defined]
        for value in np.flatnonzero(people.whole & (bag.sizes[: people.values] > 0)).tolist():  # type: ignore[attr-defined]
            self._asked[value] = met.get(people.items[bag.items[bag.starts[value]]].name, -1)  # type: ignore[attr-defined]
        self._any = bool(met) and bool((self._asked >= 0).any())

    def told(self, by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
        """Let the names of such pairs say so; arguments as for `Customers.told`."""
        import numpy as np

        if not self._any:
            return
        at = by.of("company_name")[0]
        rest = np.flatnonzero(levels[:, at] == _DIFFERENT)
        sides = [(by.codes[side[rest], at], by.codes[side[rest], self._contact]) for side in (left, right)]
        found = np.zeros(len(rest), dtype=bool)
        for (one, _), (other, contact) in (sides, sides[::-1]):
            found |= (self._called[one] >= 0) & (self._called[one] == self._asked[contact]) & self._kept[other]
        levels[rest[found], at] = _KEEPER
