"""Names of companies that the register of Taiwan, Hong Kong or Macau has once: there no place stands in them, and none is needed."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from crmmigrate.matching import by_name
from crmmigrate.matching.companies.levels import LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_AT = by_name(LEVELS)
_REGISTERED, _SAME = _AT["registered"], _AT["same"]


def registered_beyond(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Raise the level of pairs that are called quite the same, as a limited company, and have addresses in one region beyond the mainland.

    Sources: 公司法 §18 (Taiwan), Companies Ordinance cap. 622 s. 100 (Hong Kong): none is registered by the name of another. Traders (企業社, 行) are called so once in a county.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    for index, where in product(by.of("company_name"), by.of("address")):
        regions = by.comparers[where].beyond  # type: ignore[attr-defined]
        if not regions.any():
            continue
        rest = np.flatnonzero(levels[:, index] == _SAME)
        one, other = (regions[by.codes[side[rest], where]] for side in (left, right))
        rest = rest[(one > 0) & (one == other)]
        names = by.comparers[index]
        a, b = (names.first[by.codes[side[rest], index]] for side in (left, right))  # type: ignore[attr-defined]
        one_name = (names.full[a] == names.full[b]) & names.limited[a]  # type: ignore[attr-defined]
        levels[rest[one_name], index] = _REGISTERED
