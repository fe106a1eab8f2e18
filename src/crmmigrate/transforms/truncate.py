"""truncate: cut to a length, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.standard import Cleaned

CUT = "truncate.cut"


def make(length: Any = 0, mark: Any = "") -> Callable[[str], Cleaned]:
    """Return a function that cuts `raw` to at most `length` characters and flags what it cut.

    Args:
        length: characters, at least 1.
        mark: ends a text that was cut, e.g. `…`; counted in `length`.

    Raises:
        ValueError: `length` is no such number, or `mark` not shorter.
    """
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        raise ValueError("length is a whole number from 1")
    if not isinstance(mark, str) or len(mark) >= length:
        raise ValueError("mark is a text shorter than length")

    def truncate(raw: str) -> Cleaned:
        from crmmigrate.model.standard import Cleaned, Flag

        if len(raw) <= length:
            return Cleaned(raw)
        return Cleaned(raw[: length - len(mark)] + mark, (Flag(CUT),))

    return truncate


def whole(length: Any = 0, mark: Any = "") -> Callable[[Any], Any]:
    """Return a function from an Arrow array to the answers for it, missing where a value has to be looked at by itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    del mark
    none = pa.scalar(None, pa.string())
    return lambda values: pc.if_else(pc.less_equal(pc.utf8_length(values), length), values, none)


TRANSFORM = Transform(
    "truncate", make, Message("cut to a length, and say so"), options=("length", "mark"), required=("length",),
    codes=((CUT, Message("the text was too long and was cut")),), whole=whole,
)  # fmt: skip
