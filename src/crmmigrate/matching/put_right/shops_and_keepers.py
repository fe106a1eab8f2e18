"""Names of small customers with more in their cell than who or what they are: the keeper before the shop (郝建军-泰地植保合作社), and the place before the person (王家湾村吴广才)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmmigrate.matching.companies.units import is_trader
from crmmigrate.matching.people.parts import is_surname_and_given, is_whole_name
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.places.place import only_place
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.cells import mask, matched
from crmmigrate.model.person_titles import TITLES

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import ColumnRule, DedupeRules

KEEPER = "_crmm_keeper"
"""The column of the keepers who stand before their shops."""

_SHOP = r"(?:[\x{3400}-\x{9fff}]店|超市|小卖部|合作社|农场|[商车][行]|(?:门市|批发|零售|经销|经营|服务|维修|加工)部|门市|庄稼医院|[馆坊铺站厂]|批发|诊所|工作室|公司)"
_BEFORE = rf"^\s*(?P<who>[\x{{3400}}-\x{{9fff}}]{{2,4}})(?:\s*[-–—_/、:：]\s*|\s+)(?P<shop>[\x{{3400}}-\x{{9fff}}（）()]{{2,30}}{_SHOP})\s*$"
_AROUND = rf"^\s*(?P<who>[\x{{3400}}-\x{{9fff}}]{{2,4}})\s*[(（]\s*(?P<shop>[\x{{3400}}-\x{{9fff}}]{{2,30}}{_SHOP})\s*[)）]\s*$"
_BEHIND = rf"^\s*(?P<shop>[\x{{3400}}-\x{{9fff}}]{{2,30}}{_SHOP})(?:\s*[-–—_/、:：]\s*|\s+|\s*[(（]\s*)(?P<who>[\x{{3400}}-\x{{9fff}}]{{2,4}})\s*[)）]?\s*$"
_TRADE_ALONE = r"^\s*(?P<who>[\x{3400}-\x{9fff}]{2,4})(?:\s*[-–—_/、:：]\s*|\s+)(?P<trade>[\x{3400}-\x{9fff}]{1,3}[店馆坊铺行园])\s*$"
_PLACED = r"^\s*(?P<place>[\x{3400}-\x{9fff}]{2,5})(?P<who>[\x{3400}-\x{9fff}]{3})\s*$"
_BETWEEN = r"[-–—_/、:：\s(（]"
"""Patterns of RE2."""

_LONGEST = 12
"""Characters of a person with the own place before the name, and blanks around it."""

_GROWN = ("合作社", "农场", "养殖场", "批发")
_TITLED = re.compile(f"(?<=.)(?:{'|'.join(TITLES)}|[总哥姐叔姨嫂婶])\\Z")
_KINDS = "镇乡村"
_TWO = 2
"""Characters of a name that may be a place's as well: 高新, 金牛."""


