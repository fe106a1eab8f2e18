"""Namesakes at two companies whose mail domains differ in one character, as those of sisters do: guangchen@eqiming.com and guangchen@qiming.com."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.email import LEVELS as EMAIL_LEVELS
from crmmigrate.matching.person_name import LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison
    from crmmigrate.matching.email import Emails

_ONE_NAME = named(LEVELS, "same", "sound", "pinyin")
_TWO_COMPANIES = named(COMPANY_LEVELS, "elsewhere", "sister", "different")
_TYPO, _DIFFERENT = named(EMAIL_LEVELS, "typo", "different")


def unsay_domain_slips(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let one mailbox at two domains a character apart be two where the companies are two and each of the namesakes has a mobile.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    people, mails = by.model.people, by.of("email")
    if people is None or not people.groups or not mails or "mobile" not in by.names:
        return
    at, mobile = mails[0], by.names.index("mobile")
    asked = np.flatnonzero((levels[:, at] == _TYPO) & (levels[:, mobile] == by.model.fields[mobile].last))
    firms = [group for group in people.groups if by.roles[by.names[group]].compare == "company_name"]
    two = np.isin(levels[asked][:, firms], _TWO_COMPANIES).any(axis=1)
    asked = asked[two & by.met("person_name", levels[asked], _ONE_NAME)]
    if len(asked):
        comparer: Emails = by.comparers[at]  # type: ignore[assignment]
        one, other = (by.codes[side[asked], at] for side in (left, right))
        levels[asked[comparer.at_two_domains(one, other)], at] = _DIFFERENT
