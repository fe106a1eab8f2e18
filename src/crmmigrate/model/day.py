"""Days as people write them into our files and flags: 2026-10-31, and nothing else that Python would take for one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from crmmigrate.model.document import Document

EXPECTED = Message("a date like 2023-10-31 is expected here")


def is_day(text: str) -> bool:
    """Whether `text` is a day such as 2026-10-31; `20261031` and `2026-W44-6`, which Python reads too, are none."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_day(document: Document, text: str, code: str, path: tuple[str | int, ...]) -> None:
    """Collect an error under `code` where a text that a document holds at `path` is no day; an empty one says nothing."""
    if text and not is_day(text):
        document.report(code, EXPECTED, path)
