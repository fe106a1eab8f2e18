"""Which part of a company, a body or an estate a name means, where it says so at its very end: 东厂, 二期, 食堂, 甲."""

from __future__ import annotations

import re

from crmmigrate.matching.public_body import counted

_NUMERAL = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})"
_SITE = f"[东西南北中]{{1,2}}(?:厂区?|区|院区?|校区|园区|仓库?)|第?{_NUMERAL}(?:期|分?厂|厂区|院区|校区|车间|号?仓库?|工区|标段)"
_UNIT = f"第?{_NUMERAL}部|[甲乙丙丁戊]|食堂|工会(?:委员会)?|党委|团委|幼儿园|子弟(?:小学|中学|学校)|培训学校|职工医院|职工食堂|招待所|仓库|车间|加油站"
_COMPANY = "公司|集团|总厂"
_BODY = "花园|小区|广场|委员会|中心|医院|学校|大学|学院|中学|小学|幼儿园"
"""What has several sites, and goes on after them: 中心二期, but nothing of a street or a brand."""

TAIL = f"(?:(?:{_COMPANY})(?:{_SITE}|{_UNIT})|(?:{_BODY})(?:{_SITE}))$"
"""The end of a name with a unit right behind it, a pattern of RE2."""

_BEHIND = re.compile(
    rf"((?:{_COMPANY})|(?:{_BODY})(?!\W*(?:{_UNIT})\W*\Z))\s*(?:[-–—_·/]\s*)?(?P<bracket>[(\[【〔]?)\s*(?P<unit>{_SITE}|{_UNIT})\s*(?(bracket)[)\]】〕]?)\Z"
)
_COUNTED = re.compile("第?([一二三四五六七八九十]{1,3})")


def split_unit(folded: str) -> tuple[str, str]:
    """Return a folded name without the unit at its end, and the unit (`甲`, `东厂`, `2期`); empty where there is none.

    Two units of one company are two customers as two branches are, and neither is the company itself. What else people
    write behind a name, a number among it, may be a note.
    """
    found = _BEHIND.search(folded)
    if not found:
        return folded, ""
    return folded[: found.end(1)], _COUNTED.sub(lambda number: counted(number.group(1)), found["unit"]).removeprefix(
        "第"
    )
