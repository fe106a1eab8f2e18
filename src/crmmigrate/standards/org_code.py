"""The organisation code of before 2015: eight signs, a hyphen and a check digit; it lives on inside the credit code.

Source: GB 11714-1997.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import organisation_digit
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._identifiers import LABELS, SCIENTIFIC, SEPARATORS
from crmmigrate.standards.credit_code import trouble_of
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "org_code.format": Message("organisation code written in the standard form"),
    "org_code.length": Message("an organisation code has 9 signs"),
    "org_code.signs": Message("signs that an organisation code never has"),
    "org_code.check-digit": Message("the check digit of the organisation code is wrong"),
    "org_code.credit-code": Message("a credit code in the place of an organisation code"),
    "org_code.float-damaged": Message("a spreadsheet cut digits off this code"),
    "org_code.placeholder": Message("a code made up to fill the field"),
}
FORMAT = Flag("org_code.format", "info")
CREDIT_CODE = Flag("org_code.credit-code", "warning", "MAP")
ERRORS = {name: Flag(f"org_code.{name}", "error")
          for name in ("length", "signs", "check-digit", "float-damaged", "placeholder")}  # fmt: skip
_CODE = re.compile(r"[0-9A-Z]{8}-[0-9X]\Z", re.ASCII)
_SIGNS = re.compile(r"[0-9A-Z]{8}[0-9X]\Z", re.ASCII)
_LIKE = str.maketrans("IOZS", "1025")


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the code as `60003734-1`, or the raw text with the part that is wrong."""
    if _CODE.match(raw):
        flags: tuple[Flag, ...] = ()
        code = raw.replace("-", "")
    else:
        text, _ = line(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        code = LABELS.sub("", text.upper())
        if SCIENTIFIC.match(code):
            return Cleaned(raw, (ERRORS["float-damaged"],), "suggested")
        code, flags = SEPARATORS.sub("", code), (FORMAT,)
    if len(code) == 18 and not trouble_of(code):
        return Cleaned(raw, (CREDIT_CODE,), "suggested", candidates=(f"{code[8:16]}-{code[16]}",))
    trouble = _trouble(code)
    if trouble:
        mended = code.translate(_LIKE)
        candidates = (f"{mended[:8]}-{mended[8]}",) if mended != code and not _trouble(mended) else ()
        return Cleaned(raw, (ERRORS[trouble],), "suggested", candidates=candidates)
    return Cleaned(f"{code[:8]}-{code[8]}", flags)


def _trouble(code: str) -> str:
    if not _SIGNS.match(code):
        return "signs" if len(code) == 9 else "length"
    if len(set(code)) == 1:
        return "placeholder"
    return "" if code[8] == organisation_digit(code[:8]) else "check-digit"


STANDARD = Standard("org_code", make, Message("organisation codes of before 2015"), (), CODES)
