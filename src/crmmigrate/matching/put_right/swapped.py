"""Rows of customers whose cells have changed places: a post under the company's header, and the company under that of the person or the post."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.no_company import is_no_company
from crmmigrate.matching.companies.organisations import known
from crmmigrate.matching.people.beside import has_trade
from crmmigrate.matching.people.parts import is_person, is_surname_and_given, is_whole_name
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import bare, fold
from crmmigrate.model.person_titles import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_OF_A_PERSON = re.compile(
    "(?:(?:主要|首要|客户)?(?:联系|联络|负责)人)?(?:姓名|名字|职务|职位|岗位|职称|头衔|身份)|(?:主要|首要|客户)?(?:联系|联络|负责)人|"
    "(?:contact)?(?:person|name|fullname|jobtitle|title|position|post)|contact"
)
"""Headers of the columns of the form beside the company's, in one of which that stands instead."""

FORMAL = "(?:公司|集团|厂|事务所|合作社|商行|经营部|医院|大学|学院|学校|研究院)[)）]?$|(?i:(?:ltd|limited|inc|llc|gmbh|corp|corporation)\\.?$)"
"""What a company ends with, and neither a person nor a post; a pattern of RE2."""

_SHORT, _LONG = r"^[\x{3400}-\x{9fff}]{2,4}$", r"^[\x{3400}-\x{9fff}()（）]{5,30}$"
"""Cells that may be somebody's name, and such that are none; patterns of RE2."""

_TWO, _FIVE = 2, 5


def companies_put_right(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of customers, with the company where that belongs: 创始人 ¦ 易科传媒有限公司 ¦ 陶家豪 of company, name and post is 易科传媒有限公司 ¦ 陶家豪.

    Only where what stands under the company's header is none by itself, and one company stands beside it.
    """
    names, contacts = (
        [c for c in rule.columns if c in frame.columns] if (rule := rules.columns.get(role)) else []
        for role in ("name", "contact")
    )
    beside = may_hold_companies(frame.columns, rules)
    if not names or not beside:
        return frame
    name = names[0]  # others behind it are what a company is called besides
    found = frame[beside[0]].str.contains(FORMAL, na=False)
    for column in beside[1:]:
        found |= frame[column].str.contains(FORMAL, na=False)
    found |= _by_what_they_do(frame, name, [column for column in beside if column in contacts])
    rows = frame.loc[found, [name, *beside]]
    moved = {at: said for at, *cells in rows.itertuples() if (said := _company(*cells))}
    if not moved:
        return frame
    company = frame[name].copy()
    company.loc[list(moved)] = list(moved.values())
    people = {column: frame[column].copy() for column in contacts if column in beside}
    for cells in people.values():
        cells.loc[list(moved)] = [_person(row) for row in rows.loc[list(moved)].itertuples(index=False)]
    return frame.assign(**{name: company}, **people)


def may_hold_companies(columns: Iterable[str], rules: DedupeRules) -> list[str]:
    """Return the columns of a table of customers in which a company may stand that belongs under the header of companies."""
    if rules.object in PEOPLE or "name" not in rules.columns:
        return []
    taken = {column for role, rule in rules.columns.items() if role != "contact" for column in rule.columns}
    return [column for column in columns if column not in taken and _is_of_a_person(column)]


def _is_of_a_person(column: str) -> bool:
    return _OF_A_PERSON.fullmatch(bare(fold([column])[0])) is not None


def _by_what_they_do(frame: pd.DataFrame, name: str, beside: list[str]) -> pd.Series:
    """Return the rows in which one cell is short enough for somebody's name, and a cell beside it too long for that and a company by what it does."""
    import pyarrow.compute as pc

    short = pc.match_substring_regex(cells_in(frame, name), _SHORT).to_numpy(zero_copy_only=False)
    found = frame[name].isna() & False
    for column in beside if short.any() else ():
        long = pc.match_substring_regex(cells_in(frame, column), _LONG).to_numpy(zero_copy_only=False) & short
        if long.any():
            met = [str(cell) for cell in frame.loc[long, column].unique()]
            firms = [cell for cell, folded in zip(met, fold(met), strict=True) if has_trade(folded)]
            found |= long & frame[column].isin(firms)
    return found


def _company(own: object, *beside: object) -> str:
    """Return the one company among the cells beside the company's, where that names none; else nothing."""
    told = fold([own])[0] if isinstance(own, str) else ""
    cells = [cell for cell in beside if isinstance(cell, str)]
    companies = {cell for cell in cells if re.search(FORMAL, cell)} or {cell for cell in cells if _is_company(cell)}
    company = companies.pop() if len(companies) == 1 else ""
    return company if not told or is_no_company(told) or _is_somebody(told, company) else ""


def _is_somebody(folded: str, company: str) -> bool:
    """Return whether a folded cell is a person's name or how one is spoken to, and not what the company beside it is called for short: 康总, 陶家豪, and not 华为 or 易科."""
    titled = folded[-1:] in SHORT or len(folded) > _TWO
    return (
        is_person(folded) and (titled or is_whole_name(folded)) and not (known(folded) or folded in fold([company])[0])
    )


def _is_company(cell: str) -> bool:
    """Return whether a cell that is too long for somebody's name is a company by what it does."""
    return len(cell) >= _FIVE and has_trade(fold([cell])[0])


def _is_person(folded: str) -> bool:
    return is_surname_and_given(folded) and not is_no_company(folded)


def _person(cells: Iterable[object]) -> str | None:
    """Return the one person whom a row names, None where there is none."""
    named = {cell for cell in cells if isinstance(cell, str) and _is_person(fold([cell])[0])}
    return named.pop() if len(named) == 1 else None
