"""Companies of one group in several countries: they share its domain, which says nothing of which of them it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name
from crmmigrate.matching.country import LEVELS
from crmmigrate.matching.email import LEVELS as EMAIL_LEVELS
from crmmigrate.matching.pairs.lines import on_one_phone

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_OTHER_COUNTRY = by_name(LEVELS)["different"]
_ONE_MAILBOX = by_name(EMAIL_LEVELS)["same"]


def unsay_domain(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:  # noqa: ARG001  (as all that are asked together)
    """Let website and domain say nothing of companies in two countries that share neither a telephone nor somebody's mailbox.

    Args:
        by: has the roles.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    abroad = by.met("country", levels, (_OTHER_COUNTRY,)) & ~on_one_phone(by, levels)
    if not abroad.any() or by.of("person_name"):
        return
    abroad &= ~by.met("email", levels, (_ONE_MAILBOX,))
    for at in by.of("email", "website"):
        levels[abroad, at] = -1
