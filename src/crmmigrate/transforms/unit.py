"""unit: write a quantity in another unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.standard import Cleaned

NOT_A_QUANTITY = "unit.not-a-quantity"
OTHER_KIND = "unit.other-kind"
_FACTORS: dict[str, dict[str, str]] = {
    "count": {"个": "1", "十": "10", "百": "100", "千": "1000", "万": "10000", "百万": "1000000", "千万": "10000000", "亿": "100000000",
              "k": "1000", "w": "10000"},
    "money": {"分": "0.01", "角": "0.1", "元": "1", "圆": "1", "千元": "1000", "万元": "10000", "百万元": "1000000", "亿元": "100000000"},
    "mass": {"mg": "0.000001", "毫克": "0.000001", "g": "0.001", "克": "0.001", "两": "0.05", "斤": "0.5", "kg": "1", "公斤": "1", "千克": "1",
             "t": "1000", "吨": "1000"},
    "length": {"mm": "0.001", "毫米": "0.001", "cm": "0.01", "厘米": "0.01", "m": "1", "米": "1", "km": "1000", "公里": "1000", "千米": "1000",
               "里": "500"},
    "area": {"平方厘米": "0.0001", "㎡": "1", "m2": "1", "平": "1", "平米": "1", "平方米": "1", "公顷": "10000", "平方公里": "1000000"},
    "time": {"秒": "1", "s": "1", "分钟": "60", "min": "60", "小时": "3600", "h": "3600", "天": "86400", "日": "86400", "周": "604800"},
}  # fmt: skip
_KINDS = {word: kind for kind, units in _FACTORS.items() for word in units}
_QUANTITY = re.compile(r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{1,30})?)\s*(\D{0,8}?)")


def make(to: Any = "", assume: Any = "", decimals: Any = -1) -> Callable[[str], Cleaned]:
    """Return a function that writes `1.5 吨` as `1500` (in kg), `3万` as `30000`.

    Args:
        to: the unit of the answer, which is a number alone: 元, kg, m, 平方米, 小时, 个 …
        assume: the unit of a number that says none; by default `to`. 亩 is not among the units: it is 2000/3 m² and never exact.
        decimals: digits behind the point, 0 to 12; as many as there are where it is not given. Halves are rounded away from zero.

    Returns:
        The number; or the raw text flagged
        `unit.not-a-quantity`, or `unit.other-kind` where its unit measures something else.

    Raises:
        ValueError: a unit is not known, the two measure different things, or `decimals` is no such number.

    Source:
        GB 3100 (SI units); State Council order of 1959 on 斤 and 两 (1 斤 = 0.5 kg).
    """
    known = ", ".join(_KINDS)
    if to not in _KINDS or (assume and assume not in _KINDS):
        raise ValueError(f"units are {known}")
    if assume and _KINDS[assume] != _KINDS[to]:
        raise ValueError(f"{assume} and {to} measure different things")
    if not isinstance(decimals, int) or isinstance(decimals, bool) or not -1 <= decimals <= 12:
        raise ValueError("decimals is a whole number from 0 to 12")

    def unit(raw: str) -> Cleaned:
        return _converted(raw, to, assume or to, decimals)

    return unit


def _converted(raw: str, to: str, assume: str, decimals: int) -> Cleaned:
    from decimal import ROUND_HALF_UP, Context, Decimal

    from crmmigrate.model.standard import Cleaned, Flag

    found = _QUANTITY.fullmatch(raw.strip())
    word = found[2].strip() if found else ""
    word = word if word in _KINDS else word.lower()
    if found is None or (word and word not in _KINDS):
        return Cleaned(raw, (Flag(NOT_A_QUANTITY, "error"),))
    kind = _KINDS[to]
    if word and _KINDS[word] == "count" and kind == "money":
        factor = _FACTORS["count"][word]
    elif word and _KINDS[word] != kind:
        return Cleaned(raw, (Flag(OTHER_KIND, "error"),))
    else:
        factor = _FACTORS[kind][word or assume]
    context = Context(prec=100, rounding=ROUND_HALF_UP)
    exact = context.multiply(Decimal(found[1].replace(",", "")), Decimal(factor))
    exact = context.divide(exact, Decimal(_FACTORS[kind][to]))
    if decimals >= 0:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), context=context)
    text = f"{exact:f}"
    return Cleaned(text.rstrip("0").rstrip(".") if decimals < 0 and "." in text else text)


TRANSFORM = Transform(
    "unit", make, Message("write a quantity in another unit"), options=("to", "assume", "decimals"), required=("to",),
    codes=(
        (NOT_A_QUANTITY, Message("this is not a quantity")), (OTHER_KIND, Message("the unit measures something else")),
    ),
)  # fmt: skip
