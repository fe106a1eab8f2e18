"""What dates of birth say of pairs of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.date import LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison


def born_together(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs that have one date of birth.

    Args:
        by: has the roles.
        levels: pairs × roles.
    """
    return by.met("date", levels, (0,))


def born_apart(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs of which year, month and day of a date differ, or more than one of them; arguments as for `born_together`."""
    return by.met("date", levels, (len(LEVELS) - 1,))
