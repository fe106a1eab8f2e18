"""concat: join several values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(by: Any = "") -> Callable[[list[str | None]], str | None]:
    """Return a function that joins the values that are not missing; none at all is None.

    Args:
        by: what stands between them.

    Raises:
        TypeError: `by` is no text.
    """
    if not isinstance(by, str):
        raise TypeError("by is a text (a digit needs quotes)")

    def concat(values: list[str | None]) -> str | None:
        return by.join(value for value in values if value) or None

    return concat


TRANSFORM = Transform("concat", make, Message("join several values"), options=("by",), takes="list")
