"""Provinces, cities and counties as they stand at the head of company names and addresses."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.places.former import former_counties, former_names
from crmmigrate.matching.texts.folding import sound

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

DIVISIONS = Path(__file__).parents[2] / "data" / "divisions.csv"
_KIND = re.compile(
    r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|(?:[\u4e00-\u9fff]{1,3}族)*自治州|(?:[\u4e00-\u9fff]{1,3}族)*自治[县旗]|地区|林区|[省市盟])\Z"
)
_DISTRICT = re.compile(
    r"(?!城市)(?:[\u4e00-\u9fff]{0,5}?(?:经济|技术|产业|高新|工业园|保税|出口加工|贸易试验)(?:开发|示范)?区|"
    r"[\u4e00-\u9fff]{1,4}?(?:新区|开发区|(?<![社校院园小景])区|县(?!域|.?镇)|旗|(?<!超)(?<!..城)市(?![场政镇乡])))(?!(?<=区)[块域划])"
)


_SHORT = re.compile("(?:(?:[\u4e00-\u9fff]{1,3}族)*自治[县旗]|新区|[区县旗])\\Z")
_ZONES = ("新区", "开发区", "经开区", "园区", "保税区", "自贸区", "示范区")
"""What is no district of the state's divisions, but a name all the same."""

_PREFECTURE = 4
"""Digits of its code."""

_COUNTY = 3
"""Shorter names of districts (城区, 矿区) are words, and those of counties (澧县, 萧县) are not."""

LONGER_NAME = "(?!新村)[\u3400-\u9fff]?(?:[镇乡](?![\u3400-\u9fff]{0,2}[镇乡])|村(?![路街巷镇]))|街道|社区"
"""What stands behind the short name of a city or county that is the beginning of a longer one: 古县渡镇, 樟树坡村, 澄江镇; and not a town that is called so, 镇隆镇 of 信宜, 古镇镇 of 中山. A pattern."""

_WORDS = frozenset(("东方",))
"""Short names of county-level cities that are brands far oftener: 东方航空."""


_MARKET = re.compile("市(?:场|政(?!府))")

_TOWN = re.compile(
    "(?:[镇乡]|街道|社区)(?:中心)?(?:卫生|社区|人民政府|[中小]学|幼儿园|办事处|[村居]|敬老院)|卫生院|社区"
)
"""What stands behind a town that is called like a city: 沙河镇卫生院 is hardly of the city 沙河."""

_NO_CITY = re.compile("城市|.(?:市[场政]|区块链|[区县]域)")
"""Where 市, 区 or 县 belongs to what a company does: 锦城市政工程 is a brand and its trade, and not in 晋城市, which sounds like its head;
nor is 天新区块链科技 in 天心区."""


class Place(NamedTuple):
    """Where something is: 2-digit code of the province, 4- or 6-digit code of the city; empty where not said."""

    province: str = ""
    city: str = ""


@cache
def provinces_and_cities() -> tuple[dict[str, str], dict[str, str]]:
    """Return short and full names of provinces and of cities (with the county-level ones) with their codes."""
    provinces: dict[str, str] = {}
    cities: dict[str, str] = {}
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code, name = row["code"], row["name"]
            short = _KIND.sub("", name)
            if row["level"] == "1":
                provinces.update({name: code[:2], short: code[:2]})
            elif row["level"] == "2":
                cities.update({name: code[:4], short: code[:4]})
            elif name.endswith("市") and len(short) > 1:
                if short not in _WORDS:
                    cities.setdefault(short, code)
                cities.setdefault(name, code)
    return provinces, cities


