"""What a company does, at the end of its name before the legal form: 甲乙 | 电子科技. Words in `data/trades.txt`, put together by hand from common usage.

Source: 企业名称登记管理规定 (2020), section 6: region, name (字号), trade (行业), legal form.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from crmmigrate.standards._divisions import CITY, divisions, short_name

_LONGEST = 8


@cache
def trades() -> frozenset[str]:
    """Return the words that say what a company does."""
    return frozenset((Path(__file__).parent.parent / "data" / "trades.txt").read_text(encoding="utf-8").split())


_PLACES = frozenset(("家园", "庄园", "山庄", "书院", "码头", "果园", "牧场", "小镇"))
"""What a company may be, but where another trade follows it is part of a name: 幸福家园 | 科技."""


def trade_start(core: str) -> int:
    """Return where the trade begins in the middle of a company's name; its length where it names none, 0 where it is all trade.

    Words are taken off the end in whatever way covers most of it (紫絮 | 图书 店, not 紫絮图 | 书店); one character alone is never left as
    the name.
    """
    words, sizes = trades(), _sizes_by_end()
    whole = first = len(core)
    reached = {whole}
    for end in range(whole, 1, -1):
        if end in reached:
            for size in sizes.get(core[end - 1], ()):
                start = end - size
                if start < 0 or start == 1:
                    continue
                word = core[start:end]
                if word in words and (end == whole or word not in _PLACES):
                    reached.add(start)
                    first = min(first, start)
    return first


@cache
def _sizes_by_end() -> dict[str, tuple[int, ...]]:
    """Return how long the words are that end with a character: most ends of names are none of a word, or of few lengths."""
    found: dict[str, set[int]] = defaultdict(set)
    for word in trades():
        found[word[-1]].add(len(word))
    return {end: tuple(sorted(sizes)) for end, sizes in found.items()}


_ALSO_NAMES = frozenset(
    ("远洋", "北斗", "智联", "雷达", "安居", "家园", "铁塔", "兰花", "城建", "建工", "国旅", "精工", "翡翠", "钻石", "巴士", "卫星")
)  # fmt: skip
"""Words for trades that companies are called by, too: a name that is all trade has them as its own (远洋 | 渔业)."""


_ONE_TRADE = re.compile("(?<=..)(?:律师|会计师|税务师|公证|银行)(?:事务所|处)?\\Z")
"""Who does this does nothing else: what stands before it is a name (高科 | 律师)."""


def named_after(core: str, *, named: bool) -> int:
    """Return where the trade begins in a name that is all trade, where its first word must be the name, too; 0 where it need not.

    Args:
        core: what stands between the region and the legal form.
        named: whether it is a company's with a region, which the law wants to have a name of its own: 福州 | 轻工 | 进出口 | 有限公司.
    """
    if core in trades():
        return 0
    one = _ONE_TRADE.search(core)
    if one:
        return one.start()
    if not named and core[:2] not in _ALSO_NAMES:
        return 0
    sizes = (size for size in (2, 3, 4) if core[:size] in trades() and len(core) > size + 1)
    return next((size for size in sizes if trade_start(core[size:]) == 0), 0)


_SURELY = 4
"""A trade inside a name is told from chance by so many characters."""


def trade_inside(own: str) -> int:
    """Return where a trade begins in the middle of what seems to be the own name (邓禄普 | 轮胎销售天骄), or its length.

    Two characters are left on either side at least.
    """
    words = trades()
    for begin in range(2, len(own) - _SURELY - 1):
        end = begin
        while True:
            sizes = range(min(_LONGEST, len(own) - end), 1, -1)
            longest = next((size for size in sizes if own[end : end + size] in words), 0)
            if not longest:
                break
            end += longest
        if end - begin >= _SURELY and end <= len(own) - 2:
            return begin
    return len(own)


@cache
def _cities() -> frozenset[str]:
    """Return the names of provinces and prefectures, and what people call them."""
    known = [division for division in divisions() if division.level <= CITY]
    return frozenset(name for each in known for name in (each.name, short_name(each.name, each.level)))


_ALSO_WORDS = frozenset(
    (
        "中山",
        "大同",
        "安康",
        "吉安",
        "长治",
        "宜春",
        "东方",
        "白银",
        "安顺",
        "泰安",
        "广安",
        "武威",
        "金华",
        "丽水",
        "三明",
        "玉林",
        "通化",
        "兴安",
        "阳泉",
    )
)
"""Cities whose short names companies are called by, too."""


def place_before(core: str, end: int) -> int:
    """Return where the city begins that ends at `end`, in front of the trade (中节能秦皇岛 | 环保), or `end` where none does."""
    begin = trailing_place(core[:end])
    return begin if begin > 1 and core[begin:end] not in _ALSO_WORDS else end


def trailing_place(core: str) -> int:
    """Return where the city begins that stands at the end (环球国际航运青岛), or 0."""
    words = _cities()
    for length in (6, 5, 4, 3, 2):
        if core[-length:] in words and len(core) > length:
            return len(core) - length
    return len(core) - 2 if core.endswith("中国") and (len(core) > len("某某中国") or core[:-2].isascii()) else 0
