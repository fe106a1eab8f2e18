"""What the identifiers share: labels and marks around them, the damage spreadsheets do, check digits."""

from __future__ import annotations

import re
from functools import cache
from operator import mul

LABELS = re.compile(
    r"^(?:统一(?:社会)?信用代码|社会信用代码|统一代码|信用代码|组织机构代码证?|机构代码|工商注册号|证照编号|营业执照(?:注册)?号?|注册号|登记证?号|纳税人?(?:识别号|登记号|税号)"
    r"|纳税识别号|税务登记证?号?|税号|税务?识别号|居民身份证|身份证件?|证件|车架号码?|车辆识别代[号码]|底盘号|VIN码?|车牌)(?:号码?|代码)?(?:/[^:：\d]*)?[:：\s]*"
)
SEPARATORS = re.compile(r"[\s\-‐‑–—－＿_.,，。'’\"“”:：/]+")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,2}\Z|\d{15,}\.0+\Z", re.ASCII)
"""What a spreadsheet makes of long numbers: 9.11100006000373E+17, 911100006000373410.0 (its last digits are zeros, not the true ones)."""


def values_of(signs: dict[str, int]) -> bytes:
    """Return a table for `bytes.translate` that makes each sign its value: the quickest way to all values of a text."""
    table = bytearray(256)
    for sign, value in signs.items():
        table[ord(sign)] = value
    return bytes(table)


def weighed(text: str, values: bytes, weights: tuple[int, ...]) -> int:
    """Return the sum of the values of the signs, each times its weight."""
    return sum(map(mul, text.encode("ascii").translate(values), weights))


def mod_11_10(number: str) -> bool:
    """Whether the last digit of `number`, of 15 digits, is its check digit (ISO 7064 MOD 11,10)."""
    steps = _three_steps()
    check = 5
    for start in (0, 3, 6, 9, 12):
        check = steps[check][int(number[start : start + 3])]
    return check == 1


@cache
def _three_steps() -> list[list[int]]:
    """Return by the state of MOD 11,10 and the next three digits the state behind them."""

    def step(check: int, digit: int) -> int:
        return (((check or 10) * 2) % 11 + digit) % 10

    return [
        [step(step(step(check, three // 100), three // 10 % 10), three % 10) for three in range(1000)]
        for check in range(10)
    ]
