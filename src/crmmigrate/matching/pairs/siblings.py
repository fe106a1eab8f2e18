"""Brothers and sisters, and others of a family: two by their names and by birth or sex, with one telephone, one address and their mother's WeChat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.date import LEVELS as DATE_LEVELS
from crmmigrate.matching.pairs.births import born_together
from crmmigrate.matching.person_name import LEVELS
from crmmigrate.matching.sex import LEVELS as SEX_LEVELS
from crmmigrate.matching.shipped_headers import OF_PARENTS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_OTHER_NAMES = named(LEVELS, "other_character", "other_given", "different")
"""What nobody is called who hears the other."""

_VAGUE = named(LEVELS, "surname", "maybe_other_sex")
_OTHER_SEX = named(LEVELS, "other_sex")[0]
_TWO_SEXES = named(SEX_LEVELS, "different")[0]
_BORN_APART = named(DATE_LEVELS, "part", "different")
"""Dates that differ by more than a slip."""

_FAMILYS = ("wechat", "qq", "buyer")
"""Accounts that a family may share, beside its telephones, mailboxes and address."""


def unsay_family(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:  # noqa: ARG001  (as all that see levels together)
    """Let what a family shares say nothing of two whose names, and whose sex or date of birth, are others'; of 王总 and 王芳 the sex alone tells it.

    On the telephone of parents, names that sound otherwise are those of two children, unless they are born on one day. Where names only sound alike or the
    dates are a slip apart, one of them may be mistyped, and people are asked.

    Args:
        by: has the roles.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    two_sexes = by.met("sex", levels, (_TWO_SEXES,))
    apart = two_sexes | by.met("date", levels, _BORN_APART)
    if _of_children(by):
        apart |= ~born_together(by, levels)
    shared = [*by.of("phone", "address", "email"), *(by.names.index(one) for one in _FAMILYS if one in by.names)]
    for at in by.of("person_name"):
        levels[two_sexes & np.isin(levels[:, at], _VAGUE), at] = _OTHER_SEX
        two = np.flatnonzero(apart & np.isin(levels[:, at], _OTHER_NAMES))
        for other in shared:
            levels[two, other] = -1


def _of_children(by: Comparison) -> bool:
    """Return whether the telephones of a table are those of the parents of whom it tells, by their headers."""
    numbers = [
        column for role in ("mobile", "phone") if role in by.rules.columns for column in by.rules.columns[role].columns
    ]
    return any(map(OF_PARENTS.search, numbers))
