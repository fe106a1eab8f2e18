"""Shops and traders of one name and owner at two addresses of a town: one that moved, or the owner's second one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.person_name import LEVELS as PERSON_LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = {level.name: index for index, level in enumerate(COMPANY_LEVELS)}
_NAMESAKE = _NAME["namesake"]
_ONE_NAME = [_NAME[name] for name in ("registered", "here", "same", "form")]
_OWNER = next(at for at, level in enumerate(PERSON_LEVELS) if level.name == "same")
_MOVED = next(at for at, level in enumerate(ADDRESS_LEVELS) if level.name == "elsewhere_in_city")
_LINES = ("phone", "email", "website")


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
    for index, role in enumerate(by.roles.values()):
        if role.compare == "company_name" and not role.joint:
            rest = np.flatnonzero(np.isin(levels[:, index], _ONE_NAME))
            rest = rest[moved(by, levels[rest])]
            names = by.comparers[index]
            a, b = (names.first[by.codes[side[rest], index]] for side in (left, right))  # type: ignore[attr-defined]
            traders = names.told.shops.trader  # type: ignore[attr-defined]
            levels[rest[traders[a] & traders[b]], index] = _NAMESAKE


def moved(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs with one contact at two addresses of a town that have no telephone, mailbox or website in common."""
    import numpy as np

    owner, elsewhere, lines = np.zeros((3, len(levels)), dtype=bool)
    for at, (name, role) in enumerate(by.roles.items()):
        if role.compare == "person_name":
            owner |= levels[:, at] == _OWNER
        elif role.compare == "address":
            elsewhere |= levels[:, at] == _MOVED
        elif role.compare in _LINES:
            lines |= by.shared(name, levels)
    return np.asarray(owner & elsewhere & ~lines)
