"""Rows of people whose company stands under the header of names, of posts or of departments, and in its place somebody's name, a post or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.no_company import is_no_company
from crmmigrate.matching.companies.organisations import known
from crmmigrate.matching.people.beside import has_trade
from crmmigrate.matching.people.parts import beside_company, is_person, is_surname_and_given, is_whole_name
from crmmigrate.matching.phones.columns import cells_in, columns_of
from crmmigrate.matching.put_right.swapped import FORMAL
from crmmigrate.matching.put_right.swapped_posts import columns_of_posts, is_post
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import bare, fold
from crmmigrate.model.person_titles import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_OF_DEPARTMENTS = re.compile("(?:所属|所在|工作)?(?:部门|科室)(?:名称)?|(?:business)?(?:department|dept)")
_IN_ENGLISH = re.compile(
    r"(?i)(?:[a-z&/-]+\s)*(?:manager|director|engineer|sales|buyer|purchas\w+|assistant|supervisor|officer|admin|specialist|ceo|cto|cfo|president|secretary|accountant)"
)
"""Sales Manager."""

_NO_PERSON = re.compile("[\u3400-\u9fff()]{2,}")
_MAY_BE_COMPANY = rf"^[\x{{3400}}-\x{{9fff}}()（）]{{4,30}}$|{FORMAL}"
_MAY_BE_PERSON = r"^[\x{3400}-\x{9fff}]{2,4}$"
"""Patterns of RE2."""

_MANY, _WHOLE = 3, 3
"""What so many have for their company is one; characters of most names."""


def columns_of_employers(columns: Iterable[str], rules: DedupeRules) -> list[str]:
    """Return the columns of a table of people that nobody compares and in which a company may stand, or a name: of posts and departments."""
    columns = list(columns)
    if rules.object not in PEOPLE or "name" not in rules.columns or "company" not in rules.columns:
        return []
    taken = {column for rule in rules.columns.values() for column in rule.columns}
    departments = [c for c in columns if c not in taken and _OF_DEPARTMENTS.fullmatch(bare(fold([c])[0]))]
    return [*columns_of_posts(columns, rules), *departments[:1]]


def employers_put_right(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of people with the company where it belongs: 王芳 ¦ 助理 ¦ 宏远新能源 of name, company and post is 王芳 ¦ 宏远新能源, and 宏远新能源科技 ¦ 王芳 is 王芳 ¦ 宏远新能源科技; for comparing only.

    Only where what stands under the header of companies is none.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    names, companies = (columns_of(frame, rules, role) for role in ("name", "company"))
    if rules.object not in PEOPLE or not names or not companies:
        return frame
    name, company = names[0], companies[0]
    beside = [column for column in columns_of_employers(frame.columns, rules) if column != company]
    found = frame[company].isin(_people(frame, company))
    for column in (name, *beside):
        found |= frame[column].isin(_firms(frame, column))
    rows = frame.loc[found, [name, company, *beside]]
    put = {at: both for at, *cells in rows.itertuples() if (both := _in_place(*cells))}
    if not put:
        return frame
    right = {name: frame[name].copy(), company: frame[company].copy()}
    for place, column in enumerate((name, company)):
        right[column].loc[list(put)] = [both[place] for both in put.values()]
    return frame.assign(**right)


def _firms(frame: pd.DataFrame, column: str) -> list[str]:
    """Return the cells that are a company by what it does."""
    import pyarrow.compute as pc

    met = pc.unique(cells_in(frame, column))
    cells: list[str] = met.filter(pc.match_substring_regex(met, _MAY_BE_COMPANY)).to_pylist()
    return [cell for cell, folded in zip(cells, fold(cells), strict=True) if _is_firm(folded)]


def _people(frame: pd.DataFrame, column: str) -> list[str]:
    """Return the cells under the header of companies that are people, and of whom few work there."""
    import pyarrow.compute as pc

    met = pc.value_counts(cells_in(frame, column))
    cells, times = met.field("values"), met.field("counts")
    few: list[str] = cells.filter(pc.and_(pc.less(times, _MANY), pc.match_substring_regex(cells, _MAY_BE_PERSON))).to_pylist()  # fmt: skip
    return [cell for cell, folded in zip(few, fold(few), strict=True) if _is_somebody(folded)]


def _is_firm(folded: str) -> bool:
    return (re.search(FORMAL, folded) is not None or has_trade(folded)) and not (
        is_no_company(folded) or is_post(folded)
    )


def _is_somebody(folded: str) -> bool:
    """Return whether a folded cell is somebody's name, or a surname with a title, and no post and no company that everybody knows."""
    whole = is_whole_name(folded) or (len(folded) == _WHOLE and is_surname_and_given(folded))
    called = is_person(folded) and (whole or folded[-1:] in SHORT)
    return called and not (is_no_company(folded) or is_post(folded) or known(folded) or has_trade(folded))


def _in_place(name: object, company: object, *beside: object) -> tuple[str | None, str] | None:
    """Return the name and the company of a row, nothing where they stand where they belong or cannot be told."""
    cells = ["" if not isinstance(cell, str) else cell for cell in (name, company, *beside)]
    texts = fold(cells)
    own, employer = texts[:2]
    if _is_somebody(employer) and _NO_PERSON.fullmatch(own) and not _names_somebody(own):
        return cells[1], cells[0]
    if employer and not (is_no_company(employer) or is_post(employer) or _IN_ENGLISH.fullmatch(employer)):
        return None
    firms = [at for at, text in enumerate(texts) if at != 1 and _is_firm(text)]
    if len(firms) != 1:
        return None
    if firms[0]:
        return cells[0] or None, cells[firms[0]]
    people = [at for at, text in enumerate(texts) if at > 1 and _is_somebody(text)]
    return (cells[people[0]], cells[0]) if len(people) == 1 else None


def _names_somebody(folded: str) -> bool:
    """Return whether a folded cell is a person, or one of a surname that many bear beside a company: 刘文静华航化工, and not 洛帝欧新能源."""
    return is_person(folded) or any(is_whole_name(person.name) for person in beside_company(folded))
