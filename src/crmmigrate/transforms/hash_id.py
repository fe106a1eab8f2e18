"""hash_id: make a short stable id out of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(prefix: Any = "", length: Any = 16) -> Callable[[str], str]:
    """Return a function that answers the first digits of the value's SHA-256, the same on every machine.

    Args:
        prefix: stands in front.
        length: hexadecimal digits, 8 to 64. With 16, two of a million different values agree with a chance of 1 in 3.7e7.

    Raises:
        TypeError, ValueError: an option is not of that kind.

    Source:
        FIPS 180-4.
    """
    if not isinstance(prefix, str):
        raise TypeError("prefix is a text")
    if not isinstance(length, int) or not 8 <= length <= 64:
        raise ValueError("length is a whole number from 8 to 64")

    def hash_id(raw: str) -> str:
        import hashlib

        return prefix + hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:length]

    return hash_id


TRANSFORM = Transform("hash_id", make, Message("make a short stable id out of a value"), options=("prefix", "length"))
