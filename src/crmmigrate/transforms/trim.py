"""trim: take blanks off both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> Callable[[str], str | None]:
    """Return a function that takes blanks (also full-width and no-break ones) off both ends; nothing left is None."""

    def trim(raw: str) -> str | None:
        return raw.strip() or None

    return trim


def whole() -> Callable[[Any], Any]:
    """Return a function from an Arrow array to the answers for it, missing where a value has to be looked at by itself."""
    import pyarrow.compute as pc

    trimmed: Callable[[Any], Any] = pc.utf8_trim_whitespace  # takes off the very characters that `str.strip` does
    return trimmed


TRANSFORM = Transform("trim", make, Message("take blanks off both ends"), whole=whole)
