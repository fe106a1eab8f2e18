"""Companies and shops in one village: of its many houses a line without a number means any, so that it is one address only of those who share something more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.address import LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_SIMILAR, _CITY = named(LEVELS, "similar", "same_city")
_OF_THE_ADDRESS = ("address", "company_name", "country")


def houses_of_a_village(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let one village be no more than one town to records that share no telephone, person, code or mailbox: 便民超市 of 张庄村, and that of 张庄村1组.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    beside = [name for name in by.names if by.roles[name].compare not in _OF_THE_ADDRESS]
    for at in by.of("address"):
        where = by.comparers[at].where  # type: ignore[attr-defined]
        rest = np.flatnonzero(levels[:, at] == _SIMILAR)
        rest = rest[where.one_village(by.codes[left[rest], at], by.codes[right[rest], at])]
        if len(rest):
            shared = np.any([by.shared(name, levels[rest]) for name in beside], axis=0) if beside else False
            levels[rest[~np.broadcast_to(shared, len(rest))], at] = _CITY
