"""What a value is worth before any policy is asked: one that says something goes before none at all, a valid code or number before one that is not.

The comparers take 无 for no credit code and 000000000000000000 for nobody's; a golden record must not keep what they would not look at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.code import normal, valid_credit_code, valid_identity, valid_organisation_code
from crmmigrate.matching.email import addresses
from crmmigrate.matching.identity_number import number
from crmmigrate.matching.numbers_of_registers import numbers_in, valid_in_taiwan
from crmmigrate.matching.phone import numbers
from crmmigrate.matching.roles import role_of
from crmmigrate.matching.texts.folding import folded
from crmmigrate.model.placeholders import BOX, COUNTED, NOTHING, NOTHING_OF_A_COMPANY, says_nothing
from crmmigrate.model.text_table import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules

VALID_FIRST = "valid_first"
"""The policy of values that won because what their column's own policy would have taken is worth less."""

SOUND, BROKEN, NOTHING_SAID = range(3)
"""Valid, or of a kind that is not checked; not valid; no value."""

_NOT_CODE = re.compile(r"[^0-9A-Z]")
_RESIDENT = re.compile(r"\d{14,17}[\dX]|\d{18,19}[\dX]?")
"""Looks like an identity number of the mainland, whole or with a sign too few or too many; passports have fewer digits."""

_MAILBOX = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_MANGLED = re.compile(r"1[3-9]\d{8}|1[3-9]\d{10,}|1[0-2]\d{9}|(?!9[56])\d{5,6}|.*\*.*")
"""National numbers that are mobiles with a digit too few, too many or wrong, masked ones and what is too short for any; 95588 is a bank's."""

_WORD = re.compile(r"[^\W\d_]+")
_UNSAID = frozenset("na nan null nil 空 未填 未填写 待补".split())  # noqa: SIM905
"""Words of programs and of forms for a cell that is empty; 无, 未知 and none are also what somebody says of a grade or a remark."""

_HOME = re.compile(r"(?:\+|00)\s*86")

_WRITTEN = frozenset(form for word in COUNTED for form in (word, word.upper(), word.capitalize()))


def filled(values: pd.Series) -> np.ndarray:
    """Return which cells say something, as far as the usual words for nothing go."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    text = as_text(values)
    nothing = pc.is_in(text, value_set=pa.array(sorted(_WRITTEN), text.type))
    return np.asarray(values.notna().to_numpy() & ~nothing.to_numpy())


def worth(values: pa.ChunkedArray, column: str, rules: DedupeRules) -> np.ndarray:
    """Return `SOUND`, `BROKEN` or `NOTHING_SAID` for each value of a column, none of them null.

    Args:
        values: Arrow text.
        column: that they stand in.
        rules: of the object; they say what the column holds, and which policy was chosen for it.
    """
    import numpy as np
    import pyarrow.compute as pc

    judges = [*_judges(column, rules)] or [_judge_of_others(column, rules)]
    distinct = values.unique()
    found = np.array([min(judge(cell) for judge in judges) for cell in folded(distinct).to_pylist()], dtype=np.int8)
    return np.asarray(found[pc.index_in(values, value_set=distinct).to_numpy()])


def _judges(column: str, rules: DedupeRules) -> Iterator[Callable[[str], int]]:
    """Yield how the values of a column are judged, for each role that it plays: a number is sound where it is in any of them."""
    for name, rule in rules.columns.items():
        if column in rule.columns:
            compare = role_of(name, rule, rules.object).compare
            yield _of_credit_codes if name == "credit_code" and compare == "code" else _JUDGES.get(compare, _of_roles)


def _judge_of_others(column: str, rules: DedupeRules) -> Callable[[str], int]:
    """Return how the values of a column are judged that nobody compares: there 无 is a grade, and none says who is on no black list.

    Only what is to be complete has no use for such words. A policy named for the very column decides alone.
    """
    own = rules.survivorship.get(column)
    policy = own or rules.survivorship.get("default")
    if policy in (None, "most_complete", "union"):
        return _of_any
    return _of_states if own is None else _of_all


def _of_any(cell: str) -> int:
    return NOTHING_SAID if says_nothing(cell) else SOUND


def _of_states(cell: str) -> int:
    """Judge a word as a value: only signs (-), zeros and what says that the cell is empty (n/a, null) say nothing."""
    word = _WORD.fullmatch(cell) is not None and cell not in _UNSAID
    return SOUND if word else _of_any(cell)


def _of_all(cell: str) -> int:
    return SOUND if cell else NOTHING_SAID


def _of_roles(cell: str) -> int:
    return NOTHING_SAID if says_nothing(cell, NOTHING) else SOUND


def _of_companies(cell: str) -> int:
    return NOTHING_SAID if says_nothing(cell, NOTHING_OF_A_COMPANY) else SOUND


def _of_codes(cell: str) -> int:
    return NOTHING_SAID if says_nothing(cell, NOTHING) or not normal(cell) else SOUND


def _of_credit_codes(cell: str) -> int:
    """Judge a credit code, or the number that stands for one, as it is written: what can only be read as one (O for 0) is not valid."""
    if _of_codes(cell):
        return NOTHING_SAID if "*" not in cell else BROKEN
    written = _NOT_CODE.sub("", cell.upper())
    codes = [code for one in numbers_in(cell) if (code := normal(one)) in written]
    checks = (valid_credit_code, valid_organisation_code, valid_in_taiwan, valid_identity)
    return SOUND if any(check(code) for code in codes for check in checks) else BROKEN


def _of_identities(cell: str) -> int:
    """Judge a number of a document: of passports nobody can tell, and they must not be torn from the kind of document told beside them."""
    code = number(cell)
    if says_nothing(cell, NOTHING) or not code:
        return NOTHING_SAID if "*" not in cell else BROKEN
    return BROKEN if "*" in code or (_RESIDENT.fullmatch(code) and not valid_identity(code)) else SOUND


def _of_phones(cell: str) -> int:
    if says_nothing(cell, NOTHING):
        return NOTHING_SAID
    found = numbers(cell)
    if not found:
        return BROKEN if "*" in cell else NOTHING_SAID
    abroad = cell.startswith(("+", "00")) and not _HOME.match(cell)
    return SOUND if abroad or not all(map(_MANGLED.fullmatch, found)) else BROKEN


def _of_mailboxes(cell: str) -> int:
    if says_nothing(cell, NOTHING) or BOX.fullmatch(cell.partition("@")[0]):
        return NOTHING_SAID if not addresses(cell) else SOUND
    return SOUND if _MAILBOX.search(cell) else BROKEN


_JUDGES = {
    "code": _of_codes, "identity_number": _of_identities, "phone": _of_phones, "email": _of_mailboxes, "company_name": _of_companies,
}  # fmt: skip
