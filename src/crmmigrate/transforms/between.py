"""between: take what stands between two signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(left: Any = "", right: Any = "") -> Callable[[str], str | None]:
    """Return a function that answers the text between the first `left` and the next `right`, or None where they are not there.

    Args:
        left: letter by letter; empty means from the beginning.
        right: letter by letter; empty means to the end.

    Raises:
        TypeError: one is no text.
        ValueError: both are empty.
    """
    if not isinstance(left, str) or not isinstance(right, str):
        raise TypeError("left and right are texts (a digit needs quotes)")
    if not left and not right:
        raise ValueError("give left, right or both")

    def between(raw: str) -> str | None:
        start = raw.find(left)
        end = raw.find(right, start + len(left)) if right else len(raw)
        return raw[start + len(left) : end].strip() or None if start >= 0 and end >= 0 else None

    return between


TRANSFORM = Transform("between", make, Message("take what stands between two signs"), options=("left", "right"))
