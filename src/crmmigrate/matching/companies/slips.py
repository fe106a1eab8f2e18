"""Cores of company names that differ in one character: a slip, or another company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.companies.readings import TRADE_OF_FIRM, trades_behind
from crmmigrate.matching.texts.look_alikes import mistaken

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_LEAST = 4
"""Characters of a core of which one that is another leaves the two alike."""


def slips(
    one: Sequence[str], other: Sequence[str], asked: np.ndarray, brand: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of cores of which one character was misread for the other's; and those of which it is another: 众达德 and 众通德, 恒禾电气 and 恒禾电缆.

    Behind the brand a character is another where both are what companies do: 机戒 is 机械.

    Args:
        one: cores.
        other: of each pair.
        asked: the pairs asked about (bool), whose cores have one length and differ in one character.
        brand: the pairs that have one brand (bool).
    """
    import numpy as np

    misread, otherwise = mistaken(one, other, asked)
    another = [
        pair
        for pair in otherwise.tolist()
        if len(one[pair]) >= _LEAST and (not brand[pair] or _two_trades(one[pair], other[pair]))
    ]
    return misread, np.array(another, dtype=np.int64)


def _two_trades(one: str, other: str) -> bool:
    """Return whether two cores end with trades that differ."""
    theirs = {len(trade): trade for trade in trades_behind(other, TRADE_OF_FIRM)}
    return any(theirs.get(len(trade), trade) != trade for trade in trades_behind(one, TRADE_OF_FIRM))
