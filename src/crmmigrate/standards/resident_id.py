"""Resident identity numbers: 18 signs with check digit, a birth date that was, a region that exists; 15 signs are made 18.

Source: GB 11643-1999 (check digit by ISO 7064 MOD 11-2), GB/T 2260 (regions, historic ones too).
"""

from __future__ import annotations

import re
from datetime import date
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
    "resident_id.format": Message("identity number written in the standard form"),
    "resident_id.old-length": Message("an identity number of 15 digits made 18"),
    "resident_id.length": Message("an identity number has 18 signs"),
    "resident_id.signs": Message("signs that an identity number never has"),
    "resident_id.check-digit": Message("the check digit of the identity number is wrong"),
    "resident_id.birth-date": Message("the birth date in the identity number does not exist"),
    "resident_id.region": Message("the identity number names a region that does not exist"),
    "resident_id.float-damaged": Message("a spreadsheet cut digits off this number"),
    "resident_id.masked": Message("digits of the identity number are hidden"),
}
FORMAT, OLD_LENGTH = Flag("resident_id.format", "info"), Flag("resident_id.old-length", "info")
REGION = Flag("resident_id.region", "warning", "LOGIC")
ERRORS = {name: Flag(f"resident_id.{name}", "error")
          for name in ("length", "signs", "check-digit", "birth-date", "float-damaged", "masked")}  # fmt: skip
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "10X98765432"
_NUMBER = re.compile(r"\d{17}[\dX]\Z", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-‐–—_.'’\"“”]+")
_LABEL = re.compile(r"^(?:居民)?(?:身份证(?:件)?(?:号码?)?)[:：\s]*")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,2}\Z|\d{15,18}\.0+\Z", re.ASCII)
_FULL_WIDTH = str.maketrans("×✕Ｘ", "XXX")


def check_digit(first: str) -> str:
    """Return the last sign of an identity number by its first seventeen digits."""
    return _DIGITS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def birth_date(number: str) -> str:
    """Return the ISO birth date inside an 18-digit number, or an empty text where no such day was."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return ""
    return born.isoformat() if date(1850, 1, 1) < born <= date.today() else ""  # noqa: DTZ011


def make() -> Cleaner:
    """Return the cleaner."""
    regions = region_codes()
    provinces = province_of_code()

    def clean(raw: str) -> Cleaned:
        """Return the 18 signs, or the raw text with the part that is wrong; birth date, sex and province in parts."""
        number = raw
        flags: tuple[Flag, ...] = ()
        if not _NUMBER.match(raw):
            text, flags = line(raw)
            nothing = says_nothing(text)
            if nothing:
                return Cleaned(None, (nothing,))
            number = _LABEL.sub("", text.translate(_FULL_WIDTH)).upper()
            if _SCIENTIFIC.match(number):
                return Cleaned(raw, (ERRORS["float-damaged"],), "suggested")
            number = _SEPARATORS.sub("", number)
            if len(number) == 15 and number.isascii() and number.isdigit():
                number, flags = _lengthened(number), (*flags, OLD_LENGTH)
        trouble = _trouble(number)
        if trouble:
            return Cleaned(raw, (ERRORS[trouble],), "suggested")
        doubts: tuple[Flag, ...] = () if number[:6] in regions and number[:2] in provinces else (REGION,)
        parts = {"出生日期": birth_date(number), "性别": "男" if int(number[16]) % 2 else "女"}
        if number[:2] in provinces:
            parts["省"] = provinces[number[:2]]
        if number == raw:
            return Cleaned(number, doubts, parts=parts)
        return Cleaned(number, (flags or (FORMAT,)) + doubts, parts=parts)

    return clean


def _lengthened(number: str) -> str:
    """Return the 18 signs of a 15-digit number, which holds a year of the 20th century."""
    first = f"{number[:6]}19{number[6:]}"
    return first + check_digit(first)


def _trouble(number: str) -> str:
    if not _NUMBER.match(number):
        if "*" in number:
            return "masked"
        return "signs" if len(number) == 18 else "length"
    if number[17] != check_digit(number[:17]):
        return "check-digit"
    return "" if birth_date(number) else "birth-date"


STANDARD = Standard("resident_id", make, Message("resident identity numbers"), (), CODES)
