"""The registration number of a company before 2015: 15 digits with a check digit; older ones of 13 digits or in words stay, with a flag.

Source: GS 15-2006 of the State Administration for Industry and Commerce (six digits of the authority, eight of the number, a check digit by
ISO 7064 MOD 11,10). python-stdnum computes the digit; regions are those of GB/T 2260, past ones too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import region_codes
from crmmigrate.standards._door import line
from crmmigrate.standards._identifiers import LABELS, SCIENTIFIC, SEPARATORS, mod_11_10
from crmmigrate.standards.credit_code import trouble_of
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "reg_no.format": Message("registration number written in the standard form"),
    "reg_no.old": Message("a registration number of before 2007, which has no check digit"),
    "reg_no.length": Message("a registration number has 15 digits"),
    "reg_no.check-digit": Message("the check digit of the registration number is wrong"),
    "reg_no.region": Message("the registration number names an authority that does not exist"),
    "reg_no.credit-code": Message("a credit code in the place of a registration number"),
    "reg_no.float-damaged": Message("a spreadsheet cut digits off this number"),
    "reg_no.placeholder": Message("a number made up to fill the field"),
}
FORMAT, OLD, REGION = Flag("reg_no.format", "info"), Flag("reg_no.old"), Flag("reg_no.region")
CREDIT_CODE = Flag("reg_no.credit-code", "error", "MAP")
ERRORS = {name: Flag(f"reg_no.{name}", "error")
          for name in ("length", "check-digit", "float-damaged", "placeholder")}  # fmt: skip
_NUMBER = re.compile(r"\d{15}\Z", re.ASCII)
_OLD = re.compile(r"\d{13}\Z", re.ASCII)
_WORDS = re.compile(r"[\u4e00-\u9fff]{2,8}字第?\d{4,8}(?:-\d{1,3})?号?\Z", re.ASCII)
_ROUND = re.compile(r"(\d{13}|\d{15})\.0+\Z", re.ASCII)


def make() -> Cleaner:
    """Return the cleaner."""
    regions = region_codes()

    def clean(raw: str) -> Cleaned:
        """Return the digits, or the raw text with the part that is wrong."""
        flags: tuple[Flag, ...] = ()
        number = raw
        if not _NUMBER.match(raw):
            text, _ = line(raw)
            nothing = says_nothing(text)
            if nothing:
                return Cleaned(None, (nothing,))
            number, flags = LABELS.sub("", text.upper()), (FORMAT,)
            rounded = _ROUND.match(number)
            if rounded:
                number = rounded[1]
            if SCIENTIFIC.match(number):
                return Cleaned(raw, (ERRORS["float-damaged"],), "suggested")
            number = SEPARATORS.sub("", number)
        if _OLD.match(number) or _WORDS.match(number):
            return Cleaned(number, (OLD,) if number == raw else (*flags, OLD))
        if len(number) == 18 and not trouble_of(number):
            return Cleaned(raw, (CREDIT_CODE,), "suggested")
        if not _NUMBER.match(number):
            return Cleaned(raw, (ERRORS["length"],), "suggested")
        if len(set(number)) == 1:
            return Cleaned(raw, (ERRORS["placeholder"],), "suggested")
        if not mod_11_10(number):
            return Cleaned(raw, (ERRORS["check-digit"],), "suggested")
        return Cleaned(number, flags if number[:6] in regions else (*flags, REGION), parts={"登记地区": number[:6]})

    return clean


STANDARD = Standard("reg_no", make, Message("registration numbers of before 2015"), (), CODES)
