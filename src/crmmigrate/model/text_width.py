"""How many columns a text takes in a fixed-width font: in a terminal, and in the cells of a workbook."""

from __future__ import annotations

import re

_TWO_WIDE = r"\u3000-\u3029\u3030-\u303e\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60"
_WIDE = re.compile(f"[{_TWO_WIDE}]")
_PLAIN = re.compile(rf"[ -~\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u22ff{_TWO_WIDE}]*")
"""Signs that take one column, or two where they are `_WIDE`, whatever stands beside them."""


def display_width(text: str) -> int:
    """Return how many columns of a fixed-width font the widest line of `text` takes; a Chinese character takes two."""
    return max(map(_line_width, text.splitlines()), default=0)


def _line_width(line: str) -> int:
    if _PLAIN.fullmatch(line):
        return len(line) + len(_WIDE.findall(line))
    from wcwidth import wcswidth  # knows every script; to import it takes longer than to write a small workbook

    width: int = wcswidth(line)
    return max(width, len(line))


def padded(text: str, width: int) -> str:
    """Return `text` with blanks behind it up to `width` columns."""
    return text + " " * (width - display_width(text))
