"""Resident identity numbers: 18 signs with check digit, a birth date that was, a region that exists; 15 signs are made 18.

Source: GB 11643-1999 (check digit by ISO 7064 MOD 11-2), GB/T 2260 (regions, historic ones too).
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache
from operator import mul
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import RESIDENT_DIGITS, RESIDENT_WEIGHTS
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import province_of_code, region_codes
from crmmigrate.standards._door import line
from crmmigrate.standards._identifiers import SCIENTIFIC
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "resident_id.format": Message("identity number written in the standard form"),
    "resident_id.old-length": Message("an identity number of 15 digits made 18"),
    "resident_id.letters": Message("letters an identity number never has (I, O, Z, S) taken for digits"),
    "resident_id.length": Message("an identity number has 18 signs"),
    "resident_id.signs": Message("signs that an identity number never has"),
    "resident_id.check-digit": Message("the check digit of the identity number is wrong"),
    "resident_id.birth-date": Message("the birth date in the identity number does not exist"),
    "resident_id.region": Message("the identity number names a region that does not exist"),
    "resident_id.region-then": Message("the region in the identity number was not in use in the year of birth"),
    "resident_id.float-damaged": Message("a spreadsheet cut digits off this number"),
    "resident_id.century": Message("an old identity number of somebody over a hundred: the century is not in it"),
    "resident_id.masked": Message("digits of the identity number are hidden"),
}
FORMAT, OLD_LENGTH = Flag("resident_id.format", "info"), Flag("resident_id.old-length", "info")
LETTERS = Flag("resident_id.letters", "info")
REGION = Flag("resident_id.region", "warning", "LOGIC")
REGION_THEN = Flag("resident_id.region-then", "warning", "LOGIC")
REGION_LATER = Flag("resident_id.region-then", "info", "LOGIC")
"""Numbers were given from 1984 on: of somebody born before, the code may well be younger than the birth."""
ERRORS = {name: Flag(f"resident_id.{name}", "error")
          for name in ("length", "signs", "check-digit", "birth-date", "float-damaged", "masked", "century")}  # fmt: skip
_NUMBER = re.compile(r"\d{17}[\dX]\Z", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-‐–—_.'’\"“”]+")
_LABEL = re.compile(r"^(?:公民|居民)?(?:身份证?(?:件)?(?:号码?)?|证件号?码?|ID(?:\s*(?:NO|CARD))?\.?)[:：\s]*")
_REMEMBERED = 50_000
_BYTES = sum(RESIDENT_WEIGHTS) * ord("0")
_LIKE = str.maketrans("IOZSL", "10251")
_FULL_WIDTH = str.maketrans("×✕Ｘ", "XXX")


def check_digit(first: str) -> str:
    """Return the last sign of an identity number by its first seventeen digits."""
    return RESIDENT_DIGITS[(sum(map(mul, first.encode("ascii"), RESIDENT_WEIGHTS)) - _BYTES) % 11]


def birth_date(number: str) -> str:
    """Return the ISO birth date inside an 18-digit number, or an empty text where no such day was."""
    born = _day(number[6:14])
    return born.isoformat() if born and _EARLIEST < born <= date.today() else ""  # noqa: DTZ011


@lru_cache(_REMEMBERED)
def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


_EARLIEST = date(1850, 1, 1)


def make() -> Cleaner:
    """Return the cleaner."""
    regions = region_codes()
    provinces = province_of_code()
    _years("110000")  # python-stdnum reads its table now, not at the first cell

    def clean(raw: str) -> Cleaned:
        """Return the 18 signs, or the raw text with the part that is wrong; birth date, sex and province in parts."""
        number = raw
        flags: tuple[Flag, ...] = ()
        if _NUMBER.match(raw):
            born = birth_date(raw) if raw[17] == check_digit(raw[:17]) else ""
            if born:
                return _answer(raw, born, (), "certain")
        else:
            text, flags = line(raw)
            nothing = says_nothing(text)
            if nothing:
                return Cleaned(None, (nothing,))
            number = _LABEL.sub("", text.translate(_FULL_WIDTH)).upper()
            if SCIENTIFIC.match(number):
                return Cleaned(raw, (ERRORS["float-damaged"],), "suggested")
            number = _SEPARATORS.sub("", number)
            if len(number) == 15 and number.isascii() and number.isdigit():
                if number[12:] in _OVER_A_HUNDRED:
                    return Cleaned(raw, (ERRORS["century"],), "suggested", candidates=(lengthened(number),))
                number, flags = lengthened(number), (*flags, OLD_LENGTH)
        trouble = trouble_of(number)
        if trouble in ("signs", "check-digit") and len(number) == 18:
            mended = number.translate(_LIKE)
            if mended != number and not trouble_of(mended):
                return _answer(mended, birth_date(mended), (LETTERS,), "likely")
        if trouble:
            return Cleaned(raw, (ERRORS[trouble],), "suggested")
        return _answer(number, birth_date(number), () if number == raw else flags or (FORMAT,), "certain")

    def _answer(number: str, born: str, flags: tuple[Flag, ...], confidence: Literal["certain", "likely"]) -> Cleaned:
        parts = {"出生日期": born, "性别": "男" if number[16] in "13579" else "女"}
        province, doubts = of_region(number[:6], number[6:10])
        if province:
            parts["省"] = province
        return Cleaned(number, flags + doubts, confidence, parts)

    @lru_cache(_REMEMBERED)
    def of_region(region: str, year: str) -> tuple[str, tuple[Flag, ...]]:
        province = provinces.get(region[:2], "")
        if not province or region not in regions:
            return province, (REGION,)
        return province, () if _in_use(region, year) else (REGION_THEN if year >= "1984" else REGION_LATER,)

    return clean


_SPAN = re.compile(r"\[(\d*)-(\d*)\]")


@cache
def _years(region: str) -> tuple[tuple[str, str], ...]:
    """Return the first and last years in which the code was in use, by python-stdnum's table; empty where it says nothing or always."""
    from stdnum import numdb

    names = "".join(found.get("county", "") for _, found in numdb.get("cn/loc").info(region)).split(",")
    spans = [_SPAN.match(name) for name in names]
    return tuple((span[1], span[2] or "9999") for span in spans if span) if all(spans) else ()


def _in_use(region: str, year: str) -> bool:
    spans = _years(region)
    return not spans or any(first <= year <= last for first, last in spans)


_OVER_A_HUNDRED = ("996", "997", "998", "999")


def lengthened(number: str) -> str:
    """Return the 18 signs of a 15-digit number, which holds a year of the 20th century."""
    first = f"{number[:6]}19{number[6:]}"
    return first + check_digit(first)


def trouble_of(number: str) -> str:
    """Return what is wrong with a number of digits and X alone, as the end of an issue code; empty where nothing is."""
    if not _NUMBER.match(number):
        if "*" in number or "XXXX" in number:
            return "masked"
        return "signs" if len(number) == 18 else "length"
    if number[17] != check_digit(number[:17]):
        return "check-digit"
    return "" if birth_date(number) else "birth-date"


STANDARD = Standard("resident_id", make, Message("resident identity numbers"), (), CODES)
