"""Two records of one whole name in one flat: a family calls no two of its own the same, so that another mobile is a new number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.date import LEVELS as DATE_LEVELS
from crmmigrate.matching.email import LEVELS as EMAIL_LEVELS
from crmmigrate.matching.person_name import LEVELS
from crmmigrate.matching.roles import PEOPLE

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_SAME = named(LEVELS, "same")[0]
_ONE_PLACE = named(ADDRESS_LEVELS, "same", "similar")
_AT_WORK = named(EMAIL_LEVELS, "desk", "same_domain", "numbered", "work_and_own")
"""Of mailboxes of which one is at a company at least."""

_BORN_APART = named(DATE_LEVELS, "part", "different")


def unsay_new_number(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let another mobile say nothing of two private people of one whole name at one door, unless their birth or sex or a document tells them apart.

    In an estate of which no door is told, and among those who give their employer's address, there are namesakes.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    names, addresses = by.of("person_name"), by.of("address")
    people = by.model.people
    if by.rules.object not in PEOPLE or not names or not addresses or people is None or people.groups:
        return
    if "mobile" not in by.names:
        return
    name, address, mobile = names[0], addresses[-1], by.names.index("mobile")
    asked = np.flatnonzero(
        (levels[:, name] == _SAME)
        & (levels[:, mobile] == by.model.fields[mobile].last)
        & np.isin(levels[:, address], _ONE_PLACE)
    )
    door = by.comparers[address].at_home  # type: ignore[attr-defined]
    whole = by.comparers[name].whole  # type: ignore[attr-defined]
    for side in (left, right):
        asked = asked[whole[by.codes[side[asked], name]] & door[by.codes[side[asked], address]]]
    against = by.met("date", levels[asked], _BORN_APART) | by.met("email", levels[asked], _AT_WORK)
    for at in by.of("sex", "identity_number"):
        against |= levels[asked, at] == by.model.fields[at].last
    levels[asked[~against], mobile] = -1
