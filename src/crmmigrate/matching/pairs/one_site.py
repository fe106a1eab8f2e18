"""What is one shop although its names say otherwise: one licence is one business, whatever is written over its door, and a brand has no two shops in one house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.pairs.lines import on_one_phone

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison


_BRANCH = by_name(COMPANY_LEVELS)["branch"]
_ONE_HOUSE = named(ADDRESS_LEVELS, "same", "similar")
_MAYBE_NEAR = (-1, *named(ADDRESS_LEVELS, "same_city", "elsewhere_in_city", "unclear"))
"""Where both may be in one street, or one does not say where it is."""


def one_site(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs are one shop, or may be, although their names are of other branches.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles.
    """
    import numpy as np

    house = _one_house(by, left, right, levels) | _on_its_street(by, left, right, levels)
    return np.asarray(_one_licence(by, left, right, levels) | house)


def unsay_branches(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let names of two branches say nothing of one sole trader, who moved his shop and calls it after the new street; arguments as for `one_site`, the levels are changed in place."""
    for index in by.of("company_name"):
        levels[(levels[:, index] == _BRANCH) & _one_licence(by, left, right, levels), index] = -1


def _one_house(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs are a shop at one address, and at most one of them is called after where that is; with one telephone as well, one of them may be called as its company."""
    import numpy as np

    found = np.zeros(len(left), dtype=bool)
    rest = np.flatnonzero(by.met("address", levels, _ONE_HOUSE))
    reached = on_one_phone(by, levels[rest])
    for at in by.of("company_name") if len(rest) else ():
        branches = by.comparers[at].branches  # type: ignore[attr-defined]
        one, other = by.codes[left[rest], at], by.codes[right[rest], at]
        found[rest] |= branches.maybe_in_one_house(one, other) | (reached & branches.maybe_its_shop(one, other))
    return found


def _on_its_street(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs with one telephone are a brand at an address and its shop that is called after that: 茶屿 in 章丘区和平路, and 茶屿(和平路店)."""
    import numpy as np

    found, addresses = np.zeros(len(left), dtype=bool), by.of("address")
    rest = np.flatnonzero(on_one_phone(by, levels) & by.met("address", levels, _MAYBE_NEAR))
    for at in by.of("company_name") if len(rest) else ():
        branches = by.comparers[at].branches  # type: ignore[attr-defined]
        asked = rest[branches.maybe_in_one_house(by.codes[left[rest], at], by.codes[right[rest], at])]
        for pair in asked.tolist():
            one, other = (branches.where(by.codes[side[pair], at]) for side in (left, right))
            brand = right[pair] if one else left[pair]
            lines = (by.comparers[where].line_of(by.codes[brand, where]) for where in addresses)  # type: ignore[attr-defined]
            found[pair] |= bool(one or other) and any((one or other) in line for line in lines)
    return found


def _one_licence(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs share the credit code of a sole trader; a company's branches may be written down with that of the company.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles.
    """
    import numpy as np

    shared = np.zeros(len(left), dtype=bool)
    if "credit_code" not in by.names or by.roles["credit_code"].compare != "code":
        return shared
    at = by.names.index("credit_code")
    traders = by.comparers[at].traders  # type: ignore[attr-defined]
    return np.asarray((levels[:, at] == 0) & traders[by.codes[left, at]] & traders[by.codes[right, at]])
