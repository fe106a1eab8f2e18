"""What members and buyers tell in other places than those for it: their names as nicknames, their mobiles as mailboxes; and the first of January, which programs fill in for birthdays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.headers import header_names
from crmmigrate.matching.people.parts import is_whole_name
from crmmigrate.matching.people.remarks import is_nickname
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import fold

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

MAILED = "_crmm_mailed"
"""The column of mobiles that are the names of mailboxes."""

_MYSELF = r"^(?:是?我(?:自己|本人)?|本人|自己|收|收货人|收件人)$"
_RECEIVES = r"^\s*([\x{3400}-\x{9fff}]{1,4}[^丰秋春夏麦回亲\s])\s*亲?收\s*$"
"""Behind the name of who receives a parcel: 黄玲收, and not 李丰收."""

_SURE = 3
"""Characters from which on a nickname that looks like a name is one, also where nothing else stands in the place of the name: 安静 may be either."""

_MAILBOX = r"^[\s'<]*(?P<number>1[3-9][0-9]{9})@"
_NEW_YEAR = r"^\s*(?P<year>(?:19|20)[0-9]{2})\s*(?:[-/.年]\s*0?1\s*[-/.月]\s*0?1日?|0101)(?:[ T]+0?0:00.*)?\s*$"
_LEAST, _MANY = 5, 0.005
"""So many records, and so large a part of those that tell a birthday, are not born on one first of January."""


def as_members(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of people with names that stand as nicknames, mobiles that are mailboxes and without birthdays that nobody told, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    if rules.object not in PEOPLE:
        return frame, rules
    frame = _named_by_nicknames(_as_receivers(frame, rules), rules)
    return _with_mailed(_without_defaults(frame, rules), rules)


def _as_receivers(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records with the names of receivers (收货人, 收件人) without what stands behind them on a parcel."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in _columns(frame, rules, "name"):
        if any(name.startswith(("收货", "收件")) for name in header_names(column)):
            cells = cells_in(frame, column)
            received = pc.match_substring_regex(cells, _RECEIVES)
            if pc.any(received).as_py():
                names = pc.replace_substring_regex(cells, _RECEIVES, r"\1")
                told = pc.if_else(received, names, None).cast(pa.large_string()).to_pandas().set_axis(frame.index)
                frame = frame.assign(**{column: told.astype("str").fillna(frame[column])})
    return frame


def _named_by_nicknames(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records with nicknames that are whole names in the place of names that name nobody: 我 ¦ 王雨桐."""
    import numpy as np
    import pyarrow.compute as pc

    names = _columns(frame, rules, "name")
    nicknames = [column for column in frame.columns if is_nickname(column) and column not in names]
    if not names or not nicknames:
        return frame
    cells = pc.utf8_trim_whitespace(cells_in(frame, names[0]))
    blank = pc.equal(cells, "").to_numpy(zero_copy_only=False)
    nobody = blank | pc.match_substring_regex(cells, _MYSELF).to_numpy(zero_copy_only=False)
    told = frame[nicknames[0]].where(nobody)
    met = [cell for cell in told.dropna().unique() if isinstance(cell, str)]
    whole = {cell for cell, folded in zip(met, fold(met), strict=True) if is_whole_name(folded)}
    sure = {cell for cell in whole if len(cell.strip()) >= _SURE}
    found = told.isin(whole).to_numpy() & (~blank | told.isin(sure).to_numpy())
    return frame.assign(**{names[0]: frame[names[0]].mask(found, told)}) if np.any(found) else frame


def _without_defaults(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records without the first of January of a year in which too many would be born on it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in _columns(frame, rules, "birth"):
        days = cells_in(frame, column).dictionary_encode()
        years = pc.struct_field(pc.extract_regex(days.dictionary, _NEW_YEAR), "year").take(days.indices)
        met = pc.value_counts(years.drop_null())
        told = int(frame[column].count())
        many = met.field("values").filter(pc.greater_equal(met.field("counts"), max(_LEAST, _MANY * told)))
        if len(many):
            default = pc.fill_null(pc.is_in(years, pa.array(many)), fill_value=False)
            frame = frame.assign(**{column: frame[column].mask(default.to_numpy(zero_copy_only=False))})
    return frame


def _with_mailed(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with mobiles that are mailboxes (13800138000@139.com) among the mobiles."""
    import pyarrow as pa
    import pyarrow.compute as pc

    mobiles = rules.columns.get("mobile")
    if mobiles is None or mobiles.compare:
        return frame, rules
    for number, column in enumerate(_columns(frame, rules, "email")):
        told = pc.struct_field(pc.extract_regex(cells_in(frame, column), _MAILBOX), "number")
        if told.null_count < len(told):
            own = f"{MAILED}{number or ''}"
            text = told.cast(pa.large_string()).to_pandas().astype("str").set_axis(frame.index)
            frame = frame.assign(**{own: text})
            mobiles = replace(mobiles, columns=(*mobiles.columns, own))
    return frame, replace(rules, columns=rules.columns | {"mobile": mobiles})


def _columns(frame: pd.DataFrame, rules: DedupeRules, role: str) -> list[str]:
    rule = rules.columns.get(role)
    return [column for column in rule.columns if column in frame.columns] if rule and not rule.compare else []
