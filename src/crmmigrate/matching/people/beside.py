"""What stands beside a person's name in one cell: marks by which it is sorted, a town, a company, a post."""

from __future__ import annotations

import re
from functools import lru_cache

from crmmigrate.matching.companies.organisations import known
from crmmigrate.matching.companies.readings import trades, trades_behind
from crmmigrate.matching.places.place import Place, only_place, take_place
from crmmigrate.model.person_titles import OFFICES, STAFF, TASKS

_SORTED_FIRST = re.compile(r"(?:a+\d{0,3}|0\d{0,2}|[^\w\s*()\[\]【】《》\"'“”])[\s.\-_、]*(?=[\u3400-\u9fff])")
"""A张伟, 01张伟, ★张伟: so that it stands on top of the list."""

_BESIDE = re.compile(
    r"[\u3400-\u9fff]\s*(?:[(\[【]\s*([\u3400-\u9fff]{2,8})\s*[)\]】]|[\s\-–—_/]+([\u3400-\u9fff]{2,8}))\Z"
)
"""崔海涛(上海), 万伟敏-宁波."""

_KIND = "新|老|大|小|潜在|意向|重点|重要|准|散"
_RELATION = re.compile(
    rf"(?<=[\u3400-\u9fff]{{2}})(?<![总董哥姐叔姨理板任师])\s*[(\[【\-–—_/]?\s*(?:(?:{_KIND})?客户|(?:同学|朋友|同事|战友|亲戚|老乡|邻居|熟人|客户|老客户)的?(?:介绍|推荐)的?|转介绍|(?:有|高|低|强)?意向|(?:已|未)(?:成交|下单|付款))[)\]】]?\Z"
    rf"|\A(?:{_KIND})?客户[\s:\-–—_]*(?=[\u3400-\u9fff]{{2,4}}\Z)"
)
"""Before a bare 介绍 stands by whom somebody was introduced, and before 客户 behind a title whose customer it is: 王总客户."""

_RELATION_ENDS = frozenset("户绍荐的向交单款)]】")

_WORK = "研发|供应|采购|销售|技术|财务|生产|质量|质检|品质|业务|商务|市场|售[前后]|人事|行政|仓库|工程|设计|客服|外贸|设备|信息"
_POST = re.compile(
    f"(?:{_WORK}|项目)?(?:{'|'.join(sorted((*OFFICES, *TASKS, *STAFF), key=len, reverse=True))})|{_WORK}"
)
_POST_BEHIND = re.compile(rf"(?:{_POST.pattern})\Z")
_BODY = re.compile("(?:公司|集团|工厂|事务所|研究院|大学|医院|学校|[一二三四五六七八九十\\d]局|[厂店])\\Z")
_OWN, _MOST = 2, 8
"""Characters of a company's name beside what it does."""


def without_relation(folded: str) -> str:
    """Return a folded name without the note of whose customer that is, or whence one knows him: 陈玉兰老客户, 苏俊杰同学介绍, 客户李娜."""
    return _RELATION.sub("", folded) if folded[-1:] in _RELATION_ENDS or folded[:2] == "客户" else folded


def unsorted(folded: str) -> str:
    """Return a folded name without the marks before it by which people have it on top of a list."""
    if "\u3400" <= folded[:1] <= "\u9fff":
        return folded
    return _SORTED_FIRST.sub("", folded, count=1) if _SORTED_FIRST.match(folded) else folded


def place_beside(folded: str) -> Place:
    """Return the place that stands alone beside a name, by which those who know several of that name tell them apart."""
    told = _BESIDE.search(folded) if not folded.isalnum() else None
    return (only_place(told.group(1) or told.group(2)) if told else None) or Place()


@lru_cache(maxsize=20_000)
def is_company(text: str) -> bool:
    """Return whether a folded text without blanks is a company by what it does, or one that everybody knows: 中铁建, 浙江移动."""
    if has_trade(text) or known(text):
        return True
    place, rest = take_place(text)
    return bool(place.province and rest and (found := known("中国" + rest)) and found.sure)


def has_trade(text: str) -> bool:
    """Return whether what a company does, or is, stands behind a name of its own: 华祥装饰, 德楠餐饮管理."""
    own = _BODY.sub("", text)
    named = own != text
    while (trade := next(trades_behind(own), "")) and len(own) > len(trade):
        own, named = own.removesuffix(trade), True
    return named and _OWN <= len(own) <= _MOST and not (own.isdigit() or own in trades() or only_place(own))


def without_post(text: str) -> str:
    """Return a folded text without the post at its beginning: 总经理田树人."""
    post = _POST.match(text)
    return text[post.end() :] if post else text


def with_post(text: str) -> tuple[str, ...]:
    """Return a folded text, and without the post at its end, where there is one: 华祥装饰采购."""
    post = _POST_BEHIND.search(text)
    return (text, text[: post.start()]) if post else (text,)
