"""replace: put one text in the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(find: str = "", by: str = "") -> Callable[[str], str | None]:
    """Return a function that replaces each `find` by `by`; nothing left is None.

    Args:
        find: the text to look for, letter by letter; not a pattern.
        by: what takes its place.

    Raises:
        ValueError: `find` is empty.
    """
    if not find:
        raise ValueError("find is empty")

    def replace(raw: str) -> str | None:
        return raw.replace(find, by) or None

    return replace


def whole(find: str = "", by: str = "") -> Callable[[Any], Any]:
    """Return a function from an Arrow array to the answers for it, missing where a value has to be looked at by itself."""
    import pyarrow.compute as pc

    return lambda values: pc.replace_substring(values, find, by)


TRANSFORM = Transform(
    "replace", make, Message("put one text in the place of another"), options=("find", "by"), required=("find",),
    whole=whole,
)  # fmt: skip
