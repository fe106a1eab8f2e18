"""national_phone: write mainland numbers in E.164 the way they are dialled at home."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

_MAINLAND = re.compile(r"\+86(\d{9,11})(?=;|\Z)", re.ASCII)
_WITHOUT_ZERO = re.compile(r"1[3-9]\d{9}|[48]00\d{7}", re.ASCII)
"""Mobile numbers and service numbers have no area code, before which a zero is dialled."""


def make() -> Callable[[str], str]:
    """Return a function that writes `+86` numbers as 11 digits of a mobile, or area code with its 0 and number.

    What is not of the mainland or not in E.164 stays as it is; put the step behind `phone`, which reads what people wrote.

    Source:
        ITU-T E.164 (country code 86); the trunk prefix 0 by the metadata of libphonenumber.
    """

    def national_phone(raw: str) -> str:
        return _MAINLAND.sub(_dialled, raw)

    return national_phone


def _dialled(found: re.Match[str]) -> str:
    number = found[1]
    return number if _WITHOUT_ZERO.fullmatch(number) else f"0{number}"


TRANSFORM = Transform("national_phone", make, Message("mainland numbers the way they are dialled at home, without +86"))
