"""People among people and companies among companies, where one column holds both: 客户名称 of a shop whose customers are both, 鸿远机械 李娜 in an address book."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.organisations import known
from crmmigrate.matching.companies.readings import trades
from crmmigrate.matching.people.beside import has_trade, is_company
from crmmigrate.matching.people.noted import whom_a_note_names
from crmmigrate.matching.people.parts import is_person, is_whole_name
from crmmigrate.matching.people.remarks import is_nickname, is_remark, says_name
from crmmigrate.matching.phones.columns import cells_in, columns_of
from crmmigrate.matching.places.place import only_place, take_place
from crmmigrate.matching.put_right.employers_beside import OF_NOTE
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.cells import ending
from crmmigrate.matching.texts.folding import bare, fold, is_chinese
from crmmigrate.model.dedupe import FULL_NAME
from crmmigrate.model.person_titles import STAFF, TITLES

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

JOINED = "_crmm_name"
"""The column of whole names that stand in two columns."""

CALLED = "_crmm_called"
"""The column of people as they are called in remarks, where these name them."""

NUMBER = "_crmm_number"
"""The column of mobiles that stand beside names."""

FOUND = "_crmm_person"
"""The column of names that were found among those of companies."""

_OF_COMPANIES = re.compile("公司|单位|企业|机构|组织|company|org|employer|firm", re.IGNORECASE)
"""Headers of columns in which nobody looks for a person."""

_COMPANY = re.compile(
    "公司|集团|工厂|事务所|研究院|大学|医院|学校|科技|贸易|商贸|机械|电子|实业|工业|股份|材料|设备|服务|物流|食品|软件|网络|建筑|工程(?!师)|化工|纺织|制造|自动化|仪器|电气|医药|医疗"
)
_BETWEEN = re.compile(r"[\s\-–—_/、,，;；·@()（）\[\]【】]+")
_DESK = re.compile("售[前后]|客户|技术|销售|采购|财务|信息|行政|人事|市场|研发|生产|品质|质量|安全|电工|网管")
"""What a company's department begins with: 售后服务 is no company."""

_MOBILE = r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"
_A_KIND, _NOTE = 3, 30
"""A remark without a company or a post that stands in so many records is no name, nor one of more characters."""

_OWN = 2
"""Characters of a company's name beside what it does."""

_AS_WHAT = re.compile(
    f"(?:{'|'.join(sorted({*TITLES, *STAFF}, key=len, reverse=True))}|室友|同事|校友|战友|老乡|家长|学生|护士|司机|客服|保安|员工|职工|工人|代表|顾问|销售|代理商?|经销商?|供应商|批发商|专线|推广|工地|总部|园区?)+\\Z"
)
"""What somebody is there, or whence one knows him: 大学同学, 软件工程师, 医院护士."""

_ANYBODYS = re.compile(
    "第?[一二三四五六七八九十\\d]+|[省市区县]|人民|中心|中医|妇幼|实验|附属|合作|客户|以前|原来|朋友|搬家|国内|外地|本地|大型|小型"
)
"""What makes no company's name of what it does: 第一医院, 合作公司."""

_NOBODY = (
    "公司",
    "集团",
    "科技",
    "贸易",
    "商贸",
    "机械",
    "电子",
    "实业",
    "工业",
    "材料",
    "设备",
    "物流",
    "食品",
    "软件",
    "网络",
    "化工",
    "纺织",
    "制造",
    "仪器",
    "电气",
    "医药",
)
"""How most companies end, and no name of anybody: a quick look before the thorough one."""

_LONGEST, _SHORT = 12, 2
_MANY = 0.2
"""The part of the cells of a column that has to name people before it is one of both: a company for short (华为, 万科) may look like a person."""


