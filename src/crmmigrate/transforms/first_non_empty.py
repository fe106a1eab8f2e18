"""first_non_empty: take the first value that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> Callable[[list[str | None]], str | None]:
    """Return a function that answers the first value that is neither missing nor blank, or None."""

    def first_non_empty(values: list[str | None]) -> str | None:
        return next((value for value in values if value and value.strip()), None)

    return first_non_empty


def merged() -> Callable[[list[Any]], Any]:
    """Return a function from several Arrow arrays to the first value that is neither missing nor blank, row by row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def first(columns: list[Any]) -> Any:
        said = [
            pc.if_else(pc.equal(pc.utf8_trim_whitespace(one), ""), pa.scalar(None, pa.string()), one) for one in columns
        ]
        return pc.coalesce(*said)

    return first


TRANSFORM = Transform(
    "first_non_empty", make, Message("take the first value that is there"), takes="list", merged=merged
)
