"""Nicknames that are the name itself in pinyin: whoever has the name may call himself so, and that says the same once more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.people.parts import is_surname_and_given, people
from crmmigrate.matching.people_headers import NICKNAME
from crmmigrate.matching.phones.columns import columns_of
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import fold

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_IN_LETTERS = re.compile(r"[A-Za-z][A-Za-z '._-]*[\d_.-]{0,4}\s*")
_NO_LETTER = re.compile("[^a-z]+")


def without_own_names(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of people without the nicknames that are their names in pinyin, whole or the surname alone, maybe with some digits: wangfang of 王芳, wang88; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    names, nicknames = (columns_of(frame, rules, role) for role in ("name", NICKNAME))
    if rules.object not in PEOPLE or not names:
        return frame
    for column in nicknames:
        rows = frame.loc[frame[column].str.fullmatch(_IN_LETTERS.pattern, na=False), [names[0], column]].dropna()
        cells = zip(rows.index, fold(rows.iloc[:, 0].tolist()), fold(rows.iloc[:, 1].tolist()), strict=True)
        own = [at for at, name, nickname in cells if _is_own(name, nickname)]
        if own:
            frame = frame.assign(**{column: frame[column].mask(frame.index.isin(own))})
    return frame


def _is_own(name: str, nickname: str) -> bool:
    """Return whether a folded nickname is how a folded name is written in letters."""
    if not is_surname_and_given(name):
        return False
    person, letters = people(name)[0], _NO_LETTER.sub("", nickname)
    turned = (whole.removeprefix(end) + end for whole in person.romans for end in person.ends)
    return letters in (*person.romans, *person.ends, *turned)
