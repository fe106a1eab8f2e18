"""What a title or a given name tells of somebody's sex."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[2] / "data" / "given_names.txt"
_CHARACTERS = _FILE.with_name("given_characters.txt")
_SURE = 3
"""Bits from which on the characters of a given name tell the sex: of nine who bear it eight are men, or women."""

_LONGEST = 2
"""Characters of a given name; more is a name with something behind it."""

_OF_TITLES = {
    "mr": "m", "mister": "m", "herr": "m", "monsieur": "m", "señor": "m", "signor": "m", "mrs": "f", "ms": "f", "miss": "f", "frau": "f", "madame": "f",
    "mme": "f", "mlle": "f", "señora": "f", "signora": "f",
}  # fmt: skip
_DEGREES = r"dr|prof(?:essor)?|(?:dipl\.?[ -])?ing|ph\.?\s?d|m\.?b\.?a|cpa|cfa|esq|dds|mph|ll\.?m"
WESTERN_TITLE = re.compile(rf"(?<![\w.-])(?:({'|'.join(_OF_TITLES)})|{_DEGREES})(?![\w-])\.?,?\s*")
"""What stands before a name in letters, or behind it: Herr Dr. Koch, Charles Cooper, CPA."""


@cache
def _of_given_names() -> dict[str, str]:
    """Return given names with the sex of those who bear them; in the file an empty line divides women's from men's."""
    parts = _FILE.read_text(encoding="utf-8").split("\n\n")
    return {name: sex for sex, part in zip("fm", parts, strict=True) for name in part.split()}


def of_given_name(given: str) -> str:
    """Return `m` or `f` for a folded given name, nothing where both bear it or it is not known."""
    return _of_given_names().get(given, "")


@cache
def _of_characters() -> dict[str, int]:
    """Return characters of Chinese given names with the bits by which they speak for a man; for a woman these are below 0."""
    lines = (line.split() for line in _CHARACTERS.read_text(encoding="utf-8").splitlines())
    return {character: int(bits) for bits, borne in lines for character in borne}


def of_characters(given: str) -> str:
    """Return `m` or `f` for a Chinese given name whose characters taken together are seldom the other's: 建国, 红霞, and not 红军 or 敏."""
    if len(given) > _LONGEST:
        return ""
    bits = sum(_of_characters().get(character, 0) for character in given)
    return "m" if bits >= _SURE else "f" if bits <= -_SURE else ""


def of_title(folded: str) -> str:
    """Return `m` or `f` where a title before a name tells it."""
    title = WESTERN_TITLE.match(folded)
    return _OF_TITLES.get(title.group(1) or "", "") if title else ""
