"""Words that say "nothing": 无, -, N/A, 待定 … become null; everything else stays as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.placeholders import NOTHING
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import CODES, line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.standard import Cleaner

_NOTHING = Flag("empty.word", "info")
DITTO = Flag("empty.ditto", "warning", "LOGIC")
EMPTY_CODES = {
    "empty.word": Message("a word that says nothing was made empty"),
    "empty.ditto": Message("“same as above” refers to a row that may have moved"),
}
ALL_CODES = {**CODES, **EMPTY_CODES}
"""The codes of the door and of empty words, which nearly every standard uses."""

_MARKS = re.compile(r"[\s\-‐‑–—―_－/／\\|.。．·•…,，、;；:：~～*＊?？!！#'\"“”‘’()（）\[\]【】<>《》=+]*\Z")
_DITTO = frozenset(["同上", "〃", "同前", "同左", "ditto", "″"])
_LONGEST = 12


def says_nothing(text: str, words: frozenset[str] = NOTHING) -> Flag | None:
    """Return the flag of an empty word, or None where `text` (already through the door) says something."""
    if len(text) > _LONGEST:
        return _NOTHING if _MARKS.match(text) else None
    lowered = text.lower()
    if lowered in words or _MARKS.match(text):
        return _NOTHING
    return DITTO if lowered in _DITTO else None


def make(words: Iterable[str] = (), keep: Iterable[str] = ()) -> Cleaner:
    """Return the cleaner.

    Args:
        words: more words that say nothing in this column.
        keep: words that do say something here.
    """
    known = (NOTHING | {word.lower() for word in words}) - {word.lower() for word in keep}

    def clean(raw: str) -> Cleaned:
        """Return null for an empty word; the raw text for anything else."""
        flag = says_nothing(line(raw)[0], known)
        return Cleaned(None, (flag,)) if flag else Cleaned(raw)

    return clean


STANDARD = Standard("empty", make, Message("nothing: 无, -, N/A, 待定 become empty"), ("words", "keep"), EMPTY_CODES)
