"""Bodies of one district's name in two cities (铁西区教育局 in 沈阳 and in 鞍山), where only their telephones say which is where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.texts.cells import matched

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_DISTRICT = "^[\u3400-\u9fff]{1,3}[区县]"
_ONE_NAME = named(LEVELS, "same", "namesake", "form")


def of_two_areas(by: Comparison, index: int, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return which pairs are called like one public body whose name does not say its city, and have landlines in two areas.

    Args:
        by: has the roles and their comparers.
        index: the role of the name.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles.
    """
    import numpy as np
    import pyarrow as pa

    names = by.comparers[index]
    found = np.isin(levels[:, index], _ONE_NAME)
    for side in (left, right):
        first = names.first[by.codes[side[found], index]]  # type: ignore[attr-defined]
        found[found] = names.public[first] & ~names.city[first]  # type: ignore[attr-defined]
        first = names.first[by.codes[side[found], index]]  # type: ignore[attr-defined]
        found[found] = matched(names.told.core.take(pa.array(first)), _DISTRICT)  # type: ignore[attr-defined]
    rest = np.flatnonzero(found)
    apart, together = np.zeros((2, len(rest)), dtype=bool)
    for at in by.of("phone") if len(rest) else ():
        one, other = (by.comparers[at].areas_of(by.codes[side[rest], at]) for side in (left, right))  # type: ignore[attr-defined]
        said = (one >= 0) & (other >= 0)
        apart |= said & (one != other)
        together |= said & (one == other)
    found[rest] = apart & ~together
    return np.asarray(found)
