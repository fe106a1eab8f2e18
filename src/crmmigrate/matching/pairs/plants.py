"""Companies and their plants that do not say where they are: 启明机械有限公司 and 启明机械有限公司(新厂)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.pairs.lines import on_one_phone

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = by_name(COMPANY_LEVELS)
_BRANCH, _FORM, _PLACED = _NAME["branch"], _NAME["form"], _NAME["placed"]
_HERE = named(ADDRESS_LEVELS, "same", "similar")
_ELSEWHERE = named(ADDRESS_LEVELS, "elsewhere_in_city", "same_province", "other_line", "other_town", "different")


def plants_at_home(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let a plant be its company where both have one address, or one telephone and one of them says no address; elsewhere it is a site of the company, which people are asked about.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    for at in by.of("company_name"):
        rest = np.flatnonzero(levels[:, at] == _BRANCH)
        rest = rest[maybe_its_plants(by, at, left[rest], right[rest])]
        elsewhere, reached = by.met("address", levels[rest], _ELSEWHERE), on_one_phone(by, levels[rest])
        there = by.met("address", levels[rest], _HERE) | (reached & ~elsewhere)
        # Two telephones at two addresses are two sites, whatever the name is worth.
        asked = np.where(elsewhere & _two_phones(by, levels[rest]), _FORM, np.where(reached, _BRANCH, _PLACED))
        levels[rest, at] = np.where(there, _FORM, asked)


def _two_phones(by: Comparison, levels: np.ndarray) -> np.ndarray:
    import numpy as np

    found = np.zeros(len(levels), dtype=bool)
    for at in by.of("phone"):
        found |= levels[:, at] == by.model.fields[at].last
    return np.asarray(found & ~on_one_phone(by, levels))


def maybe_its_plants(by: Comparison, at: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return which pairs are a company and such a plant by the names in this role, whosever it is."""
    import numpy as np

    branches = by.comparers[at].branches  # type: ignore[attr-defined]
    return np.asarray(branches.may_be_its_plant(by.codes[left, at], by.codes[right, at]))