def with_keepers(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of customers with each shop without its keeper before it, who is asked for there, and with each person without the own place before the name; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    names, contacts = rules.columns.get("name"), rules.columns.get("contact")
    if rules.object in PEOPLE or names is None or names.compare or names.columns[0] not in frame.columns:
        return frame, rules
    if contacts is not None and not contacts.compare and contacts.columns[0] in frame.columns:
        frame, rules = _shops_apart(frame, rules, names.columns[0], contacts)
    address = rules.columns.get("address")
    places = [column for column in (address.columns if address else ()) if column in frame.columns]
    return (_placed_apart(frame, names.columns[0], places) if places else frame), rules


def _shops_apart(
    frame: pd.DataFrame, rules: DedupeRules, name: str, contacts: ColumnRule
) -> tuple[pd.DataFrame, DedupeRules]:
    cells = cells_in(frame, name)
    which = matched(cells, _BETWEEN)
    asked = cells_in(frame, contacts.columns[0])
    kept = _before(cells, which, set(asked.to_pylist()))  # 高新-红旗超市 is where it is, and nobody's
    kept |= {at: pair for at, pair in _asked_for(cells, which, asked).items() if at not in kept}
    called = {at: f"{person}{what}" for at, (person, what) in _of_trade(cells, which, asked).items() if at not in kept}
    if not kept and not called:
        return frame, rules
    names = frame[name].to_numpy(dtype=object, copy=True)
    keepers: list[str | None] = [None] * len(frame)
    for index, whole in called.items():
        names[index] = whole
    for index, (person, what) in kept.items():
        names[index], keepers[index] = what, person
    made = type(frame[name])
    frame = frame.assign(**{name: made(names, index=frame.index, dtype="str")})
    if not kept:
        return frame, rules
    frame = frame.assign(**{KEEPER: made(keepers, index=frame.index, dtype="str")})
    return frame, replace(rules, columns=rules.columns | {"contact": replace(contacts, columns=(*contacts.columns, KEEPER))})  # fmt: skip


def _before(cells: pa.Array, which: np.ndarray, asked: AbstractSet[str | None]) -> dict[int, tuple[str, str]]:
    """Return keeper and shop of the names in which somebody stands before a dash or a blank, who keeps no other shop of that name."""
    at, who, shop = _parts(cells, which, _BEFORE, "who", "shop")
    shops: dict[str, set[str]] = {}
    for person, what in zip(who, shop, strict=True):
        shops.setdefault(what, set()).add(person)
    return {
        index: (person, what)
        for index, person, what in zip(at.tolist(), who, shop, strict=True)
        if is_whole_name(person)
        and not only_place(person)
        and (len(person) > _TWO or person in asked)
        and len(shops[what]) == 1
    }


def _asked_for(cells: pa.Array, which: np.ndarray, asked: pa.Array) -> dict[int, tuple[str, str]]:
    """Return keeper and shop of the names in which whoever is asked for there stands before a shop in brackets, or behind it."""
    kept: dict[int, tuple[str, str]] = {}
    for pattern in (_AROUND, _BEHIND):
        at, who, shop = _parts(cells, which, pattern, "who", "shop")
        there = asked.take(_indices(at)).to_pylist()
        found = zip(at.tolist(), who, shop, there, strict=True)
        around = pattern == _AROUND  # 麦当劳(东风路店) is a brand and where its shop is
        kept |= {
            index: (person, what)
            for index, person, what, contact in found
            if (not around or _is_shop(what))
            and ((is_surname_and_given(person) and _is(person, contact)) or (around and _is_keeper(person)))
        }
    return kept


def _is_shop(what: str) -> bool:
    """Return whether what stands in brackets is a shop with a brand of its own, and not where one is."""
    return is_trader(what) or is_trader(what[:-1]) or what.endswith(_GROWN)


def _is_keeper(person: str) -> bool:
    """Return whether somebody stands before a shop in brackets, whoever is asked for there."""
    return len(person) > _TWO and is_whole_name(person) and not only_place(person)


def _of_trade(cells: pa.Array, which: np.ndarray, asked: pa.Array) -> dict[int, tuple[str, str]]:
    """Return who keeps what is called by its trade alone: 郝建军-面馆."""
    at, who, trade = _parts(cells, which, _TRADE_ALONE, "who", "trade")
    there = asked.take(_indices(at)).to_pylist()
    found = zip(at.tolist(), who, trade, there, strict=True)
    return {index: (person, what) for index, person, what, contact in found if is_surname_and_given(person) and _is(person, contact)}  # fmt: skip


def _is(person: str, contact: str | None) -> bool:
    """Return whether a contact may be that person: the whole name, the given name alone, or the surname with a title."""
    told = (contact or "").strip()
    if not told or person in told or person[1:] == told:
        return bool(told)
    return person[0] == told[0] and (not is_whole_name(told) or _TITLED.search(told) is not None)


def _placed_apart(frame: pd.DataFrame, name: str, places: list[str]) -> pd.DataFrame:
    import pyarrow.compute as pc

    cells = cells_in(frame, name)
    brief = mask(pc.less_equal(pc.utf8_length(cells), _LONGEST)) & ~mask(pc.match_substring(cells, "公司"))
    at, where, who = _parts(cells, brief, _PLACED, "place", "who")
    told = [cells_in(frame, column).take(_indices(at)).to_pylist() for column in places]
    met = {}
    for index, place, person, there in zip(at.tolist(), where, who, zip(*told, strict=True), strict=True):
        stem = place.rstrip(_KINDS) if len(place) > 2 else place
        if any(stem in cell for cell in there) and is_whole_name(person):
            met[index] = person
    behind: dict[str, set[str]] = {person: set() for person in met.values()}
    for place, person in zip(where, who, strict=True) if met else ():
        if person in behind:
            behind[person].add(place)
    found = {
        index: person for index, person in met.items() if len(behind[person]) == 1
    }  # 周黑鸭 of two cities is a brand
    if not found:
        return frame
    names = frame[name].to_numpy(dtype=object, copy=True)
    names[list(found)] = list(found.values())
    return frame.assign(**{name: type(frame[name])(names, index=frame.index, dtype="str")})


def _parts(cells: pa.Array, which: np.ndarray, pattern: str, *parts: str) -> tuple[Any, ...]:
    """Return the positions of the cells that a pattern fits, of those that are looked at, and its parts there."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    asked = np.flatnonzero(which)
    found = pc.extract_regex(cells.take(pa.array(asked)), pattern)
    fits = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    return asked[fits], *(pc.struct_field(found, part).take(pa.array(fits)).to_pylist() for part in parts)


def _indices(at: np.ndarray) -> pa.Array:
    import pyarrow as pa

    return pa.array(at)