@cache
def _counties() -> dict[str, list[tuple[str, Place]]]:
    """Return the full names of districts and counties, those that were one too, by their first two characters, the longest first.

    With each the city in which it lies; nowhere where several are called so (鼓楼区).
    """
    found: dict[str, set[Place]] = {}
    former: dict[str, set[Place]] = {}
    provinces, cities = provinces_and_cities()
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["level"] == "3" and row["name"] not in cities:
                province = row["code"][:2]
                city = province if province in _MUNICIPALITIES else row["code"][:4]
                found.setdefault(row["name"], set()).add(_place(province, city))
    for name, in_province, in_city, lately, became in former_counties():
        province, place = provinces.get(in_province, ""), cities.get(in_city, "")
        if province and name not in cities and _KIND.sub("", name) not in cities:
            was = _place(province, province if province in _MUNICIPALITIES else place)
            former.setdefault(name, set()).add(was)
            if lately and name in found and not became.startswith(tuple(at.city for at in found[name])):
                found[name].add(was)
    present, found = {*found}, former | found
    heads: dict[str, list[tuple[str, Place]]] = {}
    for name in sorted(found, key=len, reverse=True):
        if len(name) >= _COUNTY or (name.endswith("县") and name in present):  # 沙县小吃 is what is sold there
            heads.setdefault(name[:2], []).append(
                (name, next(iter(found[name])) if len(found[name]) == 1 else _NOWHERE)
            )
    return heads


@cache
def place_names() -> frozenset[str]:
    """Return the names of all provinces, cities and counties."""
    counties = {name for names in _counties().values() for name, _ in names}
    return frozenset().union(*provinces_and_cities(), counties)


@cache
def _heads() -> tuple[dict[str, list[tuple[str, str]]], dict[str, list[tuple[str, str]]]]:
    """Return (name, code) of provinces and of cities by their first two characters, the longest first."""
    found: list[dict[str, list[tuple[str, str]]]] = []
    for names in provinces_and_cities():
        heads: dict[str, list[tuple[str, str]]] = {}
        for name in sorted(names, key=len, reverse=True):
            if len(name) > 1:
                heads.setdefault(name[:2], []).append((name, names[name]))
        found.append(heads)
    return found[0], found[1]


_NOWHERE = Place()
_NONE: tuple[str, str] = ("", "")
BEYOND = frozenset(("71", "81", "82"))
"""The codes of Taiwan, Hong Kong and Macau."""

_MUNICIPALITIES = frozenset(("11", "12", "31", "50"))


def _at_head(text: str, heads: dict[str, list[tuple[str, str]]]) -> tuple[str, str]:
    """Return the longest of the names that `text` begins with and its code, or nothing."""
    for named in heads.get(text[:2], ()):
        if text.startswith(named[0]):
            return named
    return _NONE


def _behind(found: str, text: str) -> str:
    """Return what stands behind the city at the head of `text`, without its 市; that of 杭州市场监管局 belongs to what follows."""
    rest = text[len(found) :]
    if found.endswith("市"):
        return f"市{rest}" if _MARKET.match(f"市{rest}") else rest
    return rest if _MARKET.match(rest) else rest.removeprefix("市")


@cache
def _place(province: str, city: str) -> Place:
    return Place(province, city)


def take_place(text: str, keep: int = 0) -> tuple[Place, str]:
    """Take province, city and district off the head of `text`.

    Args:
        text: folded text, e.g. `浙江省杭州市西湖区文三路1号` or `杭州启明机械`.
        keep: leave at least so many characters.

    Returns:
        The place and the rest of the text.
    """
    place, _, rest = take_district(text, keep)
    return place, rest


def take_district(text: str, keep: int = 0) -> tuple[Place, str, str]:
    """Take province, city and district off the head of `text`, and return place, district and rest; arguments as for `take_place`."""
    in_province, in_city = _heads()
    head = text[:2]
    # 朝阳区 is in 北京 or 长春, and not in the city of 朝阳.
    named_so = text[2:3] == "区" and any(name == text[:3] for name, _ in _counties().get(head, ()))
    if named_so or (head not in in_city and head not in in_province):
        return _county_at_head(text, keep)
    province = city = district = ""
    rest = text
    found, code = _at_head(rest, in_province)
    if found and len(rest) - len(found) >= keep:
        province, whole, rest = code, rest, rest[len(found) :].removeprefix("省")
        if province in _MUNICIPALITIES:
            city, rest = province, _behind(found, whole).removeprefix("市辖区")
            found, code = _at_head(rest, in_province)
            if code == province and len(rest) - len(found) >= keep:
                rest = _behind(found, rest)
    if not city:
        found, code = _at_head(rest, in_city)
        if found and len(code) > _PREFECTURE and not found.endswith("市") and _TOWN.match(rest, len(found)):
            found = ""
        if found and len(rest) - len(found) >= keep and (not province or code.startswith(province)):
            province, city, rest = code[:2], code, _behind(found, rest)
            district = found if len(code) > len("3301") else ""  # a county-level city
    if city and (met := _DISTRICT.match(rest)) and len(rest) - met.end() >= keep:
        district, rest = _as_called(city, met.group()), rest[met.end() :]
    if not province:
        return _county_at_head(text, keep)
    if not city:
        for name, place in _in_provinces().get(province + rest[:2], ()):  # 安徽太和县
            if rest.startswith(name) and len(rest) - len(name) >= keep:
                return place, name, rest[len(name) :]
    return _place(province, city), district, rest


