"""Numbers of residents of the mainland, and of companies elsewhere: what of them names the bearer, and how they are checked."""

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

_REGISTERS = "BR[CN]?|UB[IN]|UEN|SSM|CRN?|ROC"
_TAXES = "VAT|EORI|GSTIN?|CNPJ|EIN|INN|NIP|TIN|TAXID|USC[CI]|CODE"
_UNION = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI"
LABELLED = (
    rf"^(?:(?:{_REGISTERS})(?:NO)?[0-9]{{7}}|(?:{_TAXES})(?:NO)?[0-9A-Z]*[0-9]{{4}}|(?:{_UNION})[0-9A-Z]?[0-9]{{7}})"
)
"""Codes, without blanks, before which stands what number it is, or of which country of the European Union; a pattern of RE2."""

_LABEL = re.compile(
    rf"(?:{_REGISTERS})(?:NO)?[.-]*(?=\d{{7,12}}(?:-|[A-Z]?\Z)|\d{{1,7}}-?[A-Z]\Z|[A-Z]\d\d[A-Z]{{2}}\d{{4}}[A-Z]\Z)"
    rf"|(?:{_TAXES})(?:NO)?[.-]*(?=[0-9A-Z.-]*\d{{4}})"
)
"""BR 41192406, UEN: 201742639W, VAT: DE811907980: business registration, unified business identifier and number, unique entity number, Suruhanjaya Syarikat, registrar of companies."""

_OF_UNION = re.compile(rf"\A(?:{_UNION})(?!\d{{9}}\Z)(?=[0-9A-Z]?\d{{7}}[0-9A-Z]*\Z)")
"""Before the number for the value added tax, and for customs: PL 5740208818 is 5740208818 in Poland. Nine digits alone may be any country's."""

_GROUPED = re.compile(r"\d\d-\d{7}|\d\d\.\d{3}\.\d{3}/?\d{4}-\d\d")
"""An EIN of the United States, a CNPJ of Brazil."""

_REGION = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])"
CUSTOMS = f"^{_REGION}[0-9]{{8}}$"
"""The code under which the customs of the mainland know a company, which begins with the region; a pattern of RE2."""

_ONE_OF_SEVERAL = re.compile(
    rf"(?<![0-9a-z])(?:[0-9][0-9a-z]{{17}}|{_REGION}\d{{8}}|(?:19|20)\d\d0[1-6]\d{{6}}|\d{{4,7}}-?[a-z])(?![0-9a-z-])"
)
"""In a cell of several: a credit code, one of the customs, a new and an old one of Malaysia."""

_OLD_OF_MALAYSIA = re.compile(r"(\d{1,7})-([A-Z])")
OLD_OF_MALAYSIA = "^[0-9]{1,7}[A-Z]$"
NEW_OF_MALAYSIA = "^(?:19|20)[0-9]{2}0[1-6][0-9]{6}$"
"""Patterns of RE2.

Source: Suruhanjaya Syarikat Malaysia, new format of registration numbers, October 2019 (year, 01 to 06 for what is registered, serial number); before it was a serial number and a check letter.
"""

COMPANY_OF_HONG_KONG, BUSINESS_OF_HONG_KONG = "^[0-9]{7}$", "^[0-9]{8}$"
"""Patterns of RE2: what the Companies Registry gave until its numbers became those of the business registration (Unique Business Identifier, December 2023)."""

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
    """Return a code without what number it is or of which country before it, and without the signs between its groups: BR41192406 is 41192406, VATDE811907980 is DE811907980."""
    met = _LABEL.match(code)
    code = code[met.end() :] if met else code
    if _GROUPED.fullmatch(code):
        return re.sub(r"\D", "", code)
    return _OF_UNION.sub("", code, count=1) if code[:1].isalpha() else code


def of_malaysia(code: str) -> str:
    """Return the old number of a company of Malaysia without its hyphen, as some write it; other codes as they are."""
    met = _OLD_OF_MALAYSIA.fullmatch(code)
    return met[1] + met[2] if met else code


def numbers_in(cell: str) -> list[str]:
    """Return the numbers of one company in several registers that a folded cell holds: 201901000005 (1312525-A), 3302949114 / 91330206…; another cell as it is."""
    found = _ONE_OF_SEVERAL.findall(cell)
    if len(found) < 2 or any(sign.isdigit() for sign in _ONE_OF_SEVERAL.sub("", cell)):
        return [cell]
    return found


def valid_in_taiwan(code: str) -> bool:
    """Return whether `code` is the number of a company of Taiwan (統一編號) with a right check digit.

    Source: Ministry of Finance, 營利事業統一編號檢查碼邏輯修正說明 (the sum of the digits of the products is divisible by 5, which until 2023 was 10; of a seventh digit 7 the
    product 28 counts as 10 or 1 and 0).
    """
    if not _TAIWAN.fullmatch(code):
        return False
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(code, _TAIWAN_WEIGHTS, strict=True))
    return total % 5 == 0 or (code[_ITS_SEVENTH] == "7" and (total + 1) % 5 == 0)
