"""digits: keep the digits only."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> Callable[[str], str | None]:
    """Return a function that keeps the digits 0 to 9, full-width ones written plainly; nothing left is None."""

    def digits(raw: str) -> str | None:
        kept = (unicodedata.digit(sign, -1) for sign in raw)
        return "".join(str(number) for number in kept if number >= 0) or None

    return digits


TRANSFORM = Transform("digits", make, Message("keep the digits only"))
