"""half_width: write full-width letters, digits and signs plainly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


_WIDE = "[\uff01-\uff5e\u3000]"


def make(keep: Any = "") -> Callable[[str], str]:
    """Return a function that writes `ＡＢ１２（）` as `AB12()`, and the ideographic blank as a plain one.

    Args:
        keep: full-width signs that stay, e.g. `，。（）` in running text.

    Raises:
        TypeError: `keep` is no text.

    Source:
        Unicode, block FF01 to FF5E; U+3000.
    """
    if not isinstance(keep, str):
        raise TypeError("keep is a text")
    plain = {code: sign for code, sign in _PLAIN.items() if chr(code) not in keep}

    def half_width(raw: str) -> str:
        return raw.translate(plain)

    return half_width


def whole(keep: Any = "") -> Callable[[Any], Any]:
    """Return a function from an Arrow array to the answers for it, missing where a value has to be looked at by itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    del keep
    none = pa.scalar(None, pa.string())
    return lambda values: pc.if_else(pc.match_substring_regex(values, _WIDE), none, values)


TRANSFORM = Transform(
    "half_width",
    make,
    Message("write full-width letters, digits and signs plainly"),
    options=("keep",),
    whole=whole,
)
