"""Where a name says that its company is registered: in a city, or in a county or county-level city of that; of one group they are two companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.texts.cells import matched

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_OTHER_SEAT = next(at for at, level in enumerate(LEVELS) if level.name == "other_seat")
_PREFECTURE = 4
"""Digits of its code; a county-level city has six."""

_COUNTY_AT_HEAD = "^[\u3400-\u9fff]{1,3}县"


class Seats:
    """The seats of registered names; 苏州昆山启明 may be called by either.

    Args:
        names: all.
    """

    def __init__(self, names: Names) -> None:
        formal, district = names.kind.true(), names.district.true()
        city = names.place.each(lambda place: bool(place.city))
        county = names.place.each(lambda place: len(place.city) > _PREFECTURE)
        self._county = formal & city & (county | (district & matched(names.full, _COUNTY_AT_HEAD)))
        self._city = formal & city & ~county & ~district

    def lowered(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray, alike: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names, of which one is registered in a city and the other in a county, which may be one of that city's.

        Args:
            levels: changed in place.
            one: names.
            other: the other name of each pair.
            alike: where brand and trade sound the same.
        """
        apart = (self._city[one] & self._county[other]) | (self._county[one] & self._city[other])
        levels[apart & alike & (levels < _OTHER_SEAT)] = _OTHER_SEAT
        return levels
