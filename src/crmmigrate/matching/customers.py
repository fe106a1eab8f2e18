"""People among companies, as a shop or a trader lists whom he sells to: Wendy-东莞, 孟总, 李小姐; many are called so, and whom to ask for there is who it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.people.nicknames import is_given
from crmmigrate.matching.people.parts import is_surname_and_given, is_whole_name
from crmmigrate.matching.people.sexes import of_given_name
from crmmigrate.matching.places.place import only_place
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import fold
from crmmigrate.model.person_titles import OF_MEN, OF_WOMEN, SHORT, TITLES
from crmmigrate.model.surnames import surnames

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from crmmigrate.matching.companies.name_columns import Names
    from crmmigrate.model.dedupe import DedupeRules

CUSTOMER = "_crmm_customer"
"""The column of the whole names of customers who are people, where others are asked for by a title or a nickname."""

_CALLED, _NICKNAME, _OTHER_SCRIPT, _DIFFERENT = named(LEVELS, "called", "nickname", "other_script", "different")
_LONGEST = 12
_OFTEN = frozenset(
    re.findall(
        "[a-z]+",
        """ada alex allan allen angel bella candy cherry chris coco coral crystal daisy eason echo elsa gigi iris ivy jackie jacky jane jasmine
        joey joy karen kelly kiki leo leon lily lucky lulu may mia mimi momo olive penny queenie rainy robin rose ruby sally sam sandy sasha
        sherry snow summer sunny terry tiffany tracy una vivi yoyo yuki""",
    )
)
"""What people are called in Chinese offices beside given names that only women bear, or men."""

_TITLES = "|".join(sorted((*TITLES, *SHORT), key=len, reverse=True))
_TITLED = re.compile(f"([\u3400-\u9fff]{{1,2}})({_TITLES})")
_GIVEN = re.compile("([a-z]{2,12})([\u3400-\u9fff]{0,4})")
_CELL = rf"^(?P<who>[A-Za-z]{{2,12}}|[\u3400-\u9fff]{{1,2}}(?:{_TITLES}))(?:[(（](?:新|老|旧)?(?:客户|顾客|客人|散客|工地|现金|零售)[)）]|(?<=[A-Za-z])\s*[-–—(（].{{1,12}})?$"


class Customers:
    """Which names are a given name, or a surname with a title, and no more; and which are whole names of people.

    Args:
        said: the names.
    """

    def __init__(self, said: Names) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        count = len(said.core)
        self._given, self._titled, self._whole, self._sex = (np.full(count, -1) for _ in range(4))
        few = ~said.kind.true() & (pc.utf8_length(said.core).to_numpy() <= _LONGEST)
        at = np.flatnonzero(few)
        met: dict[str, int] = {}
        for index, core in zip(at.tolist(), said.core.take(pa.array(at)).to_pylist(), strict=True):
            given, surname, title = whom(core)
            if given:
                self._given[index] = met.setdefault(given, len(met))
            elif title:
                self._titled[index] = met.setdefault(surname, len(met))
                self._sex[index] = 0 if title in OF_MEN else 1 if title in OF_WOMEN else -1
            elif surname:
                self._whole[index] = met.setdefault(surname, len(met))

    def told(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names, changed in place: that both are called Wendy, or one 孟总 and the other 孟帆涛, tells little more than a given name or a surname."""
        import numpy as np

        given = (self._given[one] >= 0) & (self._given[one] == self._given[other])
        a, b = self._titled[one], self._titled[other]
        titled = (a >= 0) & ((a == b) | (a == self._whole[other]))
        titled |= (b >= 0) & (b == self._whole[one])
        chinese = np.maximum(self._titled, self._whole) >= 0
        nickname = ((self._given[one] >= 0) & chinese[other]) | ((self._given[other] >= 0) & chinese[one])
        levels[nickname & (levels == _OTHER_SCRIPT)] = _NICKNAME
        couple = (self._sex[one] >= 0) & (self._sex[other] >= 0) & (self._sex[one] != self._sex[other])
        levels[given | (titled & ~couple)] = _CALLED
        levels[titled & couple] = _DIFFERENT
        return levels


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
    return "", (core[: -2 if len(core) > 2 else -1] if is_whole_name(core) else ""), ""


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
