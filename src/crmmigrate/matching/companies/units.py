"""Which part of a company, a body or an estate a name means, where it says so at its very end: 东厂, 二期, 食堂, 海外事业部, 甲."""

from __future__ import annotations

import re

from crmmigrate.matching.companies.consumer_trades import CONSUMER
from crmmigrate.matching.companies.public_body import counted
from crmmigrate.matching.companies.readings import TRADE_OF_FIRM, trades_behind
from crmmigrate.matching.places.place import place_names

_NUMERAL = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})"
_SITE = f"[东西南北中]{{1,2}}(?:厂区?|区|院区?|校区|园区|仓库?)|第?{_NUMERAL}(?:期|分?厂|厂区|院区|校区|车间|号?仓库?|工区|标段)"
_UNIT = f"第?{_NUMERAL}部|[甲乙丙丁戊]|食堂|工会(?:委员会)?|党(?:委|总支|支部)|团(?:委|支部)|幼儿园|子弟(?:小学|中学|学校)|培训学校|职工医院|职工食堂|招待所|仓库|车间|加油站"
_DIVISION = (
    "[\u3400-\u9fffa-z]{1,8}事业(?:[部群]|本部)|[\u3400-\u9fff]{1,3}(?:大区|片区)|[\u3400-\u9fff]{0,6}研究(?:总院|院)"
)
"""What a group is divided into: 海外事业部, 华东大区, 中央研究院. Its departments (采购部, 研发中心) are the group itself."""

_COMPANY = "公司|集团|总厂"
_BODY = "花园|小区|广场|委员会|中心|医院|学校|大学|学院|中学|小学|幼儿园|项目部|项目经理部"
"""What has several sites or phases, and goes on after them: 中心二期, but nothing of a street or a brand."""

_SHOP, _NTH = "[酒饭商书旅]店|宾馆|超市|药房|餐厅", f"(?:第?{_NUMERAL}号?分?|[a-h]|[东西南北中])店"

_HOTEL = "(?:酒店|饭店|宾馆|度假村|度假酒店)"
IN_HOTEL = (
    "[中西]?餐厅|自助餐厅|咖啡厅|大堂吧|酒吧|ktv|夜总会|水疗(?:会所|中心|馆)?|spa|足[浴疗](?:中心|城)?|洗浴(?:中心)?|桑拿(?:中心)?|健身(?:房|中心)|"
    "棋牌室|(?:员工|职工)?食堂"
)
"""Houses in a hotel, which buy for themselves and are often somebody else's."""

_OF_HOTEL = f"(?<=[\u3400-\u9fff]{{2}}){_HOTEL}(?!(?<=饭店)餐厅)(?:(?:管理)?(?:有限)?公司|\\s*[(\\[【〔]?[\u3400-\u9fff\\d]{{2,10}}店\\s*[)\\]】〕]?)?"
TAIL = f"(?:(?:{_COMPANY})(?:{_SITE}|{_UNIT}|{_DIVISION})|(?:{_BODY})(?:{_SITE})|(?:{_SHOP})(?:{_NTH})|{_HOTEL}.*(?:{IN_HOTEL}))$"
"""The end of a name with a unit right behind it, a pattern of RE2."""

_OPEN, _CLOSE = r"\s*(?:[-–—_·/]\s*)?[(\[【〔]?\s*", r"\s*[)\]】〕]?\Z"
_BEHIND = [
    re.compile(f"(?P<of>{of}){_OPEN}(?P<unit>{unit}){_CLOSE}")
    for of, unit in (
        (_COMPANY, f"{_SITE}|{_UNIT}"),
        (f"(?:{_COMPANY})(?!.*公司|第?{_NUMERAL}研究)", _DIVISION),
        (_BODY, _SITE),
        (_SHOP, _NTH),
        (_OF_HOTEL, IN_HOTEL),
    )
]
_OF_A_TRADER = re.compile(f"(?P<nth>第?{_NUMERAL}号?分?店|第?{_NUMERAL}部|[a-h]店|[东西南北]门店|[东西南北]店)\\Z")
_MARKED = re.compile("([新老总分])店\\Z")
"""One of a trader's shops: 泰润五金一店, 泰润五金东门店; 泰润五金老店 alone may be what everybody calls the shop."""

_SOMEWHERE = range(2, 5)
"""Characters of where one of several shops is."""


_ENDS = frozenset("厂区院库期间段部群甲乙丙丁戊堂会委支园学校所站店厅吧v疗馆a浴城心拿房室)]】〕")
_MARK = re.compile(r"(?<=[司团厂店心])\s*(?:[-–—_]\s*([a-h])|[(\[【〔]\s*([a-h]|i{1,3}|iv|vi{0,3})\s*[)\]】〕])\Z")
"""(A), -B, (Ⅱ)."""

_MARKS = frozenset("abcdefghiv)]】〕")
_BRAND = 2
_SELLS = re.compile(f"(?<=..){CONSUMER}\\Z")
_COUNTED = re.compile("第?([一二三四五六七八九十]{1,3})")


def without_unit(folded: str) -> tuple[str, str, str]:
    """Return a folded name without the unit or the mark at its end, the unit (`甲`, `东厂`, `2期`) and the mark (`a`, `ii`); empty where there is none.

    Two units of one company are two customers as two branches are, and neither is the company itself. Two marks are two
    units as well, but one alone may be a grade. What else people write behind a name, a number among it, may be a note.
    """
    if folded[-1:] in _MARKS and (found := _MARK.search(folded)):
        return folded[: found.start()], "", found.group(1) or found.group(2)
    if folded[-1:] in _ENDS:
        for pattern in _BEHIND:
            if found := pattern.search(folded):
                return folded[: found.end("of")], _in_digits(found["unit"]), ""
        return _shop(folded)
    return folded, "", ""


def _shop(folded: str) -> tuple[str, str, str]:
    """Return `without_unit` of a name that may be one of a trader's shops."""
    if (found := _OF_A_TRADER.search(folded)) and is_trader(folded[: found.start()]):
        return folded[: found.start()], _in_digits(found["nth"]), ""
    for size in _SOMEWHERE if folded.endswith("店") else ():
        name, where = folded[: -size - 1], folded[-size - 1 : -1]
        if is_trader(name) and _is_place(where):
            return name, folded[-size - 1 :], ""
    if (found := _MARKED.search(folded)) and is_trader(folded[: found.start()]):
        return folded[: found.start()], "", found.group(1)
    return folded, "", ""


def _in_digits(unit: str) -> str:
    """Return a unit with its number in digits, however that is written."""
    return _COUNTED.sub(lambda number: counted(number.group(1)), unit).removeprefix("第")


def _is_place(where: str) -> bool:
    """Return whether a shop may be told from others by this: a district or a city as it is called, a street."""
    return where[-1] in "路街镇村" or any(where + kind in place_names() for kind in ("", "区", "县", "市"))


def is_trader(name: str) -> bool:
    """Return whether a name has a brand and ends with what is sold or done there."""
    known = any(len(name) >= len(trade) + _BRAND for trade in trades_behind(name, TRADE_OF_FIRM))
    return known or _SELLS.search(name) is not None
