"""Find the name of a division at a place in a text.

Full names are taken wherever they stand; short names (浙江 杭州 西湖) only where nothing else can be meant: not before 路 or 大学, a
county's only behind its province or city, or before a township of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE, Division, divisions, former_divisions, short_name
from crmmigrate.standards._townships import ENDING, leading_township, owners

_STREETS = "路|街|大道|大街|道|巷|弄|胡同|里弄|支路"
_HOUSES = (
    "大厦|大楼|广场|公园|花园|小区|新村|新城|大学|学院|医院|银行|公司|集团|国际|饭店|酒店|宾馆|中学|小学|火车站|高铁|机场|工业|科技|经济|开发区|高新|人民|商|电|"
    "文化|体育|博物馆|学校|医药|风景|景区|旅游"
)
NOT_A_CITY = re.compile(
    rf"[东西南北中新老环]{{0,2}}[一二三四五六七八九十]?(?:{_STREETS})|大厦|大楼|广场|公园|大学|学院|医院|银行|公司|集团|国际|饭店|酒店|宾馆|新村|家园|花园|花苑|小区|湾|[镇乡村桥](?![\u4e00-\u9fff]{{0,4}}[镇乡街])|[省市区县州盟旗]"
)
"""Behind the short name of a city or province these say that it is part of another name."""
NOT_A_COUNTY = re.compile(
    rf"[\u4e00-\u9fff]?(?:{_STREETS})|[东西南北中新老环]?[一二三四五六七八九十](?:{_STREETS})|{_HOUSES}|[一二三四五六七八九十省市区县州盟旗]区?|"
    "(?:大?桥|湖|山|江|河|港|口|门|里|园|城|站|湾|镇|乡|村|寺|塔|岛|水库|古镇)(?![\u4e00-\u9fff]{1,4}(?:街道|镇|乡))"
)
"""The same behind the short name of a county: 西湖大道, 白云山; but 义乌江东街道 is 义乌 and 江东街道."""
NOT_A_TOWN = re.compile(
    rf"[东西南北中新老环]?[一二三四五六七八九十]?(?:{_STREETS})|大厦|大楼|广场|公园|大学|银行|饭店|酒店|宾馆|新村|湾|[镇乡村](?![\u4e00-\u9fff]{{0,4}}[镇乡街])|[省市区县州盟旗]"
)
"""The same behind the short name of a county-level city, which nobody else is called: 金华义乌国际商贸城."""
STREET = re.compile("[\u4e00-\u9fff]{1,6}?(?:路|街|大道|道|巷|弄|镇|乡|村|园|区|号)")
SEPARATOR = re.compile(r"[\s,，、/|_>\-·.。:：;；]+")
CUSTOMARY = {
    "阜新蒙古族自治县": "阜蒙县", "喀喇沁左翼蒙古族自治县": "喀左县", "前郭尔罗斯蒙古族自治县": "前郭县", "杜尔伯特蒙古族自治县": "杜蒙县", "围场满族蒙古族自治县": "围场县",
    "积石山保安族东乡族撒拉族自治县": "积石山县", "双江拉祜族佤族布朗族傣族自治县": "双江县", "呼伦贝尔市": "呼盟",
}  # fmt: skip
"""What people call divisions beyond leaving out the people: typed from common use."""
CITY_IN_NAME = frozenset(("市中区", "市北区", "市南区"))
"""Counties whose name begins with 市: 济南市中区 lacks one 市, not two."""
AMBIGUOUS_SHORT = frozenset(("朝阳",))
"""Short names of a prefecture that mean somebody else's county as often."""
COMMON_WORDS = frozenset((
    "阿里", "东方", "永安", "新民", "安宁", "瑞安", "永康", "新星", "双河", "白杨", "明光", "兴平", "高平", "东兴", "东阳", "安达", "龙口", "临江", "沙河", "广德", "澄江", "开原", "福安",
    "大安", "北安", "兴宁", "和龙", "凤城", "兴城", "天长", "泰兴", "龙泉", "乐平", "宁国", "永济", "海城", "安国", "安陆", "仁怀", "凌海", "新乐", "南宫", "平度", "建德", "同江", "大冶", "当阳",
))  # fmt: skip
"""Short names of cities that are roads, companies and housing estates everywhere: never taken alone."""
_GOES_ON = re.compile("[道级街路]|大道|大街")
_GOES_ON_ALONE = re.compile("[城道级街路]|大道|大街")
"""What makes another word of a name of two characters: 鄞县大道, and 开县城 where nothing says that 开县 is meant."""
_REMEMBERED = 50_000
RECENT = 2000
"""A name that was given up since then may still be meant by who writes it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A name found in the text, what it may be, and where it ends."""

    text: str
    candidates: tuple[Division, ...]
    end: int
    short: bool