@cache
def _as_called(city: str, district: str) -> str:
    """Return a district of a city as it is called, where it differs from the only one like it in one character (汇都区 of 扬州)."""
    there = _districts().get(city[:4], _districts().get(city[:2], frozenset()))
    if district in there or district in former_names() or district.endswith(_ZONES):
        return district
    near = [
        name for name in there if len(name) == len(district) >= _COUNTY and sum(map(str.__ne__, name, district)) == 1
    ]
    return near[0] if len(near) == 1 else district


@cache
def _districts() -> dict[str, frozenset[str]]:
    """Return the districts and counties of each city (4 digits; of a municipality 2)."""
    found: dict[str, set[str]] = {}
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["level"] == "3":
                code = row["code"]
                found.setdefault(code[:2] if code[:2] in _MUNICIPALITIES else code[:4], set()).add(row["name"])
    return {code: frozenset(names) for code, names in found.items()}


def _goes_on(county: str, text: str) -> bool:
    """Return whether the name of a county at the head of a text is the beginning of that of a town: 古县渡镇."""
    return len(county) < _COUNTY and re.match(LONGER_NAME, text[len(county) :]) is not None


def _county_at_head(text: str, keep: int) -> tuple[Place, str, str]:
    """Take a district with which `text` begins; its city is known where only one has a district of that name."""
    for name, place in _counties().get(text[:2], ()):
        if text.startswith(name) and len(text) - len(name) >= keep and not _goes_on(name, text):
            return place, name, text[len(name) :]
    if (heard := _as_heard(text)) != text:
        return take_district(heard, keep)
    return _NOWHERE, "", text


@cache
def _in_provinces() -> dict[str, list[tuple[str, Place]]]:
    """Return the full names of districts and counties, by the code of their province and their first two characters, the longest first.

    With each the city in which it lies; the province alone where several of its cities have one of that name (鼓楼区 in 江苏).
    """
    found: dict[tuple[str, str], set[str]] = {}
    for city, names in _districts().items():
        for name in names:
            if (len(name) >= _COUNTY or name.endswith("县")) and len(city) == _PREFECTURE:
                found.setdefault((city[:2], name), set()).add(city)
    heads: dict[str, list[tuple[str, Place]]] = {}
    for province, name in sorted(found, key=lambda key: (-len(key[1]), key)):
        cities = found[province, name]
        place = _place(province, next(iter(cities)) if len(cities) == 1 else "")
        heads.setdefault(province + name[:2], []).append((name, place))
    return heads


@cache
def _telling() -> dict[str, tuple[str, Place]]:
    """Return what districts and counties are called for short, where that is no other place and no word, with their full names and the cities in which they lie."""
    found: dict[str, tuple[str, Place]] = {}
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            province, code, name = row["code"][:2], row["code"][:4], row["name"]
            if row["telling"] == "yes" and len(name) >= _COUNTY and name not in provinces_and_cities()[1]:
                found[_SHORT.sub("", name)] = (
                    name,
                    _place(province, province if province in _MUNICIPALITIES else code),
                )
    return found


def take_telling_county(text: str, keep: int = 0) -> tuple[Place, str, str]:
    """Take a district or county that is called for short off the head of a text (樊城人民医院), as `take_district`; for bodies alone: a brand may be called so."""
    for size in (2, 3):
        if (found := _telling().get(text[:size])) and len(text) - size >= keep:
            return found[1], found[0], text[size:]
    return _NOWHERE, "", text


