"""Headings between the records of a list: a place, a class of customers, a department or a time.

Only what these words say is a heading; any other text alone in a row may be a customer that somebody wrote into the wrong column.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

_DIVISIONS = Path(__file__).parents[1] / "data" / "divisions.csv"
_KIND = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|(?:[\u4e00-\u9fff]{1,3}族)*自治州|地区|[省市盟])\Z")
_COUNTY = 3
"""Level of counties, which stand with 区, 县 or 市: 和平 and 大兴 are called many things."""

_NUMERAL = "[一二三四五六七八九十]{1,3}"
_SIDE = "华东|华南|华北|华中|华西|东北|西北|西南|东南|[东西南北中]部"
_AREA = (
    f"(?:{_SIDE}|沿海|长三角|珠三角|京津冀|江浙沪|大湾区|东三省|川渝|云贵|两广|苏[南中北]|[浙粤陕晋闽皖赣湘桂][东西南北中]|港澳台?|大陆|内地"
    "|[本外]地|[本外]省|[省市国境][内外]|海外|亚太|亚洲|欧洲|欧美|北美|南美|非洲|中东|东南亚|大洋洲)"
)
_REACH = "(?:地区|大区|片区|区域|区|片|市场|分部|办事处|销售部|事业部)"
_SORT = (
    "(?:重点|重要|核心|战略|优质|普通|一般|次要|大|中|小|中小|老|新|潜在|意向|目标|合作|已合作|未合作|成交|已成交|未成交|签约|已签约|未签约|正式|试用|活跃|休眠|沉睡|流失"
    "|历史|存量|增量|长期|临时|有效|无效|企业|单位|个人|政府|渠道|直销|代理|经销|终端|零售|批发|内销|外销|外贸|出口|线上|线下|网络|电商|会员|其他|其它|vip)"
)
_GRADE = rf"(?:[a-z]{{1,2}}\+?|[甲乙丙丁特]|第?{_NUMERAL}|第?\d{{1,2}}|vip\d?)"
_TEAM = "(?:销售|市场|业务|商务|大客户|渠道|外贸|国际|国内|客服|事业|电商)"
_YEAR = r"(?:(?:19|20)?\d\d|[〇零一二三四五六七八九]{2,4})\s?年度?"
_MONTH = rf"(?:\d{{1,2}}|{_NUMERAL})\s?月份?"
_QUARTER = rf"第?(?:[1-4]|{_NUMERAL})\s?季度|q[1-4]|[上下]半年"
_COMPASS = r"(?:north|south|east|west|central|northern|southern|eastern|western|greater|mainland|(?:north|south)[ -]?(?:east|west)(?:ern)?)"
_ENGLISH = (
    rf"(?:{_COMPASS} )?(?:china|asia|europe|america|africa|middle east|oceania|apac|emea)",
    rf"{_COMPASS} (?:region|area|district|zone|coast|territory)",
    r"(?:region|area|district|zone|class|group|grade|tier|level|category|team) (?:[a-z]|\d{1,2})",
    r"(?:[a-c] class |(?:class|tier|grade) (?:[a-c]|\d) |(?:key|vip|new|old|existing|potential|regular|major|other|active|inactive|lost) )(?:customer|client|account)s",
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{4}|q[1-4] ?\d{4}",
)
_HEADING = re.compile(
    "|".join((
        f"{_AREA}{_REACH}?(?:客户|名单)?", f"(?:[东西南北中]{{1,2}}|{_NUMERAL}|[a-z]|第{_NUMERAL})\\s?(?:大区|片区|区|片)", "(?:大区|片区|区域)\\s?(?:[a-z]|\\d|[一二三四五六七八九十])",
        f"{_SORT}(?:商|类|级)?(?:客户|用户|名单)(?:类|名单)?|(?:代理|经销|供应|批发|零售)商|其[他它]|[黑白]名单|(?:客户|会员)名单",
        f"{_GRADE}\\s?(?:类|级|档|等|组|部|等级)\\s?(?:客户|名单|客户名单)?|vip",
        f"{_TEAM}(?:第?(?:{_NUMERAL}|\\d{{1,2}}))?[部组](?:第?(?:{_NUMERAL}|\\d{{1,2}})[组部])?",
        f"{_YEAR}(?:{_MONTH}|{_QUARTER})?(?:客户|名单)?|{_MONTH}(?:客户|名单)?|(?:{_QUARTER})(?:客户|名单)?", *_ENGLISH,
    )),
    re.IGNORECASE,
)  # fmt: skip
_NUMBERING = re.compile(
    rf"\s*(?:[（(](?:{_NUMERAL}|\d{{1,2}})[)）]|(?:{_NUMERAL}|\d{{1,2}}|[A-Z])[、.．)）]|第?{_NUMERAL}部分)\s*[:：]?\s*"
)
_BEHIND = re.compile(r"\s*(?:[（(][^（()）]*[)）])?\s*[:：]?\s*\Z")
_PLACE_ENDS = re.compile(f"(?:{_REACH}|客户|名单)\\Z")


def is_heading(text: str) -> bool:
    """Return whether a text is the heading of a part of a list: 华东区, 二、江苏省（含上海）, A类客户, 销售一部, 2023年, East China."""
    numbering = _NUMBERING.match(text)
    words = _BEHIND.sub("", text[numbering.end() if numbering else 0 :]).strip()
    if _HEADING.fullmatch(" ".join(words.split())):
        return True
    return words in _places() or _PLACE_ENDS.sub("", words) in _places()


@cache
def _places() -> frozenset[str]:
    """Return the names of divisions, those of provinces and cities also without their kind."""
    with _DIVISIONS.open(encoding="utf-8", newline="") as file:
        rows = [(row["name"], int(row["level"])) for row in csv.DictReader(file)]
    return frozenset(name for name, _ in rows) | {
        short for name, level in rows if level < _COUNTY and len(short := _KIND.sub("", name)) > 1
    }