def with_people_apart(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with the people that stand under a company's header as people, and the rules that say so.

    Where a person and a company have changed places, each goes where it belongs, and a company beside a person's name is taken for the employer, where none is told.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    names, companies = (columns_of(frame, rules, role) for role in ("name", "company"))
    if rules.object not in PEOPLE or len(names) != 1 or len(companies) != 1:
        return frame, rules
    [name], [company] = names, companies
    person = frame[company].isin(_people(frame, company))
    changed = person & frame[name].isin(_companies(frame[name][person]))
    if changed.any():
        frame = frame.assign(**{name: frame[name].where(~changed, frame[company]), company: frame[company].where(~changed, frame[name])})  # fmt: skip
    person &= ~changed
    alone = frame[company].isna()
    alone[alone] = frame.loc[alone, name].str.contains(_COMPANY, na=False)
    if alone.any():
        frame = frame.assign(**{company: frame[company].where(~alone, frame[name].map(_employer, na_action="ignore"))})
    if _OF_COMPANIES.search(company) or person.sum() <= _MANY * frame[company].count():
        return frame, rules
    frame = frame.assign(**{FOUND: frame[company].where(person), company: frame[company].where(~person)})
    return frame, replace(
        rules, columns=rules.columns | {"name": replace(rules.columns["name"], columns=(name, FOUND))}
    )


def not_their_own_contacts(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of customers, without the contacts of those who are people and their own contact: that two are called so is one thing, not two."""
    columns = [rule.columns if (rule := rules.columns.get(role)) else () for role in ("name", "contact")]
    if rules.object in PEOPLE or not all(columns) or not set(columns[0] + columns[1]) <= set(frame.columns):
        return frame
    [name, *_], contacts = columns
    same = {contact: (frame[contact] == frame[name]).fillna(False).astype(bool) for contact in contacts}
    same = {contact: found & _named(frame[contact].where(found)) for contact, found in same.items() if found.any()}
    return frame.assign(**{contact: frame[contact].mask(found) for contact, found in same.items()}) if same else frame


def as_remarks_call_them(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with each person as a remark names it, where one does: 刘文静 华航化工, and not 随缘, as somebody calls himself."""
    rule = rules.columns.get("name")
    remarks = [column for column in rule.columns if is_remark(column)] if rule else []
    if rule is None or rules.object not in PEOPLE or not remarks or rule.compare:
        return frame, rules
    names = tuple(column for column in rule.columns if column not in remarks)
    [remark, *others], there = remarks, [column for column in names if column in frame.columns]
    if others or remark not in frame.columns or len(there) > 1:  # nobody says whom it names, and a note is no name
        return frame, replace(rules, columns=rules.columns | {"name": replace(rule, columns=names)})
    times = frame[remark].value_counts()
    notes = [str(cell) for cell in times.index if len(str(cell)) <= _NOTE]
    rare = set(times.index[times < _A_KIND])
    told = {
        cell: whom_a_note_names(note, of_a_company=not says_name(remark) or cell not in rare)
        for cell, note in zip(notes, fold(notes), strict=True)
    }
    called = frame[remark].map({cell: name for cell, name in told.items() if name}).astype("str")
    called = frame[OF_NOTE].fillna(called) if OF_NOTE in frame.columns else called
    for column in there:
        named = _named(frame[column]) if not is_nickname(column) else frame[column].isna() & False
        if OF_NOTE in frame.columns:
            named &= ~_nicknames(frame[column], frame[OF_NOTE])
        called = frame[column].where(named, called.fillna(frame[column]))
    return frame.assign(**{CALLED: called}), replace(rules, columns=rules.columns | {"name": replace(rule, columns=(CALLED,))})  # fmt: skip


def _nicknames(cells: pd.Series, noted: pd.Series) -> pd.Series:
    """Return the cells in which something like a short name stands, where a note tells of a company and another one's whole name: 叶子 beside 松力 高强明."""
    short = cells.str.len() == _SHORT
    rows = zip(cells.where(short).items(), noted, strict=True)
    found = [
        isinstance(cell, str) and isinstance(note, str) and note[0] != cell[0] and is_whole_name(note)
        for (_, cell), note in rows
    ]
    return short.fillna(False).astype(bool) & type(cells)(found, index=cells.index)


def _named(cells: pd.Series) -> pd.Series:
    """Return the cells in which somebody's whole name stands: no remark says it better."""
    met = [str(cell) for cell in cells.dropna().unique()]
    whole = [cell for cell, folded in zip(met, fold(met), strict=True) if is_whole_name(folded)]
    return cells.isin(whole)


def with_numbers_beside(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with mobiles that stand beside people's names as mobiles: 许彩虹 15825148788."""
    names, mobiles = rules.columns.get("name"), rules.columns.get("mobile")
    if names is None or mobiles is None or rules.object not in PEOPLE:
        return frame, rules
    beside = [c for c in names.columns if c in frame.columns and frame[c].str.contains(_MOBILE, na=False).any()]
    if not beside:
        return frame, rules
    numbers = frame[beside[0]].str.extract(f"({_MOBILE})", expand=False)
    for column in beside[1:]:
        numbers = numbers.fillna(frame[column].str.extract(f"({_MOBILE})", expand=False))
    return frame.assign(**{NUMBER: numbers}), replace(rules, columns=rules.columns | {"mobile": replace(mobiles, columns=(*mobiles.columns, NUMBER))})  # fmt: skip


def with_whole_names_of_two(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with each surname and given name as one name: 张 and 伟 as 张伟, Smith and John as John Smith.

    Where one of the two columns has all of the name (张 and 张伟, Smith and John Smith), that is it.
    """
    rule = rules.columns.get(FULL_NAME)
    if rule is None or len(rule.columns) != 2 or not set(rule.columns) <= set(frame.columns):
        return frame, rules
    surnames, given = (frame[column].fillna("") for column in rule.columns)
    whole = [_whole(one.strip(), other.strip()) for one, other in zip(surnames, given, strict=True)]
    names = type(surnames)([name or None for name in whole], index=frame.index, dtype="str")
    return frame.assign(**{JOINED: names}), replace(rules, columns=rules.columns | {FULL_NAME: replace(rule, columns=(JOINED,))})  # fmt: skip


def _whole(surname: str, given: str) -> str:
    if not surname or (given != surname and given.startswith(surname) and is_chinese(given)) or _ends(given, surname):
        return given
    if not given or (surname != given and surname.endswith(given) and is_chinese(surname)) or _ends(surname, given):
        return surname
    return surname + given if is_chinese(surname + given) else f"{given} {surname}"


def _ends(whole: str, part: str) -> bool:
    """Return whether a name in letters begins or ends with the words of another: John Smith with Smith."""
    words, own = whole.casefold().replace(",", " ").split(), part.casefold().split()
    return bool(own) and len(words) > len(own) and own in (words[: len(own)], words[-len(own) :])


def holds_both(rules: DedupeRules) -> bool:
    """Return whether people were found among the companies: the table holds customers of both kinds."""
    return "name" in rules.columns and FOUND in rules.columns["name"].columns


def _people(frame: pd.DataFrame, column: str) -> list[str]:
    """Return the cells that name a person, of those that are short enough."""
    import pyarrow as pa
    import pyarrow.compute as pc

    met = pc.unique(cells_in(frame, column))
    met = met.filter(pc.and_(pc.less_equal(pc.utf8_length(met), _LONGEST), pc.greater(pc.binary_length(met), 0)))
    short = met.filter(pa.array(~ending(met, *_NOBODY))).to_pylist()
    folded = zip(short, fold(short), strict=True)
    return [cell for cell, text in folded if is_person(text) and not (has_trade(bare(text)) or _is_town(text))]


def _companies(cells: pd.Series) -> list[str]:
    """Return the cells that are a company by their words."""
    met = list(cells.dropna().unique())
    named = zip(met, fold(met), strict=True)
    return [cell for cell, folded in named if _is_company(folded) and not whom_a_note_names(folded, of_a_company=True)]


def _is_company(folded: str) -> bool:
    """Return whether a folded name is a company's, and nobody's: 徐工 may be either."""
    text = bare(folded)
    return bool(_COMPANY.search(folded)) or has_trade(text) or (is_company(text) and not is_person(text))


def _employer(cell: str) -> str | None:
    """Return the company beside a person's name: 鸿远机械 李娜, 刘总-宏图科技, 王强(恒达贸易)."""
    parts = [part for part in _BETWEEN.split(cell) if part]
    companies = [part for part in parts if _COMPANY.search(part) and not _DESK.match(part) and _is_called(part)]
    others = [part for part in parts if part not in companies]
    return companies[0] if len(companies) == 1 and any(map(is_person, fold(others))) else None


def _is_called(part: str) -> bool:
    """Return whether a company has a name beside what it does and where: two who are called alike are not one for 设备维修 or 上海公司 beside them."""
    part = _AS_WHAT.sub("", part)
    own = _COMPANY.sub("", part)
    if len(own) < _OWN or own in trades() or part in trades() or _ANYBODYS.fullmatch(own):
        return False
    return not only_place(own) or bool(known(part))


def _is_town(folded: str) -> bool:
    place, rest = take_place(folded)
    return bool(place.city) and not rest