class Gazetteer:
    """Names by their first two characters, longest first.

    Args:
        as_of: the year at whose end the divisions existed; None for the newest table.
    """

    def __init__(self, as_of: int | None = None) -> None:
        now, gone = divisions(as_of), former_divisions(as_of)
        self.by_code = {division.code: division for division in now}
        self.cities_with_counties = {(division.province, division.city) for division in now if division.level == COUNTY}
        full: dict[str, list[Division]] = defaultdict(list)
        short: dict[str, list[Division]] = defaultdict(list)
        for division in now:
            full[division.name].append(division)
            for name in _briefs(division):
                short[name].append(division)
            for name in _aliases(division):
                full[name].append(division)
        self.old = _newest(gone)
        for division in self.old:
            full[division.name].append(division)
            brief = short_name(division.name, division.level)
            if division.last >= RECENT and brief != division.name and (division.level == CITY or brief not in short):
                short[brief].append(division)
        self.full = {name: tuple(found) for name, found in full.items()}
        self.short = {name: tuple(found) for name, found in short.items()}
        starts: dict[str, list[str]] = defaultdict(list)
        for name in sorted(full.keys() | short.keys(), key=lambda name: (-len(name), name)):
            starts[name[:2]].append(name)
        self.starts = {start: tuple(names) for start, names in starts.items()}
        self.beginnings = {
            name
            for names in starts.values()
            for name in names
            for longer in names
            if longer != name and longer.startswith(name)
        }
        """Names that other names begin with."""
        self._possible: dict[tuple[str, str, str], bool] = {}

    def possible(self, name: str, before: Division) -> bool:
        """Whether a name may be one behind `before`: a full name may, a short one only that of a division inside."""
        key = (name, before.code, before.name)
        found = self._possible.get(key)
        if found is None:
            if len(self._possible) >= _REMEMBERED:
                self._possible.clear()
            found = name in self.full or any(inside_of(division, before) for division in self.short[name])
            self._possible[key] = found
        return found

    def token(self, text: str, start: int, before: Division | None, marks: frozenset[int]) -> Token | None:
        """Return the longest name at `start` that may be a division, or None."""
        for name in self.starts.get(text[start : start + 2], ()):
            if not text.startswith(name, start):
                continue
            end = start + len(name)
            if name in self.full:
                if name[-1] == "市" and text[end - 1 : end + 2] in CITY_IN_NAME and self._names_county(text, end, name):
                    return Token(name[:-1], self.full[name], end - 1, short=True)
                if not (len(name) == len("开县") and (_GOES_ON if before else _GOES_ON_ALONE).match(text, end)):
                    return Token(name, self.full[name], end, short=False)
            if name in self.short:
                candidates = self._short(name, text, end, before, marks)
                if candidates:
                    return Token(name, candidates, end, short=True)
        return None

    def _short(
        self, name: str, text: str, end: int, before: Division | None, marks: frozenset[int]
    ) -> tuple[Division, ...]:
        found = self.short[name]
        if end == len(text) or end in marks or SEPARATOR.match(text, end):
            return self._alone(name, found, before)
        near = ENDING.search(text, end, end + 10)
        if near and leading_township(text[end - len(name) : end + 10])[0]:
            return ()
        told = bool(near) and bool(owners(found, text[end:]))
        if before is None:
            return self._first(name, found, text, end, marks, told=told)
        inside = tuple(division for division in found if inside_of(division, before))
        higher = tuple(division for division in inside if division.level < COUNTY)
        if higher:
            return higher if told or not NOT_A_CITY.match(text, end) or self._goes_on(text, end, higher, marks) else ()
        town = all(division.name.endswith("市") for division in inside)
        if not told and (NOT_A_TOWN if town else NOT_A_COUNTY).match(text, end):
            return ()
        gone = all(division.former for division in inside)
        return () if gone and (before.level != CITY or not STREET.match(text, end)) else inside

    def _alone(self, name: str, found: tuple[Division, ...], before: Division | None) -> tuple[Division, ...]:
        """Return what a short name may be that nothing follows, or a blank."""
        if before is not None:
            inside = tuple(division for division in found if inside_of(division, before))
            return tuple(division for division in inside if division.level < COUNTY) or inside
        return _highest(name, found) or (found if _tells(found) else ())

    def _first(
        self, name: str, found: tuple[Division, ...], text: str, end: int, marks: frozenset[int], *, told: bool
    ) -> tuple[Division, ...]:
        """Return what a short name at the very beginning may be."""
        high = _highest(name, found)
        if high:
            if told or not (NOT_A_CITY.match(text, end) or name in COMMON_WORDS):
                return high
            return tuple(division for division in high if self._goes_on(text, end, (division,), marks))
        if told:
            return tuple(owners(found, text[end:]))
        return found if _tells(found) and STREET.match(text, end) and not NOT_A_COUNTY.match(text, end) else ()

    def perhaps(self, text: str) -> tuple[str, ...]:
        """Return the divisions that a text may begin with though it is not sure enough: 柯桥联合市场."""
        for name in self.starts.get(text[:2], ()):
            if text.startswith(name) and name in self.short and not NOT_A_COUNTY.match(text, len(name)):
                return tuple("".join(one.chain) for one in self.short[name] if one.level == COUNTY and not one.former)
        return ()

    def _names_county(self, text: str, end: int, city: str) -> bool:
        """Whether 济南市中区 is 济南 and 市中区: that city has such a county, and 中区 is none."""
        county = text[end - 1 : end + 2]
        return any(division.city == city for division in self.full[county]) and text[end : end + 3] != county

    def _goes_on(self, text: str, end: int, outer: tuple[Division, ...], marks: frozenset[int]) -> bool:
        """Whether a division inside of one of these follows at once: 杭州西湖区, though 西湖 alone might be a lake."""
        for division in outer:
            token = self.token(text, end, division, marks)
            if token and any(inside_of(one, division) and one != division for one in token.candidates):
                return True
        return False


