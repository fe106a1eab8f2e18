"""有限公司 and 有限责任公司 as they are mistyped, misread by a scanner or cut short, in one place for cleaning and for matching."""

from __future__ import annotations

import re

_LIMITED, _LIABILITY = "有限公司", "有限责任公司"
_UNLIMITED = re.compile(r"无限(?:责任)?公司\Z")
"""A legal form of its own."""

_GARBLED = re.compile(
    r"(?<=..)(?:有[跟根恨很陷县现献]公司|[冇友又右]限公司|有限[^公]司|有限公[^司园寓馆]|有限公司司|有限司|限公司|有限公|限有公司|有公限司|有限司公"
    r"|(?<![国公私所拥持独占共富])有公司)\Z"
)
"""有限公司 with one of its four characters misread, mistyped, missing or twice, or two turned round.

For 有 and 限 only what looks like them to a reader of images (冇; 根, 跟, 恨, 很, 陷: the same right half) or is the same to a
pinyin keyboard (友, 又, 右; 县, 现, 献), and makes no word: 有线公司 is of cable television, 有色公司 deals in metals, 国有公司 belongs to the state.
Nothing else ends in 有限_司, 有限公_ or a part of the four.
"""

_SLIPS = (
    *(_LIABILITY[:at] + _LIABILITY[at + 1] + _LIABILITY[at] + _LIABILITY[at + 2 :] for at in range(5)),
    *(_LIABILITY[:at] + _LIABILITY[at + 1 :] for at in range(6)),
)
"""有限责任公司 with two neighbours turned round or one missing; none of these is a word."""


def spelt(name: str) -> str:
    """Return a company's name with 有限公司 or 有限责任公司 at its end written as it ought to be; any other name as it is."""
    if name.endswith((_LIMITED, _LIABILITY)) or _UNLIMITED.search(name):
        return name
    for slip in filter(name.endswith, _SLIPS):
        return name.removesuffix(slip) + _LIABILITY
    return _GARBLED.sub(_LIMITED, name)
