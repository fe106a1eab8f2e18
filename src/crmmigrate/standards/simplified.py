"""Text in simplified characters (OpenCC t2s); the original stays in the issue and in a part.

Characters of registered names (昇, 徵, 鉅) and those that simplified words have too (乾坤, 著名) stay unless other characters show that the
text is traditional. A person's name is left to `person_name`, which does not simplify.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import LIKELY, door
from crmmigrate.standards._fold import simplified
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CHANGED = Flag("simplified.changed", "info")
CODES = {**ALL_CODES, "simplified.changed": Message("traditional characters simplified")}


def make(keep: str = "") -> Cleaner:
    """Return the cleaner.

    Args:
        keep: characters that stay as they are.
    """
    kept = frozenset(keep)

    def clean(raw: str) -> Cleaned:
        """Return the text in simplified characters; the part 原文 holds it as it was."""
        text, flags = door(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        value = simplified(text)
        if kept and len(value) == len(text):
            value = "".join(old if old in kept else new for old, new in zip(text, value, strict=True))
        if value != text:
            return Cleaned(value, (*flags, CHANGED), "likely", {"原文": text})
        return Cleaned(value, flags, "certain" if LIKELY.isdisjoint(flags) else "likely") if flags else Cleaned(value)

    return clean


STANDARD = Standard("simplified", make, Message("text in simplified characters"), ("keep",), CODES)
