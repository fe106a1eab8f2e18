"""Shops and traders of one name and owner at two addresses of a town: one that moved, or the owner's second one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.pairs.lines import LINES
from crmmigrate.matching.person_name import LEVELS as PERSON_LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = by_name(COMPANY_LEVELS)
_NAMESAKE, _BRANCH = _NAME["namesake"], _NAME["branch"]
_ONE_NAME = named(COMPANY_LEVELS, "registered", "here", "same", "form")
_OWNER = by_name(PERSON_LEVELS)["same"]
_ELSEWHERE = named(ADDRESS_LEVELS, "elsewhere_in_city", "other_line", "other_town", "different")
_MOVED = by_name(ADDRESS_LEVELS)["elsewhere_in_city"]


def moved_apart(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Lower the level of such pairs to that of namesakes: companies are registered by a name once in a city, traders once in each of its districts.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    if not by.model.sites:
        return
    for index in by.of("company_name"):
        rest = np.flatnonzero(np.isin(levels[:, index], _ONE_NAME))
        rest = rest[moved(by, levels[rest])]
        names = by.comparers[index]
        a, b = (names.first[by.codes[side[rest], index]] for side in (left, right))  # type: ignore[attr-defined]
        traders = names.told.shops.trader  # type: ignore[attr-defined]
        levels[rest[traders[a] & traders[b]], index] = _NAMESAKE


def placed_apart(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Take shops elsewhere of which one is called as the other with its town before the name for an owner's second one: 月亮餐馆 and 永固月亮餐馆 in 永固.

    Arguments as for `moved_apart`.
    """
    import numpy as np

    if not by.model.sites:
        return
    for index in by.of("company_name"):
        rest = np.flatnonzero(
            np.isin(levels[:, index], (_NAMESAKE, *_ONE_NAME)) & by.met("address", levels, _ELSEWHERE)
        )
        names = by.comparers[index]
        cores = [names.letters.texts(names.first[by.codes[side[rest], index]]) for side in (left, right)]  # type: ignore[attr-defined]
        longer = [a != b and (a.endswith(b) or b.endswith(a)) for a, b in zip(*cores, strict=True)]
        levels[rest[np.array(longer, dtype=bool)], index] = _BRANCH


def moved(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs with one contact at two addresses of a town that have no telephone, mailbox or website in common."""
    import numpy as np

    people = [at for at, role in enumerate(by.roles.values()) if role.compare == "person_name"]
    owner = (levels[:, people] == _OWNER).any(axis=1)
    return np.asarray(owner & by.met("address", levels, (_MOVED,)) & ~by.shares(levels, *LINES))
