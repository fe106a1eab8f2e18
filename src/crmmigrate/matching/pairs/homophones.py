"""Companies registered in one city whose brands sound the same, 超越 and 朝悦: the register gives both, and typists take one for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = by_name(COMPANY_LEVELS)
_HEARD, _SIMILAR = _NAME["heard"], _NAME["similar"]
_ELSEWHERE = by_name(ADDRESS_LEVELS)["elsewhere_in_city"]


def homophones_elsewhere(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs of such companies that are at two addresses and share nothing.

    Args:
        by: has the roles and their model.
        levels: pairs × roles.
    """
    import numpy as np

    found = by.met("company_name", levels, (_HEARD,)) & by.met("address", levels, (_ELSEWHERE,))
    nameless = [name for name in by.names if by.roles[name].compare not in ("company_name", "country")]
    return np.asarray(found & ~np.any([by.shared(name, levels) for name in nameless], axis=0))


def homophones_apart(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:  # noqa: ARG001  (as all seen together)
    """Let names of such companies be no more than similar where they have other telephones as well.

    Args:
        by: has the roles and their model.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    if not by.of("address"):
        return
    other_phone = np.zeros(len(levels), dtype=bool)
    for at in by.of("phone"):
        other_phone |= levels[:, at] == by.model.fields[at].last
    two = np.flatnonzero(other_phone & homophones_elsewhere(by, levels))
    for at in by.of("company_name"):
        levels[two[levels[two, at] == _HEARD], at] = _SIMILAR
