"""Where a name says that its company is registered: in a city, or in a county or county-level city of that; of one group they are two companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.places.place import BEYOND
from crmmigrate.matching.texts.bags import numbered
from crmmigrate.matching.texts.cells import matched

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_SLIP_HERE, _HEARD, _OTHER_SEAT, _ELSEWHERE, _DIFFERENT = named(
    LEVELS, "slip_here", "heard", "other_seat", "elsewhere", "different"
)
_BRAND = 2
"""Characters of a brand, by which the register of a city tells companies of one trade apart."""

_PREFECTURE = 4
"""Digits of its code; a county-level city has six."""

_COUNTY_AT_HEAD = "^[\u3400-\u9fff]{1,3}县"


class Seats:
    """The seats of registered names; 苏州昆山启明 may be called by either.

    Args:
        names: all.
    """

    def __init__(self, names: Names) -> None:
        import pyarrow.compute as pc

        formal, district = names.kind.true(), names.district.true()
        city = names.place.each(lambda place: bool(place.city))
        county = names.place.each(lambda place: len(place.city) > _PREFECTURE)
        self._county = formal & city & (county | (district & matched(names.full, _COUNTY_AT_HEAD)))
        self._city = formal & city & ~county & ~district
        self._known = formal & names.place.each(lambda place: bool(place.province))
        self._beyond = names.place.each(lambda place: place.province in BEYOND)
        self._brand = numbered(pc.utf8_slice_codeunits(names.core, 0, _BRAND))

    def lowered(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray, alike: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names, of which one is registered in a city and the other in a county, which may be one of that city's, or both in one city by brands that only sound the same (诚丰, 晟丰).

        Args:
            levels: changed in place.
            one: names.
            other: the other name of each pair.
            alike: where brand and trade sound the same.
        """
        apart = (self._city[one] & self._county[other]) | (self._county[one] & self._city[other])
        levels[alike & (levels == _SLIP_HERE) & (self._brand[one] != self._brand[other])] = _HEARD
        levels[apart & alike & (levels < _OTHER_SEAT)] = _OTHER_SEAT
        # One of Hong Kong and one of the mainland are two, whatever they trade in.
        two = self._known[one] & self._known[other] & (self._beyond[one] != self._beyond[other])
        levels[two & (levels == _DIFFERENT) & (self._brand[one] == self._brand[other])] = _ELSEWHERE
        return levels
