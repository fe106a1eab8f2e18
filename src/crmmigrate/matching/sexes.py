"""What a title, or a given name of Europe or India, tells of somebody's sex."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "given_names.txt"
WESTERN_TITLE = re.compile(r"\b(mr|mrs|ms|miss|dr|prof)\b\.?\s*")
_OF_TITLES = {"mr": "m", "mrs": "f", "ms": "f", "miss": "f"}


@cache
def _of_given_names() -> dict[str, str]:
    """Return given names with the sex of those who bear them; in the file an empty line divides women's from men's."""
    parts = _FILE.read_text(encoding="utf-8").split("\n\n")
    return {name: sex for sex, part in zip("fm", parts, strict=True) for name in part.split()}


def of_given_name(given: str) -> str:
    """Return `m` or `f` for a folded given name, nothing where both bear it or it is not known."""
    return _of_given_names().get(given, "")


def of_title(folded: str) -> str:
    """Return `m` or `f` where a title in English before a name tells it."""
    title = WESTERN_TITLE.match(folded)
    return _OF_TITLES.get(title.group(1), "") if title else ""
