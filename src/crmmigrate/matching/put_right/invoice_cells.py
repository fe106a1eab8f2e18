"""What a customer's invoices are made out to, in a cell of its own: name, tax number, address, telephone and bank account in one text (开票信息), or the name alone (开票抬头).

It is told beside the record where it is of the record's own company: that of a group, or of whoever else pays for many, tells nothing of them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.parts import take_apart
from crmmigrate.matching.people.parts import is_whole_name
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import INVOICE
from crmmigrate.matching.texts.folding import bare, fold, is_chinese, sound
from crmmigrate.model.dedupe import ColumnRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules

TITLE, TAX, ACCOUNT = "_crmm_invoiced", "_crmm_invoiced_tax", "_crmm_invoiced_account"
"""The columns of the name, the tax number and the bank account that such cells tell."""

_ENDS = "(?:公司|[厂廠]|合作社|[企實实][業业]社|工程行|商行|[經经]營部|经营部|事[務务]所|中心|[醫医]院|[學学]校|大[學学]|[學学]院|集[團团]|研究[院所]|合伙企业(?:[(（]有限合伙[)）])?)"
_CALLED = (
    r"(?:^|[\s,，;；:：、|])(?:(?:公司|单位|企业|客户|发票|开票|付款|购买方|购方)?(?:名称|抬头|全称|户名))[\s:：]*"
)
_WRITTEN = r"[0-9A-Za-z()（）·&\x{3400}-\x{9fff}]"
_NAME = (
    rf"{_CALLED}(?P<found>{_WRITTEN}(?:{_WRITTEN}| )*?{_ENDS}(?:[(（][\x{{3400}}-\x{{9fff}}]{{2,6}}[)）])?)(?:[\s,，;；、|]|[:：]|税|纳|$)",
    rf"^[\s\"“”]*(?P<found>{_WRITTEN}(?:{_WRITTEN}| )*?{_ENDS})(?:[\s,，;；、|]|税|纳|[0-9０-９]|$)",
)
_TAX = (
    r"(?i)(?:税号|识别号|信用代码|纳税号)[\s:：]*(?P<found>[0-9A-Z０-９Ａ-Ｚ](?: ?[0-9A-Z０-９Ａ-Ｚ]){14,19})(?:[^0-9A-Z０-９Ａ-Ｚ]|$)",
    r"(?i)(?:^|[^0-9A-Z０-９Ａ-Ｚ])(?P<found>[9９][1-3１-３](?: ?[0-9A-Z０-９Ａ-Ｚ]){16})(?:[^0-9A-Z０-９Ａ-Ｚ]|$)",
)
_ACCOUNT = (
    r"(?:[账帐]号|[账帐]户)[^0-9]{0,40}?(?P<found>[0-9](?:[ -]?[0-9]){8,27})(?:[^0-9A-Za-z]|$)",
    r"(?:银行|支行|营业部|分理处|信用社|农商行|分行)[\s,，:：;；'、]*(?P<found>[0-9](?:[ -]?[0-9]){8,27})(?:[^0-9A-Za-z]|$)",
)
"""Patterns of RE2, the surest first."""

_MANY = 4
"""Records of more names than that on whose invoices one company stands have another one in common than themselves."""

_BRAND = 2
_SHOP = re.compile("(?:[店馆铺行坊]|超市|门市部?|[经营零售批发服务]部|市场|商场|专柜)\\Z")
_FORMAL = re.compile("公司|(?<![新老旧东南西北分总一二三四])厂\\Z|合作社\\Z")
"""What is called so has said what it is registered as."""


def with_invoices(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with what their invoices say of them beside what they say themselves, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    rule, names = rules.columns.get(INVOICE), rules.columns.get("name")
    if rule is None or rule.compare:
        return frame, rules
    columns = {role: held for role, held in rules.columns.items() if role != INVOICE}
    there = [column for column in rule.columns if column in frame.columns]
    if rules.object not in PEOPLE and names is not None and not names.compare and names.columns[0] in frame.columns:
        for number, column in enumerate(there):
            told = _told(frame, column, [name for name in names.columns if name in frame.columns])
            found = {f"{own}{number or ''}": cells for own, cells in told.items() if cells.notna().any()}
            frame = frame.assign(**found)
            for role, own in (("name", TITLE), ("credit_code", TAX), ("bank_account", ACCOUNT)):
                if (made := f"{own}{number or ''}") in found:
                    held = columns.get(role, ColumnRule(()))
                    columns[role] = held if held.compare else replace(held, columns=(*held.columns, made))
    return frame, replace(rules, columns=columns)


def _told(frame: pd.DataFrame, column: str, names: list[str]) -> dict[str, pd.Series]:
    """Return what the cells of a column tell of the companies in whose records they stand."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = cells_in(frame, column)
    said = np.flatnonzero(pc.greater(pc.utf8_length(cells), _BRAND).to_numpy(zero_copy_only=False))
    some = pc.replace_substring_regex(cells.take(pa.array(said)), r"\s+", " ")
    title, tax, account = (_first(some, patterns) for patterns in (_NAME, _TAX, _ACCOUNT))
    called = [cells_in(frame, name).take(pa.array(said)).to_pylist() for name in names]
    own, formal = _of_themselves(title.to_pylist(), called)
    found = {}
    for made, part, whose in ((TITLE, title, own & ~formal), (TAX, tax, own), (ACCOUNT, account, own)):
        whole = np.full(len(frame), None, dtype=object)
        whole[said[whose]] = np.array(part.to_pylist(), dtype=object)[whose]
        found[made] = type(frame[column])(whole, index=frame.index, dtype="str")
    return found


