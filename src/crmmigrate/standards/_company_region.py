"""The region a Chinese company name begins with, below the divisions too: 东莞市长安 | 锦昌五金制品厂, 深圳前海 | 甲乙科技, 北京（中关村）| 甲乙.

Zones and new districts have no code of their own; those named here are of the State Council or of a province, as of 2025.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from crmmigrate.standards._divisions import (
    CITY,
    COUNTY,
    county_words,
    district_words,
    divisions,
    short_name,
)
from crmmigrate.standards._townships import leading_township, townships
from crmmigrate.standards._trades import trade_start

_TOWN = re.compile(
    "(?:港?保税区|综合保税区|保税港区|出口加工区|航空港区|(?:临空|空港|综合)?经济区|新技术开发区|示范区|(?:旅游)?度假区|风景(?:名胜)?区|自贸区|自由贸易区|(?:经济)?(?:技术)?开发区|经开区|高新区|(?:高新技术)?产业(?:开发|园)区|工业园区|园区|工业区|新区)(?=[\u4e00-\u9fff]{2})"
    "|[\u4e00-\u9fff]{2,3}?(?:镇(?!银行)|街道|(?:经济)?(?:技术)?开发区|高新区|新区|保税区|工业园区|乡)(?=[\u4e00-\u9fff]{4})"
)
_ZONES = re.compile(
    "(?:雄安|西咸|两江|天府|贵安|兰州|哈尔滨|舟山群岛|湘江|江北|福州|滇中|赣江|浦东|滨海|西海岸|金普)新区|雄安|前海|蛇口|横琴|中关村|外高桥|张江|陆家嘴|临港|亦庄|高新|经开"
)
"""Where nothing but a trade follows, they are the name itself: 前海基金, 高新投资."""
_TOWN_SIGN = re.compile("街(?!道)|[镇乡]")
"""What may stand behind a township's name though it is called otherwise: 永安市燕南街 of 燕南街道."""
_LONGER = {"阿里": ("巴巴", "云", "健康")}
"""Words that begin like a place."""
_LANDMARKS = frozenset("山湖湾岛")
_IN_BRACKETS = re.compile(r"（([\u4e00-\u9fff]{1,5}[区园城港镇乡岛湾村])）(?=..)")


def region_end(base: str, places: list[str], trading: str, *, company: bool) -> int:
    """Return where the region ends that a name begins with; 0 where it begins with none.

    Args:
        base: the name, without its branch.
        places: the divisions that it begins with.
        trading: the same without its legal form and what else is no name.
        company: whether its legal form is a company's, whose name the law wants to have a 字号.
    """
    if places and _is_name(places, trading[sum(map(len, places)) :], company=company):
        places = places[:-1]
    end = sum(map(len, places))
    if not places:
        end = len(leading_township(base)[0])
        end = end if end > len("某镇") and len(trading) - end > 2 else 0
    if not places and not end:
        return _zone(base, 0, trading)
    for _ in range(2):
        town = _TOWN.match(base, end)
        end = town.end() if town else _zone(base, end, trading)
    bracket = _IN_BRACKETS.match(base, end)
    if bracket:
        return bracket.end()
    return _behind_town(places[-1], base, end, trading) if places and end == sum(map(len, places)) else end


def _zone(base: str, end: int, trading: str) -> int:
    """Return where the zone ends that begins at `end`; `end` where none does, or where it is the name."""
    found = _ZONES.match(base, end)
    return found.end() if found and trade_start(trading[found.end() :]) > 1 else end


def _behind_town(county: str, name: str, end: int, trading: str) -> int:
    """Return where the name goes on behind a town of the county that is called short: 义乌市佛堂 | 鑫盛袜厂; `end` where there is none.

    Only of shops and workshops, not of companies (西溪湿地旅游有限公司), and where something is left that is no trade.
    """
    prefixes = _codes_of().get(county, ()) if not name.endswith("公司") else ()
    for length in (3, 2) if prefixes else ():
        word = name[end : end + length]
        codes = [code for ending in ("街道", "镇", "乡") for code in townships().get(word + ending, ())]
        if any(code.startswith(prefixes) for code in codes):
            behind = _TOWN_SIGN.match(name, end + length)
            after = behind.end() if behind else end + length
            core = trading[after:]
            return after if len(core) > 2 and trade_start(core) > 1 else end
    return end


@cache
def _codes_of() -> dict[str, tuple[str, ...]]:
    """Return how the codes of townships begin by their county, or by a city without counties (东莞市), in full and as people call it."""
    whole = {division.code[:4] for division in divisions() if division.level == COUNTY}
    found: dict[str, list[str]] = defaultdict(list)
    for division in divisions():
        prefix = division.code if division.level == COUNTY else division.code[:4] if division.level == CITY else ""
        if prefix and prefix not in whole:
            for word in {division.name, short_name(division.name, division.level)}:
                found[word].append(prefix)
    return {name: tuple(codes) for name, codes in found.items()}


def _is_name(places: list[str], rest: str, *, company: bool) -> bool:
    """Whether the last of the places is rather the company's own name, for nothing else is: 东风汽车公司, 栖霞山综合开发公司, 阿里巴巴.

    Args:
        places: that the name begins with.
        rest: what follows them, without the legal form.
        company: as for `region_end`.
    """
    last = places[-1]
    if any(rest.startswith(more) for more in _LONGER.get(last, ())):
        return True
    rest = rest.removesuffix("（集团）").removesuffix("集团")
    small = last in district_words() or last in county_words()
    landmark = rest[:1] in _LANDMARKS and len(last) == 2
    if (landmark or (small and len(rest) > 1 and rest[0] != "（")) and trade_start(rest[1:]) == 0 < trade_start(rest):
        return True  # no name has one character alone: 泰和泰 | 律师
    alone = len(places) == 1 or places[-2] == "中国"
    if not landmark and ((alone and last in district_words()) or (company and rest and small)):
        return trade_start(rest) == 0
    return False
