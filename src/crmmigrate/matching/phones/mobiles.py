"""Which telephone numbers are mobiles: one person's as a rule.

Source: the national numbering plans as the ITU publishes them; of Hong Kong, Macau and Taiwan those of OFCA, CTT and NCC.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.cells import replaced

if TYPE_CHECKING:
    import pyarrow as pa

MAINLAND = re.compile(r"1[3-9][0-9]{9}")
_ABROAD = {
    "852": "[4-9]d{7}", "853": "6d{7}", "886": "9d{8}",
    "20": "1[0125]d{8}", "27": "(?:[67]d|8[1-5])d{7}", "31": "6d{8}", "33": "[67]d{8}", "34": "[67]d{8}", "39": "3d{9}", "40": "7d{8}", "41": "7[5-9]d{7}",
    "44": "7d{9}", "46": "7[0236]d{7}", "48": "(?:45|5[0137]|6[069]|7[2389]|88)d{7}", "49": "1[567]d{8,9}", "55": "[1-9]d9d{8}", "60": "(?:1[02-9]d{7}|11d{8})", "61": "4d{8}",
    "62": "8d{8,10}", "63": "9d{9}", "65": "[89]d{7}", "66": "[689]d{8}", "81": "[789]0d{8}", "82": "10d{8}", "84": "[35789]d{8}", "90": "5d{9}",
    "91": "(?:(?:6d|7[0-8]|8[1-9]|9d)d|(?:79|80)[017-9])d{7}", "92": "3d{9}", "94": "7d{8}", "234": "[789]d{9}", "254": "[17]d{8}", "351": "9d{8}", "353": "8[35-9]d{7}",
    "380": "(?:39|50|6[3678]|73|9[1-9])d{7}", "420": "[67]d{8}", "880": "1[3-9]d{8}", "966": "5d{8}", "971": "5d{8}", "972": "5d{8}",
}  # fmt: skip
"""By the code of the country, of those whose mobiles no other number looks like, nor one of the mainland: one of Jiangxi looks like a mobile of Russia."""

TAIWAN, TAIWAN_DIGITS = 886, 10
"""The code of Taiwan, and the digits of a mobile as it is dialled there: 09 and eight more, which nothing on the mainland has."""

_ANY = "|".join((MAINLAND.pattern, *(code + rest.replace("d", "[0-9]") for code, rest in _ABROAD.items())))
MOBILES = rf"^(?:{_ANY})$|\*"
"""Finds mobiles, and such as are masked, among the numbers of `phone.numbers`; a pattern of RE2."""

LANDLINES = (
    r"^\D*(?:(?:00)?86\D{0,3})?(?:0(?:10|2\d|3[1-9]\d|4[1-9]\d|5[1-9]\d|6[369]\d|7\d\d|8[135789]\d|9\d\d)\D{0,3}[2-8]\d{6,7}"
    r"|[48]00\D?\d{3}\D?\d{4})(?:\D|$)|^(?:\D*\d){1,7}\D*$"
)
"""Finds cells that begin with a landline of the mainland as it is dialled there, a number free of charge or one too short for a mobile, whatever their header says; a pattern of RE2."""


def national(numbers: pa.Array) -> pa.Array:
    """Return numbers, mobiles of other countries without the code of theirs: as they are written where it goes without saying."""
    import pyarrow.compute as pc

    codes = "|".join(f"{code}{rest.replace('d', '[0-9]')}" for code, rest in _ABROAD.items())
    which = pc.match_substring_regex(numbers, f"^(?:{codes})$")
    return replaced(numbers, which, f"^(?:{'|'.join(sorted(_ABROAD, key=len, reverse=True))})", "")
