"""People beside whose names their company stands, where the table tells companies in a column of their own: 松力高强, 凌胜-汤轩, 凌胜 销售 汤工, 汤工(凌胜).

What a company is called for short may look like somebody's name; that others of the table work there tells which of the two it is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.no_company import is_no_company
from crmmigrate.matching.people.beside import unsorted, without_relation
from crmmigrate.matching.people.parts import is_person, is_surname_and_given, is_whole_name
from crmmigrate.matching.people.remarks import is_nickname, is_remark
from crmmigrate.matching.phones.columns import cells_in, columns_of
from crmmigrate.matching.places.place import only_place, take_place
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import fold
from crmmigrate.model.person_titles import SHORT, STAFF, TITLES
from crmmigrate.model.surnames import surnames

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

OF_NOTE = "_crmm_of_note"
"""The column of people whom notes name beside a company."""

_APART = re.compile(r"[\s\-–—_/、,;·@()\[\]【】|:：+]+")
_DEPARTMENT = "研发|供应链?|采购|销售|技术|财务|生产|质量|质检|品质|品管|业务|商务|市场|售[前后]|人事|人力|行政|仓[储库]|物流|工程|设计|客服|外贸|设备|信息|总经|总务|后勤|电商|运营|法务|项目|车间"
_POST = re.compile(f"(?:{_DEPARTMENT})(?:部门?|[办处科室组]|中心)?")
_AT_END = re.compile(f"(?:{_DEPARTMENT})(?:部门?|[办处科室组]|中心)?\\Z|(?:公司|集团)\\Z")
_TITLES = tuple(sorted((*TITLES, *STAFF, *SHORT), key=len, reverse=True))
_CANDIDATE = r"[\x{3400}-\x{9fff}].*[\x{3400}-\x{9fff}].*[\x{3400}-\x{9fff}].*[\x{3400}-\x{9fff}]"
_LETTER = r"[\x{3400}-\x{9fff}]"
_NOBODYS = rf"^(?:{_LETTER}{{2,3}}[\s(（【\[_/-]*(?:{_DEPARTMENT})(?:部门?|[办处科室组员])?[)）】\]]?|{_LETTER}{{2}}(?:{'|'.join((*TITLES, *STAFF))}))$"
"""A name and a post, as most of such cells: no company stands beside it; a pattern of RE2."""

_LONGEST, _HEAD, _MOST = 30, 2, 4
"""Characters of a cell that is looked into; of what tells a company at least; and of a name at most."""


def with_employers_beside(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of people without the company beside their names, which stands as their employer where none is told; for comparing only.

    Whom a note in a column of remarks names stands in a column of its own.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    names, companies = (columns_of(frame, rules, role) for role in ("name", "company"))
    columns = [column for column in names if not is_nickname(column)]
    if rules.object not in PEOPLE or not columns or not companies:
        return frame, rules
    cells = [cell for column in columns for cell in _candidates(frame, column)]
    splits = {cell: found for cell, folded in zip(cells, fold(cells), strict=True) if (found := [*_splits(folded)])}
    employers = _called_so(frame, companies, splits.values()) if splits else frozenset()
    told = {cell: one for cell, found in splits.items() if (one := _the_one(found, employers))} if employers else {}
    if not told:
        return frame, rules
    nobody = frame[companies].isna().all(axis=1)
    employer = frame[companies[0]]
    for column in columns:
        people = frame[column].map({cell: person for cell, (_, person) in told.items()}).astype("str")
        beside = frame[column].map({cell: company for cell, (company, _) in told.items()}).astype("str")
        employer = employer.where(~nobody | employer.notna(), beside)
        frame = frame.assign(**{OF_NOTE if is_remark(column) else column: people if is_remark(column) else people.fillna(frame[column])})  # fmt: skip
    return frame.assign(**{companies[0]: employer}), replace(rules)


def _candidates(frame: pd.DataFrame, column: str) -> list[str]:
    """Return the cells in which a company may stand beside a name."""
    import pyarrow.compute as pc

    met = pc.unique(cells_in(frame, column))
    asked = met.filter(pc.and_(pc.match_substring_regex(met, _CANDIDATE), pc.less_equal(pc.utf8_length(met), _LONGEST)))
    found: list[str] = asked.filter(pc.invert(pc.match_substring_regex(asked, _NOBODYS))).to_pylist()
    return found


def _splits(folded: str) -> Iterator[tuple[str, str]]:
    """Give the ways of reading a folded cell as a company and a person."""
    parts = [part for part in _APART.split(without_relation(unsorted(folded))) if part]
    named = [part for part in parts if not _says_what(part)]
    if len(named) == 1:
        yield from _glued(named[0])
    elif len(named) == _HEAD:
        for company, person in (named, named[::-1]):
            if is_person(person):
                yield company, person


def _says_what(part: str) -> bool:
    """Return whether a part of a cell is a department, a post or a place."""
    return _POST.fullmatch(part) is not None or is_no_company(part) or only_place(part) is not None


def _glued(text: str) -> Iterator[tuple[str, str]]:
    """Give the ways of reading a text without blanks as a company and a person behind it, or before it: 松力高强, 松力老高总, 高强松力销售部."""
    title = next(title for title in _TITLES if text.endswith(title)) if text.endswith(_TITLES) else ""
    called = text.removesuffix(title)
    for size in range(1, _MOST + 1):
        company, name = called[:-size], called[-size:]
        if len(company) < _HEAD:
            break
        spoken = title and (name in surnames() or (name[0] in "老小" and name[1:] in surnames()))
        if spoken or is_surname_and_given(name):
            yield company, name + title
        if title and is_surname_and_given(text[-size:]):
            yield text[:-size], text[-size:]
    for size in range(_HEAD, 0 if title else _MOST):
        if len(text) >= size + _HEAD and is_whole_name(text[:size]):
            yield text[size:], text[:size]


def _called_so(
    frame: pd.DataFrame, companies: Sequence[str], splits: Iterable[Sequence[tuple[str, str]]]
) -> Collection[str]:
    """Return what the companies of a table that may be meant are called, whole or from their beginning on."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from crmmigrate.matching.companies.plain_names import taken_apart
    from crmmigrate.matching.texts.folding import folded

    heads = {call[:_HEAD] for found in splits for company, _ in found for call in _calls(company)}
    pattern = "|".join(sorted(map(re.escape, heads)))
    cells = pa.chunked_array([pc.unique(cells_in(frame, column)) for column in companies]).combine_chunks()
    texts = folded(cells.unique())
    cores = taken_apart(texts.filter(pc.match_substring_regex(texts, pattern))).names.core.unique().to_pylist()
    return frozenset(core[:size] for core in cores for size in range(_HEAD, len(core) + 1))


def _calls(company: str) -> Iterator[str]:
    """Give what a company may be called that stands beside somebody's name, without its place and the department."""
    for text in dict.fromkeys((company, _AT_END.sub("", company))):
        rest = take_place(text)[1]
        yield from (call for call in dict.fromkeys((text, rest)) if len(call) >= _HEAD)


def _the_one(splits: Iterable[tuple[str, str]], employers: Collection[str]) -> tuple[str, str] | None:
    """Return the way of reading a cell in which the company is known and the person is none, that with the longest name of it; None where there are several."""
    known = {
        person: company
        for company, person in splits
        if person not in employers and any(call in employers for call in _calls(company))
    }
    longest = max(map(len, known.values()), default=0)
    people = [person for person, company in known.items() if len(company) == longest]
    return (_AT_END.sub("", known[people[0]]) or known[people[0]], people[0]) if len(people) == 1 else None
