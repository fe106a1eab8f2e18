"""Other names of people that remarks tell, or notes behind their names: 已更名王雨桐, 现名:王雨桐, 曾用名王丽, 真名王丽."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.people.parts import is_whole_name
from crmmigrate.matching.people_headers import RENAMED
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import fold
from crmmigrate.model.dedupe import FULL_NAME

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import ColumnRule, DedupeRules

_CALLED = (
    "(?:已|已经|后|后来|现|现已|于?[0-9]{4}年?)?(?:更名|改名)(?:为|成|叫|作)?|(?:现|现在|新|原|旧|以前|之前|从前|户口本?|身份证|证件)(?:的)?(?:用名|姓名|名字|名叫|名)(?:是|为|叫)?"
    "|(?:原来|以前|之前|从前|现在)叫|曾用名(?:是|为)?|(?:真名|本名|实名|真实姓名)(?:是|为|叫)?"
)
_TOLD = rf"(?:^|[\s,，.。;；(（、/|])(?:本人)?(?:{_CALLED})\s*[:：]?\s*[「“\"]?(?P<name>[\x{{3400}}-\x{{9fff}}]{{2,4}}?)(?:$|[\s,，.。;；()（）、/|」”\"0-9])"
"""A pattern of RE2: nothing but these words stands before the name, so it is no one else's (老婆真名王丽)."""

_BEFORE = "前任|联系人|接任|接替|接手|交接"
"""What says that the name is another's, who had the post before."""


def with_other_names(
    frame: pd.DataFrame, rules: DedupeRules, remarks: ColumnRule | None
) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of people with the names that their remarks, or notes behind their names, tell behind their own, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
        remarks: the columns of remarks, None where there are none.
    """
    role = "name" if "name" in rules.columns else FULL_NAME
    rule = rules.columns.get(role)
    if rules.object not in PEOPLE or rule is None or rule.compare:
        return frame, rules
    noted = () if remarks is None or remarks.compare else remarks.columns
    for number, column in enumerate(column for column in (*noted, *rule.columns) if column in frame.columns):
        cells = cells_in(frame, column).dictionary_encode()  # many say the same
        told = _told(cells.dictionary)
        if told.null_count == len(told):
            continue
        own = f"{RENAMED}{number or ''}"
        frame = frame.assign(**{own: _as_column(told.take(cells.indices), frame)})
        rule = replace(rule, columns=(*rule.columns, own))
        if column not in noted:
            rest = _without_note(cells.dictionary, told)
            frame = frame.assign(**{column: _as_column(rest.take(cells.indices), frame)})
    return frame, replace(rules, columns=rules.columns | {role: rule})


def _told(cells: pa.Array) -> pa.Array:
    """Return the other name that each cell tells, null where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    told = pc.struct_field(pc.extract_regex(cells, _TOLD), "name")
    told = pc.if_else(pc.match_substring_regex(cells, _BEFORE), None, told)
    met = told.drop_null().unique().to_pylist()
    names = [name for name, folded in zip(met, fold(met), strict=True) if is_whole_name(folded)]
    return pc.if_else(pc.is_in(told, pa.array(names, told.type)), told, None).cast(pa.large_string())


def _without_note(cells: pa.Array, told: pa.Array) -> pa.Array:
    """Return the cells of names without what they tell of another one; a cell that holds nothing else stays as it is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rest = pc.utf8_trim_whitespace(pc.replace_substring_regex(cells, _TOLD, ""))
    return pc.if_else(pc.and_(pc.is_valid(told), pc.greater(pc.utf8_length(rest), 1)), rest, cells).cast(
        pa.large_string()
    )


def _as_column(cells: pa.Array, frame: pd.DataFrame) -> pd.Series:
    column: pd.Series = cells.to_pandas()
    return column.astype("str").set_axis(frame.index)
