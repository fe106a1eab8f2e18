"""Telephone numbers of Hong Kong that lack its code, where the table tells that they are of there: 2345 6789 is +852 2345 6789.

Eight digits may as well be a number of Shanghai without its area code, or one of Singapore or Macau: the row or most of the table has to say Hong Kong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.cells import matched
from crmmigrate.matching.roles import role_of
from crmmigrate.model.placeholders import NUMBER

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules

_CODE = "+852"
_BARE = r"(?:^|[;,/|、])\s*[2-9]\d{3}[ -]?\d{4}\s*(?:$|[;,/|、])"
"""Numbers of Hong Kong have eight digits, of which the first is not 0 or 1."""

_EACH = re.compile(r"(?:^|(?<=[;,/|、]))(\s*)([2-9]\d{3}[ -]?\d{4})(?=\s*(?:$|[;,/|、]))")
_CODED = r"(?:\+|\b00|\(|\b)852\)?[ -]?[2-9]\d{3}[ -]?\d{4}\b"
_OTHER = r"\+\d|\b00\d|\b0\d{2,3}[ -]?\d|\b1[3-9]\d{9}\b"
"""Numbers with some code, or mobiles of the mainland."""

_BESIDE = 10
"""So many numbers without a code are explained by one with that of Hong Kong."""

_THERE = r"(?i)香港|九[龍龙]|新界|hong\s?kong|kowloon|\bh\.?k\.?(?:\W|$)"


def with_code(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records with the code of Hong Kong before the numbers of there that lack it; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import numpy as np

    numbers, places, others = _columns(frame, rules)
    bare = {name: found for name in numbers if (found := matched(_cells(frame, name), _BARE)).any()}
    bare = {name: found for name, found in bare.items() if name not in others}
    if not bare:
        return frame
    there, said = np.zeros((2, len(frame)), dtype=bool)
    for name in places:
        cells = _cells(frame, name)
        there |= matched(cells, _THERE)
        said |= matched(cells, r"\S")
    most = there.sum() * 2 > said.sum() > 0 or _mostly_coded(
        [_cells(frame, name) for name in numbers], sum(int(found.sum()) for found in bare.values())
    )
    # A row that says where it is may only not say so where the country goes without saying.
    which = (there | ~said) if most else there
    return frame.assign(**{name: _completed(frame[name], found & which) for name, found in bare.items()})


def _columns(frame: pd.DataFrame, rules: DedupeRules) -> tuple[list[str], list[str], set[str]]:
    """Return the columns of telephones, those of places, and all that are no telephones."""
    by: dict[str, list[str]] = {}
    for role, rule in rules.columns.items():
        kind = role_of(role, rule, rules.object).compare
        by.setdefault(kind, []).extend(column for column in rule.columns if column in frame.columns)
    others = {column for kind, columns in by.items() if kind != "phone" for column in columns}
    return list(dict.fromkeys(by.get("phone", ()))), [*by.get("address", ()), *by.get("country", ())], others


def _mostly_coded(columns: list[pa.Array], bare: int) -> bool:
    """Return whether more numbers have the code of Hong Kong than any other, and not just one or two beside so many bare ones."""
    coded = [matched(cells, _CODED) for cells in columns]
    others = [matched(cells, _OTHER) & ~found for cells, found in zip(columns, coded, strict=True)]
    here = sum(int(found.sum()) for found in coded)
    return here * _BESIDE >= bare and here > sum(int(found.sum()) for found in others)


def _completed(cells: pd.Series, which: np.ndarray) -> pd.Series:
    """Return the cells, some of them with the code before each number that lacks it."""
    if not which.any():
        return cells
    completed = cells.copy()
    completed[which] = cells[which].map(lambda cell: _EACH.sub(_coded, cell))
    return completed


def _coded(found: re.Match[str]) -> str:
    blank, number = found.groups()
    # 88888888 is nobody's number, and would be somebody's with a code.
    nobodys = NUMBER.match(re.sub(r"\D", "", number))
    return f"{blank}{number}" if nobodys else f"{blank}{_CODE} {number}"


def _cells(frame: pd.DataFrame, column: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.fill_null(pa.array(frame[column], from_pandas=True).cast(pa.large_string()), "")
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
