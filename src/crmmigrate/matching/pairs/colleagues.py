"""People of one company who are not one: a desk and whoever sits there, namesakes whom the company itself tells apart, and two whose names differ in a character and who have a mobile each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.email import LEVELS as EMAIL_LEVELS
from crmmigrate.matching.pairs.births import born_together
from crmmigrate.matching.person_name import LEVELS
from crmmigrate.matching.roles import PEOPLE

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison
    from crmmigrate.matching.email import Emails
    from crmmigrate.matching.person_name import People

_UNNAMED, _UNCLEAR, _DIFFERENT = named(LEVELS, "unnamed", "unclear", "different")
_ONE_NAME = named(LEVELS, "same", "sound", "slip", "one_character", "pinyin")
_OTHER_CHARACTER = by_name(LEVELS)["other_character"]
_SURNAME, _ONE_WORD = named(LEVELS, "surname", "one_word")
_NOT_ONE_NAME = (_UNNAMED, _UNCLEAR, _OTHER_CHARACTER)
"""What brings two together by something else alone."""

_NUMBERED = named(EMAIL_LEVELS, "numbered")
_OWN = ("mobile", "email", "wechat", "qq", "id_number", "profile", "code")
"""Roles of which a value is one person's; a landline is the company's."""


def colleagues_apart(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let colleagues who share nothing of their own have different names.

    A company gives out wang2@ because it has a wang@ already. What a desk has in common with somebody is the company's telephone. And of two names that differ in a
    character that sounds otherwise one may be mistyped, but hardly where the mobile or the mailbox at the company is another as well; nor is 总经理 with a mobile somebody with another one.

    Of two who do share it, Ryan Lu may be called Lu Chenghang: the English given name says nothing of the other, no more than a title does.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    names = by.of("person_name")
    people = by.model.people
    if by.rules.object not in PEOPLE or not names or people is None or not people.groups:
        return
    at = names[0]
    asked = np.flatnonzero(np.isin(levels[:, at], (*_ONE_NAME, *_NOT_ONE_NAME, _ONE_WORD)))
    seen = levels[asked]
    comparer: People = by.comparers[at]  # type: ignore[assignment]
    one, other = (by.codes[side[asked], at] for side in (left, right))
    apart = (seen[:, at] == _UNNAMED) & (comparer.desk[one] != comparer.desk[other])
    if "mobile" in by.names:
        mobile = by.names.index("mobile")
        two = seen[:, mobile] == by.model.fields[mobile].last
        numbered = by.met("email", seen, _NUMBERED) & np.isin(seen[:, at], _ONE_NAME)
        apart |= two & (numbered | np.isin(seen[:, at], _NOT_ONE_NAME))
    apart |= (seen[:, at] == _OTHER_CHARACTER) & _of_two_boxes(by, left[asked], right[asked])
    own = share_their_own(by, seen)
    levels[asked[apart & ~own], at] = _DIFFERENT
    tongues = np.flatnonzero((seen[:, at] == _ONE_WORD) & own)
    tongues = tongues[comparer.in_two_tongues(one[tongues], other[tongues])]
    levels[asked[tongues], at] = _SURNAME


def _of_two_boxes(by: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return pairs of people who have a mailbox of their own each at one company, and none in common."""
    import numpy as np

    found = np.zeros(len(left), dtype=bool)
    for at in by.of("email"):
        mailboxes: Emails = by.comparers[at]  # type: ignore[assignment]
        found |= mailboxes.boxes_of_their_own(by.codes[left, at], by.codes[right, at])
    return found


def share_their_own(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return pairs of people who have something in common that is one person's: a mobile, a mailbox, an account, a document, the day of their birth."""
    found = born_together(by, levels)
    for role in _OWN:
        if role in by.names:
            found |= by.shared(role, levels)
    return found
