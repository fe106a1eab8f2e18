"""What dates of birth say of pairs of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison


def born_together(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs that have one date of birth.

    Args:
        by: has the roles.
        levels: pairs × roles.
    """
    import numpy as np

    born = np.zeros(len(levels), dtype=bool)
    for at, name in enumerate(by.names):
        if by.roles[name].compare == "date":
            born |= levels[:, at] == 0
    return born


def born_apart(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs of which year, month and day of a date differ, or more than one of them; arguments as for `born_together`."""
    import numpy as np

    apart = np.zeros(len(levels), dtype=bool)
    for at, name in enumerate(by.names):
        if by.roles[name].compare == "date":
            apart |= levels[:, at] == len(by.model.fields[at].levels) - 1
    return apart
