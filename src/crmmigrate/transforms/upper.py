"""upper: write Latin letters in capitals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> Callable[[str], str]:
    """Return a function that answers `raw.upper()`."""
    return str.upper


def settled() -> Callable[[Any], Any]:
    """Return what tells which values of an Arrow array are digits and capitals of ASCII."""
    import pyarrow.compute as pc

    return lambda values: pc.match_substring_regex(values, "^[\\x20-\\x60\\x7b-\\x7e]*$")


TRANSFORM = Transform("upper", make, Message("write Latin letters in capitals"), settled=settled)
