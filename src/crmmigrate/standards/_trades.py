"""What a company does, at the end of its name before the legal form: 甲乙 | 电子科技. Words in `data/trades.txt`, put together by hand from common usage.

Source: 企业名称登记管理规定 (2020), section 6: region, name (字号), trade (行业), legal form.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from crmmigrate.standards._divisions import CITY, divisions, short_name

_LONGEST = 8


@cache
def trades() -> frozenset[str]:
    """Return the words that say what a company does."""
    return frozenset((Path(__file__).parent.parent / "data" / "trades.txt").read_text(encoding="utf-8").split())


def trade_start(core: str) -> int:
    """Return where the trade begins in the middle of a company's name; its length where it names none, 0 where it is all trade.

    Words are taken off the end, the longest first; one character alone is never left as the name.
    """
    words = trades()
    end = len(core)
    while end > 1:
        for start in range(max(0, end - _LONGEST), end - 1):
            if start != 1 and core[start:end] in words:
                break
        else:
            return end
        end = start
    return end


@cache
def _cities() -> frozenset[str]:
    """Return the names of provinces and prefectures, and what people call them."""
    known = [division for division in divisions() if division.level <= CITY]
    return frozenset(name for each in known for name in (each.name, short_name(each.name, each.level)))


def trailing_place(core: str) -> int:
    """Return where the city begins that stands at the end (环球国际航运青岛), or 0."""
    words = _cities()
    for length in (6, 5, 4, 3, 2):
        if core[-length:] in words and len(core) > length:
            return len(core) - length
    return 0
