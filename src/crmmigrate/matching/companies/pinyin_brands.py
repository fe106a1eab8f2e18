"""Names in letters that are pinyin: Shenzhen Kaihang Freight is not 深圳旭洋服饰, whoever has both; of Sunrise Trading and 日升贸易 nobody knows."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.names_in_pinyin import ENGLISH, of_syllables, reads
from crmmigrate.matching.companies.readings import called_districts
from crmmigrate.matching.companies.trades_in_english import other_trade
from crmmigrate.matching.places.place import BEYOND, Place, all_apart, provinces_and_cities, take_place
from crmmigrate.matching.texts.folding import all_sounds, sound, syllables

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_BRAND, _ROMANISED, _SISTER, _ELSEWHERE, _OTHER_SCRIPT, _DIFFERENT = named(
    LEVELS, "brand", "romanised", "sister", "elsewhere", "other_script", "different"
)
_HONG_KONG, _TAIWAN = "hongkong", "taiwan"
_LEAST, _SLIPS = 6, 2
"""Letters of a word that is hardly read as pinyin by chance; so many that differ are a slip or a dialect's."""

_LEAST_OF = {2: _LEAST, 3: 8}
"""Such letters by syllables: Marina and Malibu are read as three of them too."""


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


def is_city(word: str) -> bool:
    """Return whether a word in letters is the pinyin of a city or a province of the mainland."""
    return word in _places()


def is_pinyin(words: str) -> bool:
    """Return whether words in letters are nothing but pinyin, of two or three syllables."""
    return _count(words.replace(" ", ""), behind_place=True) > 0


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
    at, where, brand, count = _told(heads)
    beyond = country in ("HK", "MO", "TW") or _HONG_KONG in heads
    beyond &= not (at and _TAIWAN in heads and _TAIWAN in all_sounds(core[:_CHARACTERS]))  # 太万 of Dalian
    if place.province and (beyond != (place.province in BEYOND)) and (beyond or at):
        return _ELSEWHERE  # one company of Hong Kong and one of the mainland are two, whoever has both
    core = _without_district(core, place)
    readings = all_sounds(core[: max(count, _CHARACTERS)])
    if at and place.province and where not in all_sounds(core[:_CHARACTERS]) and _all_elsewhere(at, place):
        return _ELSEWHERE
    if level == _ROMANISED and reads(brand, core) and not set(all_sounds(core[:_CHARACTERS])).isdisjoint(heads):
        return level
    if count and at and brand in readings and not _all_elsewhere(at, place):
        return _ROMANISED  # a brand of few letters is one behind its city
    if count and not at and len(brand) >= _LEAST and brand in readings and not other_trade(core, words):
        return _BRAND  # nor does it say where it is
    said = (
        len(brand) >= _LEAST_OF.get(count, len(brand) + 1)
        and not beyond
        and place.province not in BEYOND
        and set(readings).isdisjoint(heads)
    )
    if said and _reads_otherwise(core[_CHARACTERS:], readings, brand):
        return _DIFFERENT
    return _SISTER if other_trade(core, words) else _OTHER_SCRIPT


_CHARACTERS, _LONGEST = 2, 4
"""Characters of a brand, and of the name of a place that is read in all ways."""


def _told(heads: tuple[str, ...]) -> tuple[frozenset[Place], str, str, int]:
    """Return which places the words at the head of a name in letters may be, the last of these words, what is written behind it as one word or syllable by syllable, and of how many syllables of pinyin that is; 0 where it is an English word.

    A word that is a place elsewhere is a district of the one before it, or the brand: Wuhan Wuchang Kai Shun.
    """
    at: frozenset[Place] = frozenset()
    where = ""
    singles = heads[: (len(heads) + 1) // 2]
    for number, word in enumerate(singles):
        met = _places().get(word)
        if met is None:
            brand = _joined(singles[number:])
            return at, where, brand, _count(brand, behind_place=bool(at))
        within = frozenset(place for place in met if not at or not _all_elsewhere(at, place))
        if not at or within:
            at, where = within, word
    return at, where, "", 0


def _joined(words: tuple[str, ...]) -> str:
    """Return the first of some words, with those behind it where each is one syllable: kai shun chemical is kaishun."""
    size = next((at for at, word in enumerate(words) if word not in syllables()), len(words))
    return "".join(words[: max(size, 1)])


def _count(brand: str, *, behind_place: bool) -> int:
    """Return of how many syllables of pinyin a brand is; of more than two only behind a city, for words of any language are read so."""
    if brand in ENGLISH:
        return 0
    return next((count for count in ((2, 3) if behind_place else (2,)) if of_syllables(count).fullmatch(brand)), 0)


def _without_district(core: str, place: Place) -> str:
    """Return a Chinese core without a district of its city at its head: 台江信联文具 of 福州."""
    if not place.city:
        return core
    met = next((size for size in (2, 3) if core[:size] in called_districts(place.city)), 0)
    return core[met:] if met and len(core) - met > _LONGEST - 1 else core


def _reads_otherwise(behind: str, readings: list[str], brand: str) -> bool:
    """Return whether a word that is pinyin is none of the readings of a Chinese brand, nor in what stands behind that, slips aside."""
    from rapidfuzz.distance import OSA

    if brand in sound(behind).replace(" ", ""):
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
