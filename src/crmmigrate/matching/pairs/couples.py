"""Pairs of people of one surname of whom by title and name the one is a man and the other a woman: 金永福 and 金女士."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.person_name import LEVELS as PERSON_LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

MAYBE_TWO = by_name(PERSON_LEVELS)["maybe_other_sex"]
_SHORT_FOR_IT = by_name(COMPANY_LEVELS)["brand"]
"""The last level that a company reaches and what it is called for short."""

_STAFF = 1e-2
"""So large a part of all records may be of one company; more are its customers, who have its name in their orders."""


def few(index: int, by: Comparison, others: np.ndarray, at_least: int) -> np.ndarray:
    """Return pairs of companies whose brand few others have, or of people of whose company few others are.

    Args:
        index: of the role of the company.
        by: has the roles.
        others: how many further records share what the pair has in common, pairs × roles.
        at_least: so many are few in any table.
    """
    joint = by.roles[by.names[index]].joint
    return others[:, index] < (max(at_least, _STAFF * by.model.records) if joint else at_least)


def a_couple(index: int, by: Comparison, levels: np.ndarray, rare: np.ndarray) -> np.ndarray:
    """Return pairs that may be a man and his sister or his mother, unless both work at one small company: there somebody gave the wrong title.

    Args:
        index: of the role of the name.
        by: has the roles.
        levels: pairs × roles.
        rare: those that have a mobile or another thing of their own in common, and of whose company few others are.
    """
    import numpy as np

    employed = np.zeros(len(levels), dtype=bool)
    for at, name in enumerate(by.names):
        if by.roles[name].compare == "company_name":
            employed |= (levels[:, at] >= 0) & (levels[:, at] <= _SHORT_FOR_IT) & rare
    return np.asarray((levels[:, index] == MAYBE_TWO) & ~employed)
