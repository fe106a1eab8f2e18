"""unique: keep each of several values once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable


def make() -> Callable[[list[str | None]], list[str | None]]:
    """Return a function that answers the values without missing ones and repeats, in their order."""

    def unique(values: list[str | None]) -> list[str | None]:
        return list(dict.fromkeys(value for value in values if value))

    return unique


TRANSFORM = Transform("unique", make, Message("keep each of several values once"), takes="list", gives="list")
