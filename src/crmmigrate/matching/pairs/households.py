"""Two people of one household: who share a telephone and have whole names of their own live at one address as well, and that says the same once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import agreeing

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison


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

    names, addresses = by.of("person_name"), by.of("address")
    if not names or not addresses:
        return
    name, address = names[0], addresses[0]
    at_home = agreeing(by.roles[by.names[address]].priors())
    rest = np.flatnonzero((levels[:, name] == by.model.fields[name].last) & at_home[levels[:, address]])
    rest = rest[by.shares(levels[rest], "phone")]
    whole = by.comparers[name].whole  # type: ignore[attr-defined]
    two = whole[by.codes[left[rest], name]] & whole[by.codes[right[rest], name]]
    levels[rest[two], address] = -1
