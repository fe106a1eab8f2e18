"""The unified social credit code: 18 signs with their check digit, the check digit of the organisation code inside, and a region that exists.

Source: GB 32100-2015 (the code), GB 11714-1997 (the organisation code, signs 9 to 17), GB/T 2260 (regions). python-stdnum computes the
outer digit; it checks neither the inner digit nor the region.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import CREDIT_SIGNS, CREDIT_WEIGHTS, organisation_digit
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import province_of_code, region_codes
from crmmigrate.standards._door import line
from crmmigrate.standards._identifiers import (
    LABELS,
    SCIENTIFIC,
    SEPARATORS,
    values_of,
    weighed,
)
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
    "credit_code.masked": Message("digits of the code are hidden"),
    "credit_code.placeholder": Message("a code made up to fill the field"),
}
FORMAT, LETTERS = Flag("credit_code.format", "info"), Flag("credit_code.letters", "info")
REGION, AUTHORITY = Flag("credit_code.region"), Flag("credit_code.authority")
ERRORS = {name: Flag(f"credit_code.{name}", "error") for name in (
    "length", "signs", "check-digit", "organisation-digit", "organisation-code", "registration-number", "float-damaged", "masked", "placeholder")}  # fmt: skip

VALUES = values_of({sign: value for value, sign in enumerate(CREDIT_SIGNS)})
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

_CODE = re.compile(f"[0-9ANY][0-9]\\d{{6}}[{CREDIT_SIGNS}]{{10}}\\Z", re.ASCII)
_LIKE = str.maketrans("IOZS", "1025")


def check_digit(first: str) -> str:
    """Return the last sign of a code by its first seventeen (GB 32100-2015, section 5)."""
    return CREDIT_SIGNS[-weighed(first, VALUES, CREDIT_WEIGHTS) % 31]


def make() -> Cleaner:
    """Return the cleaner."""
    regions = region_codes()
    provinces = province_of_code()

    def clean(raw: str) -> Cleaned:
        """Return the 18 signs, or the raw text with the part that is wrong."""
        code = raw
        flags: tuple[Flag, ...] = ()
        in_form = _CODE.match(raw)
        if not in_form:
            text, flags = line(raw)
            nothing = says_nothing(text)
            if nothing:
                return Cleaned(None, (nothing,))
            code = text.upper()
            if SCIENTIFIC.match(code):
                return Cleaned(raw, (ERRORS["float-damaged"],), "suggested")
            code = SEPARATORS.sub("", LABELS.sub("", code))
        trouble = _trouble_inside(code) if in_form else trouble_of(code)
        if trouble in ("signs", "check-digit", "organisation-digit") and len(code) == 18:
            mended = code.translate(_LIKE)
            if mended != code and not trouble_of(mended):
                code, trouble, flags = mended, "", (*flags, LETTERS)
        if trouble:
            return Cleaned(raw, (ERRORS[trouble],), "suggested")
        doubts = () if code[2:8] in regions else (REGION,)
        if code[:2] not in AUTHORITIES:
            doubts = (*doubts, AUTHORITY)
        parts = {"登记地区": code[2:8], "组织机构代码": f"{code[8:16]}-{code[16]}"}
        province = provinces.get(code[2:4])
        if province:
            parts["登记省份"] = province
        if code == raw:
            return Cleaned(code, doubts, parts=parts)
        return Cleaned(code, (flags or (FORMAT,)) + doubts, "likely" if LETTERS in flags else "certain", parts)

    return clean


def trouble_of(code: str) -> str:
    """Return what is wrong with a code of capitals and digits alone, as the end of an issue code; empty where nothing is."""
    return _trouble_inside(code) if _CODE.match(code) else _other(code)


def _trouble_inside(code: str) -> str:
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
    if "*" in code:
        return "masked"
    if re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code, re.ASCII) and code[8] == organisation_digit(code[:8]):
        return "organisation-code"
    return "signs" if len(code) == 18 else "length"


STANDARD = Standard("credit_code", make, Message("unified social credit codes"), (), CODES)