def _tells(found: tuple[Division, ...]) -> bool:
    """Whether a short name alone tells a county: the only one of a name that is nothing else, or a city's."""
    one = found[0]
    known = one.telling or (one.name.endswith("市") and one.name[:-1] not in COMMON_WORDS)
    return len(found) == 1 and not one.former and known


def _highest(name: str, found: tuple[Division, ...]) -> tuple[Division, ...]:
    """Return the province or else the cities that are called so; all where a county is meant as often."""
    top = tuple(division for division in found if division.level == PROVINCE)
    high = tuple(division for division in found if division.level < COUNTY)
    return top or (found if name in AMBIGUOUS_SHORT else high)


def inside_of(division: Division, outer: Division) -> bool:
    """Whether a division lies, or lay, in another, or is the same (北京市北京市)."""
    if division.level < outer.level:
        return False
    if outer.former:
        codes = (division.code, division.code[:4] + "00", *(division.became if division.former else ()))
        if any(code in outer.became for code in codes):
            return True
    if division.province != outer.province:
        return False
    if outer.level == PROVINCE:
        return True
    if outer.level == CITY:
        return division.city == outer.city or any(code[:4] == outer.code[:4] for code in division.became)
    return division.code == outer.code


def _briefs(division: Division) -> list[str]:
    """Return what people call a division, where that is not its full name."""
    brief = short_name(division.name, division.level)
    found = [brief] if brief != division.name else []
    if division.level == COUNTY and division.name.endswith("区") and not division.name.endswith("新区"):
        found.append(brief + "新区")
    return found


def _aliases(division: Division) -> list[str]:
    """Return other full forms: 恩施州, 金平县, 浦东区, 新疆省."""
    brief = short_name(division.name, division.level)
    if division.name in CUSTOMARY:
        return [CUSTOMARY[division.name]]
    for long, ending in (("自治州", "州"), ("自治县", "县"), ("新区", "区"), ("自治区", "省"), ("自治区", "自治区")):
        if division.name.endswith(long) and brief + ending != division.name:
            return [brief + ending, brief + "自治区"] if division.level == PROVINCE else [brief + ending]
    return []


def _newest(gone: tuple[Division, ...]) -> list[Division]:
    """Keep of all that was called the same in one place, and became the same, what existed last."""
    known = {(division.name, division.province) for division in gone if division.became}
    newest: dict[tuple[str, str, tuple[str, ...] | str], Division] = {}
    for division in gone:
        key = (division.name, division.province, division.became or division.city)
        if not division.became and (division.name, division.province) in known:
            continue
        if key not in newest or newest[key].last < division.last:
            newest[key] = division
    return list(newest.values())