def _as_heard(text: str) -> str:
    """Return text that begins with a city or county that a pinyin keyboard mistyped (泸洲市, 亦陇县) with the one that sounds so."""
    for size in (3, 4):
        if text[size - 1 : size] not in ("市", "县", "区") or _NO_CITY.match(text, size - 2):
            continue
        if name := _sounds().get(sound(text[:size])):
            return name + text[size:]
    return text


@cache
def _sounds() -> dict[str, str]:
    """Return cities, counties and districts (with the word that says what they are) by their pinyin, where no other sounds so."""
    names = {name for called in provinces_and_cities() for name in called if name.endswith("市")}
    names |= {name for heads in _counties().values() for name, place in heads if place.city and name[-1] in "县区"}
    found: dict[str, set[str]] = {}
    for name in names:
        found.setdefault(sound(name), set()).add(name)
    return {heard: next(iter(called)) for heard, called in found.items() if len(called) == 1}


@cache
def city_names() -> dict[str, Place]:
    """Return the prefectures and municipalities by their short and full names."""
    provinces, cities = provinces_and_cities()
    whole = {name: _place(code, code) for name, code in provinces.items() if code in _MUNICIPALITIES}
    return {name: _place(code[:2], code) for name, code in cities.items() if len(code) == _PREFECTURE} | whole


def districts_of(city: str) -> frozenset[str]:
    """Return the full names of the districts and counties in a city (4- or 6-digit code; of a municipality 2)."""
    return _districts().get(city[:4], frozenset())


def without_city(text: str, place: Place) -> str:
    """Return `text` without the city of `place`, where it begins with that."""
    for heads in _heads():  # 上海 is both a province and a city
        name, code = _at_head(text, heads)
        if name and code == place.city:
            return text[len(name) :].removeprefix("市")
    return text


_READ_IN_PLACES = {"长": "chang", "重": "chong", "都": "du", "厦": "xia", "佛": "fo", "蚌": "beng", "藏": "zang", "什": "shi"}  # fmt: skip
"""Characters that are read otherwise in names of places than they mostly are."""

_READ = {"六安": "luan", "乐清": "yueqing", "乐亭": "laoting", "乐陵": "laoling"}


@cache
def city_pinyin(place: Place) -> str:
    """Return the pinyin of a mainland city without its 市; empty for none (beyond the mainland names say seldom where they are)."""
    if not place.city or place.province in BEYOND:
        return ""
    name = shortest_name(place)
    return _READ.get(name) or "".join(_READ_IN_PLACES.get(sign, sound(sign)) for sign in name)


def shortest_name(place: Place) -> str:
    """Return what the city of a place is called for short; empty where it has none."""
    return _shortest().get(place.city, "")


@cache
def _shortest() -> dict[str, str]:
    """Return the shortest name of each city by its code."""
    provinces, cities = provinces_and_cities()
    found: dict[str, str] = {}
    for name, code in {**provinces, **cities}.items():
        if code not in found or len(name) < len(found[code]):
            found[code] = name
    return found


def only_place(text: str) -> Place | None:
    """Return the place that `text` names and nothing else, or None."""
    place, rest = take_place(text)
    return place if place.province and not rest else None


def all_apart(places: Sequence[Place]) -> np.ndarray:
    """Return of each two places whether they exclude each other: other provinces, or other cities of one province.

    A county-level city (6 digits) lies in its prefecture (4 digits).
    """
    import numpy as np

    def same(texts: list[str]) -> np.ndarray:
        numbers = np.unique(np.array([*texts, ""]), return_inverse=True)[1][:-1]
        return np.asarray(numbers[:, None] == numbers[None, :])

    said = np.array([bool(place.province) for place in places], dtype=bool)
    length = np.array([len(place.city) for place in places], dtype=np.int64)
    shorter = np.minimum(length[:, None], length[None, :])
    within = np.zeros(shorter.shape, dtype=bool)
    for size in set(length.tolist()) - {0}:
        within |= (shorter == size) & same([place.city[:size] for place in places])
    provinces = said[:, None] & said[None, :] & ~same([place.province for place in places])
    return np.asarray(provinces | ((shorter > 0) & ~within))
