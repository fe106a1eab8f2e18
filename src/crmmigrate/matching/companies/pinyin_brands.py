"""Names in letters that are pinyin: Shenzhen Kaihang Freight is not 深圳旭洋服饰, whoever has both; of Sunrise Trading and 日升贸易 nobody knows."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.names_in_pinyin import ENGLISH, reads
from crmmigrate.matching.companies.trades_in_english import other_trade
from crmmigrate.matching.places.place import BEYOND, Place, all_apart, provinces_and_cities, take_place
from crmmigrate.matching.texts.folding import all_sounds, sound, syllables

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_BRAND, _ROMANISED, _SISTER, _ELSEWHERE, _OTHER_SCRIPT, _DIFFERENT = named(
    LEVELS, "brand", "romanised", "sister", "elsewhere", "other_script", "different"
)
_HONG_KONG = "hongkong"
_LEAST, _BEHIND_CITY, _SLIPS = 6, 5, 2
"""Letters of a word that is hardly read as pinyin by chance, fewer behind a city; so many that differ are a slip or a dialect's."""


class PinyinBrands:
    """What names in letters and names in characters tell of each other.

    Args:
        said: the names.
    """

    def __init__(self, said: Names) -> None:
        self._core, self._words, self._heads = said.core, said.words, said.romans
        self._place, self._country, self._foreign = said.place, said.country, said.words.true()

    def lowered(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs in two scripts, by what their brands, places and trades say; changed in place."""
        import numpy as np
        import pyarrow as pa

        two = np.isin(levels, (_ROMANISED, _OTHER_SCRIPT)) & (self._foreign[one] != self._foreign[other])
        rest = np.flatnonzero(two)
        letters = np.where(self._foreign[one[rest]], one[rest], other[rest])
        chinese = np.where(self._foreign[one[rest]], other[rest], one[rest])
        heads, words, places, countries = (
            [part.values[code] for code in part.codes[at].tolist()]
            for part, at in ((self._heads, letters), (self._words, letters), (self._place, chinese), (self._country, letters))
        )  # fmt: skip
        cores = self._core.take(pa.array(chinese)).to_pylist()
        for at, *said in zip(rest.tolist(), cores, places, heads, words, countries, strict=True):
            levels[at] = _level(int(levels[at]), *said)
        return levels


@lru_cache(maxsize=50_000)
def _level(level: int, core: str, place: Place, heads: tuple[str, ...], words: str, country: str) -> int:
    """Return the level of a Chinese name and one in letters.

    Args:
        level: what it would be otherwise.
        core: of the Chinese name.
        place: where that is registered.
        heads: see `Foreign`.
        words: likewise.
        country: likewise.
    """
    at, where, brand, several = _told(heads)
    beyond = country in ("HK", "MO", "TW") or _HONG_KONG in heads
    if place.province and (beyond != (place.province in BEYOND)) and (beyond or at):
        return _ELSEWHERE  # one company of Hong Kong and one of the mainland are two, whoever has both
    readings = all_sounds(core[:_CHARACTERS])
    if at and place.province and where not in readings and _all_elsewhere(at, place):
        return _ELSEWHERE
    if level == _ROMANISED:
        return level if reads(brand, core) else _DIFFERENT
    if several and at and brand in readings and not _all_elsewhere(at, place):
        return _ROMANISED  # a brand of few letters is one behind its city
    if several and not at and len(brand) >= _LEAST and brand in readings and not other_trade(core, words):
        return _BRAND  # nor does it say where it is
    said = several and not beyond and place.province not in BEYOND and set(readings).isdisjoint(heads)
    if said and _reads_otherwise(core[_CHARACTERS:], readings, brand, _BEHIND_CITY if at else _LEAST):
        return _DIFFERENT
    return _SISTER if other_trade(core, words) else level


_CHARACTERS, _LONGEST = 2, 4
"""Characters of a brand, and of the name of a place that is read in all ways."""


def _told(heads: tuple[str, ...]) -> tuple[frozenset[Place], str, str, bool]:
    """Return which places the words at the head of a name in letters may be, the last of these words, the one behind it, and whether that is two syllables of pinyin and no English word."""
    at: frozenset[Place] = frozenset()
    where = ""
    for word in heads[: (len(heads) + 1) // 2]:
        if word not in _places():
            return at, where, word, bool(_two_syllables().fullmatch(word)) and word not in ENGLISH
        at, where = _places()[word], word
    return at, where, "", False


def _reads_otherwise(behind: str, readings: list[str], brand: str, least: int) -> bool:
    """Return whether a word of so many letters that is pinyin is none of the readings of a Chinese brand, nor in what stands behind that, slips aside."""
    from rapidfuzz.distance import OSA

    if len(brand) < least or brand in sound(behind).replace(" ", ""):
        return False
    return all(OSA.distance(brand, reading) > _SLIPS for reading in readings)


def _all_elsewhere(at: frozenset[Place], place: Place) -> bool:
    """Return whether a place is apart from each of those of one pinyin (苏州 and 宿州)."""
    return bool(at) and bool(all_apart([place, *at])[0, 1:].all())


@cache
def _places() -> dict[str, frozenset[Place]]:
    """Return the provinces and cities of the mainland by their pinyin."""
    found: dict[str, set[Place]] = {}
    for name in (name for called in provinces_and_cities() for name in called):
        place = take_place(name)[0]
        if place.province and place.province not in BEYOND:
            for said in all_sounds(name.rstrip("市省")) if len(name) <= _LONGEST else ():
                found.setdefault(said, set()).add(place)
    return {heard: frozenset(places) for heard, places in found.items()}


@cache
def _two_syllables() -> re.Pattern[str]:
    longest = sorted((one for one in syllables() if len(one) > 1), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(longest)}){{2}}")
