"""Two people of one household: who share a telephone and have whole names of their own live at one address and have one WeChat as well, and that says the same once more; and two owners of one car."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import agreeing
from crmmigrate.matching.roles import PEOPLE

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_ACCOUNT = "wechat"


def unsay_home(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let the address, and the WeChat that is known by a number, say nothing of two people with whole names that differ and a telephone in common.

    Of a nickname and a name it does: whoever orders as 宝妈 may well be 王丽 at that address.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    names, same = (
        by.of("person_name"),
        [*by.of("address"), *(at for at, role in enumerate(by.names) if role == _ACCOUNT)],
    )
    if not names or not same:
        return
    name = names[0]
    rest = np.flatnonzero(levels[:, name] == by.model.fields[name].last)
    rest = rest[by.shares(levels[rest], "phone")]
    whole = by.comparers[name].whole  # type: ignore[attr-defined]
    rest = rest[whole[by.codes[left[rest], name]] & whole[by.codes[right[rest], name]]]
    for at in same:
        agrees = agreeing(by.roles[by.names[at]].priors())
        levels[rest[agrees[levels[rest, at]]], at] = -1


def unsay_belongings(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:  # noqa: ARG001  (as all that see levels together)
    """Let one car, and in a table of customers one identity number, say nothing of two whose names contradict each other.

    A family drives the car, or it was sold; one owner signs for his shops. Arguments as for `unsay_home`.
    """
    import numpy as np

    of_owner = ("vehicle",) if by.rules.object in PEOPLE else ("vehicle", "identity_number")
    belongings = by.of(*of_owner)
    if not belongings:
        return
    two = np.zeros(len(levels), dtype=bool)
    for at in by.of("person_name", "company_name"):
        agrees = agreeing(by.roles[by.names[at]].priors())
        two |= (levels[:, at] >= 0) & ~agrees[levels[:, at]]
    for at in belongings:
        agrees = agreeing(by.roles[by.names[at]].priors())
        levels[two & agrees[levels[:, at]], at] = -1
