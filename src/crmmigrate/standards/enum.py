"""A word of a list: its value for any spelling or synonym; what the list doesn't know is flagged, with what is most alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.placeholders import NOTHING
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._fold import folded
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

SYNONYM = Flag("enum.synonym", "info", "MAP")
UNKNOWN = Flag("enum.unknown", "error", "MAP")
CODES = {
    **ALL_CODES,
    "enum.synonym": Message("another word for a value of the list"),
    "enum.unknown": Message("the list does not know this value"),
}

_NUMBERED = re.compile(r"[A-Za-z]?\d{1,2}\s*[\-._、:：)）]+\s*(?=\D)", re.ASCII)
"""The number people put before a word of a list to sort it: 4-商务谈判."""

_SHARED = 0.6
"""The part of the shorter word that has to stand in the other for a suggestion."""
_NEGATION = re.compile("[未不非无無没沒]")
_PREFIXES = ("un", "in", "non", "dis", "not", "no")


def make(values: Mapping[str, str] | Iterable[str] = ()) -> Cleaner:
    """Return the cleaner.

    Args:
        values: each word with the value it stands for, or the values alone.

    Raises:
        ValueError: two values are spelt alike.
    """
    words = dict(values) if isinstance(values, Mapping) else {str(value): str(value) for value in values}
    by_fold = fold_words(words)
    known = NOTHING - {word.lower() for word in words}

    def clean(raw: str) -> Cleaned:
        """Return the list's value, or the raw text with flag `enum.unknown` and candidates."""
        text, _ = line(raw)
        value = words.get(text) or by_fold.get(folded(text))
        if value is not None:
            return Cleaned(value) if value == raw else Cleaned(value, (SYNONYM,))
        numbered = _NUMBERED.match(text)
        value = by_fold.get(folded(text[numbered.end() :])) if numbered else None
        if value is not None:
            return Cleaned(value, (SYNONYM,), "likely")
        nothing = says_nothing(text, known)
        if nothing:
            return Cleaned(None, (nothing,))
        return Cleaned(raw, (UNKNOWN,), "suggested", candidates=alike(text, by_fold))

    return clean


def fold_words(words: Mapping[str, str]) -> dict[str, str]:
    """Return the values by the folded spelling of their words.

    Raises:
        ValueError: words of two values are spelt alike.
    """
    by_fold: dict[str, str] = {folded(value): value for value in words.values()}
    for word, value in words.items():
        if by_fold.setdefault(folded(word), value) != value:
            raise ValueError(f"{word}: {by_fold[folded(word)]} / {value}")
    return by_fold


def alike(text: str, by_fold: Mapping[str, str], limit: int = 3) -> tuple[str, ...]:
    """Return the values whose words are most alike, best first."""
    from rapidfuzz import fuzz, process

    asked = folded(text)
    near = process.extract(asked, list(by_fold), scorer=fuzz.WRatio, limit=None, score_cutoff=60)
    found = [
        word for word, _score, _ in near if _shares_enough(asked, word) and _denies(asked, word) == _denies(word, asked)
    ]
    return tuple(dict.fromkeys(by_fold[word] for word in found[: limit * 2]))[:limit]


def _shares_enough(one: str, other: str) -> bool:
    """Tell whether most characters of the shorter word stand in the other: of 退货 and 待发货 a matcher of parts sees only 货."""
    shared = sum((Counter(one) & Counter(other)).values())
    return shared >= _SHARED * min(len(one), len(other))


def _denies(word: str, other: str) -> bool:
    """Tell whether a word denies what the other may say: 未完成 is the opposite of 已完成, and inactive that of active."""
    return bool(_NEGATION.search(word)) or any(word == prefix + other for prefix in _PREFIXES)


STANDARD = Standard("enum", make, Message("a word of a list"), ("values",), CODES)
