"""Numbers that remarks on people tell as their own: mobiles, former or further ones (旧号13800138000停用, 手机13800138000下午打), and identity numbers (身份证110101199003072316); and that the number told is another's (用妈妈身份证)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import REMARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import ColumnRule, DedupeRules

NOTED = {"mobile": "_crmm_noted", "id_number": "_crmm_noted_document"}
"""By role the column of the numbers that remarks tell."""

_MOBILE = r"(?P<number>1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})"
_BEGIN = r"(?:^|[\s,，.。;；:：(（、/|])"
_WHOSE = "(?:本人|自己|新|旧|老|原|原来|以前|之前|曾用|另|另外|另一|另一个|其他|备用|第二个?|还有个?|常用)"
_NUMBER = "(?:手机号码?|电话号码?|手机|电话|号码|号|tel|mobile)"
_OWN = (
    rf"(?i){_BEGIN}{_WHOSE}?的?{_NUMBER}(?:是|为|改为|换成|[:：])?\s*(?:\+?86[ -]?)?{_MOBILE}(?:$|[^0-9])",
    rf"(?i){_BEGIN}(?:换号|换了?手机|改号|换手机号)了?[\s,，:：]*{_WHOSE}?的?{_NUMBER}?[:：]?\s*{_MOBILE}(?:$|[^0-9])",
)
_DOCUMENT = (
    rf"(?i){_BEGIN}(?:本人|自己)?的?(?:身份证|身份证件|证件|护照)(?:号码?)?(?:是|为|[:：])?\s*(?P<number>[0-9]{{17}}[0-9X]|[0-9]{{15}}|[A-Z]{{1,2}}[0-9]{{6,9}})(?:$|[^0-9A-Z])",
)
"""Patterns of RE2: nothing but the words for a number stands before it, so it is no one else's."""

_TOLD = {"mobile": _OWN, "id_number": _DOCUMENT}

_OTHERS = r"[0-9][\s)）,，]*[(（]?(?:是|为)?(?:他|她|其)?(?:老婆|老公|妻|丈夫|爱人|太太|先生|媳妇|父|母|爸|妈|儿|女|哥|弟|姐|妹|朋友|同事|中介|经纪|司机|助理|秘书|家人|家属|亲戚|邻居|介绍|租客|房东|物业|前台|公司|单位|客服|门卫|保安|供应商|装修)"
"""Behind the number: whose it is."""


_KIN = "(?:老婆|老公|妻子?|丈夫|爱人|太太|配偶|先生|父亲?|母亲?|爸爸?|妈妈?|爷爷?|奶奶?|父母|家长|监护人|儿子|女儿|子女|孩子|哥哥?|弟弟?|姐姐?|妹妹?|法人|老板)"
_ANOTHERS = (
    rf"(?:用|拿|借用?|登记|填|是|为|录)(?:的|了)?(?:是|其|他|她)?{_KIN}(?:本人)?的?(?:身份证|证件|护照)"
    rf"|(?:身份证|证件|护照)(?:号码?)?(?:是|为|用|填|属|登记)(?:的|了)?(?:是|其|他|她)?{_KIN}(?:的|$|[\s,，.。;；)）])"
)
"""What says that the number of the document is another's: 用妈妈身份证, 证件为母亲; a pattern of RE2."""


def with_noted_numbers(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of people with the numbers that their remarks tell beside their own and without those that are another's, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    remarks = rules.columns.get(REMARK)
    if rules.object not in PEOPLE or remarks is None or remarks.compare:
        return frame, rules
    columns = {role: rule for role, rule in rules.columns.items() if role != REMARK}
    for number, column in enumerate(column for column in remarks.columns if column in frame.columns):
        remark = cells_in(frame, column).dictionary_encode()  # many say the same
        frame = _without_others(frame, columns.get("id_number"), remark)
        for role, patterns in _TOLD.items():
            rule = columns.get(role)
            if rule is None or rule.compare:
                continue
            told = _told(remark.dictionary, patterns).take(remark.indices)
            if role == "mobile":
                told = once(told)  # a number of a document is one person's, however often it is told
            if told.null_count < len(told):
                own = f"{NOTED[role]}{number or ''}"
                frame = frame.assign(**{own: told.to_pandas().astype("str").set_axis(frame.index)})
                columns[role] = replace(rule, columns=(*rule.columns, own))
    return frame, replace(rules, columns=columns)


def _without_others(frame: pd.DataFrame, documents: ColumnRule | None, remarks: pa.DictionaryArray) -> pd.DataFrame:
    """Return the records without the numbers of documents that are another's, as the remark says."""
    import pyarrow.compute as pc

    anothers = pc.match_substring_regex(remarks.dictionary, _ANOTHERS).take(remarks.indices)
    anothers = anothers.to_numpy(zero_copy_only=False)
    if documents is None or documents.compare or not anothers.any():
        return frame
    there = [column for column in documents.columns if column in frame.columns]
    return frame.assign(**{column: frame[column].mask(anothers) for column in there})


def _told(cells: pa.Array, patterns: Sequence[str]) -> pa.Array:
    """Return the number that each remark tells by the patterns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    told = pc.coalesce(*(pc.struct_field(pc.extract_regex(cells, pattern), "number") for pattern in patterns))
    return pc.if_else(pc.match_substring_regex(cells, _OTHERS), None, told).cast(pa.large_string())


def once(told: pa.Array) -> pa.Array:
    """Return the numbers or accounts without those that several remarks tell: they are nobody's own.

    Args:
        told: by record, null where none is told.
    """
    import pyarrow.compute as pc

    met = pc.value_counts(told.drop_null())
    several = met.field("values").filter(pc.greater(met.field("counts"), 1))
    return pc.if_else(pc.is_in(told, several), None, told)
