"""Numbers as decimals: digits in groups, Chinese numerals, everyday (一千二百) and of bookkeeping (壹仟贰佰元伍角)."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {sign: value for value, signs in enumerate(("零〇○", "一壹弌", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"))
           for sign in signs}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
NUMERAL = re.compile("[" + "".join((*_DIGITS, *_SMALL, *_LARGE)) + "]+\\Z")
_MONEY = re.compile(
    "\\s*([^元圆圓角分整正]*?)(?:([元圆圓])(?:零)?)?(?:([^元角分整正零]?)角)?(?:零)?(?:([^元角分整正]?)分)?[整正]?\\Z"
)


ONES = str.maketrans("〇○零一二三四五六七八九", "000123456789")


def up_to_99(text: str) -> int:
    """Return 1 to 99 from 一 … 九十九, or 0; 元 is the first month, 廿 and 卅 are 20 and 30."""
    if text == "元":
        return 1
    text = text.lstrip("零〇○").replace("廿十", "廿").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.partition("十")
    if not ten:
        return int(tens.translate(ONES)) if len(tens) == 1 else 0
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0
    return (int(tens.translate(ONES)) if tens else 1) * 10 + (int(ones.translate(ONES)) if ones else 0)


_FORMAL = re.compile("[壹贰貳叁參肆伍陆陸柒捌玖拾佰仟]")


def numeral(text: str, *, colloquial: bool = False) -> int | None:
    """Return the number of a well-formed Chinese numeral, or None.

    Args:
        text: of numerals only.
        colloquial: whether 三万五 is 35,000 and 一百二 is 120, as people say; else such a numeral has no reading.
    """
    if not NUMERAL.match(text):
        return None
    total = section = 0
    digit, zero = -1, False
    smallest, largest, last = 10_000, 10**12, 1
    for sign in text:
        if sign in _DIGITS:
            if digit > 0:
                return None
            digit = _DIGITS[sign] or -1
            zero = zero or digit < 0
        elif sign in _SMALL:
            unit = last = _SMALL[sign]
            if unit >= smallest or (digit < 0 and not (unit == 10 and section == 0)):
                return None
            section += (digit if digit > 0 else 1) * unit
            smallest, digit, zero = unit, -1, False
        else:
            unit = last = _LARGE[sign]
            section += max(digit, 0)
            if unit > largest and unit == 10**8 and total:  # 一万二千亿
                section, total = total + section, 0
            elif not section or unit >= largest:
                return None
            total += section * unit
            section, digit, zero, smallest, largest = 0, -1, False, 10_000, unit
    if digit > 0 and last >= 100 and not zero:
        return total + section + digit * last // 10 if colloquial and not _FORMAL.search(text) else None
    return total + section + max(digit, 0)


def money(text: str) -> Decimal | None:
    """Return the amount of words like 人民币壹仟贰佰元伍角整, 十块三毛, 123元1角1分, or None."""
    found = _MONEY.match(text.replace("块", "元").replace("毛", "角").replace("钱", "").replace("个", ""))
    if not found or not any((found[1], found[3], found[4])):
        return None
    if not found[2] and (found[3] or found[4]) and found[1]:
        return None
    whole, tenths, cents = (_counted(found[group]) for group in (1, 3, 4))
    if whole is None or tenths is None or cents is None or tenths > 9 or cents > 9:
        return None
    amount = Decimal(whole)
    if found[3] or found[4]:
        amount += Decimal(tenths * 10 + cents) / 100
    return amount


def _counted(text: str | None) -> int | None:
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else numeral(text)


UNITS = {"亿": 10**8, "億": 10**8, "千万亿": 10**15, "百万亿": 10**14, "万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "十亿": 10**9,
         "千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10_000, "萬": 10_000, "w": 10_000, "千": 1000, "仟": 1000, "k": 1000, "百": 100, "佰": 100, "": 1}  # fmt: skip
"""What multiplies the number before it."""
UNIT_WORDS = "|".join(sorted(filter(None, UNITS), key=len, reverse=True))
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z", re.ASCII)
_GROUPED_BY_FOUR = re.compile(r"\d{1,4}(?:,\d{4}){2,}(?:\.\d+)?\Z|\d{1,4},\d{4}\.\d\d\Z", re.ASCII)
_BLANK_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+(?:\.\d+)?\Z", re.ASCII)


def digits(text: str) -> Decimal | None:
    """Return the decimal of digits grouped in the usual ways, or None where the groups are odd."""
    text = text.strip()
    if "," in text or " " in text:
        if not (_GROUPED.match(text) or _GROUPED_BY_FOUR.match(text) or _BLANK_GROUPED.match(text)):
            return None
        text = text.replace(",", "").replace(" ", "")
    if len(text) > 24:
        return None
    text = "0" + text if text.startswith(".") else text
    number = Decimal(text)
    whole, _, decimals = text.partition(".")
    return Decimal(whole) if decimals and not decimals.strip("0") and len(decimals) != 2 else number


def trimmed(amount: Decimal) -> Decimal:
    """Take off the zeros that multiplying left behind the point."""
    whole = amount.to_integral_value()
    return whole if whole == amount else amount.normalize()


def without_noise(amount: Decimal) -> Decimal:
    """Round 1199.9999999999998 to 1200."""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        return trimmed(amount.quantize(Decimal("0.000001")))
    return amount


def written(amount: Decimal) -> str:
    """Return plain digits; zero has no sign."""
    text = f"{amount:f}"
    return text.removeprefix("-") if not amount else text
