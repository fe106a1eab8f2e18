"""Amounts of money as plain decimals: 12万, ¥1,200.00, 1200元, 人民币壹仟元整. Ranges and doubtful separators are never guessed.

Decimals stay as they are written, so that 1200.00 remains 1200.00.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.currency import CURRENCY_OF, UNSAID
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._numerals import UNIT_WORDS, UNITS, digits, money, numeral, trimmed, without_noise, written
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
_FAST = re.compile(r"([¥￥]?) ?([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,11})(?:\.(\d\d?))?(万|亿)?(元?)\Z", re.ASCII)
_ZEROS_OF = {"万": 4, "亿": 8}
_CURRENCY = "|".join(sorted((re.escape(word) for word in CURRENCY_OF), key=len, reverse=True))
_A_CURRENCY = re.compile(_CURRENCY, re.IGNORECASE)
_FULL_WIDTH = str.maketrans("，．－＋（）％：～、", ",.-+()%:~,")
_AMOUNT = re.compile(
    rf"(?P<sign>[-+−]?)\s*(?P<before>(?:{_CURRENCY})?)\s*[:]?\s*(?P<minus>[-−]?)\s*(?P<number>\d[\d,\s]*(?:\.\d+)?|\.\d+)\s*(?P<unit>{UNIT_WORDS})?"
    rf"(?:(?P<low>\d+(?:\.\d+)?)\s*(?P<lowunit>千|仟|百|佰)?)?\s*(?P<behind>(?:\(?(?:{_CURRENCY})\)?\s*){{0,2}})(?:整|正|\(?人民币\)?)?\Z",
    re.IGNORECASE | re.ASCII)  # fmt: skip
_WORDED = re.compile(
    rf"(?P<before>(?:{_CURRENCY})?)\s*:?\s*(?P<words>.*?)(?P<behind>(?:\(?(?:{_CURRENCY})\)?\s*){{0,2}})(?P<whole>[整正]?)\Z",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"(?:金额|合计|总计|共计|小计|总价|报价|价格|单价|预算|约|大约|大概|近|左右|预计|预估|估计)(?:金额|为|是)?[:：\s]*"
)
_ABOUT = re.compile(r"约|大概|近|左右|预计|预估|估计|上下|[~≈±]")
_ABOUT_BEHIND = re.compile(r"\s*(?:左右|上下)\Z")
_MORE = re.compile(r"(?<=[\d万亿千百十])(?:多|余|来|出头|好几|\+)(?=[万亿千百元块美欧港日]|\Z)|[kw]\+|[几数]")
_RANGE = re.compile(
    r"从?(.*?[\d万亿千百十一二三四五六七八九两].*?)\s*(?:[-~～—–至到])+\s*(\D*[\d万亿千百十一二三四五六七八九两].*)\Z"
)
_TWO_IN_ONE = re.compile(r"([一二两三四五六七八九])([一二三四五六七八九])(?=[十百千万亿])")
_BOUND = re.compile(
    r"[<>≤≥＜＞]=?|不超过|不低于|不到|不足|小于|大于|少于|多于|低于|高于|至少|至多|最多|最少|最低|最高|超过|以上|以下|以内|起"
)
_BRACKETED = re.compile(r"\((?P<inside>[^()]*\d[^()]*)\)\Z")
_SCIENTIFIC = re.compile(r"-?\d(?:\.\d+)?[eE]\+?\d{1,2}\Z", re.ASCII)
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?\Z|\d+,\d{1,2}\Z", re.ASCII)
_OWN_UNIT = re.compile(r"[万亿萬億千百仟佰kKwW]")
_LAST_UNIT = re.compile(r"[十拾]?([万亿萬億千百仟佰kKwW]+)[^\d一二三四五六七八九十]*\Z")


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
        found = _FAST.match(raw)
        if found and currency == "CNY":
            return _fast(found)
        text, _ = line(raw)
        nothing = says_nothing(text)
        return Cleaned(None, (nothing,)) if nothing else _read(raw, text.translate(_FULL_WIDTH), currency)

    return clean


def _tidy(raw: str) -> Cleaned:
    whole, _, decimals = raw.partition(".")
    if decimals.strip("0") == "" and len(decimals) in (1, 3, 4, 5, 6):
        return Cleaned(written(Decimal(whole)), (FORMAT,))
    return Cleaned("0" if raw == "-0" else raw, (FORMAT,) if raw == "-0" else ())


_YUAN = {"币种": "CNY"}


def _fast(found: re.Match[str]) -> Cleaned:
    """Return the amount of the common forms: ¥1,200.00, 12万, 1.2万元, 1200元."""
    sign, whole, decimals, unit, yuan = found.groups("")
    whole = whole.replace(",", "")
    if unit:
        zeros = _ZEROS_OF[unit]
        value = whole + decimals.ljust(zeros, "0")
        return Cleaned(value, (UNIT,), "certain", _YUAN if sign or yuan else {})
    value = whole if not decimals or decimals == "0" else f"{whole}.{decimals}"
    return Cleaned(value, (FORMAT,), "certain", _YUAN if sign or yuan else {})


@dataclass(frozen=True, slots=True)
class _One:
    """One amount understood, with its currencies and what had to be done."""

    value: Decimal
    currencies: frozenset[str]
    flags: tuple[Flag, ...] = ()
    likely: bool = False


def _read(raw: str, text: str, currency: str) -> Cleaned:
    if _SCIENTIFIC.match(text):
        return _scientific(raw, text)
    text = text.replace("(含)", "").replace("(不含)", "")
    flags: tuple[Flag, ...] = ()
    bracketed = _BRACKETED.match(text)
    if bracketed:
        text, flags = "-" + bracketed["inside"].strip(), (NEGATIVE,)
    plain = _ABOUT_BEHIND.sub("", _PREFIX.sub("", text, count=1)).strip("~≈± ")
    if _BOUND.search(text) or _MORE.search(plain):
        return Cleaned(raw, (RANGE,), "suggested", candidates=_bound(plain))
    if (_ABOUT.search(text) and not _RANGE.match(plain)) or _ABOUT_BEHIND.search(text):
        flags = (*flags, APPROXIMATE)
    one = _one(plain)
    if isinstance(one, _One):
        return _counted(raw, one, flags, currency)
    ends = _ends(plain)
    if ends:
        return Cleaned(raw, (RANGE,), "suggested", candidates=ends)
    if one is not None:
        return Cleaned(raw, (AMBIGUOUS,), "suggested")
    return Cleaned(raw, (AMBIGUOUS if _DOTTED.match(plain.strip("-")) else UNREADABLE,), "suggested")


def _bound(text: str) -> tuple[str, ...]:
    """Return the one end that is said of 不到1.9万, 3000多元; nothing of 几十万."""
    one = _one(_MORE.sub("", _BOUND.sub("", text)).strip()) if not re.search("[几数]", text) else None
    return (written(one.value),) if isinstance(one, _One) else ()


def _scientific(raw: str, text: str) -> Cleaned:
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    if int(exponent) > 15:
        return Cleaned(raw, (UNREADABLE,), "suggested")
    value = written(Decimal(text))
    if decimals >= 5 and int(exponent) > decimals:
        return Cleaned(raw, (AMBIGUOUS,), "suggested", candidates=(value,))
    return Cleaned(value, (SCIENTIFIC,), "likely")


def _one(text: str) -> _One | str | None:
    """Return the amount that `text` says, the word `ambiguous`, or None where it says none."""
    found = _AMOUNT.match(text)
    if found:
        return _in_digits(found)
    found = _WORDED.match(text)
    if not found:
        return None
    words = (
        found["words"] + ("元" if found["words"][-1:] not in "角分毛钱" and found["behind"][:1] in "元圆圓块" else "")
    ).replace("个", "")
    value = money(words)
    likely = value is None
    if value is None:
        colloquial = numeral(found["words"], colloquial=True)
        if colloquial is None:
            return None
        value = Decimal(colloquial)
    return _One(
        value, _currencies(found["before"] + " " + found["behind"] + ("元" if "元" in words else "")), (WORDS,), likely
    )


def _currencies(words: str) -> frozenset[str]:
    said = [word.lower() for word in _A_CURRENCY.findall(words)]
    codes = frozenset(CURRENCY_OF[word] for word in said if word not in UNSAID)
    return codes or (frozenset(("CNY",)) if said else codes)


def _in_digits(found: re.Match[str]) -> _One | str:
    number = digits(found["number"])
    unit = (found["unit"] or "").lower()
    low = found["low"]
    if number is None or (low and not unit):
        return "ambiguous"
    flags: tuple[Flag, ...] = ()
    amount = number
    if unit:
        amount, flags = trimmed(number * UNITS[unit]), (UNIT,)
    if low:
        low_unit = (found["lowunit"] or "").lower()
        if not low_unit or UNITS[low_unit] >= UNITS[unit]:
            return "ambiguous"
        amount += trimmed(Decimal(low) * UNITS[low_unit])
    if found["sign"] in ("-", "−") or found["minus"]:
        amount = -amount
    return _One(amount, _currencies(found["before"] + " " + found["behind"]), flags, unit in ("w", "k"))


def _ends(text: str) -> tuple[str, ...]:
    """Return both ends of a range; a unit written once holds for both: 10-20万, 两到三万, 八九亿."""
    ranged = _RANGE.match(text)
    if ranged and not ranged[1].startswith("-"):
        low, high = ranged[1].strip(), ranged[2].strip()
        unit = _LAST_UNIT.search(high)
        if unit and not _OWN_UNIT.search(low):
            low = f"{low}{unit[1]}"
    else:
        two = _TWO_IN_ONE.search(text)
        if not two:
            return ()
        low, high = (text[: two.start()] + sign + text[two.end() :] for sign in two.groups())
    ends = _one(low), _one(high)
    return tuple(written(end.value) for end in ends if isinstance(end, _One)) if isinstance(ends[1], _One) else ()


def _counted(raw: str, one: _One, flags: tuple[Flag, ...], currency: str) -> Cleaned:
    amount = without_noise(one.value)
    value = written(amount)
    parts = {"币种": min(one.currencies)} if one.currencies else {}
    if one.currencies - {currency}:
        return Cleaned(raw, (CURRENCY,), "suggested", parts=parts, candidates=(value,))
    flags = (*flags, *one.flags)
    if amount != one.value:
        flags = (*flags, FLOAT_NOISE)
    likely = one.likely or any(flag.severity == "warning" for flag in flags)
    return Cleaned(value, flags or (FORMAT,), "likely" if likely else "certain", parts)


STANDARD = Standard("amount", make, Message("amounts of money as decimals"), ("currency",), CODES)
