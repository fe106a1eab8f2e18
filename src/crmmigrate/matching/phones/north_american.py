"""Telephone numbers of North America that look like mobiles of the mainland: +18302897083 is 830 289 7083, where the row or the table tells that it is of there.

Source: the North American Numbering Plan: area code and exchange begin with 2 to 9, and no area code has 9 in the middle or begins with 37 or 96.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.country import country_in_list
from crmmigrate.matching.phones.columns import cells_in, columns_by_kind, telephones
from crmmigrate.matching.texts.cells import mask, matched, replaced

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules

_BEHIND = r"(\b|[A-Za-z])"
"""Where a number ends, or its extension begins (x12)."""

_REST = r"\)?[ .-]?([2-9][0-9]{2})[ .-]?([0-9]{4})"
_CODED = rf"(^|[^0-9A-Za-z_+])\(?(?:\+|00)1\)?[ .-]?\(?([2-9][0-9]{{2}}){_REST}{_BEHIND}"
_UNCODED = rf"((?:^|[;,/|、:：]) *)\(?1\)?[ .-]?\(?((?:[24578][0-8]|3[0-68]|6[0-8]|9[0-578])[0-9]){_REST}{_BEHIND}"
"""Without + there are fewer that may be of there: 137 and 139, with which most mobiles of the mainland begin, are none. Behind +44 the 1 is no code."""

_DIALLED = r"\1\2\3\4\5"
"""As it is dialled there, without the code."""

_WRITTEN = r"\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .-][0-9]{4}\b|(?:\+|\b00)1[ .(-]+[2-9]|(?:^|[^0-9+-])(?:1[.-])?(?:[235679][0-9]{2}|[48](?:[1-9][0-9]|0[1-9]))([.-])[2-9][0-9]{2}[.-][0-9]{4}\b"
"""As only numbers of there are written; 400-810-8888 is one of the mainland that is free of charge."""

_SHORTEST = 12
"""Signs of a number that is written so."""

_MAINLAND = r"\+86|\b0086|^\(?86\)?[ -]?1|\b0[1-9][0-9]{1,2}\)?[ -]?[2-8][0-9]{6,7}\b|(?:^|[^0-9])1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}\b|(?:^|[^0-9])1[3-9][0-9]{2}[01][0-9]{6}\b"
"""Numbers of the mainland, among them one in five of its mobiles, which no exchange of North America begins like."""

_STATE = "A[BKLRZ]|BC|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ABDEINOST]|N[BCDEHJLMSTVY]|O[HKNR]|P[AER]|QC|RI|S[CDK]|T[NX]|UT|V[AT]|W[AIVY]"
_IN_AMERICA = rf"(?i)\b(?:usa|u\.s\.a\.?|united states|canada)(?:\W|$)|美国|美國|加拿大|(?-i:\b[A-Z]{{2}},? [0-9]{{5}}(?:-[0-9]{{4}})?\b)|(?-i:(?:^|[a-z]{{2}},? +)(?:{_STATE})\W*$)"
"""A country, or a state with its postcode or at the end."""

_IN_CHINA = r"(?i)\b(?:china|p\.?r\.?c)\b|[\x{3400}-\x{9fff}]"
_CHINESE = r"[\x{3400}-\x{9fff}]"
_AMERICAN = frozenset(("US", "CA"))


class _Told(NamedTuple):
    """What rows say of where they are.

    Args:
        america: say that they are in North America.
        china: say that they are in China, by their country or by an address in Chinese.
        elsewhere: name another country than those of North America.
        named: have a name in Chinese.
    """

    america: np.ndarray
    china: np.ndarray
    elsewhere: np.ndarray
    named: np.ndarray


def as_dialled(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records with numbers of North America without their code, where the eleven digits may be a mobile of the mainland; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    by = columns_by_kind(frame, rules)
    cells = {name: cells_in(frame, name) for name in telephones(by)}
    coded = {name: matched(numbers, _CODED) for name, numbers in cells.items()}
    some = any(found.any() for found in coded.values())
    written = sum(_count(numbers, _WRITTEN, _SHORTEST) for numbers in cells.values())
    mainland = sum(_count(numbers, _MAINLAND) for numbers in cells.values())
    if mainland > written and not some:
        return frame
    told = _told(frame, by)
    american = written > mainland
    # Of a table that has no number of which one sees whence it is, the names tell.
    chinese = mainland > written or (not written and 2 * told.named.sum() > len(frame))
    plus = told.america | (~told.china & (not chinese))
    bare = (told.america & (not chinese)) | (~(told.china | told.elsewhere | told.named) & american)
    changed = {name: _rewritten(frame[name], numbers, coded[name] & plus, bare) for name, numbers in cells.items()}
    return frame.assign(**{name: column for name, column in changed.items() if column is not None})


def _told(frame: pd.DataFrame, by: dict[str, list[str]]) -> _Told:
    import numpy as np

    told = _Told(*np.zeros((4, len(frame)), dtype=bool))
    for name in by.get("country", ()):
        met = cells_in(frame, name).dictionary_encode()
        codes = np.array([country_in_list(cell) for cell in met.dictionary.to_pylist()] or [""])
        told.america[:] |= np.isin(codes, [*_AMERICAN])[met.indices.to_numpy()]
        told.china[:] |= (codes == "CN")[met.indices.to_numpy()]
        told.elsewhere[:] |= ((codes != "") & ~np.isin(codes, [*_AMERICAN]))[met.indices.to_numpy()]
    for name in by.get("address", ()):
        addresses = cells_in(frame, name)
        told.america[:] |= matched(addresses, _IN_AMERICA)
        told.china[:] |= matched(addresses, _IN_CHINA)
    for kind in ("company_name", "person_name"):
        for name in by.get(kind, ()):
            told.named[:] |= matched(cells_in(frame, name), _CHINESE)
    told.china[:] &= ~told.america
    return told


def _count(numbers: pa.Array, pattern: str, least: int = 0) -> int:
    """Return in how many cells a pattern is found, of those with so many signs at least."""
    import pyarrow.compute as pc

    if least:
        numbers = numbers.filter(pc.greater_equal(pc.binary_length(numbers), least))
    return int(matched(numbers, pattern).sum())


def _rewritten(cells: pd.Series, numbers: pa.Array, plus: np.ndarray, bare: np.ndarray) -> pd.Series | None:
    """Return the cells with the numbers as they are dialled, those with + in some rows and those without in others; None where none is another then."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    new = replaced(numbers, pa.array(plus), _CODED, _DIALLED)
    new = replaced(new, pa.array(bare), _UNCODED, _DIALLED)
    changed = mask(pc.not_equal(new, numbers))
    if not changed.any():
        return None
    column = cells.copy()
    column[changed] = np.array(new.filter(pa.array(changed)).to_pylist(), dtype=object)
    return column
