"""Clean a text until nothing more comes off, so that cleaning the answer again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.standard import Cleaned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.standard import Cleaner

_ROUNDS = 8
_TAKEN_OFF = frozenset(("称谓", "性别", "备注", "电话", "部门", "状态", "曾用名", "联系人", "邮编"))
"""Parts that hold what was taken off the value; the others say what the value itself is made of."""


def settled(once: Cleaner, again: Cleaner | None = None) -> Cleaner:
    """Return a cleaner that repeats `once` on its own answer until it stays the same.

    Args:
        once: cleans a text as far as one look goes.
        again: does the same, and is quicker at what `once` has already cleaned.

    Where a round finds that nothing usable is left (a title without a name), the raw text comes back with that flag; where
    it says nothing at all, None.
    """
    repeat = again or once

    def clean(raw: str) -> Cleaned:
        """Return what `once` says of the text and of all that it leaves."""
        cleaned = once(raw)
        for _ in range(_ROUNDS):
            if cleaned.value is None or cleaned.value == raw or cleaned.confidence == "suggested":
                return cleaned
            again = repeat(cleaned.value)
            if again.confidence == "suggested":
                return Cleaned(raw, again.flags, "suggested", candidates=again.candidates)
            if again.value == cleaned.value:
                return cleaned
            cleaned = _both(cleaned, again)
        return Cleaned(raw, cleaned.flags, "suggested", candidates=(cleaned.value,) if cleaned.value else ())

    return clean


def _both(first: Cleaned, again: Cleaned) -> Cleaned:
    flags = tuple(dict.fromkeys((*first.flags, *again.flags)))
    if again.value is None:
        return again
    confidence = "likely" if "likely" in (first.confidence, again.confidence) else "certain"
    parts = _joined(first.parts, again.parts)
    return Cleaned(again.value, flags, confidence, parts, again.candidates)  # type: ignore[arg-type]


def _joined(first: Mapping[str, str], again: Mapping[str, str]) -> dict[str, str]:
    parts = dict(again)
    for part in _TAKEN_OFF & first.keys():
        both = dict.fromkeys((first[part], *((again[part],) if part in again else ())))
        parts[part] = first[part] if part in ("性别", "邮编") else " ".join(both)
    return parts
