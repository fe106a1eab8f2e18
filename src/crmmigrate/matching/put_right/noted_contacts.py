"""Further people at a company that remarks on it tell, with their mobiles: 另联系王强 13800138000, 采购 李娜 13900139000."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.people.parts import is_person
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import REMARK
from crmmigrate.matching.texts.folding import bare, fold

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules

PHONE, CONTACT = "_crmm_noted_phone", "_crmm_noted_contact"
"""The columns of the mobiles that remarks tell, and of whose they are."""

_BEGIN = r"(?:^|[\s,，.。;；:：(（、/|])"
_ANOTHER = "(?:另外?有?|还有|其他|也?可以?|或者?|现|新|备用)"
_POST = "(?:采购|设备|生产|技术|工程|仓库|项目|车间|行政|总经理|副总|老板|厂长|经理|主管|主任|负责人|部长|科长)"
_ASK = "(?:的?(?:联系|联络)人?(?:是|为|改为|换成)?|找)"
_NAME = r"(?P<name>[\x{3400}-\x{9fff}]{2,5}?)"
_NUMBER = r"[\s,，]*(?:的?(?:联系)?(?:手机|电话|号码)号?)?[\s:：,，(（]*(?:\+?86[ -]?)?(?P<mobile>1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})(?:$|[^0-9])"
_MOBILE = "1[3-9][0-9][ -]?[0-9]{4}"
_TOLD = rf"{_BEGIN}(?:{_ANOTHER}{_POST}?{_ASK}?|{_POST}(?:{_ASK}|负责人?)?|{_ASK})[\s:：]*{_NAME}{_NUMBER}"
"""A pattern of RE2: who else is to be asked for there."""

_OTHERS = "司机|快递|物流|货运|(?:介绍|推荐|引荐|证明|担保)人|中介|代理|经销|分销|代账|记账|会计|财务|安装|施工|装修|我司|我方|供应商|供货|同行|朋友的|亲戚|离职|辞职|跳槽|已走|调走|甲方|业主|终端|客户的|[收送发提]货(?:人|方|地|点|找|联系|电话)"
"""A remark that speaks of such people may mean one of them: they are there for several companies, or were there once."""

_FORMAL = "公司|厂|集团|局|院|校|中心|所\\Z"
_FEW = 2
"""So many names at most are one company's that one mobile is told beside, and one of them at most is a registered one: else it is somebody's who has to do with several, like the vendor's salesman."""


def with_noted_contacts(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of companies with whom their remarks tell to be asked for as well, beside their own contacts and telephones, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    remarks, phones = rules.columns.get(REMARK), rules.columns.get("phone")
    if rules.object in PEOPLE or remarks is None or remarks.compare or phones is None or phones.compare:
        return frame, rules
    columns = dict(rules.columns)
    for number, column in enumerate(column for column in remarks.columns if column in frame.columns):
        cells = cells_in(frame, column)
        if not pc.any(pc.match_substring_regex(cells, _MOBILE)).as_py():
            continue
        told = pc.extract_regex(cells, _TOLD)
        names = pc.if_else(pc.match_substring_regex(cells, _OTHERS), None, pc.struct_field(told, "name"))
        mobiles = pc.if_else(names.is_valid(), pc.struct_field(told, "mobile"), None)
        named = pc.and_(pc.is_in(names, pa.array(_people(names), names.type)), _of_one(frame, rules, mobiles))
        if not pc.any(named).as_py():
            continue
        for role, own, found in (
            ("phone", PHONE, mobiles),
            ("contact", CONTACT, names),
        ):
            if (rule := columns.get(role)) and not rule.compare:
                held = f"{own}{number or ''}"
                kept = pc.if_else(named, found, None).cast(pa.large_string())
                frame = frame.assign(**{held: kept.to_pandas().astype("str").set_axis(frame.index)})
                columns[role] = replace(rule, columns=(*rule.columns, held))
    return frame, replace(rules, columns=columns)


def _people(names: pa.Array) -> list[str]:
    """Return which of some names are people's: of 另有样品 13800138000 nobody knows whose number it is."""
    met = names.drop_null().unique().to_pylist()
    return [name for name, folded in zip(met, fold(met), strict=True) if is_person(folded)]


def _of_one(frame: pd.DataFrame, rules: DedupeRules, mobiles: pa.Array) -> pa.Array:
    """Return which of the mobiles that remarks tell are told beside the names of one company, as far as these tell."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    names = rules.columns.get("name")
    if names is None or names.compare or names.columns[0] not in frame.columns:
        return mobiles.is_valid()
    at = np.flatnonzero(mobiles.is_valid().to_numpy(zero_copy_only=False))
    called = cells_in(frame, names.columns[0]).take(pa.array(at)).to_pylist()
    digits = pc.replace_substring_regex(mobiles.take(pa.array(at)), "[^0-9]", "").to_pylist()
    beside: dict[str, set[str]] = {}
    for number, name in zip(digits, fold(called), strict=True):
        beside.setdefault(number, set()).add(bare(name))
    one = {number for number, told in beside.items() if len(told) <= _FEW and sum(map(_is_formal, told)) <= 1}
    kept = np.zeros(len(mobiles), dtype=bool)
    kept[at] = [number in one for number in digits]
    return pa.array(kept)


def _is_formal(name: str) -> bool:
    return re.search(_FORMAL, name) is not None
