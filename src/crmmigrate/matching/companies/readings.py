"""Other readings of a company's name: a district without the word that says so, a city that was mistyped."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.places.place import BEYOND, DIVISIONS, Place, city_names, districts_of, shortest_name
from crmmigrate.matching.texts.blurred_sound import blurred
from crmmigrate.matching.texts.cells import mask
from crmmigrate.matching.texts.folding import sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching.companies.name_columns import Coded

_TOWNSHIPS = DIVISIONS.with_name("townships.csv")
_TRADES = DIVISIONS.with_name("trades.txt")
_SHORTEST_TRADE, _LONGEST_TRADE = 2, 8
"""Characters of a trade that is looked for at the end of a name."""
TRADE_OF_FIRM = 6
"""At most so many has what a shop or a firm does; those of more are bodies and offices (市场监督管理局)."""
_WITHOUT_DISTRICTS = {"4419": "441900", "4420": "442000"}
"""东莞 and 中山 have towns instead."""

_KIND = re.compile("(?:自治县|新区|区|县|市|旗|街道|镇|乡)\\Z")
_TRADES_BEHIND = (2, 3, 4)
"""Characters of a trade that is looked for behind one character."""

_BRAND, _LEAST = 2, 4
"""Characters of a place as it is called; of brand and trade that are left behind it."""


class Reading(NamedTuple):
    """A name read otherwise.

    Args:
        place: where it is registered.
        district: in which it is, empty where it names none.
        core: brand and trade.
        guessed: whether a place was mistyped.
    """

    place: Place
    district: str
    core: str
    guessed: bool


def may_be_read_otherwise(core: str, place: Place) -> bool:
    """Return whether `readings` may give any: a look at its head tells of most names that it gives none."""
    if place.city:
        there = called_districts(place.city)
        return core[:2] in there or core[:3] in there
    return not place.province and _mistyped(core[:2]) is not None


def which_may_be_read_otherwise(cores: pa.Array, places: Coded) -> np.ndarray:
    """Return `may_be_read_otherwise` of each core (large_string) at its place, and where one may be `with_city_as_brand`."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    called = pa.array(
        sorted({name for place in places.values if place.city for name in called_districts(place.city)}), cores.type
    )
    found = np.zeros(len(cores), dtype=bool)
    for size in (2, 3):
        found |= mask(pc.is_in(pc.utf8_slice_codeunits(cores, 0, size), called))
    nowhere = ~places.each(lambda place: bool(place.province))
    found &= ~nowhere
    asked = np.flatnonzero(found)
    some = zip(cores.take(pa.array(asked)).to_pylist(), places.codes[asked].tolist(), strict=True)
    found[asked] = [may_be_read_otherwise(core, places.values[place]) for core, place in some]
    for size in _TRADES_BEHIND:
        words = pa.array(sorted(trade for trade in trades() if len(trade) == size), cores.type)
        found |= ~nowhere & mask(pc.is_in(pc.utf8_slice_codeunits(cores, 1, 1 + size), words))
    asked = np.flatnonzero(nowhere)
    heads = pc.utf8_slice_codeunits(cores.take(pa.array(asked)), 0, _BRAND).dictionary_encode()
    mistyped = np.array([_mistyped(head) is not None for head in heads.dictionary.to_pylist()], dtype=bool)
    found[asked] = mistyped[heads.indices.to_numpy()]
    return found


def with_city_as_brand(core: str, place: Place) -> str:
    """Return the brand and trade of a name whose city is part of its brand, empty for others: one character before trades is no brand, so 新泰茂五金工具 is 新泰茂 and no 茂 of 新泰."""
    if not place.city or place.province in BEYOND:
        return ""
    parts = ((core[1 : 1 + size], core[1 + size :]) for size in _TRADES_BEHIND)
    one = any(trade in trades() and (not rest or rest in trades()) for trade, rest in parts)
    return shortest_name(place) + core if one else ""


def readings(core: str, place: Place, *, formal: bool) -> Iterator[Reading]:
    """Give the other readings of a name.

    Args:
        core: what is left of it without its place and its legal form.
        place: as it was found.
        formal: whether the name ends in a legal form.
    """
    if len(core) < _BRAND + _LEAST or core.endswith("店"):  # a chain has shops in several districts
        return
    if place.city:
        for size in (2, 3):
            if core[:size] in called_districts(place.city) and _is_name(rest := core[size:].removeprefix("镇")):
                yield Reading(place, core[:size], rest, guessed=False)
    elif formal and not place.province and (city := _mistyped(core[:2])) and _is_name(rest := core[2:]):
        yield Reading(city, "", rest.removeprefix("市"), guessed=True)


def _is_name(rest: str) -> bool:
    """Return whether a brand stands at the head of what is left: 虹口 of 上海虹口机械设备 is a brand itself."""
    return len(rest) >= _LEAST and not any(rest[:size] in trades() for size in (2, 3, 4))


@cache
def trades() -> frozenset[str]:
    """Return the words that say what a company does."""
    return frozenset(_TRADES.read_text(encoding="utf-8").split())


def trades_behind(text: str, longest: int = _LONGEST_TRADE) -> Iterator[str]:
    """Yield the trades of up to `longest` characters with which a text ends, the longest first; it may be nothing else."""
    for size in range(min(longest, len(text)), _SHORTEST_TRADE - 1, -1):
        if (end := text[-size:]) in trades():
            yield end


@cache
def called_districts(city: str) -> frozenset[str]:
    """Return what the districts, counties and county-level cities of a city are called."""
    names = districts_of(city)
    if code := _WITHOUT_DISTRICTS.get(city):
        with _TOWNSHIPS.open(encoding="utf-8", newline="") as file:
            names = frozenset(line.rstrip().partition(",")[2] for line in file if line.startswith(code))
    return frozenset(short for name in names if len(short := _KIND.sub("", name)) >= _BRAND)


@lru_cache(maxsize=20_000)
def _mistyped(head: str) -> Place | None:
    """Return the city that two characters mean which are none: they sound like it (文州), one of them nearly (绍新), or they are turned round (海上)."""
    near = (place for at in (0, 1) for place in _nearly().get((at, head[at : at + 1], blurred(head)), ()))
    return _heard().get(sound(head)) or city_names().get(head[::-1]) or next(near, None)


@cache
def _nearly() -> dict[tuple[int, str, str], tuple[Place, ...]]:
    """Return cities of two characters by one of these, and by how they sound to those who do not tell in from ing, where no other does."""
    found: dict[tuple[int, str, str], tuple[Place, ...]] = {}
    for name, place in city_names().items():
        if len(name) == _BRAND:
            for at in (0, 1):
                key = (at, name[at], blurred(name))
                found[key] = (*found.get(key, ()), place)
    return {key: places for key, places in found.items() if len(set(places)) == 1}


@cache
def _heard() -> dict[str, Place]:
    """Return cities of two characters by their pinyin, where no other sounds so."""
    found: dict[str, set[Place]] = {}
    for name, place in city_names().items():
        if len(name) == _BRAND:
            found.setdefault(sound(name), set()).add(place)
    return {heard: next(iter(places)) for heard, places in found.items() if len(places) == 1}
