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
    "percent.no-sign": Message("a share of 1 or more without a percent sign"),
    "percent.unreadable": Message("not a share"),
}
FORMAT, NO_SIGN, UNREADABLE = (
    Flag("percent.format", "info"),
    Flag("percent.no-sign"),
    Flag("percent.unreadable", "error"),
)
_FRACTION = re.compile(r"-?0(?:\.\d+)?\Z", re.ASCII)
_SIGNED = re.compile(r"(-?\d{1,9}(?:\.\d{1,12})?)\s*(?:([%％﹪])|([‰])|(pct|percent))\Z", re.ASCII | re.IGNORECASE)
_WORDS = re.compile(r"(百分之|千分之)\s*(?:(\d{1,9}(?:\.\d{1,12})?)|([一二三四五六七八九十百零〇两]+))\Z", re.ASCII)
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
    if _FRACTION.match(text):
        return Cleaned(text, flags)
    signed = _SIGNED.match(text)
    if signed:
        return _share(Decimal(signed[1]), 1000 if signed[3] else 100)
    words = _WORDS.match(text)
    if words:
        number = Decimal(words[2]) if words[2] else numeral(words[3])
        if number is not None:
            return _share(Decimal(number), 100 if words[1] == "百分之" else 1000)
    if _NUMBER.match(text):
        candidates = (f"{Decimal(text) / 100:f}",) if len(text) < 20 else ()
        return Cleaned(raw, (NO_SIGN,), "suggested", candidates=candidates)
    return Cleaned(raw, (UNREADABLE,), "suggested")


def _share(number: Decimal, of: int) -> Cleaned:
    share = (number / of).normalize()
    return Cleaned(f"{share:f}" if share else "0", (FORMAT,))


STANDARD = Standard("percent", make, Message("shares as decimal fractions"), (), CODES)
