"""title_case: begin each Latin word with a capital."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")


def make() -> Callable[[str], str]:
    """Return a function that writes `wang FANG` as `Wang Fang`; letters behind an apostrophe stay small, all else as it is."""

    def title_case(raw: str) -> str:
        return _WORD.sub(lambda word: word.group()[0].upper() + word.group()[1:].lower(), raw)

    return title_case


TRANSFORM = Transform("title_case", make, Message("begin each Latin word with a capital"))
