"""Numbers of residents of the mainland, and of companies of Hong Kong, Taiwan, Singapore and Malaysia: what of them names the bearer, and how they are checked."""

from __future__ import annotations

import re

from crmmigrate.model.check_digits import resident_digit

_OLD_RESIDENT = re.compile(r"([1-9]\d{5})(\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})")
BORN_IN_1900 = r"^\d{6}1900\d{7}[\dX]$"
"""Identity numbers of people who would be the oldest there ever were: somebody had to type in one; a pattern of RE2."""

_BORN_IN_1900 = re.compile(BORN_IN_1900)
_BRANCH_OF_HONG_KONG = re.compile(r"(\d{8})-\d{3}(?:-\d\d-\d\d-[0-9A-Z])?")
"""The number of a business of Hong Kong, of its branch (000 for the main one), and the month, year and check digit of the certificate.

Source: Inland Revenue Department, business registration number (the first eight digits, since 2023 the Unique Business Identifier).
"""

LABELLED = r"^(?:BR[CN]?|UB[IN]|UEN|SSM|CRN?|ROC)(?:NO)?[0-9]{7}"
"""Codes, without blanks, before which stands what number it is; a pattern of RE2."""

_LABEL = re.compile(
    r"(?:BR[CN]?|UB[IN]|UEN|SSM|CRN?|ROC)(?:NO)?[.-]*(?=\d{7,12}(?:-|[A-Z]?\Z)|\d{1,7}-?[A-Z]\Z|[A-Z]\d\d[A-Z]{2}\d{4}[A-Z]\Z)"
)
"""BR 41192406, UEN: 201742639W: business registration, unified business identifier and number, unique entity number, Suruhanjaya Syarikat, registrar of companies."""

_MALAYSIAN_CELL = re.compile(r"(\d{12})\W*\W(\d{1,7}-?[a-z])\W*|(\d{1,7}-?[a-z])\W*\W(\d{12})\W*")
_OLD_OF_MALAYSIA = re.compile(r"(\d{1,7})-([A-Z])")
OLD_OF_MALAYSIA = "^[0-9]{1,7}[A-Z]$"
NEW_OF_MALAYSIA = "^(?:19|20)[0-9]{2}0[1-6][0-9]{6}$"
"""Patterns of RE2.

Source: Suruhanjaya Syarikat Malaysia, new format of registration numbers, October 2019 (year, 01 to 06 for what is registered, serial number); before it was a serial number and a check letter.
"""

_TAIWAN = re.compile(r"\d{8}")
_TAIWAN_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
_ITS_SEVENTH = 6


def of_resident(code: str) -> str | None:
    """Return the identity number of a resident with 18 digits, as it was until 1999 with 15 (GB 11643-1999); empty for one that is made up, None for what is no such.

    Who got 15 digits was born in the 1900s: the few of before have a serial number from 996 on, and are dead.
    """
    if _BORN_IN_1900.fullmatch(code):
        return ""
    if met := _OLD_RESIDENT.fullmatch(code):
        whole = f"{met[1]}19{met[2]}"
        return whole + resident_digit(whole)
    return None


def of_hong_kong(code: str) -> str:
    """Return the number of a business of Hong Kong without that of its branch and certificate: 28535585-000-05-21-1 is 28535585; other codes as they are."""
    met = _BRANCH_OF_HONG_KONG.fullmatch(code)
    return met[1] if met else code


def without_label(code: str) -> str:
    """Return a code without what number it is before it: BR41192406 is 41192406, UEN201742639W is 201742639W."""
    met = _LABEL.match(code)
    return code[met.end() :] if met else code


def of_malaysia(code: str) -> str:
    """Return the old number of a company of Malaysia without its hyphen, as some write it; other codes as they are."""
    met = _OLD_OF_MALAYSIA.fullmatch(code)
    return met[1] + met[2] if met else code


def numbers_in(cell: str) -> tuple[str, ...]:
    """Return the new and the old number of a company of Malaysia where a folded cell has both, 201901000005 (1312525-A); another cell as it is."""
    met = _MALAYSIAN_CELL.fullmatch(cell)
    return tuple(filter(None, met.groups())) if met else (cell,)


def valid_in_taiwan(code: str) -> bool:
    """Return whether `code` is the number of a company of Taiwan (統一編號) with a right check digit.

    Source: Ministry of Finance, 營利事業統一編號檢查碼邏輯修正說明 (the sum of the digits of the products is divisible by 5, which until 2023 was 10; of a seventh digit 7 the
    product 28 counts as 10 or 1 and 0).
    """
    if not _TAIWAN.fullmatch(code):
        return False
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(code, _TAIWAN_WEIGHTS, strict=True))
    return total % 5 == 0 or (code[_ITS_SEVENTH] == "7" and (total + 1) % 5 == 0)
