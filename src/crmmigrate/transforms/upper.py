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


def whole() -> Callable[[Any], Any]:
    """Return a function from an Arrow array to the answers for it, missing where a value has to be looked at by itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    none = pa.scalar(None, pa.string())
    return lambda values: pc.if_else(pc.string_is_ascii(values), pc.ascii_upper(values), none)


TRANSFORM = Transform("upper", make, Message("write Latin letters in capitals"), whole=whole)
