"""Public bodies that are called as people of the place call them (市人社局, 区四院, 河口街道), with the place that their record tells: each city has its own.

A list of one province's customers has columns of the city and the district, and names them in the name or not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.headers import alike
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.places.place import city_names, districts_of, only_place, take_district, take_place
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import OF_TOWNS
from crmmigrate.matching.texts.cells import matched
from crmmigrate.matching.texts.folding import bare, fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_MAYBE = "[局委府院学园会处所站馆队办镇乡村]|街道|社区|中心|[中小][（( -]|[中小]$"
_COMPANY = "公司|集团|[店厂行铺]$"
"""Patterns of RE2."""

_RELATIVE = re.compile("(?P<kind>[市区县])(?!块链|政(?![府务协法])|场|民|区|域|内|中心\\Z)(?=..)")
"""市 of 市人社局, and not of 市政工程, nor of 市民中心."""

_BODY = re.compile(
    "局|委(?:员会|\\Z)|[卫改健]委|政府|医院|医完|保健院|卫生院|[一二三四五六七八九十\\d]院|[中小]学|[一二三四五六七八九十\\d][中小幼]|学校|大学|幼儿园|街道|[镇乡](?:政府)?\\Z|[村居]委会|[村居]民委员会|村\\Z|社区"
    "|法院|检察院|(?:研究|科学|学|科|设计|计量|质检|检验|标准化?|监测)[院所]|派出所|大队|支队|(?:服务|管理|控制|疾控|保健|检测|监测|文化|血|数据|信息|教育|急救|事务)(?:中心|站)|图书馆|文化馆|博物馆|档案馆|党校|公积金|信息办|管委会|审批办"
)
"""What bodies are, wherever in a name it stands: a department may stand behind it."""

_LOCAL = re.compile("[\u3400-\u9fff]{2,4}?(?:街道|[镇乡]|[村社]区?(?=委|民委|居|村|党|便民|卫生))")
"""What is called after its street, town or village, of which another district may have one of that name."""

_KIND = re.compile("(?:新区|自治县|[区县市旗镇])\\Z")
_BARE = re.compile("[市区县旗].*|(?:[中小]学|学校|大学|学院|医院|幼儿园|中心|政府|法院|宾馆)?\\Z")
"""What leaves nothing of a name: 鼓楼小学 is called after 鼓楼 as the district is."""

_ROOM = "龘" * 6
"""Stands behind a place, so that all of it is taken for one."""

_SHORTEST, _PREFECTURE = 2, 4
"""Characters of a name behind its place; digits of the code of a prefecture: a county-level city has six."""


class _Where(NamedTuple):
    """Where a record is, by the names of its city and district in full; empty where it does not say so."""

    city: str
    district: str


def with_places(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records with the city and the district of bodies before their names, where these do not say them; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import numpy as np

    names, address = rules.columns.get("name"), rules.columns.get("address")
    if rules.object in PEOPLE or names is None or address is None or names.compare or address.compare:
        return frame
    there = [column for column in address.columns if column in frame.columns]
    if not there or names.columns[0] not in frame.columns:
        return frame
    name = names.columns[0]
    cells = cells_in(frame, name)
    asked = np.flatnonzero(matched(cells, _MAYBE) & ~matched(cells, _COMPANY))
    if not len(asked):
        return frame
    folded, *lines = (fold(frame[column].iloc[asked].fillna("").tolist()) for column in [name, *there])
    towns = {there.index(column) for column in alike(OF_TOWNS, there)}
    called = [_placed(one, _where(where, towns)) for one, *where in zip(folded, *lines, strict=True)]
    found = {at: text for at, one, text in zip(frame.index[asked], folded, called, strict=True) if text != one}
    if not found:
        return frame
    told = type(frame[name])(found, dtype="str").reindex(frame.index)
    return frame.assign(**{name: told.fillna(frame[name]).astype("str")})


def _where(cells: Sequence[str], towns: AbstractSet[int]) -> _Where:
    """Return where a record is: the parts of its address may stand in columns of their own, in whichever of them, or in the line.

    A town may be called as a city elsewhere is (澄江).

    Args:
        cells: of the columns.
        towns: the places of those that tell towns.
    """
    city = district = ""
    told = [bare(cell) for cell in cells if cell]
    for at, cell in enumerate(map(bare, cells)):
        if not cell or at in towns:
            continue
        if len(cell) <= len(_ROOM) and (place := only_place(cell)) and place.city and not cell.endswith(("区", "县")):
            city = city or _full_names().get(place.city[:_PREFECTURE], "")
            district = district or (cell if len(place.city) > _PREFECTURE and cell.endswith("市") else "")
    for cell in told:
        if not city and len(cell) > len(_ROOM):
            city, district = _read(cell)
        if city and not district:
            district = _district(cell, city)
    return _Where(city, district)


@lru_cache(maxsize=20_000)
def _district(cell: str, city: str) -> str:
    """Return the district of a city that a cell names, alone or in an address in that city; in full."""
    if len(cell) > len(_ROOM):
        told = _read(cell)
        return told.district if told.city == city else ""
    there = districts_of(city_names()[city].city)
    if cell in there or cell.endswith(("区", "县", "旗", "镇")):
        return cell
    return next((full for full in there if _KIND.sub("", full) == cell), "")


@lru_cache(maxsize=20_000)
def _read(text: str) -> _Where:
    """Return the city and the district with which an address begins, in full."""
    place, district, _ = take_district(text + _ROOM)
    city = _full_names().get(place.city[:_PREFECTURE], "")
    return _Where(city, district if city and district.endswith(("市", "区", "县", "旗")) else "")


@lru_cache(maxsize=1)
def _full_names() -> dict[str, str]:
    """Return the longest name of each prefecture by its code."""
    found: dict[str, str] = {}
    for name, place in city_names().items():
        if len(name) > len(found.get(place.city, "")):
            found[place.city] = name
    return found


@lru_cache(maxsize=20_000)
def _placed(name: str, where: _Where) -> str:
    """Return a folded name with its city and district before it, where it is that of a body and lacks them."""
    city, district = where
    alone = re.split(r"[\s(（\[【〔/–—-]", name.strip(), maxsplit=1)[0]
    if not city or not _BODY.search(alone):
        return name
    short, whole = _KIND.sub("", district), district if district.endswith("市") else city + district
    if district and name.startswith(district):
        return whole + name[len(district) :]
    called = len(short) >= _SHORTEST and name.startswith(short) and not only_place(short)
    if called and not _BARE.fullmatch(alone, len(short)):
        return whole + name[len(short) :]
    if relative := _RELATIVE.match(name):
        if relative["kind"] == "市":
            return (district if district.endswith("市") else city) + name[1:]
        return whole + name[1:] if district.endswith(relative["kind"]) else name
    local = district and _LOCAL.match(name) and not take_place(name, _SHORTEST)[0].province
    return whole + name if local else name
