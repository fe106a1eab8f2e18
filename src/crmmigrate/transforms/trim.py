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


def settled() -> Callable[[Any], Any]:
    """Return what tells which values of an Arrow array have no blanks at their ends."""
    import pyarrow.compute as pc

    return lambda values: pc.equal(values, pc.utf8_trim_whitespace(values))


TRANSFORM = Transform("trim", make, Message("take blanks off both ends"), settled=settled)
