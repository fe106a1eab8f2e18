"""Amounts of money as plain decimals: 12万, ¥1,200.00, 1200元, 人民币壹仟元整. Ranges and doubtful separators are never guessed.

Decimals stay as they are written, so that 1200.00 remains 1200.00.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._numerals import money
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "amount.format": Message("amount written as a plain decimal"),
    "amount.unit": Message("万, 千 or 亿 multiplied out"),
    "amount.words": Message("an amount in words written as a decimal"),
    "amount.negative": Message("an amount in brackets read as negative"),
    "amount.float-noise": Message("the noise of a binary fraction rounded off"),
    "amount.scientific": Message("an amount in scientific notation written out"),
    "amount.approximate": Message("an approximate amount"),
    "amount.range": Message("a range, not an amount"),
    "amount.ambiguous": Message("an amount that can be read in two ways"),
    "amount.currency": Message("an amount in another currency"),
    "amount.unreadable": Message("not an amount"),
}
FORMAT, UNIT, WORDS, SCIENTIFIC = (Flag(f"amount.{name}", "info") for name in ("format", "unit", "words", "scientific"))
NEGATIVE, FLOAT_NOISE, APPROXIMATE = (Flag(f"amount.{name}") for name in ("negative", "float-noise", "approximate"))
CURRENCY = Flag("amount.currency", "error", "LOGIC")
RANGE, AMBIGUOUS, UNREADABLE = (Flag(f"amount.{name}", "error") for name in ("range", "ambiguous", "unreadable"))

_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?\Z", re.ASCII)
_CURRENCIES = {
    "CNY": ("人民币", "人民幣", "rmb", "cny", "¥", "￥", "元", "块钱", "块", "圆", "圓"), "USD": ("美元", "美金", "usd", "us$", "$", "＄"),
    "EUR": ("欧元", "eur", "€"), "HKD": ("港元", "港币", "港幣", "hkd", "hk$"), "GBP": ("英镑", "gbp", "£"),
    "JPY": ("日元", "日圆", "jpy", "円"), "TWD": ("新台币", "台币", "twd", "nt$"),
}  # fmt: skip
_CURRENCY_OF = {word: code for code, words in _CURRENCIES.items() for word in words}
_CURRENCY = "|".join(sorted((re.escape(word) for word in _CURRENCY_OF), key=len, reverse=True))
_UNITS = {"亿": 100_000_000, "億": 100_000_000, "千万": 10_000_000, "百万": 1_000_000, "十万": 100_000, "万": 10_000, "萬": 10_000, "w": 10_000,
          "千": 1000, "仟": 1000, "k": 1000, "百": 100, "佰": 100, "": 1}  # fmt: skip
_UNIT = "亿|億|千万|百万|十万|万|萬|w|千|仟|k|百|佰"
_FULL_WIDTH = str.maketrans("，．－＋（）％：～", ",.-+()%:~")
_AMOUNT = re.compile(
    rf"(?P<sign>[-+−]?)\s*(?P<before>{_CURRENCY})?\s*[:]?\s*(?P<minus>[-−]?)\s*(?P<number>\d[\d,\s]*(?:\.\d+)?|\.\d+)\s*(?P<unit>{_UNIT})?"
    rf"(?:(?P<low>\d+(?:\.\d+)?)\s*(?P<lowunit>千|仟|百|佰)?)?\s*(?P<behind>{_CURRENCY})?\s*(?:整|正|\(?人民币\)?)?\Z",
    re.IGNORECASE | re.ASCII)  # fmt: skip
_PREFIX = re.compile(r"(?:金额|合计|总计|共计|小计|约|大约|大概|近|左右|预计|预估|估计)[:：\s]*", re.ASCII)
_ABOUT = re.compile(r"约|大概|近|左右|预计|预估|估计|上下|[~≈±]")
_ABOUT_BEHIND = re.compile(r"\s*(?:左右|上下|多|余|出头)\Z")
_RANGE = re.compile(r"(.*\d.*?)\s*(?:[-~～—–至到])\s*(\D*\d.*)\Z")
_BOUND = re.compile(r"(?:[<>≤≥＜＞]|不超过|不低于|至少|最多|超过|低于|以上|以下|以内)")
_BRACKETED = re.compile(r"\((?P<inside>[^()]*\d[^()]*)\)\Z")
_SCIENTIFIC = re.compile(r"-?\d(?:\.\d+)?[eE]\+?\d{1,2}\Z", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z", re.ASCII)
_GROUPED_BY_FOUR = re.compile(r"\d{1,4}(?:,\d{4}){2,}(?:\.\d+)?\Z|\d{1,4},\d{4}\.\d\d\Z", re.ASCII)
_BLANK_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+(?:\.\d+)?\Z", re.ASCII)
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?\Z|\d+,\d{1,2}\Z", re.ASCII)


def make(currency: str = "CNY") -> Cleaner:
    """Return the cleaner.

    Args:
        currency: of the column, as three letters; an amount in another one is flagged.
    """
    currency = currency.upper()

    def clean(raw: str) -> Cleaned:
        """Return the decimal, or the raw text with a flag that says why not."""
        if _PLAIN.match(raw):
            return _tidy(raw)
        text, _ = line(raw)
        nothing = says_nothing(text)
        return Cleaned(None, (nothing,)) if nothing else _read(raw, text.translate(_FULL_WIDTH), currency)

    return clean


def _tidy(raw: str) -> Cleaned:
    whole, _, decimals = raw.partition(".")
    if decimals.strip("0") == "" and len(decimals) in (1, 3, 4, 5, 6):
        return Cleaned(_written(Decimal(whole)), (FORMAT,))
    return Cleaned("0" if raw == "-0" else raw, (FORMAT,) if raw == "-0" else ())


def _written(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.removeprefix("-") if not amount else text


def _read(raw: str, text: str, currency: str) -> Cleaned:
    if _SCIENTIFIC.match(text):
        return _scientific(raw, text)
    if _BOUND.search(text):
        return Cleaned(raw, (RANGE,), "suggested")
    flags: tuple[Flag, ...] = ()
    bracketed = _BRACKETED.match(text)
    if bracketed:
        text, flags = "-" + bracketed["inside"].strip(), (NEGATIVE,)
    plain = _ABOUT_BEHIND.sub("", _PREFIX.sub("", text, count=1)).strip("~≈± ")
    if (_ABOUT.search(text) and not _RANGE.match(plain)) or _ABOUT_BEHIND.search(text):
        flags = (*flags, APPROXIMATE)
    found = _AMOUNT.match(plain)
    if found:
        return _counted(raw, found, flags, currency)
    ranged = _RANGE.match(plain)
    if ranged and _AMOUNT.match(ranged[2]) and not ranged[1].startswith("-"):
        return Cleaned(raw, (RANGE,), "suggested", candidates=_ends(ranged))
    words = money(plain)
    if words is not None:
        return Cleaned(_written(words), (*flags, WORDS), "likely" if flags else "certain")
    return Cleaned(raw, (AMBIGUOUS if _DOTTED.match(plain.strip("-")) else UNREADABLE,), "suggested")


def _scientific(raw: str, text: str) -> Cleaned:
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    if int(exponent) > 15:
        return Cleaned(raw, (UNREADABLE,), "suggested")
    written = _written(Decimal(text))
    if decimals >= 5 and int(exponent) > decimals:
        return Cleaned(raw, (AMBIGUOUS,), "suggested", candidates=(written,))
    return Cleaned(written, (SCIENTIFIC,), "likely")


def _ends(ranged: re.Match[str]) -> tuple[str, ...]:
    """Return both ends of a range; a unit written once holds for both."""
    high = _AMOUNT.match(ranged[2])
    low = _AMOUNT.match(ranged[1].strip())
    if not high or not low:
        return ()
    unit = low["unit"] or high["unit"] or ""
    first, last = _number(low["number"]), _number(high["number"])
    if first is None or last is None:
        return ()
    return _written(_plain(first * _UNITS[unit.lower()])), _written(_plain(last * _UNITS[(high["unit"] or "").lower()]))


def _counted(raw: str, found: re.Match[str], flags: tuple[Flag, ...], currency: str) -> Cleaned:
    number = _number(found["number"])
    unit = (found["unit"] or "").lower()
    low = found["low"]
    if number is None or (low and not unit):
        return Cleaned(raw, (AMBIGUOUS,), "suggested")
    amount = number
    if unit:
        amount = _plain(number * _UNITS[unit])
        flags = (*flags, UNIT)
    if low:
        low_unit = (found["lowunit"] or "").lower()
        if not low_unit or _UNITS[low_unit] >= _UNITS[unit]:
            return Cleaned(raw, (AMBIGUOUS,), "suggested")
        amount += _plain(Decimal(low) * _UNITS[low_unit])
    if found["sign"] in ("-", "−") or found["minus"]:
        amount = -amount
    own = {_CURRENCY_OF[word.lower()] for word in (found["before"], found["behind"]) if word}
    value = _written(_without_noise(amount))
    if len(own) > 1 or (own and own != {currency}):
        return Cleaned(raw, (CURRENCY,), "suggested", parts={"币种": min(own)}, candidates=(value,))
    if amount != _without_noise(amount):
        flags = (*flags, FLOAT_NOISE)
    likely = unit in ("w", "k") or any(flag.severity == "warning" for flag in flags)
    return Cleaned(value, flags or (FORMAT,), "likely" if likely else "certain", {"币种": min(own)} if own else {})


def _number(text: str) -> Decimal | None:
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


def _plain(amount: Decimal) -> Decimal:
    """Take off the zeros that multiplying left behind the point."""
    whole = amount.to_integral_value()
    return whole if whole == amount else amount.normalize()


def _without_noise(amount: Decimal) -> Decimal:
    """Round 1199.9999999999998 to 1200."""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        return _plain(amount.quantize(Decimal("0.000001")))
    return amount


STANDARD = Standard("amount", make, Message("amounts of money as decimals"), ("currency",), CODES)
