"""Telephones, mail domains and websites that companies of three registered names or more have: a group's switchboard, an incubator's, an agent's; and credit codes of three shops or more: their company's.

Of two whose names differ they say nothing: so many companies are no one company, and so many shops no one shop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import Tally, agreeing, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.pairs.lines import LINES
from crmmigrate.matching.roles import roles_of
from crmmigrate.matching.texts.bags import distinct, distinct_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from crmmigrate.matching import Comparer
    from crmmigrate.matching.comparison import Comparison
    from crmmigrate.matching.roles import Role

_CODE = "credit_code"
SEVERAL = 3
"""So many registered names on one line, or shops of one code."""

_OTHER = named(LEVELS, "different", "group", "sister", "elsewhere", "other_number", "other_form", "other_company", "called_after")  # fmt: skip
"""Levels of names that may as well be those of two companies on one line."""

_OTHER_SHOP = (*_OTHER, *named(LEVELS, "branch", "other_trade"))
_HERE = named(ADDRESS_LEVELS, "same", "similar")
"""Where no other shop of one company is as a rule; elsewhere its company's code says nothing of which it is."""


class SharedLines:
    """How many registered names have each line of a table of companies, and how many shops each credit code.

    Args:
        roles: of the table.
        comparers: of these.
        codes: the value of each record, records × roles.
    """

    def __init__(self, roles: Mapping[str, Role], comparers: Sequence[Comparer], codes: np.ndarray) -> None:
        import numpy as np

        self._name = next(iter(roles_of(roles, "company_name")), -1)
        of_companies = self._name >= 0 and not roles_of(roles, "person_name")
        lines = roles_of(roles, *LINES) if of_companies else []
        self._places = roles_of(roles, "address")
        coded = of_companies and self._places
        codes_at = [at for at, (name, role) in enumerate(roles.items()) if name == _CODE and role.compare == "code"]
        self._licences = codes_at if coded else []
        lines += self._licences
        self._bags = {at: comparers[at].bag for at in lines}  # type: ignore[attr-defined]
        self._keys = {at: comparers[at].lines() for at in self._bags}  # type: ignore[attr-defined]
        self._agree = {at: agreeing([*roles.values()][at].priors()) for at in self._bags}
        names = comparers[self._name] if self._bags else None
        registered = _registered(names) if names else np.zeros(0, dtype=np.int64)
        shops = _shops(names) if names and self._licences else registered
        self._told = {at: shops if at in self._licences else registered for at in self._bags}
        self._codes = codes
        self._crowded: dict[int, np.ndarray] = {}
        for at in self._bags:
            inverse, keys = distinct(self._tally(at, SEVERAL).keys)
            self._note(at, keys[np.bincount(inverse, minlength=len(keys)) >= SEVERAL] if len(keys) else keys)

    def _tally(self, at: int, least: int) -> Tally:
        """Return the lines that stand in so many records at least with the registered names or shops that have them, each once."""
        import numpy as np

        bag, keys, codes = self._bags[at], self._keys[at], self._codes
        often = np.bincount(codes[:, at], minlength=len(bag.sizes))
        line = distinct(keys)[0]
        held = np.bincount(line[bag.items], weights=np.repeat(often, bag.sizes), minlength=1) if len(keys) else line
        some = np.zeros(len(bag.sizes), dtype=bool)
        if len(keys):
            some[np.repeat(np.arange(len(bag.sizes)), bag.sizes)[held[line[bag.items]] >= least]] = True
        told = self._told[at][codes[:, self._name]]
        records = np.flatnonzero(some[codes[:, at]] & (told >= 0))
        _, first = distinct_rows(np.column_stack([codes[records, at], distinct(told[records])[0]]))
        records = records[first]
        values = codes[records, at]
        of, owned = np.repeat(told[records], bag.sizes[values]), bag.sizes[values]
        starts = np.repeat(bag.starts[values] - np.cumsum(owned) + owned, owned)
        lines = keys[bag.items[starts + np.arange(len(starts))]] if len(starts) else np.zeros(0, dtype=np.int64)
        _, first = distinct_rows(np.column_stack([distinct(lines)[0], distinct(of)[0]]))
        return Tally(lines[first], np.ones(len(first), dtype=np.int64), of[first])

    def _note(self, at: int, crowded: np.ndarray) -> None:
        """Take these lines of a role to have several registered names, or shops."""
        import numpy as np

        self._crowded[at] = np.isin(self._keys[at], crowded)

    def tallies(self) -> list[Tally]:
        """Return what is counted: of each role of lines all of them, as another part of the table may have them too."""
        return [self._tally(at, 1) for at in self._bags]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take the lines to have so many registered names."""
        for at, count in zip(self._bags, times, strict=True):
            self._note(at, self._keys[at][count(self._keys[at]) >= SEVERAL])

    def unsay(self, by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
        """Let shared lines say nothing of pairs whose names differ, where all the lines that they share have several registered names; nor a code of several shops of those that share no address.

        Args:
            by: has the values of the records.
            left: records.
            right: records.
            levels: of the pairs, pairs × roles; changed in place.
        """
        import numpy as np

        at = [index for index, crowded in self._crowded.items() if crowded.any()]
        if not at:
            return
        others, shops = np.isin(levels[:, self._name], _OTHER), np.isin(levels[:, self._name], _OTHER_SHOP)
        shops &= ~np.isin(levels[:, self._places], _HERE).any(axis=1)
        for index in at:
            rest = np.flatnonzero((shops if index in self._licences else others) & self._agree[index][levels[:, index]])
            owner, one, other = self._bags[index].cross(by.codes[left[rest], index], by.codes[right[rest], index])
            shared = self._keys[index][one] == self._keys[index][other]
            crowded = self._crowded[index][one[shared]]
            count = np.bincount(owner[shared], minlength=len(rest))
            several = np.bincount(owner[shared][crowded], minlength=len(rest))
            levels[rest[(count > 0) & (count == several)], index] = -1


def _shops(names: Comparer) -> np.ndarray:
    """Return a number for what the shop that each value names is called; -1 where it has a registered name."""
    import numpy as np

    first, shops = names.first, names.told.shops  # type: ignore[attr-defined]
    stems = np.append(np.where(names.kind < 0, names.sounds, -1), -1)  # type: ignore[attr-defined]
    stems[shops.at] = shops.stem
    return np.asarray(np.where(first >= 0, stems[first], -1))


def _registered(names: Comparer) -> np.ndarray:
    """Return a number for the registered name of each value, whatever characters that sound the same it is written with; -1 where it has none."""
    import numpy as np

    first = names.first  # type: ignore[attr-defined]
    sounds = np.where(names.kind >= 0, names.sounds, -1)  # type: ignore[attr-defined]
    return np.asarray(np.where(first >= 0, np.append(sounds, -1)[first], -1))
