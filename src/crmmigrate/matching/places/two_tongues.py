"""One address in Chinese and in letters: 宁波市海曙区蓝天路12号 and No. 12 Lantian Road, Haishu District, Ningbo."""

from __future__ import annotations

import re
from functools import lru_cache

from crmmigrate.matching.places.place import Place, city_pinyin
from crmmigrate.matching.texts.folding import all_sounds

_NUMBER = re.compile(r"\d+")
_NUMERAL = re.compile(
    r"(?<=[\u3400-\u9fff])\d(?=[路街]|大道)|(?<!\d)\d(?=(?![段号弄巷楼层座室栋幢期院组队村路街道区门单])[\u3400-\u9fff])"
)
_NUMERALS = "零一二三四五六七八九"
"""三民路 and 七堵区 are names, whose numerals are read as digits in a line."""

_ROAD = re.compile(r"([\u3400-\u9fff]{2,})(?:大道|大街|胡同|[路街巷道弄里])(?=[^\u3400-\u9fff])")
_ENGLISH = "(?:avenue|ave|road|rd|street|st|lane|ln|alley|boulevard|blvd|highway|hwy|dadao|dajie|lu|jie|xiang|dao)"
_NTH_STREET = re.compile(rf"(?<!\d)\d(?:st|nd|rd|th)(?={_ENGLISH})")
"""云帆二路 is Yunfan 2nd Road as often as Yunfan Er Lu."""

_SIDES = {
    "东": "(?:east|e|dong)", "南": "(?:south|s|nan)", "西": "(?:west|w|xi)", "北": "(?:north|n|bei)", "中": "(?:middle|mid|central|m|zhong)",
}  # fmt: skip
_TOWN = re.compile(r"([\u3400-\u9fff]{2,3}?)[市区县镇乡]")
_SHORTEST, _LONGEST = 2, 4
"""Characters of a street's name that are read in all ways."""

_DOORS = 3
"""So many numbers are hardly those of another address, whatever the streets are called."""

_POSTCODE = 5
"""Digits of a number that is no house's."""


@lru_cache(maxsize=50_000)
def same_place(place: Place, chinese: str, letters: str) -> bool | None:
    """Return whether an address in Chinese and a line in letters name one place; None where that cannot be told.

    Their numbers are the same, where one does not say less (the floor), and the street in letters is the pinyin of the Chinese one. Lines
    without a common number are of two places.

    Args:
        place: of the Chinese address.
        chinese: its line, see `Address`.
        letters: the other line.
    """
    chinese = _NUMERAL.sub(lambda met: _NUMERALS[int(met.group())], chinese)
    mine, its = _numbers(chinese), _numbers(_NTH_STREET.sub(" ", letters))
    if not mine or not its:
        return None
    if mine.isdisjoint(its):
        return False
    if mine == its and len(mine) >= _DOORS:
        return True
    return True if (mine <= its or its <= mine) and _one_street(place, chinese, letters) else None


def _numbers(line: str) -> frozenset[str]:
    return frozenset(number.lstrip("0") for number in _NUMBER.findall(line) if len(number) < _POSTCODE)


def _one_street(place: Place, chinese: str, letters: str) -> bool:
    """Return whether a street in letters is the pinyin of the Chinese one, in the city or a district that is called so."""
    road = _ROAD.search(chinese)
    if not road:
        return False
    towns = [said for town in _TOWN.findall(road[1]) for said in all_sounds(town)]
    if city := city_pinyin(place):
        towns.append(city)
    if not any(said in letters for said in towns):
        return False
    name, side = road[1], ""
    if name[-1] in _SIDES and len(name) > _SHORTEST:
        name, side = name[:-1], _SIDES[name[-1]]
    sizes = range(_SHORTEST, min(len(name), _LONGEST) + 1)
    read = "|".join(said for size in sizes for said in all_sounds(name[-size:]))
    if name[-1] in _NUMERALS and len(name) > _SHORTEST:
        nth = f"{_NUMERALS.index(name[-1])}(?:st|nd|rd|th)?"
        read += "".join(f"|{said}{nth}" for size in sizes for said in all_sounds(name[-size:-1]) if size > 1)
    return re.search(f"(?:{read}){side}{_ENGLISH}", letters) is not None
