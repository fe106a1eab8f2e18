"""Pairs of companies of which one is only called by its brand: so are its sisters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.person_name import LEVELS as PERSON_LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = by_name(COMPANY_LEVELS)
_NEAR = {
    "person_name": named(PERSON_LEVELS, "same", "sound", "pinyin", "surname"),
    "address": named(ADDRESS_LEVELS, "similar"),
}
"""Levels of a contact and of an address that two writings of one company reach, and its sisters too, if they have the same people."""


def brand_alone(by: Comparison, index: int, levels: np.ndarray, rare: np.ndarray) -> np.ndarray:
    """Return pairs of which one is only called by its brand, whose registered names differ or are in two scripts, and that share at most one thing: so do sister companies.

    Of a brand that few have, and of names in two scripts, a contact and a similar address are things that are shared too.

    Args:
        by: has the roles and their model.
        index: the role of the names.
        levels: pairs × roles.
        rare: of which pairs few others have the brand.
    """
    import numpy as np

    shared, near = np.zeros((2, len(levels)), dtype=np.int8)
    for at, name in enumerate(by.names):
        if at == index:
            continue
        if not by.roles[name].joint:
            shared += by.shared(name, levels)
        near += np.isin(levels[:, at], _NEAR.get(by.roles[name].compare, ()))
    web = [by.shared(name, levels) for name in ("website", "email") if name in by.names]
    # A company's branches in other towns have its site and its mailbox, which are one thing.
    shared -= (levels[:, index] == _NAME["inside"]) & (np.sum(web, axis=0) > 1)
    sisters = np.isin(
        levels[:, index],
        (_NAME["brand"], _NAME["inside"], _NAME["longer"], _NAME["other_form"], _NAME["other_script"]),
    )
    told = (rare & (levels[:, index] == _NAME["brand"])) | np.isin(
        levels[:, index], (_NAME["inside"], _NAME["other_script"])
    )
    return np.asarray(sisters & (shared < 2) & ~(told & (shared + near > 1)))
