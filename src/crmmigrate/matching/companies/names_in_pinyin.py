"""Names of mainland companies in letters in one way: Zhuhai Jinwan RUN HUA Valves is ZHUHAI RUNHUA VALVE.

A city stands at the head, a district of it may stand behind. Of the brand each character may be a word.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crmmigrate.matching.places.place import Place, city_names, city_pinyin, districts_of
from crmmigrate.matching.texts.folding import all_sounds, syllables

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(r"[^\s,]+")
_KIND = re.compile("(?:自治[县旗]|[区县市旗])\\Z")
_LEAST, _MOST, _LONG = 3, 4, 3
"""Letters of a word that may end in the s of a plural, but one; syllables of a brand at most, and of a long one."""

ENGLISH = frozenset(
    re.findall(
        "[a-z]+",
        """
anglian angling bangle banian banning banting banyan banzai binding bingle binmen biting boxing caiman canning chance change changer chiding
cunning danger dangle dingle dongle douche dugong duncan dunlin dunning ending fabian fanning gaming gentian gunman gunmen gunning hanger
hangman hangmen hansen hunting jingle julian kenning kenyan lading landing langer lichen linden linger lingua lining longer longan louche
maiden mailing mangle manning mating median mending mingle mining minnie nannie nansen nuance outing pairing paling panting penman penmen
piling pinning piping pouting quanta ranger ranting riding ruling running sailing saying senior shading shaken shaman shunning siding simian
suiting suntan tailing tangle tannin tanning taxing tiling timing tingle toucan tubing wailing waiting wangle zenger
""",
    )
)
"""English words that can be read as two syllables of pinyin."""


def in_one_way(name: str) -> str:
    """Return a folded name in letters as all write it: the brand as one word, no district, words in the singular; names that do not begin with a city as they are."""
    first = _TOKEN.match(name)
    city = _city(first.group()) if first else ()
    if not city:
        return name
    words = _TOKEN.findall(name)
    brand, behind = _brand(words[1:], _districts(city))
    if not brand or brand == "taiwan":  # two syllables are no island
        return name
    return " ".join([words[0], brand, *map(_singular, behind)])


def is_spelt(heads: Sequence[str]) -> bool:
    """Return whether a name that begins with these words is the pinyin of a Chinese one: a city, and a brand of two syllables or more that is no English word."""
    return len(heads) > 1 and bool(_city(heads[0])) and _count(heads[1]) > 1 and heads[1] not in ENGLISH


def _brand(words: list[str], districts: frozenset[str]) -> tuple[str, list[str]]:
    """Return the brand with which words begin as one word, without the district before it, and the words behind it; no brand where they begin with none in pinyin."""
    if len(words) > 1 and words[0] in districts and _count(words[1]):
        words = words[1:]
    brand, count = "", 0
    for at, word in enumerate(words):
        more = _count(word)
        if not more or count + more > _MOST:
            return brand, words[at:]
        brand, count = brand + word, count + more
    return brand, []


@lru_cache(maxsize=20_000)
def _count(word: str) -> int:
    """Return of how many syllables of pinyin a word consists, 0 for others."""
    return next((count for count in range(1, _MOST + 1) if of_syllables(count).fullmatch(word)), 0)


def first_two(word: str) -> list[str]:
    """Return the first two syllables of a word of three or more, however it is read."""
    if _count(word) < _LONG:
        return []
    return [word[:at] for at in range(2, len(word)) if of_syllables(2).fullmatch(word[:at]) and _count(word[at:])]


def reads(brand: str, core: str) -> bool:
    """Return whether a Chinese name may begin as a brand in letters is read, if that has three syllables or more: of shorter ones more is known otherwise."""
    count = _count(brand)
    return count < _LONG or brand in all_sounds(core[:count])


@cache
def of_syllables(count: int) -> re.Pattern[str]:
    """Return the pattern of a word of so many syllables of pinyin."""
    some = "|".join(sorted((one for one in syllables() if len(one) > 1), key=len, reverse=True))
    return re.compile(f"(?:{some}){{{count}}}")


def _singular(word: str) -> str:
    stem = word.rstrip(".,")
    return stem[:-1] if len(stem) > _LEAST + 1 and stem.endswith("s") and not stem.endswith("ss") else word


@cache
def _cities() -> dict[str, tuple[Place, ...]]:
    """Return the prefectures and municipalities by how they are read: fuzhou is 福州 and 抚州."""
    found: dict[str, set[Place]] = {}
    for place in city_names().values():
        found.setdefault(city_pinyin(place), set()).add(place)
    return {said: tuple(sorted(places)) for said, places in found.items()}


def _city(word: str) -> tuple[Place, ...]:
    return _cities().get(word.replace(" ", "").replace("'", ""), ())


@cache
def _districts(cities: tuple[Place, ...]) -> frozenset[str]:
    """Return how the districts and counties of cities are read."""
    short = (_KIND.sub("", name) for city in cities for name in districts_of(city.city))
    return frozenset(said for name in short if len(name) > 1 for said in all_sounds(name))
