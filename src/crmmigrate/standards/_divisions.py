"""Provinces, prefectures and counties by name and by code, from `data/divisions.csv` and `data/divisions_former.csv`."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent.parent / "data"
PROVINCE, CITY, COUNTY = 1, 2, 3
_PEOPLES = (
    "蒙古族|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克|傣族|黎族|傈僳族|佤族|畲族|高山族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|"
    "达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|阿昌族|普米族|塔吉克|怒族|乌孜别克|俄罗斯族|鄂温克族|德昂族|保安族|裕固族|京族|塔塔尔族|独龙族|鄂伦春|赫哲族|门巴族|珞巴族|基诺族|各族|蒙古|哈萨克族"
)
_SHORTER = re.compile(
    rf"(?:(?:{_PEOPLES})*(?:自治区|自治州|自治县|自治旗)|特别行政区|省|市|地区|盟|林区|特区|新区|矿区|区|县|左翼|旗)\Z"
)


FIRST_YEAR, LAST_YEAR = 1980, 2025
"""The ends of the years the tables tell."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division, with those it lies in.

    Args:
        code: six digits.
        level: 1 province, 2 prefecture, 3 county.
        name: its full name.
        province: the name of its province.
        city: the name of its prefecture; the municipality's own for a county of a municipality; empty directly under a province.
        former: whether it does not exist (any more, or yet).
        became: the codes of what a former one is; one code means that all of it went there.
        last: the last year at whose end it existed.
        telling: whether its short name alone tells a county: nothing in another prefecture is called so.
    """

    code: str
    level: int
    name: str
    province: str
    city: str
    former: bool = False
    became: tuple[str, ...] = ()
    last: int = LAST_YEAR
    telling: bool = False

    @property
    def chain(self) -> tuple[str, ...]:
        """The names from the province down, without doubling 北京市."""
        names = (self.province, self.city, self.name if self.level == COUNTY else "")
        return tuple(dict.fromkeys(name for name in names if name))


def short_name(name: str, level: int) -> str:
    """Return what people call it: 浙江, 内蒙古, 杭州, 恩施, 西湖; the name itself where nothing of two characters would remain."""
    if level == PROVINCE and "自治区" in name:
        return name[:3] if name.startswith("内蒙古") else name[:2]
    short = _SHORTER.sub("", name)
    return short if len(short) >= 2 else name


@cache
def _tables() -> tuple[list[tuple[Division, int]], list[tuple[Division, int]]]:
    """Return what exists and what is gone, each with the first year at whose end it existed."""
    now, gone = [], []
    with (DATA / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    names = {code: name for code, _, name, _, _ in rows}
    for code, level, name, since, telling in rows:
        province = names[code[:2] + "0000"]
        city = names.get(code[:4] + "00", "") if int(level) > PROVINCE else ""
        if not city and province.endswith("市"):
            city = province
        division = Division(code, int(level), name, province, city, telling=telling == "yes")
        now.append((division, int(since or FIRST_YEAR)))
    with (DATA / "divisions_former.csv").open(encoding="utf-8", newline="") as file:
        for code, level, name, province, city, first, last, became in list(csv.reader(file))[1:]:
            inside = name if int(level) == CITY else city
            into = tuple(became.split("|")) if became else ()
            gone.append((Division(code, int(level), name, province, inside, True, into, int(last)), int(first)))
    return now, gone


@cache
def divisions(as_of: int | None = None) -> tuple[Division, ...]:
    """Return every division that exists, provinces first; a municipality's counties have it as their city too.

    Args:
        as_of: the year at whose end they existed (1980 to 2025); None for the ministry's table of 2025-12-31.
    """
    now, gone = _tables()
    if as_of is None or as_of >= LAST_YEAR:
        found = [division for division, _ in now]
    else:
        found = [
            replace(division, former=False, became=())
            for division, first in gone if first <= as_of <= division.last
        ]  # fmt: skip
        taken = {division.code for division in found}
        cities = {division.code: division.name for division in found if division.level == CITY}
        for division, first in now:
            if first <= as_of and division.code not in taken:
                older = cities.get(division.code[:4] + "00", division.city)
                found.append(replace(division, city=older) if older != division.city else division)
    return tuple(sorted(found, key=lambda division: (division.level, division.code)))


@cache
def former_divisions(as_of: int | None = None) -> tuple[Division, ...]:
    """Return the divisions that are gone, with the province and city they lay in last and what they became; or that are not yet.

    Args:
        as_of: as for `divisions`; what came later is "former" too, and became what it was made from.
    """
    now, gone = _tables()
    if as_of is None or as_of >= LAST_YEAR:
        return tuple(division for division, _ in gone)
    exists = {division.code: division for division in divisions(as_of)}
    before: dict[str, list[str]] = defaultdict(list)
    for division, first in gone:
        if first <= as_of <= division.last:
            for code in division.became:
                before[code].append(division.code)
    found = []
    for division, first in (*now, *gone):
        if (first <= as_of <= division.last) and exists[division.code].name == division.name:
            continue
        heirs = division.became if division.former else (division.code,)
        into = tuple(dict.fromkeys(
            code for heir in heirs for code in (before.get(heir) or ([heir] if heir in exists else []))
        ))  # fmt: skip
        found.append(replace(division, former=True, became=into))
    return tuple(found)


@cache
def region_codes() -> frozenset[str]:
    """Return every six-digit code that is or was in use, with those of provinces and of direct administration (…00)."""
    codes = {division.code for division in (*divisions(), *former_divisions())}
    codes |= {code[:4] + "00" for code in codes} | {code[:2] + "0000" for code in codes}
    return frozenset(codes)


@cache
def province_of_code() -> dict[str, str]:
    """Return the province by the first two digits of a code."""
    return {division.code[:2]: division.name for division in divisions() if division.level == PROVINCE}


FOREIGN = [
    "澳大利亚",
    "新西兰",
    "新加坡",
    "马来西亚",
    "印度尼西亚",
    "印尼",
    "菲律宾",
    "越南",
    "泰国",
    "缅甸",
    "柬埔寨",
    "老挝",
    "印度",
    "巴基斯坦",
    "日本",
    "韩国",
    "朝鲜",
    "蒙古国",
    "俄罗斯",
    "英国",
    "法国",
    "德国",
    "意大利",
    "西班牙",
    "葡萄牙",
    "荷兰",
    "比利时",
    "瑞士",
    "瑞典",
    "挪威",
    "丹麦",
    "芬兰",
    "奥地利",
    "波兰",
    "捷克",
    "匈牙利",
    "希腊",
    "土耳其",
    "以色列",
    "沙特",
    "阿联酋",
    "埃及",
    "南非",
    "美国",
    "加拿大",
    "墨西哥",
    "巴西",
    "阿根廷",
    "智利",
    "秘鲁",
]
"""Countries that companies of the mainland have in front of their names."""


_CALLED = {"内蒙": "内蒙古自治区", "台北": "台湾省", "高雄": "台湾省", "新疆生产建设兵团": "新疆维吾尔自治区"}
"""Other names of places within provinces, by the province."""


@cache
def _place_words() -> dict[str, tuple[str, ...]]:
    """Return the names of all places, and what people call them, by their first two characters, longest first."""
    starts: dict[str, list[str]] = {}
    for word in sorted({*_lies(), "中国", *FOREIGN}, key=lambda word: (-len(word), word)):
        starts.setdefault(word[:2], []).append(word)
    return {start: tuple(found) for start, found in starts.items()}


@cache
def _lies() -> dict[str, frozenset[tuple[int, str, str]]]:
    """Return level, province and prefecture of all places that have the name or are called so; of those that are gone (闸北区), the name alone."""
    found: dict[str, set[tuple[int, str, str]]] = defaultdict(set)
    for division in divisions():
        for word in (division.name, short_name(division.name, division.level)):
            found[word].add((division.level, division.province, division.city))
    for division in former_divisions():
        found[division.name].add((division.level, division.province, division.city))
    for word, province in _CALLED.items():
        found[word].add((CITY, province, word))
    for division in divisions():
        if division.level == CITY and division.name.endswith("自治州"):  # 延边州
            found[short_name(division.name, CITY) + "州"].add((CITY, division.province, division.city))
    return {word: frozenset(places) for word, places in found.items()}


def leading_place(text: str, start: int = 0) -> int:
    """Return where the places end that a company name begins with (浙江, 杭州市余杭区); `start` where it begins with none."""
    return start + sum(map(len, leading_places(text, start)))


def leading_places(text: str, start: int = 0) -> list[str]:
    """Return the places that a company name begins with.

    Each lies in the one before, else it is none: 山西广信 is 山西 and a name, for 广信区 is in Jiangxi, as 保定市长安 is 保定市 and a name.
    """
    words, lies = _place_words(), _lies()
    places: list[str] = []
    inside: frozenset[tuple[int, str, str]] = frozenset()
    position = start
    for _ in range(3):
        found = next(
            (word for word in words.get(text[position : position + 2], ()) if text.startswith(word, position)), ""
        )
        within = frozenset(
            each for each in lies.get(found, ()) if not inside or any(_is_in(each, whole) for whole in inside)
        )
        if not found or (inside and not within):
            break
        inside = within or inside
        length = len(found)
        ending = text[position + length : position + length + 1]
        length += ending in ("省", "市") and found[-1] not in "省市区县州盟旗"
        places.append(text[position : position + length])
        position += length
    return places


def _is_in(place: tuple[int, str, str], whole: tuple[int, str, str]) -> bool:
    """Whether a place may be named behind another: a prefecture behind any province, a county only within its own prefecture or province."""
    if place[0] <= whole[0]:
        return False
    return place[0] == CITY or (place[1] == whole[1] and whole[0] in (PROVINCE, CITY) and whole[2] in ("", place[2]))


@cache
def district_words() -> frozenset[str]:
    """Return what people call districts of cities (东风, 平安), where no province, prefecture, county or county-level city is called so."""
    others = {short_name(each.name, each.level) for each in divisions() if each.level < COUNTY or each.name[-1] != "区"}
    districts = {short_name(each.name, each.level) for each in divisions() if each.name[-1] == "区"}
    return frozenset(districts - others)


@cache
def county_words() -> frozenset[str]:
    """Return what people call counties and county-level cities (太和, 永康), where no province or prefecture is called so."""
    above = {short_name(each.name, each.level) for each in divisions() if each.level < COUNTY}
    return frozenset(short_name(each.name, COUNTY) for each in divisions() if each.level == COUNTY) - above
