"""Branches in letters that are called by the city of a record's address: Acme Logistics LLC, and Acme Logistics Denver in Denver."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.texts.bags import distinct_rows

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_AT = by_name(LEVELS)
_PLACED = _AT["placed"]
_SHORTER = named(LEVELS, "short", "inside", "brand", "longer", "similar", "one_in_trade")
_BETWEEN = frozenset(("", "of", "in", "at", "de", "di", "do"))


def placed_by_city(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Lower the level of pairs of which one name is the other with the city of one of the two addresses behind it.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    for index, where in product(by.of("company_name"), by.of("address")):
        names, towns = by.comparers[index], by.comparers[where].towns  # type: ignore[attr-defined]
        if not towns.columns:
            continue
        rest = np.flatnonzero(np.isin(levels[:, index], _SHORTER))
        sides = left[rest], right[rest]
        called = np.stack([names.first[by.codes[side, index]] for side in sides])  # type: ignore[attr-defined]
        found = np.zeros(len(rest), dtype=bool)
        for column in towns.columns:
            for side in sides:
                town = column[by.codes[side, where]]
                asked = np.flatnonzero(town > 0)
                ways, first = distinct_rows(np.column_stack([*called[:, asked], town[asked]]))
                cores = [names.letters.texts(names_of[asked[first]]) for names_of in called]  # type: ignore[attr-defined]
                cities = [towns.texts[city].replace(" ", "") for city in town[asked[first]].tolist()]
                found[asked] |= np.array([*map(_of_city, *cores, cities)], dtype=bool)[ways]
        levels[rest[found], index] = _PLACED


def _of_city(one: str, other: str, city: str) -> bool:
    """Return whether one name is the other with a city behind it."""
    shorter, longer = sorted((one, other), key=len)
    return (
        longer.startswith(shorter)
        and longer.endswith(city)
        and longer[len(shorter) : -len(city)] in _BETWEEN
        and len(longer) >= len(shorter) + len(city)
    )
