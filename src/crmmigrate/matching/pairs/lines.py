"""Which pairs are reached by one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.phone import HOTLINE

LINES = ("phone", "email", "website")
"""Comparators of what a company is reached by."""

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison


def on_one_phone(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs that share a telephone that stands somewhere, which a service number does not.

    Args:
        by: has the roles.
        levels: pairs × roles.
    """
    import numpy as np

    found = np.zeros(len(levels), dtype=bool)
    for at in by.of("phone"):
        found |= by.shared(by.names[at], levels) & (levels[:, at] != HOTLINE)
    return found


def on_service_number(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs that share a service number, by which a chain is called, not one of its shops; arguments as for `on_one_phone`."""
    return by.met("phone", levels, (HOTLINE,))
