"""split: cut one text into several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(by: Any = "") -> Callable[[str], list[str]]:
    """Return a function that cuts `raw` at each `by`; blanks around the pieces and empty pieces go.

    Args:
        by: the separator, letter by letter; not a pattern.

    Raises:
        ValueError: `by` is empty.
    """
    if not isinstance(by, str) or not by:
        raise ValueError("by is the separator, a text")

    def split(raw: str) -> list[str]:
        return [piece.strip() for piece in raw.split(by) if piece.strip()]

    return split


TRANSFORM = Transform(
    "split", make, Message("cut one text into several"), options=("by",), required=("by",), gives="list"
)
