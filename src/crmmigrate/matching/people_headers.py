"""What tables of people call columns beside those of names: the name in letters, the page on the web and the school."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.headers import header_names

if TYPE_CHECKING:
    from collections.abc import Iterable

IN_LETTERS = "in_letters"
"""The role of names in letters beside the names that a table has: 英文名 beside 姓名."""

RENAMED = "_crmm_renamed"
"""The column of the names that remarks tell."""

NICKNAME = "nickname"
"""The role of what people call themselves in a messenger."""

PROFILE = "profile"
"""The role of pages on the web that are one person's."""

_LETTERS = re.compile(
    "(?:中文)?(?:英文|外文|拼音)(?:姓名|名字?)|(?:姓名|名字?)?(?:的)?(?:拼音|英文|罗马字|罗马拼音)|(?:full)?name(?:in)?(?:en|english|pinyin|latin)|(?:english|latin|romani[sz]ed|passport|preferred|pinyin)(?:full)?name|pinyin"
)
_PAGE = re.compile(
    "(?:个人|领英|linkedin|脉脉|职业社交|社交|github|知乎)(?:主页|网址|网页|链接|页面|档案|资料|账号主页)(?:地址|链接|url)?|linkedin(?:profile)?(?:url|link|page|address)?|(?:public|social|personal|github)(?:profile|page)(?:url|link)?|profile(?:url|link)|领英(?:链接)?"
)
_NOTES = re.compile(
    "(?:客户|顾客|业主|会员|其他|其它|跟进|沟通|回访|附加|补充)?备注(?:信息|说明|内容)?|说明|附注|remarks?|notes?|memo|comments?"
)
_OF_SCHOOL = re.compile(
    "(?:毕业|就读|第一学历|最高学历|本科|硕士|博士|原)(?:的)?(?:院校|学校|大学|高校)|母校|院校(?:名称?)?|school|college|university|almamater|education"
)


def in_letters(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of names in letters beside others."""
    return _headed(_LETTERS, columns)


def places_of_renamed(columns: Iterable[str]) -> tuple[int, ...]:
    """Return the places of the columns of names that remarks tell."""
    return tuple(place for place, column in enumerate(columns) if column.startswith(RENAMED))


def notes(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of remarks."""
    return _headed(_NOTES, columns)


def pages(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of people's pages on the web."""
    return _headed(_PAGE, columns)


def of_school(column: str) -> bool:
    """Return whether a header says that a column holds where people learnt: that employs nobody of them."""
    return bool(_headed(_OF_SCHOOL, [column]))


def _headed(pattern: re.Pattern[str], columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(column for column in columns if any(map(pattern.fullmatch, header_names(column))))
