"""Several names in one cell, written in one order: 程彬波/董慧 of the flat and 董慧、程彬波 of its parking space are one couple."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.people.parts import is_surname_and_given
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.places.place import only_place
from crmmigrate.matching.texts.folding import fold

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_BETWEEN = re.compile(r"\s*[、/,;&+]\s*|\s+")
_SEVERAL = r"[、/／,，;；&＆+\s]"
"""A pattern of RE2 for cells that may hold several names."""

_COMPANY = "公司"


def in_one_order(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records with the people in one cell in the order of their names; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pyarrow.compute as pc

    rule = rules.columns.get("name")
    for column in rule.columns if rule and not rule.compare else ():
        if column not in frame.columns:
            continue
        cells = cells_in(frame, column)
        people = cells.filter(pc.invert(pc.match_substring(cells, _COMPANY)))  # of a table of companies hardly any
        cells = people.filter(pc.match_substring_regex(people, _SEVERAL)).unique().to_pylist()
        several = {
            cell: "、".join(people)
            for cell, folded in zip(cells, fold(cells), strict=True)
            if (people := _people(folded))
        }
        if several:
            frame = frame.assign(**{column: frame[column].replace(several)})
    return frame


def _people(folded: str) -> tuple[str, ...]:
    """Return whom a folded cell names, in the order of their names; none where that is one, or somebody else stands there as well."""
    parts = _BETWEEN.split(folded.strip())
    several = len(parts) > 1 and all(is_surname_and_given(part) and not only_place(part) for part in parts)
    return tuple(sorted(parts)) if several else ()  # 杭州市 of 崔海涛 杭州市 is nobody
