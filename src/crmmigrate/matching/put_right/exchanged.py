"""Rows of people whose cells have changed places: a mobile under the header of names or of identity numbers, and under that of mobiles what belongs there; a telephone under the header of e-mails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.people.parts import is_person
from crmmigrate.matching.phones.columns import cells_in, columns_of
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.cells import mask, matched
from crmmigrate.matching.texts.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_MOBILE = r"^\s*'?(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}\s*$"
"""A pattern of RE2; of mobiles abroad nobody knows whether they are numbers of documents."""

_E_MAIL = r"^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$"
_TELEPHONE = r"^\s*'?\+?[0-9(][0-9() -]{5,18}[0-9]\s*$"
"""Patterns of RE2."""

_DOCUMENT = re.compile(r"\s*'?(?:\d{6}\s?\d{8}\s?\d{3}[\dXx]|\d{15}|[A-Za-z]{1,2}\d{6,9})\s*")
_LETTERS = "[A-Za-zÀ-ÖØ-öø-ž]+"
_IN_LETTERS = re.compile(rf"{_LETTERS}(?:[ .'-]+{_LETTERS}){{1,3}}")
_NO_NAME = re.compile(
    r"(?i)\b(?:no|not|non|none|nil|null|see|same|as|wrong|invalid|bad|old|new|without|has|have|does|did|phones?|mobiles?|cell|tel|telephones?|numbers?|calls?"
    r"|contacts?|wechat|whatsapp|weixin|qq|e?-?mail|unknown|unavailable|empty|blank|missing|pending|tbd|tbc|remarks?|notes?|above|below|ditto|the|company|office|ask|please)\b"
)
"""What is said where no number is known: no phone, see notes."""


def put_back(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of people, with mobiles where they belong: 13800138000 ¦ 王芳 of name and mobile is 王芳 ¦ 13800138000.

    Only where each cell is what the other header asks for; 同微信 or 'no phone' in the place of the mobile is no name.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    if rules.object not in PEOPLE:
        return frame
    phones = columns_of(frame, rules, "mobile")
    for role, belongs in (("name", _is_name), ("id_number", _is_document)):
        for column in columns_of(frame, rules, role):
            frame = _exchanged(frame, column, [phone for phone in phones if phone != column], belongs)
    for mailbox in columns_of(frame, rules, "email"):
        for phone in phones:
            frame = _with_mailboxes(frame, mailbox, phone)
    return frame


def _with_mailboxes(frame: pd.DataFrame, mailbox: str, phone: str) -> pd.DataFrame:
    """Return the records with the e-mails of a column of telephones in exchange for the telephones of a column of e-mails, or for nothing."""
    import pyarrow.compute as pc

    mailboxes, phones = cells_in(frame, mailbox), cells_in(frame, phone)
    no_mailbox = pc.invert(pc.match_substring(mailboxes, "@"))
    maybe = pc.and_(no_mailbox, pc.or_(pc.match_substring(phones, "@"), pc.match_substring_regex(mailboxes, r"\d")))
    rows = mask(maybe)
    mailboxes, phones = mailboxes.filter(maybe), phones.filter(maybe)
    sent = matched(phones, _E_MAIL) & matched(mailboxes, rf"{_TELEPHONE}|^\s*$")
    rows[rows] = sent | (matched(mailboxes, _TELEPHONE) & matched(phones, r"^\s*$"))
    if not rows.any():
        return frame
    return frame.assign(
        **{mailbox: frame[mailbox].mask(rows, frame[phone]), phone: frame[phone].mask(rows, frame[mailbox])}
    )


def _exchanged(frame: pd.DataFrame, column: str, phones: Sequence[str], belongs: Callable[[str], bool]) -> pd.DataFrame:
    """Return the records with the mobiles of a column in exchange for what belongs there."""
    import numpy as np
    import pyarrow.compute as pc

    rows = np.flatnonzero(pc.match_substring_regex(cells_in(frame, column), _MOBILE).to_numpy(zero_copy_only=False))
    for phone in phones:
        held = frame[phone].iloc[rows]
        moved = held.index[[isinstance(cell, str) and belongs(cell) for cell in held]]
        if belongs is _is_name:
            moved = moved[~_of_several(held[moved], frame.loc[moved, column])]
        if len(moved):
            own, other = frame[column].copy(), frame[phone].copy()
            own[moved], other[moved] = frame.loc[moved, phone], frame.loc[moved, column]
            frame = frame.assign(**{column: own, phone: other})
            rows = rows[~np.isin(frame.index[rows], moved)]
    return frame


def _of_several(names: pd.Series, mobiles: pd.Series) -> np.ndarray:
    """Return which names in letters stand beside several mobiles: where many say the same, it is a remark."""
    import numpy as np

    folded = fold(names.tolist())
    beside: dict[str, set[str]] = {}
    for name, mobile in zip(folded, mobiles, strict=True):
        beside.setdefault(name, set()).add(mobile)
    return np.array([name.isascii() and len(beside[name]) > 1 for name in folded], dtype=bool)


def _is_name(cell: str) -> bool:
    [folded] = fold([cell])
    return is_person(folded) or (_IN_LETTERS.fullmatch(folded) is not None and not _NO_NAME.search(folded))


def _is_document(cell: str) -> bool:
    return _DOCUMENT.fullmatch(cell) is not None
