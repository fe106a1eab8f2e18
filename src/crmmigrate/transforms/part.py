"""part: take one of several values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(take: Any = 1) -> Callable[[list[str | None]], str | None]:
    """Return a function that answers the value at a position, or None where there are not so many.

    Args:
        take: 1 is the first, -1 the last.

    Raises:
        ValueError: `take` is 0 or no whole number.
    """
    if not isinstance(take, int) or isinstance(take, bool) or take == 0:
        raise ValueError("take is a whole number: 1 is the first, -1 the last")
    index = take - 1 if take > 0 else take

    def part(values: list[str | None]) -> str | None:
        return values[index] if -len(values) <= index < len(values) else None

    return part


TRANSFORM = Transform("part", make, Message("take one of several values"), options=("take",), takes="list")
