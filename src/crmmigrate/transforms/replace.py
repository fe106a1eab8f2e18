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


def settled(find: str = "", by: str = "") -> Callable[[Any], Any]:
    """Return what tells which values of an Arrow array do not hold `find`."""
    import pyarrow.compute as pc

    del by
    return lambda values: pc.invert(pc.match_substring(values, find))


TRANSFORM = Transform(
    "replace", make, Message("put one text in the place of another"), options=("find", "by"), required=("find",),
    settled=settled,
)  # fmt: skip
