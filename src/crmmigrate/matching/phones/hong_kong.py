"""Telephone numbers of Hong Kong that lack its code, where the table tells that they are of there: 2345 6789 is +852 2345 6789.

Eight digits may as well be a number of Shanghai without its area code, or one of Singapore or Macau: the row or most of the table has to say Hong Kong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.phones.columns import cells_in, columns_by_kind, telephones
from crmmigrate.matching.texts.cells import mask, matched
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
    import pyarrow.compute as pc

    by = columns_by_kind(frame, rules)
    bare = {name: found for name in telephones(by) if (found := matched(cells_in(frame, name), _BARE)).any()}
    if not bare:
        return frame
    there, said = np.zeros((2, len(frame)), dtype=bool)
    for name in [*by.get("address", ()), *by.get("country", ())]:
        cells = cells_in(frame, name)
        there |= matched(cells, _THERE)
        said |= mask(pc.greater(pc.binary_length(pc.utf8_trim_whitespace(cells)), 0))
    most = there.sum() * 2 > said.sum() > 0 or _mostly_coded(
        [cells_in(frame, name) for name in by["phone"]], sum(int(found.sum()) for found in bare.values())
    )
    # A row that says where it is may only not say so where the country goes without saying.
    which = (there | ~said) if most else there
    return frame.assign(**{name: _completed(frame[name], found & which) for name, found in bare.items()})


def _mostly_coded(columns: list[pa.Array], bare: int) -> bool:
    """Return whether more numbers have the code of Hong Kong than any other, and not just one or two beside so many bare ones."""
    coded = [matched(cells, _CODED) for cells in columns]
    here = sum(int(found.sum()) for found in coded)
    if here * _BESIDE < bare:
        return False
    others = [matched(cells, _OTHER) & ~found for cells, found in zip(columns, coded, strict=True)]
    return here > sum(int(found.sum()) for found in others)


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
