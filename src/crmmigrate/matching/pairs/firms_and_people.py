"""A person and a company among people have different names, whatever else they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.person_name import LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_DIFFERENT = len(LEVELS) - 1


def tell_apart(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let a person and a company have different names.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    people, firms = by.of("person_name"), by.of("company_name")
    if not people or not firms:
        return
    person, firm = (
        [by.comparers[at].bag.sizes[by.codes[side, at]] > 0 for side in (left, right)]  # type: ignore[attr-defined]
        for at in (people[0], firms[0])
    )
    two = np.flatnonzero((person[0] & firm[1]) | (firm[0] & person[1]))
    levels[two, people[0]] = _DIFFERENT
