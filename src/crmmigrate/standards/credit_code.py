"""The unified social credit code: 18 signs with their check digit, the check digit of the organisation code inside, and a region that exists.

Source: GB 32100-2015 (the code), GB 11714-1997 (the organisation code, signs 9 to 17), GB/T 2260 (regions). python-stdnum computes the
outer digit; it checks neither the inner digit nor the region.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import province_of_code, region_codes
from crmmigrate.standards._door import line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "credit_code.format": Message("credit code written in the standard form"),
    "credit_code.letters": Message("letters a credit code never has (I, O, Z, S) taken for digits"),
    "credit_code.length": Message("a credit code has 18 signs"),
    "credit_code.signs": Message("signs that a credit code never has"),
    "credit_code.check-digit": Message("the check digit of the credit code is wrong"),
    "credit_code.organisation-digit": Message(
        "the check digit of the organisation code inside the credit code is wrong"
    ),
    "credit_code.region": Message("the credit code names a region that does not exist"),
    "credit_code.authority": Message("the credit code names a registering authority that does not exist"),
    "credit_code.organisation-code": Message("an organisation code, not a credit code"),
    "credit_code.registration-number": Message("a registration number of before 2015, not a credit code"),
    "credit_code.float-damaged": Message("a spreadsheet cut digits off this code"),
    "credit_code.placeholder": Message("a code made up to fill the field"),
}
FORMAT, LETTERS = Flag("credit_code.format", "info"), Flag("credit_code.letters", "info")
REGION, AUTHORITY = Flag("credit_code.region"), Flag("credit_code.authority")
ERRORS = {name: Flag(f"credit_code.{name}", "error") for name in (
    "length", "signs", "check-digit", "organisation-digit", "organisation-code", "registration-number", "float-damaged", "placeholder")}  # fmt: skip

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
AUTHORITIES = frozenset(
    [
        "11",
        "12",
        "13",
        "19",
        "21",
        "29",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "39",
        "41",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "59",
        "61",
        "62",
        "69",
        "71",
        "72",
        "79",
        "81",
        "89",
        "91",
        "92",
        "93",
        "A1",
        "A9",
        "N1",
        "N2",
        "N3",
        "N9",
        "Y1",
    ]
)
"""First sign: the registering authority; second: the kind of organisation."""

_CODE = re.compile(f"[0-9ANY][0-9]\\d{{6}}[{ALPHABET}]{{10}}\\Z", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-‐–—_.,，。'’\"“”:：/]+")
_LABEL = re.compile(r"^(?:统一社会信用代码|社会信用代码|信用代码|纳税人识别号|税号)(?:/[^:：\d]*)?[:：\s]*")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,2}\Z|\d{15,}\.0+\Z", re.ASCII)
_LIKE = str.maketrans("IOZS", "1025")


def check_digit(first: str) -> str:
    """Return the last sign of a code by its first seventeen (GB 32100-2015, section 5)."""
    total = sum(VALUE[sign] * weight for sign, weight in zip(first, WEIGHTS, strict=True))
    return ALPHABET[(31 - total) % 31]


def organisation_digit(first: str) -> str:
    """Return the last sign of an organisation code by its first eight (GB 11714-1997)."""
    total = sum(
        ORGANISATION_ALPHABET.index(sign) * weight for sign, weight in zip(first, ORGANISATION_WEIGHTS, strict=True)
    )
    digit = 11 - total % 11
    return "X" if digit == 10 else str(digit % 11)


def make() -> Cleaner:
    """Return the cleaner."""
    regions = region_codes()
    provinces = province_of_code()

    def clean(raw: str) -> Cleaned:
        """Return the 18 signs, or the raw text with the part that is wrong."""
        code = raw
        flags: tuple[Flag, ...] = ()
        if not _CODE.match(raw):
            text, flags = line(raw)
            nothing = says_nothing(text)
            if nothing:
                return Cleaned(None, (nothing,))
            code = text.upper()
            if _SCIENTIFIC.match(code):
                return Cleaned(raw, (ERRORS["float-damaged"],), "suggested")
            code = _SEPARATORS.sub("", _LABEL.sub("", code))
        trouble = _trouble(code)
        if trouble in ("signs", "check-digit", "organisation-digit") and len(code) == 18:
            mended = code.translate(_LIKE)
            if mended != code and not _trouble(mended):
                code, trouble, flags = mended, "", (*flags, LETTERS)
        if trouble:
            return Cleaned(raw, (ERRORS[trouble],), "suggested")
        doubts = tuple(
            flag for flag, known in ((REGION, code[2:8] in regions), (AUTHORITY, code[:2] in AUTHORITIES)) if not known
        )
        parts = {"登记地区": code[2:8], "组织机构代码": f"{code[8:16]}-{code[16]}"}
        if code[2:4] in provinces:
            parts["登记省份"] = provinces[code[2:4]]
        if code == raw:
            return Cleaned(code, doubts, parts=parts)
        return Cleaned(code, (flags or (FORMAT,)) + doubts, "likely" if LETTERS in flags else "certain", parts)

    return clean


def _trouble(code: str) -> str:
    if not _CODE.match(code):
        return _other(code)
    if len(set(code)) <= 2:
        return "placeholder"
    if code[17] != check_digit(code[:17]):
        return "check-digit"
    if code[16] != organisation_digit(code[8:16]):
        return "organisation-digit"
    return ""


def _other(code: str) -> str:
    if len(code) == 15 and code.isascii() and code.isdigit():
        return "registration-number"
    if re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code, re.ASCII) and code[8] == organisation_digit(code[:8]):
        return "organisation-code"
    return "signs" if len(code) == 18 else "length"


STANDARD = Standard("credit_code", make, Message("unified social credit codes"), (), CODES)
