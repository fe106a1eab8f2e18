"""The taxpayer's number: 18 signs (the credit code), the old 15 (region and organisation code), 17, 18 or 20 of persons.

Source: 国家税务总局 rules on the identification number of taxpayers (国税发〔2013〕41号), and the credit code since 2015 (GB 32100-2015).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import organisation_digit
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards import credit_code, resident_id
from crmmigrate.standards._divisions import region_codes
from crmmigrate.standards._door import line
from crmmigrate.standards._identifiers import LABELS, SCIENTIFIC, SEPARATORS
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "tax_id.format": Message("taxpayer's number written in the standard form"),
    "tax_id.letters": Message("letters a taxpayer's number never has (I, O, Z, S) taken for digits"),
    "tax_id.old": Message("a taxpayer's number of before 2015"),
    "tax_id.person": Message("the taxpayer's number of a person"),
    "tax_id.length": Message("a taxpayer's number has 15, 17, 18 or 20 signs"),
    "tax_id.signs": Message("signs that a taxpayer's number never has"),
    "tax_id.check-digit": Message("a check digit of the taxpayer's number is wrong"),
    "tax_id.region": Message("the taxpayer's number names a region that does not exist"),
    "tax_id.float-damaged": Message("a spreadsheet cut digits off this number"),
    "tax_id.placeholder": Message("a number made up to fill the field"),
}
FORMAT, LETTERS, PERSON = (Flag(f"tax_id.{name}", "info") for name in ("format", "letters", "person"))
OLD, REGION = Flag("tax_id.old"), Flag("tax_id.region")
ERRORS = {name: Flag(f"tax_id.{name}", "error")
          for name in ("length", "signs", "check-digit", "float-damaged", "placeholder")}  # fmt: skip
_PLAIN = re.compile(r"[0-9][0-9A-Z]{14,}\Z", re.ASCII)
"""What no label, blank or spreadsheet has touched."""
_SIGNS = re.compile(r"[0-9A-Z]+\Z", re.ASCII)
_LIKE = str.maketrans("IOZS", "1025")
_COMPANY, _PERSON = "企业", "自然人"


def make() -> Cleaner:
    """Return the cleaner."""
    regions = region_codes()

    def clean(raw: str) -> Cleaned:
        """Return the signs, or the raw text with the part that is wrong; whose number it is in part 类型."""
        if len(raw) == 18 and raw.isascii() and not credit_code.trouble_of(raw):
            return Cleaned(raw, () if raw[2:8] in regions else (REGION,), parts={"类型": _COMPANY})
        number = raw
        if not _PLAIN.match(raw):
            text, _ = line(raw)
            nothing = says_nothing(text)
            if nothing:
                return Cleaned(None, (nothing,))
            number = LABELS.sub("", text.upper())
            if SCIENTIFIC.match(number):
                return Cleaned(raw, (ERRORS["float-damaged"],), "suggested")
            number = SEPARATORS.sub("", number)
        trouble, kind, region = _judged(number)
        flags: tuple[Flag, ...] = () if number == raw else (FORMAT,)
        if trouble in ("signs", "check-digit") and len(number) == 18:
            mended = number.translate(_LIKE)
            again = _judged(mended)
            if mended != number and not again[0]:
                (trouble, kind, region), number, flags = again, mended, (LETTERS,)
        if trouble:
            return Cleaned(raw, (ERRORS[trouble],), "suggested")
        doubts = () if region in regions else (REGION,)
        if kind == _PERSON:
            doubts = (PERSON, *doubts)
        elif len(number) == 15:
            doubts = (OLD, *doubts)
        confidence = "likely" if LETTERS in flags else "certain"
        return Cleaned(number, (*flags, *doubts), confidence, {"类型": kind})  # type: ignore[arg-type]

    return clean


def _judged(number: str) -> tuple[str, str, str]:
    """Return the trouble with the signs, whose number it is, and the region in it."""
    if not _SIGNS.match(number):
        return "signs" if len(number) in (15, 17, 18, 20) else "length", "", ""
    if len(set(number)) <= 2:
        return "placeholder", "", ""
    if len(number) == 18:
        trouble = credit_code.trouble_of(number)
        if trouble and not resident_id.trouble_of(number):
            return "", _PERSON, number[:6]
        return {"": "", "signs": "signs"}.get(trouble, "check-digit"), _COMPANY, number[2:8]
    if len(number) == 20:
        return "check-digit" if resident_id.trouble_of(number[:18]) else "", _PERSON, number[:6]
    if len(number) in (15, 17) and number.isdigit() and not resident_id.trouble_of(resident_id.lengthened(number[:15])):
        old = len(number) == 15 and number[14] == organisation_digit(number[6:14])
        return "", _COMPANY if old else _PERSON, number[:6]
    if len(number) == 15 and number[:6].isdigit():
        return "" if number[14] == organisation_digit(number[6:14]) else "check-digit", _COMPANY, number[:6]
    return "length" if len(number) != 15 else "signs", "", ""


STANDARD = Standard("tax_id", make, Message("taxpayers' numbers"), (), CODES)
