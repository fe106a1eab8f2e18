"""Two people of one household: who share a telephone and have whole names of their own live at one address as well, and that says the same once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.person_name import LEVELS as PERSON_LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_DIFFERENT = len(PERSON_LEVELS) - 1
_AT_HOME = [index for index, level in enumerate(ADDRESS_LEVELS) if level.m > level.u]


def unsay_address(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let the address say nothing of two people with whole names that differ and a telephone in common.

    Of a nickname and a name it does: whoever orders as 宝妈 may well be 王丽 at that address.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    kinds = [(role.compare, role.joint) for role in by.roles.values()]
    if ("person_name", False) not in kinds or ("address", False) not in kinds:
        return
    name, address = kinds.index(("person_name", False)), kinds.index(("address", False))
    rest = np.flatnonzero((levels[:, name] == _DIFFERENT) & np.isin(levels[:, address], _AT_HOME))
    phoned = np.zeros(len(rest), dtype=bool)
    for role, kind in zip(by.names, kinds, strict=True):
        if kind[0] == "phone":
            phoned |= by.shared(role, levels[rest])
    rest = rest[phoned]
    whole = by.comparers[name].whole  # type: ignore[attr-defined]
    two = whole[by.codes[left[rest], name]] & whole[by.codes[right[rest], name]]
    levels[rest[two], address] = -1
