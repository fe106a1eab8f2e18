"""Shops that are called with their county or town before the name: 永固-启明餐馆 and 萧县启明餐馆 of a row whose address is in 萧县永固镇.

Their own address says that it is where they are, and no part of the name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmmigrate.matching.companies.readings import trades
from crmmigrate.matching.companies.units import is_trader
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.places.place import city_names, take_district
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.cells import mask, matched
from crmmigrate.matching.texts.folding import bare, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

ALONE = "_crmm_alone"
"""The column of the names of shops without the place before them."""

_SHOP = r"^\p{Han}{2}.*\p{Han}{2}[)）]?$"
_COMPANY = "集团|[局委府院学校会]$|幼儿园$"
"""Patterns of RE2; bodies and companies are called after their place."""

_KIND = "(?:街道|自治县|[县市区旗镇乡])"
_WITHOUT_KIND = re.compile(f"(?<=..){_KIND}\\Z")
_TOWN = re.compile("([\u3400-\u9fff]{2,4}?)(?:镇|乡|街道)")
_NO_PLACE = re.compile("[路街巷弄道村号旁口]\\Z")
_WORDS = re.compile(
    "平价|生活|综合|便民|惠民|利民|购物|百货|日用|大众|家常|私房|农家|特色|风味|正宗|中医|西医|口腔|五金|建材|农资"
)
"""What a shop is as well, and no brand: 永固平价超市 of 永固镇 is called after it."""

_SMALL = re.compile("(?:[店馆铺坊行部场园]|超市|诊所|卫生[室所]|农家乐|批发|五金|机电|建材|合作社)\\Z")
_WHICH = re.compile("[(（].{2,}店[)）]\\Z")
_BETWEEN = re.compile(f"{_KIND}?\\s*([-–—·・_/]?)\\s*")
_BRIEF, _LEAST, _OWN = 6, 4, 3
"""Characters of a cell that holds a place alone, of a shop's brand and trade, and of a shop behind a dash."""


def with_shops_alone(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with each shop's name without its own county and town beside it, or in its place where a dash stands between; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    names, address = rules.columns.get("name"), rules.columns.get("address")
    if rules.object in PEOPLE or names is None or address is None or names.compare or address.compare:
        return frame, rules
    there = [column for column in address.columns if column in frame.columns]
    if not there or names.columns[0] not in frame.columns:
        return frame, rules
    cells = cells_in(frame, names.columns[0])
    maybe = np.flatnonzero(~mask(pc.match_substring(cells, "公司")))  # most are companies
    asked = maybe[(matched(some := cells.take(pa.array(maybe)), _SHOP)) & ~matched(some, _COMPANY)]
    columns = (cells_in(frame, column).take(pa.array(asked)).to_pylist() for column in (names.columns[0], *there))
    # Most names begin like no place of their own, or with their city, which is known for a place whatever the address says.
    heads = ((row[1].strip()[:2], row) for row in zip(asked.tolist(), *columns, strict=True))
    rows = [row for head, row in heads if head not in city_names() and any(head in cell for cell in row[2:])]
    instead: dict[int, str] = {}
    beside: dict[int, str] = {}
    for (at, *_), (name, *told) in zip(rows, _folded(rows), strict=True):
        shop, dashed = _alone(name, tuple(told))
        if shop != name:
            (instead if dashed else beside)[at] = shop
    made = type(frame[names.columns[0]])
    if instead:
        called = frame[names.columns[0]].to_numpy(dtype=object, copy=True)
        called[list(instead)] = list(instead.values())
        frame = frame.assign(**{names.columns[0]: made(called, index=frame.index, dtype="str")})
    if not beside:
        return frame, rules
    column: list[str | None] = [None] * len(frame)
    for at, shop in beside.items():
        column[at] = shop
    frame = frame.assign(**{ALONE: made(column, index=frame.index, dtype="str")})
    return frame, replace(rules, columns=rules.columns | {"name": replace(names, columns=(*names.columns, ALONE))})


def _folded(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, ...]]:
    """Give the folded cells of each row behind its number: all of them are folded at once, which takes a part of the time."""
    texts = iter(fold([cell for row in rows for cell in row[1:]]))
    return zip(*[texts] * (len(rows[0]) - 1), strict=True) if rows else iter(())


def _alone(name: str, where: tuple[str, ...]) -> tuple[str, bool]:
    """Return a shop's name without the places before it, and whether a dash stood behind one of them."""
    heads = sorted(_places(where), key=lambda head: (-len(head), head))
    dashed = False
    while head := next((head for head in heads if name.startswith(head)), ""):
        between = _BETWEEN.match(name, len(head))
        dash = between[1] if between else ""
        shop = name[between.end() if between else len(head) :]
        if not (_named(shop) or (dash and len(shop) >= _OWN)):
            break
        name, dashed = shop, dashed or bool(dash)
        heads.remove(head)
    return name, dashed


def _named(shop: str) -> bool:
    """Return whether what is left has a brand of its own."""
    if branch := _WHICH.search(shop):
        return branch.start() >= _OWN
    ends = is_trader(shop) or is_trader(shop.removesuffix("店")) or _SMALL.search(shop) is not None
    return len(shop) >= _LEAST and shop[:2] not in trades() and not _WORDS.match(shop) and ends


def _places(where: tuple[str, ...]) -> set[str]:
    """Return what the county and the town of an address are called for short."""
    found = set()
    for cell in map(bare, where):
        _, district, rest = take_district(cell)
        found.add(_WITHOUT_KIND.sub("", district))
        if town := _TOWN.match(rest):
            found.add(town[1])
        if len(cell) <= _BRIEF and not _NO_PLACE.search(cell):
            found.add(_WITHOUT_KIND.sub("", cell))
    return {head for head in found if len(head) > 1}
