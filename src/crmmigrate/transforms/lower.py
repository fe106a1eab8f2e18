"""lower: write Latin letters small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> Callable[[str], str]:
    """Return a function that answers `raw.lower()`."""
    return str.lower


TRANSFORM = Transform("lower", make, Message("write Latin letters small"))
