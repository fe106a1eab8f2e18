"""People among companies, as a shop or a trader lists whom he sells to: Wendy-东莞, 孟总, 李小姐; many are called so, and whom to ask for there is who it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.headers import header_names
from crmmigrate.matching.people.nicknames import is_given
from crmmigrate.matching.people.parts import is_surname_and_given, is_whole_name
from crmmigrate.matching.people.sexes import of_given_name
from crmmigrate.matching.places.place import only_place
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import HANDLED
from crmmigrate.matching.texts.folding import fold
from crmmigrate.model.person_titles import SHORT, TITLES
from crmmigrate.model.surnames import surnames

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.table import Table

CUSTOMER = "_crmm_customer"
"""The column of the whole names of customers who are people, where others are asked for by a title or a nickname."""

_OFTEN = frozenset(
    re.findall(
        "[a-z]+",
        """ada alex allan allen angel bella candy cherry chris coco coral crystal daisy eason echo elsa gigi iris ivy jackie jacky jane jasmine
        joey joy karen kelly kiki leo leon lily lucky lulu may mia mimi momo olive penny queenie rainy robin rose ruby sally sam sandy sasha
        sherry snow summer sunny terry tiffany tracy una vivi yoyo yuki""",
    )
)
"""What people are called in Chinese offices beside given names that only women bear, or men."""

_MANY = 6
"""Records of one person on the average; customers that are written down several times have one each."""

_TITLES = "|".join(sorted((*TITLES, *SHORT), key=len, reverse=True))
_THREE = 3
"""Characters of a name of whose surname few bear it; of two, it may be any word."""

_TITLED = re.compile(f"([\u3400-\u9fff]{{1,2}})({_TITLES})")
_GIVEN = re.compile("([a-z]{2,12})([\u3400-\u9fff]{0,4})")
_CELL = rf"^(?P<who>[A-Za-z]{{2,12}}|[\u3400-\u9fff]{{1,2}}(?:{_TITLES}))(?:[(（](?:新|老|旧)?(?:客户|顾客|客人|散客|工地|现金|零售)[)）]|(?<=[A-Za-z])\s*[-–—(（].{{1,12}})?$"


def whom(core: str) -> tuple[str, str, str]:
    """Return the given name in letters of somebody who is called by that alone, or the surname and the title of who is called by these; of a whole Chinese name the surname.

    Args:
        core: a folded name without brackets.
    """
    if found := _GIVEN.fullmatch(core):
        word, where = found.groups()
        known = is_given(word) or bool(of_given_name(word)) or word in _OFTEN
        return (word if known and (not where or only_place(where)) else ""), "", ""
    if (found := _TITLED.fullmatch(core)) and found[1] in surnames():
        return "", found[1], found[2]
    whole = is_whole_name(core) or (len(core) == _THREE and is_surname_and_given(core))
    return "", (core[: -2 if len(core) > 2 else -1] if whole else ""), ""


def without_ours(rules: DedupeRules, table: Table) -> DedupeRules:
    """Return shipped rules without the columns of who handled a customer's affairs where a few people did so for many customers: those are ours, and customers of one of them have nothing in common.

    Args:
        rules: of the object.
        table: which they are for.
    """
    contacts = rules.columns.get("contact")
    there = [column for column in (contacts.columns if contacts else ()) if column in table.columns]
    handled = [column for column in there if any(map(HANDLED.fullmatch, header_names(column)))]
    if rules.object in PEOPLE or contacts is None or not handled:
        return rules
    frame = table.frame(handled)
    ours = {column for column in handled if frame[column].count() > _MANY * frame[column].nunique()}
    kept = tuple(column for column in contacts.columns if column not in ours)
    others = {role: rule for role, rule in rules.columns.items() if role != "contact" or kept}
    return replace(rules, columns=others | ({"contact": replace(contacts, columns=kept)} if kept else {}))


def with_whole_names(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with the whole names of customers who are called by a given name or a title alone, where these stand among the contacts; for comparing only.

    There they say nothing more: a customer who is asked for is one thing, not two.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    names, contacts = rules.columns.get("name"), rules.columns.get("contact")
    if rules.object in PEOPLE or names is None or contacts is None or names.compare or contacts.compare:
        return frame, rules
    there = [column for column in contacts.columns if column in frame.columns]
    if not there or names.columns[0] not in frame.columns:
        return frame, rules
    called = frame[names.columns[0]].str.extract(_CELL, expand=False)
    called = called.map(dict(zip(met := [*called.dropna().unique()], map(whom, fold(met)), strict=True)))
    asked = frame.loc[called.map(lambda who: isinstance(who, tuple) and bool(who[0] or who[1]))]
    found: dict[object, str] = {}
    for column in there:
        whole = asked[column].dropna()
        for at, (cell, plain) in zip(whole.index, zip(whole, fold([*whole]), strict=True), strict=True):
            given, surname, _ = called[at]
            asked_for = is_surname_and_given(plain) and not whom(plain)[2]
            if at not in found and asked_for and (given or plain.startswith(surname)):
                found[at] = cell
    if not found:
        return frame, rules
    told = type(called)(found, dtype="str").reindex(frame.index)
    own = {column: frame[column].mask((frame[column] == told).fillna(False).astype(bool)) for column in there}
    return frame.assign(**own, **{CUSTOMER: told}), replace(rules, columns=rules.columns | {"name": replace(names, columns=(*names.columns, CUSTOMER))})  # fmt: skip
