"""Personal data that its form gives away: telephone and identity numbers, bank cards, mail and postal addresses.

A sieve of one pass finds runs of digits, at signs and house numbers; only these are looked at closely, so that a text of millions of
cells costs one walk through it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.model.check_digits import resident_digit
from crmmigrate.model.privacy import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

DIGITS = re.compile(r"(?<![0-9A-Za-z_.])[+(]?[0-9](?:[ ()-]{0,2}[0-9]){6,30}[Xx]?(?![0-9A-Za-z_])")
"""Seven digits or more, with the separators people put between them, that are no part of a word, a fraction or a digest."""

_MOBILE = re.compile(r"(?<![0-9])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9-])(?:(?:\+|00)?86[ -]?)?\(?0[1-9][0-9]{1,2}\)?[ -]?[2-8][0-9]{6,7}(?![0-9])")
_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])")  # fmt: skip
_CARD = re.compile(r"(?<![0-9])(?:[0-9]{16,19}|[0-9]{4}(?:[ -][0-9]{4}){3}(?:[ -]?[0-9]{1,3})?)(?![0-9])")
_ISSUERS = re.compile(r"62|4|5[1-5]|35(?:2[89]|[3-8])|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|9[0-9]{3}")
"""What the numbers of cards begin with: UnionPay, Visa, MasterCard, JCB; 9… of older Chinese cards (ISO/IEC 7812)."""
_OLD_ISSUERS = ("955", "940", "966", "968", "984", "985", "988", "990", "998")
"""Beginnings of older Chinese cards among those with 9."""

_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}(?![A-Za-z0-9-])")
_RESERVED = re.compile(r"@(?:[\w.-]+\.)?(?:example|test|invalid|localhost)(?:\.(?:com|net|org|cn))?\Z", re.IGNORECASE)
_SHAPE = re.compile(r"[A9_.+-]+@[A9.-]+\Z")
"""How an audit shows the form of values: letters as A, digits as 9."""

_MADE_UP = re.compile(r"1[3-9]\d{0,2}(\d)\1{5,}|1[3-9]\d(?:0{4}\d{4}|1234\d{4}|12345678|87654321)|13800138000")

_NUMBER = "[0-9〇零一二三四五六七八九十百甲乙丙丁]"
_HOUSE = re.compile(rf"{_NUMBER}(?:号|弄|幢|栋)")
_ADDRESS = re.compile(
    r"[\u4e00-\u9fff]{2,24}?(?:省|市|区|县|镇|乡|街道)[\u4e00-\u9fff0-9]{0,24}?"
    rf"[\u4e00-\u9fff](?:路|街|道|巷|弄|胡同|村|里|苑|园)(?:[东南西北中]?段)?{_NUMBER}{{1,6}}(?:号|弄|幢|栋)"
)
_BEFORE_HOUSE = 60
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＠－（）＋Ｘｘ", "0123456789@-()+Xx")
_WIDE = re.compile("[０-９＠]")


def narrow(text: str) -> str:
    """Return a text, of the same length, with the digits and signs of numbers in normal width."""
    return text.translate(_FULL_WIDTH) if _WIDE.search(text) else text


def digit_runs(text: str) -> Iterator[tuple[int, str]]:
    """Yield where runs of digits begin, and the runs; `text` is narrow."""
    return ((match.start(), match.group()) for match in DIGITS.finditer(text))


def numbers_in(run: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a run of digits that have the form of a number, and the whole run first."""
    yield 0, len(run)
    for pattern in (_IDENTITY, _CARD, _MOBILE, _LANDLINE):
        yield from (match.span() for match in pattern.finditer(run))


def find_patterns(text: str) -> Iterator[Hit]:
    """Yield what a text of normal width holds; invented examples (13800138000, reserved mail domains) are none.

    Source:
        GB 11643 (identity numbers with their check digit); numbering plan of MIIT (telephone); ISO/IEC 7812 (cards: length, issuer,
        Luhn's digit); RFC 5322 and 2606 (mail, reserved names); GB/T 23705 (parts of an address, down to the house number).
    """
    for start, run in digit_runs(text):
        yield from _numbers(start, run)
    yield from _mails(text)
    for match in _HOUSE.finditer(text):
        begin = text.rfind("\n", max(0, match.start() - _BEFORE_HOUSE), match.start()) + 1
        window = text[max(begin, match.start() - _BEFORE_HOUSE) : match.end()]
        if (found := _ADDRESS.search(window)) and found.end() == len(window):
            yield Hit(match.end() - len(found.group()), match.end(), "address", known=False)


def _numbers(start: int, run: str) -> Iterator[Hit]:
    taken: list[range] = []
    for kind, pattern in (("identity", _IDENTITY), ("card", _CARD), ("phone", _MOBILE), ("phone", _LANDLINE)):
        for match in pattern.finditer(run):
            if any(match.start() in span for span in taken) or not _counts(kind, pattern, match.group()):
                continue
            taken.append(range(match.start(), match.end()))
            yield Hit(start + match.start(), start + match.end(), kind, known=False)  # type: ignore[arg-type]


def _counts(kind: str, pattern: re.Pattern[str], word: str) -> bool:
    digits = "".join(sign for sign in word if sign.isdigit())
    if kind == "identity":
        return resident_digit(word[:17]) == word[17].upper()
    if kind == "card":
        return is_card(digits)
    return pattern is not _MOBILE or not _MADE_UP.fullmatch(digits[-11:])


def is_card(digits: str) -> bool:
    """Whether digits are the number of a bank card: 16 to 19 of them, of a known issuer, with Luhn's check digit."""
    if not 16 <= len(digits) <= 19 or not _ISSUERS.match(digits):
        return False
    if digits[0] == "9" and not digits.startswith(_OLD_ISSUERS):
        return False
    if len(digits) > 16 and digits[:2] != "62" and digits[0] not in "49":
        return False  # longer ones are UnionPay's, and a few of Visa and of older issuers
    doubled = sum(int(d) if place % 2 == 0 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits)))
    return doubled % 10 == 0 and len(set(digits)) > 3


def _mails(text: str) -> Iterator[Hit]:
    at, ended = text.find("@"), 0
    while at >= 0:
        begin = max(ended, at - 65, text.rfind("\n", max(0, at - 65), at) + 1)
        for match in _EMAIL.finditer(text, begin, min(len(text), at + 256)):
            if match.start() < at < match.end():
                ended = match.end()
                if not _RESERVED.search(match.group()) and not _SHAPE.match(match.group()):
                    yield Hit(match.start(), match.end(), "email", known=False)
                break
        at = text.find("@", max(at + 1, ended))
