"""What the values of a column say about where it belongs: their meaning, their type, and the picklist they are like."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_headers import meanings_of_header
from crmmigrate.messages import Message
from crmmigrate.model.currency import CURRENCY_OF, UNSAID
from crmmigrate.model.profile import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.schema import TargetColumn
    from crmmigrate.model.suggestion import SourceColumn

Evidence = tuple[float | None, Message | None]
"""How well values fit, 0 (they do not) to 1; None where they say nothing. Then a reason."""

_NUMBER = re.compile(r"[¥￥$€]?\s*-?[\d,，]+(?:\.\d+)?\s*(?:元|万元?|%|％|个|人)?")
_CLOSE = 88
_MOST_CODES = 200
_KIN = (
    frozenset({"mobile", "phone"}),
    frozenset({"company", "person"}),
    frozenset({"address", "region"}),
    frozenset({"date", "time", "year"}),
    frozenset({"amount", "quantity", "percent"}),
)
_CURRENCIES = {word: code for word, code in CURRENCY_OF.items() if len(word) > 1 and word not in UNSAID}
"""Words that mean a currency wherever they stand: 元 and 块 may be units too."""

OWN_FORM = frozenset(
    {"mobile", "phone", "email", "url", "credit_code", "id_number", "date", "address", "postcode", "vin", "plate", "bank_account"}
)  # fmt: skip
"""Meanings that values show by themselves: a column of them is hardly anything else."""


def folded(text: str) -> str:
    """Return a value without differences of width, case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def match_codes(values: Mapping[str, int], codes: Mapping[str, str]) -> dict[str, str | None]:
    """Return source value → the code whose name it is, or None: same or nearly same words first, then the code's beginning.

    人民币 is CNY and RMB too, whatever the target calls them.

    Args:
        values: different values with their cells.
        codes: code → title of a picklist.
    """
    known: dict[str, str] = {}
    for code, title in codes.items():
        for word in (str(title), str(code)):
            known.setdefault(folded(word), str(code))
    currencies = {_CURRENCIES[word]: code for word, code in known.items() if word in _CURRENCIES}
    found: dict[str, str | None] = {}
    for value in values:
        plain = folded(value)
        same = known.get(plain) or currencies.get(_CURRENCIES.get(plain, ""))
        found[value] = same if same is not None else _nearly(plain, known) if plain else None
    return found


def _nearly(plain: str, known: Mapping[str, str]) -> str | None:
    """Return the code of the word that is nearly the same, or of the only one that begins so."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(plain, list(known), scorer=fuzz.ratio, score_cutoff=_CLOSE) if len(plain) > 1 else None
    if best:
        return known[best[0]]
    starts = {
        code for word, code in known.items()
        if word.startswith(plain) or (len(word) > 1 and len(plain) > 1 and plain.startswith(word))
    }  # fmt: skip
    return starts.pop() if len(starts) == 1 else None


def fit(column: SourceColumn, target: TargetColumn, names: tuple[str, ...], codes: Mapping[str, str]) -> Evidence:
    """Say how well the values of a source column fit a target column.

    Args:
        column: of the source.
        target: of the target, called `names`.
        names: its name and title.
        codes: its picklist; empty where it has none.
    """
    if not column.filled:
        return None, None
    if codes:
        return _picklist(column, codes)
    if target.type in ("date", "datetime"):
        is_date = column.meaning in ("date", "time", "year")
        return (0.95 if is_date else 0.0), _meaning(column) if is_date else None
    if target.type in ("integer", "decimal") and not target.references:
        share = sum(1 for value in column.values if _NUMBER.fullmatch(value.strip())) / max(1, len(column.values))
        return (0.7, Message("its values are numbers")) if share > 0.8 and column.meaning != "date" else (0.0, None)
    if target.type == "boolean":
        fits = column.meaning in ("yes_no", "sex") or (
            column.distinct <= 4 and column.meaning not in OWN_FORM | {"time", "year"}
        )
        return (0.8 if fits else 0.0), _meaning(column) if fits else None
    if target.references:
        return (0.0, None) if column.meaning in OWN_FORM else (None, None)
    return _text(column, names)


def _picklist(column: SourceColumn, codes: Mapping[str, str]) -> Evidence:
    few = column.distinct <= _MOST_CODES
    if not few or column.meaning in OWN_FORM:
        return 0.0, None
    known = match_codes(column.values, codes)
    cells = sum(column.values.values()) or 1
    share = sum(column.values[value] for value, code in known.items() if code is not None) / cells
    if not share:
        return (0.4 if column.distinct <= max(3, 0.7 * column.filled) else 0.15), None
    told = Message("{share} of its values are in the picklist", share=f"{share:.0%}")
    return 0.5 + 0.5 * share, told


def _text(column: SourceColumn, names: tuple[str, ...]) -> Evidence:
    said = _named_by(names)
    if column.meaning in said:
        return 0.95, _meaning(column)
    kin = next((group for group in _KIN if column.meaning in group), frozenset({column.meaning}))
    if kin & said:
        return 0.7, _meaning(column)
    if column.meaning in OWN_FORM and said & (OWN_FORM | {"person", "company", "picklist"}):
        return 0.0, None
    return (0.2, None) if column.meaning in OWN_FORM and said else (None, None)


@lru_cache(maxsize=4096)  # each target column is asked once for every source column
def _named_by(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        meaning for name in names for meaning, strength in meanings_of_header(name).items() if strength >= 0.9
    )


def _meaning(column: SourceColumn) -> Message:
    return Message("it holds: {meaning}", meaning=MEANINGS[column.meaning])
