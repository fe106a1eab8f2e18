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


def merged(by: Any = "") -> Callable[[list[Any]], Any]:
    """Return a function from several Arrow arrays to their values joined row by row, missing and empty ones left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    none = pa.scalar(None, pa.string())

    def joined(columns: list[Any]) -> Any:
        there = [pc.if_else(pc.equal(one, ""), none, one) for one in columns]
        # Arrow leaves out the rows in which every value is missing, so that none of them may be.
        there[0] = pc.if_else(pc.is_null(pc.coalesce(*there)), "", there[0])
        whole = pc.binary_join_element_wise(*there, pa.scalar(by, pa.string()), null_handling="skip")
        return pc.if_else(pc.equal(whole, ""), none, whole)

    return joined


TRANSFORM = Transform("concat", make, Message("join several values"), options=("by",), takes="list", merged=merged)