def _first(cells: pa.Array, patterns: tuple[str, ...]) -> pa.Array:
    """Return what the first of the patterns that fits finds in each cell."""
    import pyarrow.compute as pc

    return pc.coalesce(*(pc.struct_field(pc.extract_regex(cells, pattern), "found") for pattern in patterns))


def _of_themselves(titles: Sequence[str | None], called: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Return which titles are of the companies in whose records they stand, and which of these records have a registered name themselves; no title, or one that many have, is of none.

    Args:
        titles: as they are told, one per record.
        called: the names of the records, column by column.
    """
    import numpy as np

    own, formal = np.zeros(len(titles), dtype=bool), np.zeros(len(titles), dtype=bool)
    asked = [at for at, title in enumerate(titles) if title]
    folded = dict(zip(met := list({str(titles[at]) for at in asked}), map(bare, fold(met)), strict=True))
    names = [[column[at] for column in called if column[at]] for at in asked]
    plain = dict(zip(each := list({name for some in names for name in some}), map(bare, fold(each)), strict=True))
    by: dict[str, set[str]] = {}
    for at, some in zip(asked, names, strict=True):
        by.setdefault(folded[str(titles[at])], set()).update(plain[name] for name in some[:1])
    for at, some in zip(asked, names, strict=True):
        title = folded[str(titles[at])]
        own[at] = len(by[title]) <= _MANY and any(_is_called(plain[name], title) for name in some)
        formal[at] = any(map(_FORMAL.search, some))
    return own, formal


@lru_cache(maxsize=20_000)
def _is_called(name: str, title: str) -> bool:
    """Return whether a company of this registered name is called so: by that name, but for a slip, or by its brand with whatever is said beside it.

    A shop may be one of several that the company has, and a person one of its people.
    """
    from rapidfuzz.distance import OSA

    core = take_apart(title)[0].core
    if title in name or (name in title and core.startswith(name[:_BRAND])):
        return True
    if len(core) < _BRAND or not is_chinese(core) or _SHOP.search(name) or is_whole_name(name):
        return False
    if not _FORMAL.search(name):
        own = take_apart(name)[0].core
        return own.startswith(core[:_BRAND]) or sound(own[:_BRAND]) == sound(core[:_BRAND])
    return OSA.distance(name, title, score_cutoff=1) <= 1 or any(one.core == core for one in take_apart(name))
