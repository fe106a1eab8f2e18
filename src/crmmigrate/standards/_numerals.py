"""Chinese numerals, everyday (一千二百) and of bookkeeping (壹仟贰佰元伍角), as decimals."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {sign: value for value, signs in enumerate(("零〇○", "一壹弌", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"))
           for sign in signs}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
NUMERAL = re.compile("[" + "".join((*_DIGITS, *_SMALL, *_LARGE)) + "]+\\Z")
_MONEY = re.compile(
    "(?:人民币|人民幣)?\\s*([^元圆圓角分整正]*?)(?:([元圆圓])(?:零)?)?(?:([^元角分整正零]?)角)?(?:零)?(?:([^元角分整正]?)分)?[整正]?\\Z"
)


def numeral(text: str) -> int | None:
    """Return the number of a well-formed Chinese numeral, or None."""
    if not NUMERAL.match(text):
        return None
    total = section = 0
    digit = -1
    smallest, largest = 10_000, 10**12
    for sign in text:
        if sign in _DIGITS:
            value = _DIGITS[sign]
            if digit > 0:
                return None
            digit = value or -1
            continue
        if sign in _SMALL:
            unit = _SMALL[sign]
            if unit >= smallest or (digit < 0 and not (unit == 10 and section == 0)):
                return None
            section += (digit if digit > 0 else 1) * unit
            smallest, digit = unit, -1
            continue
        unit = _LARGE[sign]
        section += max(digit, 0)
        if not section or unit >= largest:
            return None
        total += section * unit
        section, digit, smallest, largest = 0, -1, 10_000, unit
    return total + section + max(digit, 0)


def money(text: str) -> Decimal | None:
    """Return the amount of words like 人民币壹仟贰佰元伍角整, or None."""
    found = _MONEY.match(text)
    if not found or not any((found[1], found[3], found[4])):
        return None
    if not found[2] and (found[3] or found[4]) and found[1]:
        return None
    whole = numeral(found[1]) if found[1] else 0
    tenths = numeral(found[3]) if found[3] else 0
    cents = numeral(found[4]) if found[4] else 0
    if whole is None or tenths is None or cents is None or tenths > 9 or cents > 9:
        return None
    amount = Decimal(whole)
    if found[3] or found[4]:
        amount += Decimal(tenths * 10 + cents) / 100
    return amount
