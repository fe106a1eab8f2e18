"""Names in which a seldom character stands as its parts, because a system could not hold it: 马金容 for 马镕, 周王君琳 for 周珺琳."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[2] / "data" / "taken_apart.txt"


@cache
def _parts() -> dict[str, tuple[str, ...]]:
    """Return characters with the ways in which they are taken apart."""
    lines = (line.split() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return {sign: tuple(ways) for sign, *ways in lines}


def is_taken_apart(one: str, other: str) -> bool:
    """Return whether one of two folded names is the other with a character taken apart."""
    short, long = sorted((one, other), key=len)
    return any(
        len(long) - len(short) == len(way) - 1 and long == short[:at] + way + short[at + 1 :]
        for at, sign in enumerate(short)
        for way in _parts().get(sign, ())
    )
