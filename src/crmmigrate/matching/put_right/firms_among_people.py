"""Companies in a column of people's names: the fleets of a car dealer's 客户姓名, the shops and firms that own flats. Each is compared as what it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.people.beside import is_company
from crmmigrate.matching.people.noted import whom_a_note_names
from crmmigrate.matching.people.parts import is_person, is_surname_and_given
from crmmigrate.matching.places.place import take_place
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import bare, fold
from crmmigrate.model.dedupe import FULL_NAME, ColumnRule

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

FIRM = "_crmm_firm"
"""The column of companies that were found among people."""

_ASIDE = re.compile(r"[(\[【].*?[)\]】]")
_FORMAL = re.compile(
    "(?:公司|集团|[工电药酒油饭]厂|事务所|合作社|商行|经营部|便利店|超市|酒店|宾馆|幼儿园|学校|医院|银行|支行|委员会)\\Z"
)
"""What a company or a body ends with, and nobody's name."""


def firms_apart(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of people with the companies among them in a column of their own, and the rules that compare it.

    Only of a table that tells no employer: beside one, a company in the place of a name is somebody who is there.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    rule = rules.columns.get("name")
    there = [column for column in rule.columns if column in frame.columns] if rule else []
    beside = {"company", "parent", "employer", FULL_NAME} & rules.columns.keys()
    if rules.object not in PEOPLE or rule is None or rule.compare or beside or len(there) != 1:
        return frame, rules
    [name] = there
    met = [str(cell) for cell in frame[name].dropna().unique()]
    firms = frame[name].isin([cell for cell, folded in zip(met, fold(met), strict=True) if is_firm(folded)])
    if not firms.any():
        return frame, rules
    frame = frame.assign(**{FIRM: frame[name].where(firms), name: frame[name].mask(firms)})
    return frame, replace(rules, columns=rules.columns | {"company": ColumnRule((FIRM,), compare="company_name")})


def is_firm(folded: str) -> bool:
    """Return whether a folded cell names a company and nobody, but for whom to ask for there: 鸿远机械有限公司（李娜）, and not 李娜（鸿远机械有限公司）."""
    text = _ASIDE.sub("", folded).strip()
    whole = bare(text)
    if is_surname_and_given(whole):
        return False
    firm = _FORMAL.search(whole) or (is_company(whole) and not is_person(text))
    placed = text == whole and take_place(whole)[0].city  # 常州 of 常州光建保洁 is nobody's name
    return bool(firm) and (bool(placed) or not whom_a_note_names(text, of_a_company=True))
