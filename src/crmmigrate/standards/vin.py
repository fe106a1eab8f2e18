"""Vehicle identification numbers: 17 signs without I, O and Q, the ninth a check digit.

Source: GB 16735-2019 and ISO 3779:2009; the check digit is binding in China (L) and North America (1 to 5), so a wrong one is an error
there and only a doubt elsewhere.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import VEHICLE_SIGNS, VEHICLE_WEIGHTS
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._identifiers import LABELS, SEPARATORS, values_of, weighed
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "vin.format": Message("vehicle identification number written in the standard form"),
    "vin.letters": Message("letters a vehicle number never has (I, O, Q) taken for digits"),
    "vin.length": Message("a vehicle identification number has 17 signs"),
    "vin.signs": Message("signs that a vehicle identification number never has"),
    "vin.check-digit": Message("the check digit of the vehicle identification number is wrong"),
    "vin.foreign-check": Message(
        "the check digit does not fit; makers outside China and North America need not have one"
    ),
    "vin.serial": Message("the last four signs of a vehicle identification number are digits"),
    "vin.placeholder": Message("a number made up to fill the field"),
}
FORMAT, LETTERS, FOREIGN_CHECK = Flag("vin.format", "info"), Flag("vin.letters"), Flag("vin.foreign-check")
ERRORS = {name: Flag(f"vin.{name}", "error")
          for name in ("length", "signs", "check-digit", "serial", "placeholder")}  # fmt: skip
_NUMBER = re.compile(r"[0-9A-HJ-NPR-Z]{17}\Z", re.ASCII)
_LIKE = str.maketrans("IOQ", "100")
_VALUES = values_of(VEHICLE_SIGNS)
_DIGITS = "0123456789X"
_BINDING = "L12345"
"""The first signs of countries in which the check digit is binding."""
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"


def check_digit(number: str) -> str:
    """Return the ninth sign by the other sixteen."""
    return _DIGITS[weighed(number, _VALUES, VEHICLE_WEIGHTS) % 11]


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the 17 signs, or the raw text with what is wrong; maker, model year and serial number in parts."""
    flags: tuple[Flag, ...] = ()
    number = raw
    if not _NUMBER.match(raw):
        text, _ = line(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        number, flags = SEPARATORS.sub("", LABELS.sub("", text.upper())).strip("*"), (FORMAT,)
        mended = number.translate(_LIKE)
        if mended != number and len(mended) == 17 and not _trouble(mended) and mended[8] == check_digit(mended):
            return Cleaned(mended, (LETTERS,), "likely", _parts(mended))
    trouble = _trouble(number)
    if trouble:
        return Cleaned(raw, (ERRORS[trouble],), "suggested")
    if number[0] not in _BINDING and number[8] != check_digit(number):
        flags = (*flags, FOREIGN_CHECK)
    return Cleaned(number, flags, parts=_parts(number))


def _trouble(number: str) -> str:
    if not _NUMBER.match(number):
        return "signs" if len(number) == 17 else "length"
    if len(set(number)) <= 2 or number == "12345678901234567":
        return "placeholder"
    if number[0] in _BINDING and number[8] != check_digit(number):
        return "check-digit"
    return "" if number[13:].isdigit() else "serial"


def _parts(number: str) -> dict[str, str]:
    """Return the world maker's code, the serial number, and the model year, where its sign is one.

    The signs come back every 30 years. In North America the seventh sign tells the rounds apart (49 CFR 565: a digit before 2010, a letter
    from then on); elsewhere it is the last round that is not in the future.
    """
    parts = {"制造厂代码": number[:3], "顺序号": number[11:]}
    place = _YEARS.find(number[9])
    if place >= 0:
        year = 2010 + place
        early = number[6].isdigit() if number[0] in "12345" else year > date.today().year + 1  # noqa: DTZ011
        parts["车型年份"] = str(year - 30 if early else year)
    return parts


STANDARD = Standard("vin", make, Message("vehicle identification numbers"), (), CODES)
