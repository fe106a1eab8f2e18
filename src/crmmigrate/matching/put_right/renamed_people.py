"""Other names of people that remarks tell: 已更名王雨桐, 现名:王雨桐, 曾用名王丽, 真名王丽."""

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
    """Return the records of people with the names that their remarks tell behind their own, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
        remarks: the columns of remarks, None where there are none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    role = "name" if "name" in rules.columns else FULL_NAME
    rule = rules.columns.get(role)
    if rules.object not in PEOPLE or remarks is None or remarks.compare or rule is None or rule.compare:
        return frame, rules
    for number, column in enumerate(column for column in remarks.columns if column in frame.columns):
        remark = cells_in(frame, column).dictionary_encode()  # many say the same
        told = pc.struct_field(pc.extract_regex(remark.dictionary, _TOLD), "name")
        told = pc.if_else(pc.match_substring_regex(remark.dictionary, _BEFORE), None, told)
        met = told.drop_null().unique().to_pylist()
        names = [name for name, folded in zip(met, fold(met), strict=True) if is_whole_name(folded)]
        if names:
            own = f"{RENAMED}{number or ''}"
            told = pc.if_else(pc.is_in(told, pa.array(names, told.type)), told, None)
            told = told.cast(pa.large_string()).take(remark.indices)
            frame = frame.assign(**{own: told.to_pandas().astype("str").set_axis(frame.index)})
            rule = replace(rule, columns=(*rule.columns, own))
    return frame, replace(rules, columns=rules.columns | {role: rule})
