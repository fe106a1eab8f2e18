"""Cores of company names that differ in one character, or of which one has more: a slip, or another company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.readings import TRADE_OF_FIRM, trades_behind
from crmmigrate.matching.texts.folding import is_chinese
from crmmigrate.matching.texts.look_alikes import mistaken

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching.texts.letters import Letters

_SHORT, _INSIDE, _ONE, _BY_BRAND, _LONGER, _WORD_MORE = named(
    LEVELS, "short", "inside", "one_character", "brand", "longer", "word_more"
)
_BRAND = 2
"""Characters of a brand."""

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


def tell_registered_apart(
    levels: np.ndarray, registered: np.ndarray, letters: Letters, one: np.ndarray, other: np.ndarray
) -> None:
    """Let no registered name be short for another: where a word more is said, that is meant, and so is a character more at the brand's end.

    Elsewhere one of them may lack a character.

    Args:
        levels: of pairs; changed in place.
        registered: the pairs in which both names have a legal form (bool).
        letters: of the cores.
        one: cores.
        other: of each pair.
    """
    import numpy as np

    levels[(levels == _INSIDE) & registered] = _LONGER
    levels[(levels == _BY_BRAND) & registered] = _WORD_MORE
    rest = np.flatnonzero((levels == _SHORT) & registered)
    for at, *cores in zip(rest.tolist(), letters.texts(one[rest]), letters.texts(other[rest]), strict=True):
        short, long = sorted(cores, key=len)
        if len(long) > len(short) + 1:
            levels[at] = _WORD_MORE if is_chinese(long) else _LONGER
        elif len(long) > len(short) and _ends_brand(short, long):
            levels[at] = _ONE


def _ends_brand(short: str, long: str) -> bool:
    """Return whether a core has a character more than another right between brand and trade: 腾程达机械, and not 腾程机机械."""
    one_more = long[:_BRAND] + long[_BRAND + 1 :] == short and long[_BRAND] != short[_BRAND : _BRAND + 1]
    return one_more and any(len(short) - len(trade) <= _BRAND + 1 for trade in trades_behind(short))
