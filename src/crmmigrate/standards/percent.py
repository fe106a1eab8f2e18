"""Shares as decimal fractions: 12.5% is 0.125. A number without a sign is a fraction below 1; from 1 on it is doubtful."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._numerals import numeral
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "percent.format": Message("a share written as a fraction"),
    "percent.approximate": Message("an approximate share"),
    "percent.no-sign": Message("a share of 1 or more without a percent sign"),
    "percent.unreadable": Message("not a share"),
}
FORMAT, NO_SIGN, UNREADABLE = (
    Flag("percent.format", "info"),
    Flag("percent.no-sign"),
    Flag("percent.unreadable", "error"),
)
APPROXIMATE = Flag("percent.approximate")
_FULL_WIDTH = str.maketrans("％﹪．，－＋（）", "%%.,-+()")
_AROUND = re.compile(r"^(?:税率|折扣率?|占比|比例|利率|份额|持股(?:比例)?|提成)\s*[:：]?\s*|\s*(?:税率|占比|持股)\Z")
_ABOUT = re.compile(r"^(?:大约|约|大概|近)\s*|\s*(?:左右|上下)\Z")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))", re.ASCII)
_TENTHS = re.compile(r"([一二两三四五六七八九十\d])成(半|[一二三四五六七八九])?\Z", re.ASCII)
_FRACTION = re.compile(r"-?0(?:\.\d+)?\Z", re.ASCII)
_SIGNED = re.compile(r"([-+]?\d{1,9}(?:\.\d{1,12})?)\s*(?:(%)|([‰])|(pct|percent))\Z", re.ASCII | re.IGNORECASE)
_WORDS = re.compile(
    r"(百分之|千分之)\s*(?:(\d{1,9}(?:\.\d{1,12})?)|([一二三四五六七八九十百零〇两点]+|百))\Z", re.ASCII
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z", re.ASCII)


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the fraction, or the raw text with a flag that says why not."""
    if _FRACTION.match(raw):
        return Cleaned(raw)
    text, flags = line(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    plain = _GROUPED.sub("", _AROUND.sub("", text.translate(_FULL_WIDTH)))
    plain = f"0{plain}" if plain.startswith(".") else plain
    about = _ABOUT.sub("", plain)
    if _FRACTION.match(about):
        return Cleaned(
            about, (APPROXIMATE,) if about != plain else flags or (FORMAT,), "likely" if about != plain else "certain"
        )
    share = _share(about)
    if share:
        return Cleaned(share, (APPROXIMATE,), "likely") if about != plain else Cleaned(share, (FORMAT,))
    if _NUMBER.match(plain):
        candidates = (f"{Decimal(plain) / 100:f}",) if len(plain) < 20 else ()
        return Cleaned(raw, (NO_SIGN,), "suggested", candidates=candidates)
    return Cleaned(raw, (UNREADABLE,), "suggested")


def _share(text: str) -> str:
    """Return the fraction that 12.5%, 百分之十二, 12‰ or 三成半 is, or an empty text."""
    number, of = None, 100
    signed, words, tenths = _SIGNED.match(text), _WORDS.match(text), _TENTHS.match(text)
    if signed:
        number, of = Decimal(signed[1]), 1000 if signed[3] else 100
    elif words:
        number = Decimal(words[2]) if words[2] else _in_words(words[3])
        of = 100 if words[1] == "百分之" else 1000
    elif tenths:
        whole = int(tenths[1]) if tenths[1].isascii() else numeral(tenths[1]) or 0
        rest = 5 if tenths[2] == "半" else numeral(tenths[2]) or 0 if tenths[2] else 0
        number = Decimal(whole * 10 + rest)
    if number is None:
        return ""
    share = (number / of).normalize()
    return f"{share:f}" if share else "0"


def _in_words(text: str) -> Decimal | None:
    """Return the number of 十二 or 零点五."""
    whole, point, decimals = text.partition("点")
    said = 100 if whole == "百" else numeral(whole)
    digits = [numeral(sign) for sign in decimals]
    if said is None or (point and not digits) or any(digit is None or digit > 9 for digit in digits):
        return None
    return Decimal(f"{said}.{''.join(map(str, digits))}" if digits else said)


STANDARD = Standard("percent", make, Message("shares as decimal fractions"), (), CODES)
