"""Chinese surnames in use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "surnames.txt"


@cache
def surnames() -> frozenset[str]:
    """Return the surnames known, compound ones too.

    Those of one character stand together in the file, those of two are divided by blanks.
    """
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines for name in (line.split() if " " in line else line))


@cache
def common_surnames(most: int) -> str:
    """Return the commonest surnames of one character, the commonest first; the file lists them so."""
    return _FILE.read_text(encoding="utf-8").splitlines()[0][:most]
