"""single_blanks: put one blank where several, or line ends, stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> Callable[[str], str | None]:
    """Return a function that writes each run of blanks, tabs and line ends as one blank, none at the ends; nothing left is None."""

    def single_blanks(raw: str) -> str | None:
        return " ".join(raw.split()) or None

    return single_blanks


TRANSFORM = Transform("single_blanks", make, Message("put one blank where several, or line ends, stand"))
