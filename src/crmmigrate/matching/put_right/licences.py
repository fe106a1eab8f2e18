"""What stands on a shop's licence beside what stands over its door: its second name, where no other shop has it.

The shops of a chain have the licence of their company, and several brands of one kitchen that of its keeper: there it says nothing of which shop it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.headers import alike
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import LICENSED
from crmmigrate.matching.texts.folding import fold

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_NOT_CHINESE = re.compile("[^\u3400-\u9fff]|[分门]?店")
_NUMBER = re.compile(r"\d+")
_NOTES = re.compile(r"[(（].*?[)）]")


def of_one_shop(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records without the names on licences that shops of other names have too; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pandas as pd

    names = rules.columns.get("name")
    there = [column for column in (names.columns if names else ()) if column in frame.columns]
    licensed = alike(LICENSED, there[1:])
    if rules.object in PEOPLE or not licensed:
        return frame
    doors = _called(frame[there[0]])
    own = {}
    for column in licensed:
        names_on_it = _called(frame[column], whole=True)
        others = doors.mask((doors == "") | (_called(frame[there[0]], whole=True) == names_on_it))
        each = pd.DataFrame({"licence": names_on_it, "door": others}).dropna().drop_duplicates()
        shops = each["licence"].value_counts()
        kept = ~names_on_it.isin(shops.index[shops > 1])
        called, counted = _called(frame[there[0]], whole=True).tolist(), names_on_it.where(kept, "").tolist()
        kept.iloc[_elsewhere(frame, rules, called, counted)] = False
        own[column] = frame[column].where(kept)
    return frame.assign(**own)


def _elsewhere(frame: pd.DataFrame, rules: DedupeRules, names: list[str], licences: list[str]) -> list[int]:
    """Return the rows of shops whose company, of which the licence is, is written down at another address: it may have shops that are not.

    Args:
        frame: the records.
        rules: of the object.
        names: of the records, as `_called` gives them.
        licences: likewise, empty where nothing counts.
    """
    written = set(names).intersection(licences) - {""}
    address = rules.columns.get("address")
    columns = [column for column in (address.columns if address else ()) if column in frame.columns]
    if not written or not columns:
        return []
    lines = [frame[column].fillna("").tolist() for column in columns]
    seats: dict[str, list[set[str]]] = {}
    for at, name in enumerate(names):
        if name in written:
            seats.setdefault(name, []).append(_numbers(lines, at))
    shops = [at for at, licence in enumerate(licences) if licence in written and names[at] != licence]
    own = {at: _numbers(lines, at) for at in shops}
    return [at for at in shops if any(seat and own[at] and not seat & own[at] for seat in seats[licences[at]])]


def _numbers(lines: list[list[str]], at: int) -> set[str]:
    """Return the numbers in the address of a row, which may stand in several columns."""
    return {number for column in lines for number in _NUMBER.findall(column[at])}


def _called(cells: pd.Series, *, whole: bool = False) -> pd.Series:
    """Return what shops are called however it is written: 岚茶(望江店) as 岚茶-望江 and 岚茶望江店; a whole name without what stands in brackets."""
    met = [*cells.dropna().unique()]
    plain = [_NOTES.sub("", text).strip() if whole else (_NOT_CHINESE.sub("", text) or text) for text in fold(met)]
    return cells.map(dict(zip(met, plain, strict=True))).astype("str").fillna("")
