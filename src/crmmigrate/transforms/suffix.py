"""suffix: put a text behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make(text: str = "") -> Callable[[str], str]:
    """Return a function that answers `raw + text`.

    Args:
        text: what to add.
    """

    def suffix(raw: str) -> str:
        return raw + text

    return suffix


TRANSFORM = Transform("suffix", make, Message("put a text behind"), options=("text",), required=("text",))
