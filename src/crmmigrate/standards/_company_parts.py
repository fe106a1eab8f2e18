"""What a Chinese company name in standard form is made of: region, name, trade and legal form (企业名称登记管理规定, 2020), head office and branch."""

from __future__ import annotations

import re

from crmmigrate.standards._company_region import region_end
from crmmigrate.standards._divisions import leading_place, leading_places
from crmmigrate.standards._trades import named_after, place_before, trade_inside, trade_start, trailing_place

_LEGAL = re.compile(
    r"有限责任公司|股份有限公司|有限公司|集团公司|分公司|总公司|公司|株式会社|有限会社|合伙企业|合伙|厂|事务所|(?:农民)?(?:专业)?合作(?:联)?社"
)
_LEGAL_END = re.compile(f"(?:{_LEGAL.pattern})(?:（[^（）]*）)?\\Z")
_WITH_NAME = ("有限责任公司", "股份有限公司", "有限公司")
"""Companies of these forms must have a 字号 (section 6 of the rules)."""
_SHOP = re.compile(
    "商行|商店|门市部|经营部|服务部|维修部|批发部|加工厂|工作室|生活馆|事务所|合作社|中心|厂|店|铺|行|社|馆|部|庄|坊|场|园|所|院|城"
)
_ORDINAL = re.compile("第[一二三四五六七八九十百〇零0-9]{1,4}\\Z")
"""第三 of 北京市第三建筑工程公司 is no name of its own."""
_BODY = re.compile(
    "(?:街道办事处|镇人民政府|乡人民政府|镇政府|乡政府|居民委员会|居委会|村民委员会|村委会|社区卫生服务中心|社区卫生服务站|卫生院)\\Z"
)
"""What is called by the place alone."""
_SOLE = "（个体工商户）"
_INSIDE = re.compile(r"(.+?)（([^）]+)）")
_KEY_NOISE = re.compile(r"[\s（）()·.,，。、\-—_&＆'’\"]+")
_BRANCH_WORDS = "分公司|分行|支行|分厂|办事处|代表处|分店|分所|分部|分院|分社|分局|营业部"
_BRANCH_ENDS = tuple(_BRANCH_WORDS.split("|"))
_BRANCH = re.compile(
    rf"(.+(?:有限公司|有限责任公司|股份公司|公司|株式会社|银行|集团|事务所|[^分]局))(.{{1,20}}?(?:{_BRANCH_WORDS}))\Z"
)
_BRANCH_END = re.compile(f"(?:{_BRANCH_WORDS})\\Z")
_WORKSHOP = re.compile(
    r"(.{4,}?有限(?:责任)?公司)([\u4e00-\u9fff]{2,16}(?:厂|店|超市|宾馆|酒店|中心|经营部|项目部|门市部|加油站|车间))\Z"
)
"""A part of a company that has a name of its own: 甲乙饲料有限公司 | 丙丁兽药厂."""


def describe(name: str) -> dict[str, str]:
    """Return the parts of a Chinese company name in standard form: 地区, 字号, 行业, 组织形式, 总部, 分支, 匹配键."""
    parts = {"匹配键": key_of(name)}
    base, branch = _head_and_branch(name)
    if branch:
        parts["总部"], parts["分支"] = base, branch
    sole = base.endswith(_SOLE)
    base = base.removesuffix(_SOLE)
    bracket = base.startswith("（")
    places = leading_places(base, int(bracket))
    end = int(bracket) + sum(map(len, places))
    at, form = _legal_form(base[end:])
    if not bracket:
        place = _place_inside(base)
        trading = base[: end + at].replace(f"（{place}）", "") if place else base[: end + at]
        end = region_end(base, places, trading, company=form in _WITH_NAME or bool(place))
    core = base
    if bracket < end < len(base) - 1:
        parts["地区"] = base[int(bracket) : end].replace("（", "").replace("）", "")
        core = base[end:].removeprefix("）")
    at, form = _legal_form(core)
    if form:
        parts["组织形式"] = form
        core = core[:at]
    elif sole:
        parts["组织形式"] = _SOLE.strip("（）")
    place = _place_inside(core)
    if place:
        parts.setdefault("地区", place)
        core = core.replace(f"（{place}）", "", 1)
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
        named = form in _WITH_NAME and parts.get("地区", "中国") != "中国"
        place, own = _own_and_trade(core, shop=not form, named=named)
        parts |= own
        if place:
            parts.setdefault("地区", place)
    return parts


def _head_and_branch(name: str) -> tuple[str, str]:
    """Return the head office and its branch; the name and nothing where there is none."""
    if not name.endswith(_BRANCH_ENDS):
        found = None if name.endswith("公司") else _WORKSHOP.match(name)
        return (found[1], found[2]) if found else (name, "")
    found = _BRANCH.match(name)
    if found:
        return found[1], found[2]
    head = _BRANCH_END.sub("", name)
    at = trailing_place(head)  # 甲乙机电天津办事处
    return (name[:at], name[at:]) if at > 1 and leading_place(head) < at - 1 else (name, "")


def _place_inside(text: str) -> str:
    """Return the place in brackets within a name, or nothing."""
    found = _INSIDE.match(text) if "（" in text else None
    return found[2] if found and leading_place(found[2]) == len(found[2]) else ""


def _legal_form(core: str) -> tuple[int, str]:
    """Return where the legal form begins, and the form; the last one at the end, else the first there is."""
    for form in _WITH_NAME:
        if core.endswith(form):
            return len(core) - len(form), form
    found = _LEGAL_END.search(core) or _LEGAL.search(core)
    return (found.start(), found.group()) if found else (len(core), "")


def _own_and_trade(core: str, *, shop: bool, named: bool) -> tuple[str, dict[str, str]]:
    """Return the city in front of the trade, if any, and 字号 and 行业 of what stands between the place and the legal form."""
    body = _BODY.search(core)
    start = 0 if body else trade_start(core)
    if shop and start == len(core):
        sign = _SHOP.search(core, max(0, start - 4))
        start = trade_start(core[: sign.start()]) if sign and sign.end() == start and sign.start() > 1 else start
    group = next((sign for sign in ("（集团）", "集团") if core[:start].endswith(sign) and start > len(sign) + 1), "")
    if group and start < len(core):  # 民族酒业（集团）| 销售
        start = trade_start(core[: start - len(group)])
    if start < len(core) and _ORDINAL.match(core[:start]):
        start = 0
    if start == 0 and not body:
        start = named_after(core, named=named)
    end = start
    begin = place_before(core, start) if start < len(core) else start
    if begin < start:  # 建业电缆信阳 | 销售
        end = trade_start(core[:begin])
    end = trade_inside(core[:end])
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
