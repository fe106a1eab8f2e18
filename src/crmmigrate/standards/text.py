"""Plain text: what nobody sees is taken out, blanks are put in order, words that say nothing become null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.placeholders import NOTHING
from crmmigrate.model.standard import Cleaned, Standard
from crmmigrate.standards._door import LIKELY, door, line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.standard import Cleaner


def make(words: Iterable[str] = (), keep: Iterable[str] = (), *, lines: bool = True) -> Cleaner:
    """Return the cleaner.

    Args:
        words: more words that say nothing in this column.
        keep: words that do say something here.
        lines: whether the text may have several lines.
    """
    known = (NOTHING | {word.lower() for word in words}) - {word.lower() for word in keep}
    enter = door if lines else line

    def clean(raw: str) -> Cleaned:
        """Return the text without invisible characters, doubled blanks and full-width letters or digits."""
        text, flags = enter(raw)
        nothing = says_nothing(text, known)
        if nothing:
            return Cleaned(None, (nothing,))
        return Cleaned(text, flags, "certain" if LIKELY.isdisjoint(flags) else "likely") if flags else Cleaned(text)

    return clean


STANDARD = Standard("text", make, Message("plain text"), ("words", "keep", "lines"), ALL_CODES)
