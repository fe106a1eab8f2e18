"""The sex that a title tells where its own column does not: 莫太太 is not 莫健, who is a man by his."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.phones.columns import cells_in, columns_of
from crmmigrate.matching.roles import PEOPLE

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_TITLED = (
    ("女", r"^[^,，、/&和]+(?:女士|小姐|太太|夫人)[)）\s]*$"),
    ("男", r"^[^,，、/&和]+(?:先生|男士)[)）\s]*$"),
)
"""Patterns of RE2 for the title of one person."""


def with_sexes(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of people, with the sex that a title behind the name tells where the column of sexes is blank.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pyarrow.compute as pc

    sexes, names = (columns_of(frame, rules, role) for role in ("sex", "name"))
    if rules.object not in PEOPLE or len(sexes) != 1 or not names:
        return frame
    [sex] = sexes
    blank = frame.index[frame[sex].isna()]
    cells = cells_in(frame.loc[blank, names[:1]], names[0])
    told = frame[sex].copy()
    for said, pattern in _TITLED:
        titled = pc.match_substring_regex(cells, pattern).to_numpy(zero_copy_only=False)
        told[blank[titled]] = said
    return frame.assign(**{sex: told})
