"""digits: keep the digits only."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.standard import Cleaned

SEVERAL = "digits.several"
_LISTED = re.compile("[;；、|\n]+")
_APART = (re.compile("[,，/&＆+＋和及或]+"), re.compile("[^\\d().（）\\-‐-―_－]+"))
"""Between long runs of digits these part two numbers; between short ones they stand in one, as in 1,200 or 138 0013 8000."""
_LONG = 7


def make() -> Callable[[str], str | Cleaned | None]:
    """Return a function that keeps the digits 0 to 9, full-width ones written plainly; nothing left is None.

    Returns:
        The digits; or the raw text flagged `digits.several` where it holds several numbers, which would run together.
    """

    def digits(raw: str) -> str | Cleaned | None:
        from crmmigrate.model.standard import Cleaned, Flag

        if _several(raw):
            return Cleaned(raw, (Flag(SEVERAL, "error"),))
        return _digits(raw) or None

    return digits


def _digits(text: str) -> str:
    kept = (unicodedata.digit(sign, -1) for sign in text)
    return "".join(str(number) for number in kept if number >= 0)


def _several(text: str) -> bool:
    if sum(bool(_digits(piece)) for piece in _LISTED.split(text)) > 1:
        return True
    return any(sum(len(_digits(piece)) >= _LONG for piece in apart.split(text)) > 1 for apart in _APART)


TRANSFORM = Transform(
    "digits", make, Message("keep the digits only"), codes=((SEVERAL, Message("several numbers would run into one")),)
)
