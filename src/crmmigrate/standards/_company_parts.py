"""What a Chinese company name in standard form is made of: region, name, trade and legal form (企业名称登记管理规定, 2020), head office and branch."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from crmmigrate.standards._divisions import CITY, COUNTY, district_words, divisions, leading_place, leading_places
from crmmigrate.standards._townships import townships
from crmmigrate.standards._trades import place_before, trade_start, trailing_place

_LEGAL = re.compile(
    r"有限责任公司|股份有限公司|有限公司|集团公司|分公司|总公司|公司|合伙企业|合伙|厂|事务所|(?:农民)?(?:专业)?合作(?:联)?社"
)
_LEGAL_END = re.compile(f"(?:{_LEGAL.pattern})(?:（[^（）]*）)?\\Z")
_SHOP = re.compile(
    "商行|商店|门市部|经营部|服务部|维修部|批发部|加工厂|工作室|生活馆|事务所|合作社|中心|厂|店|铺|行|社|馆|部|庄|坊|场|园|所|院|城"
)
_TOWN = re.compile(
    "(?:保税区|保税港区|自贸区|自由贸易区|(?:经济)?(?:技术)?开发区|经开区|高新区|(?:高新技术)?产业(?:开发|园)区|工业园区|工业区|新区)(?=[\u4e00-\u9fff]{2})"
    "|[\u4e00-\u9fff]{2,3}?(?:镇|街道|(?:经济)?(?:技术)?开发区|高新区|新区|保税区|工业园区|乡)(?=[\u4e00-\u9fff]{4})"
)
_ORDINAL = re.compile("第[一二三四五六七八九十]{1,2}\\Z")
"""第三 of 北京市第三建筑工程公司 is no name of its own."""
_LONGER = {"阿里": ("巴巴", "云", "健康")}
"""Words that begin like a place."""
_LANDMARKS = frozenset("山湖湾岛")
_INSIDE = re.compile(r"(.+?)（([^）]+)）")
_KEY_NOISE = re.compile(r"[\s（）()·.,，。、\-—_&＆'’\"]+")
_BRANCH_ENDS = ("分公司", "分行", "支行", "分厂", "办事处", "分店", "营业部")
_BRANCH = re.compile(
    r"(.+(?:有限公司|有限责任公司|股份公司|公司|银行|集团))(.{1,20}?(?:分公司|分行|支行|分厂|办事处|分店|营业部))\Z"
)


def describe(name: str) -> dict[str, str]:
    """Return the parts of a Chinese company name in standard form: 地区, 字号, 行业, 组织形式, 总部, 分支, 匹配键."""
    parts = {"匹配键": key_of(name)}
    branch = _BRANCH.match(name) if name.endswith(_BRANCH_ENDS) else None
    if branch:
        parts["总部"], parts["分支"] = branch[1], branch[2]
    base = branch[1] if branch else name
    bracket = base.startswith("（")
    places = leading_places(base, int(bracket))
    if places and _is_name(places, base[int(bracket) + sum(map(len, places)) :]):
        places.pop()
    end = int(bracket) + sum(map(len, places))
    core = base
    if bracket < end < len(base) - 1:
        town = None if bracket else _TOWN.match(base, end)
        end = town.end() if town else end if bracket else _behind_town(places[-1], base, end)
        parts["地区"] = base[int(bracket) : end]
        core = base[end:].removeprefix("）")
    at, form = _legal_form(core)
    if form:
        parts["组织形式"] = form
        core = core[:at]
    inside = _INSIDE.match(core) if "（" in core else None
    if inside and "地区" not in parts and leading_place(inside[2]) == len(inside[2]):
        parts["地区"] = inside[2]
        core = core.replace(f"（{inside[2]}）", "", 1)
    group = next((sign for sign in ("（集团）", "集团") if core.endswith(sign) and len(core) > len(sign) + 1), "")
    if group:
        parts["组织形式"] = group + parts.get("组织形式", "")
        core = core.removesuffix(group)
    core = _balanced(core)
    if "地区" not in parts:
        at = trailing_place(core)
        if at > 1:
            parts["地区"], core = core[at:], core[:at]
    if core:
        place, own = _own_and_trade(core, shop=not form)
        parts |= own
        if place:
            parts.setdefault("地区", place)
    return parts


def _behind_town(county: str, name: str, end: int) -> int:
    """Return where the name goes on behind a town of the county that is called short: 义乌市佛堂 | 鑫盛袜厂; `end` where there is none.

    Only behind a county written in full, of shops and workshops, not of companies (西溪湿地旅游有限公司), and where something is left that is
    no trade.
    """
    prefixes = _codes_of().get(county, ()) if county[-1] in "市区县" and not name.endswith("公司") else ()
    for length in (3, 2) if prefixes else ():
        word, rest = name[end : end + length], name[end + length :]
        codes = [code for ending in ("街道", "镇", "乡") for code in townships().get(word + ending, ())]
        if any(code.startswith(prefixes) for code in codes):
            core = rest[: _legal_form(rest)[0]]
            return end + length if len(core) > 2 and trade_start(core) > 1 else end
    return end


@cache
def _codes_of() -> dict[str, tuple[str, ...]]:
    """Return how the codes of townships begin by the full name of their county, or of a city without counties (东莞市)."""
    whole = {division.code[:4] for division in divisions() if division.level == COUNTY}
    found: dict[str, list[str]] = defaultdict(list)
    for division in divisions():
        if division.level == COUNTY:
            found[division.name].append(division.code)
        elif division.level == CITY and division.code[:4] not in whole:
            found[division.name].append(division.code[:4])
    return {name: tuple(codes) for name, codes in found.items()}


def _is_name(places: list[str], rest: str) -> bool:
    """Whether the last of the places is rather the company's own name, for nothing else is: 东风汽车公司, 栖霞山综合开发公司, 阿里巴巴.

    Args:
        places: that the name begins with.
        rest: what follows them.
    """
    last = places[-1]
    if any(rest.startswith(more) for more in _LONGER.get(last, ())):
        return True
    landmark = rest[:1] in _LANDMARKS and len(last) == 2
    if not landmark and (last not in district_words() or (len(places) > 1 and places[-2] != "中国")):
        return False
    rest = rest[1:] if landmark else rest
    return trade_start(rest[: _legal_form(rest)[0]].removesuffix("（集团）").removesuffix("集团")) == 0


def _legal_form(core: str) -> tuple[int, str]:
    """Return where the legal form begins, and the form; the last one at the end, else the first there is."""
    for form in ("有限责任公司", "股份有限公司", "有限公司"):
        if core.endswith(form):
            return len(core) - len(form), form
    found = _LEGAL_END.search(core) or _LEGAL.search(core)
    return (found.start(), found.group()) if found else (len(core), "")


def _own_and_trade(core: str, *, shop: bool) -> tuple[str, dict[str, str]]:
    """Return the city in front of the trade, if any, and 字号 and 行业 of what stands between the place and the legal form."""
    start = trade_start(core)
    if shop and start == len(core):
        sign = _SHOP.search(core, max(0, start - 4))
        start = trade_start(core[: sign.start()]) if sign and sign.end() == start and sign.start() > 1 else start
    group = next((sign for sign in ("（集团）", "集团") if core[:start].endswith(sign) and start > len(sign) + 1), "")
    if group and start < len(core):  # 民族酒业（集团）| 销售
        start = trade_start(core[: start - len(group)])
    if start < len(core) and _ORDINAL.match(core[:start]):
        start = 0
    end = start
    begin = place_before(core, start) if start < len(core) else start
    if begin < start:  # 建业电缆信阳 | 销售
        end = trade_start(core[:begin])
    parts = {"字号": core[:end].strip("·"), "行业": core[end:begin] + core[start:]}
    return core[begin:start], {name: part for name, part in parts.items() if part}


def _balanced(text: str) -> str:
    """Take brackets off both ends that have no partner, and a pair that holds everything; 西子（集团） keeps its own."""
    while True:
        opened, closed = text.count("（"), text.count("）")
        if text.startswith("）") or (text.startswith("（") and (opened > closed or text.find("）") == len(text) - 1)):
            text = text[1:]
        elif text.endswith("（") or (text.endswith("）") and closed > opened):
            text = text[:-1]
        else:
            return text


def key_of(name: str) -> str:
    """Return a name in standard form without brackets, blanks and marks, lower case, one word for limited."""
    return _KEY_NOISE.sub("", name).lower().replace("有限责任公司", "有限公司") or name
