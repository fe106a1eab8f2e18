"""pad: fill up to a length from the left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(length: Any = 0, sign: Any = "0") -> Callable[[str], str]:
    """Return a function that fills `raw` up to `length` characters from the left.

    Args:
        length: characters, from 1 to 255; a longer text stays as it is.
        sign: one character.

    Raises:
        ValueError: `length` or `sign` is not of that kind.
    """
    if not isinstance(length, int) or not 1 <= length <= 255:
        raise ValueError("length is a whole number from 1 to 255")
    if not isinstance(sign, str) or len(sign) != 1:
        raise ValueError("sign is one character (a digit needs quotes)")

    def pad(raw: str) -> str:
        return raw.rjust(length, sign)

    return pad


def whole(length: Any = 0, sign: Any = "0") -> Callable[[Any], Any]:
    """Return a function from an Arrow array to the answers for it, missing where a value has to be looked at by itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    del sign
    none = pa.scalar(None, pa.string())
    return lambda values: pc.if_else(pc.greater_equal(pc.utf8_length(values), length), values, none)


TRANSFORM = Transform(
    "pad", make, Message("fill up to a length from the left"), options=("length", "sign"), required=("length",),
    whole=whole,
)  # fmt: skip
