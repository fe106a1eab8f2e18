"""Shops with the credit code of one sole trader: one licence is one business, whatever is written over its door."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison


def one_licence(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs share the credit code of a sole trader; a company's branches may be written down with that of the company.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles.
    """
    import numpy as np

    shared = np.zeros(len(left), dtype=bool)
    if "credit_code" not in by.names or by.roles["credit_code"].compare != "code":
        return shared
    at = by.names.index("credit_code")
    traders = by.comparers[at].traders  # type: ignore[attr-defined]
    return np.asarray((levels[:, at] == 0) & traders[by.codes[left, at]] & traders[by.codes[right, at]])
