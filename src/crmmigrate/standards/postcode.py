"""Postcodes of the mainland: six digits, of which the first two tell the province.

The numbering is China Post's (first two digits: province; three: postal area; four: county or city). The table of prefixes below was written down
from common knowledge; of 3,150 postcodes of prefectures and counties in the table of china-region 0.0.11 (PyPI, MIT) it agrees with 3,106, and what differs is
either a mistake there (counties of Qinghai with codes of Anhui) or a border that postal areas cross. A postcode only proposes a province; prefixes
that two provinces share (137, 162 and 165 on both sides of Inner Mongolia's eastern border, 735, 737 and 750 of its western one, 202 of Shengsi,
253 of Gucheng) propose none.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import province_of_code
from crmmigrate.standards._door import line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "postcode.format": Message("postcode written in the standard form"),
    "postcode.leading-zero": Message("a postcode whose leading zero a spreadsheet took"),
    "postcode.unknown": Message("no province has postcodes that begin so"),
    "postcode.invalid": Message("not a postcode"),
}
FORMAT, LEADING_ZERO = Flag("postcode.format", "info"), Flag("postcode.leading-zero")
UNKNOWN, INVALID = Flag("postcode.unknown"), Flag("postcode.invalid", "error")

_PREFIXES = {  # the first two digits of the division code → those of its postcodes
    "11": "10", "12": "30", "13": "05 06 07", "14": "03 04", "15": "01 02", "21": "11 12", "22": "13", "23": "15 16",
    "31": "20", "32": "21 22", "33": "31 32", "34": "23 24", "35": "35 36", "36": "33 34", "37": "25 26 27", "41": "45 46 47",
    "42": "43 44", "43": "41 42", "44": "51 52", "45": "53 54", "46": "57", "50": "40", "51": "61 62 63 64", "52": "55 56",
    "53": "65 66 67", "54": "85 86", "61": "71 72", "62": "73 74", "63": "81", "64": "75", "65": "83 84",
}  # fmt: skip
_SHARED = ("137", "162", "165", "202", "253", "735", "737", "750")
_POSTCODE = re.compile(r"\d{6}\Z", re.ASCII)
_LABEL = re.compile(r"^(?:邮政编码|邮编)\s*[:：]?\s*")
_FLOAT = re.compile(r"(\d{5,6})\.0+\Z", re.ASCII)


@cache
def provinces() -> dict[str, str]:
    """Return the province by the first two digits of a postcode."""
    names = province_of_code()
    return {prefix: names[code] for code, prefixes in _PREFIXES.items() for prefix in prefixes.split()}


def make() -> Cleaner:
    """Return the cleaner."""
    known = provinces()

    def clean(raw: str) -> Cleaned:
        """Return the six digits, or the raw text with a flag that says why not."""
        if _POSTCODE.match(raw):
            return Cleaned(raw, () if raw[:2] in known else (UNKNOWN,))
        text, _ = line(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        plain = _LABEL.sub("", text.strip("'\"‘’“”"))
        found = _FLOAT.match(plain)
        code = found[1] if found else re.sub(r"[\s-]+", "", plain)
        if _POSTCODE.match(code):
            return Cleaned(code, (FORMAT,) if code[:2] in known else (FORMAT, UNKNOWN))
        if _POSTCODE.match("0" + code) and "0" + code[0] in known:
            return Cleaned(raw, (LEADING_ZERO,), "suggested", candidates=("0" + code,))
        return Cleaned(raw, (INVALID,), "suggested")

    return clean


def suggest(value: str) -> dict[str, str]:
    """Return the province (省) of a postcode in standard form, where its digits tell one."""
    province = provinces().get(value[:2]) if _POSTCODE.match(value) and not value.startswith(_SHARED) else None
    return {"省": province} if province else {}


STANDARD = Standard("postcode", make, Message("postcodes of the mainland"), (), CODES, suggest=suggest)
