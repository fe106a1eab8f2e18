"""prefix: put a text in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(text: str = "") -> Callable[[str], str]:
    """Return a function that answers `text + raw`.

    Args:
        text: what to add.
    """

    def prefix(raw: str) -> str:
        return text + raw

    return prefix


TRANSFORM = Transform("prefix", make, Message("put a text in front"), options=("text",), required=("text",))
