"""Addresses of the mainland in pinyin beside Chinese ones: NO.1103 HESHENG STREET, SUZHOU is 苏州市和盛街1103号."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crmmigrate.matching.places.place import Place, city_pinyin
from crmmigrate.matching.texts.folding import all_sounds, sound

_STREET = re.compile(
    r"(?P<name>[\u3400-\u9fff0-9]*?[\u3400-\u9fff][0-9]{0,2})(?:大道|大街|马路|[路街道巷])(?:[东西南北中]段)?(?P<number>[0-9]+)"
)
"""Where a house is, in a Chinese line of `address_parts.take_apart`."""

_LEAST, _MOST = 2, 3
"""Characters of a street's name that are looked for: before them may stand the town."""

_NUMERALS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_DIRECTIONS = {
    "东": "e(?:ast)?",
    "西": "w(?:est)?",
    "南": "s(?:outh)?",
    "北": "n(?:orth)?",
    "中": "m(?:id(?:dle)?)?|central",
}
_KINDS = "(?:st|street|rd|road|ave|avenue|blvd|lu|jie|malu|da(?:dao|jie)|dao|hwy|ln|lane|xiang)"
_NUMBER = re.compile(r"[0-9]+")
_POSTCODE = 6
"""Its digits."""


def is_there(line: str, place: Place, letters: str) -> bool:
    """Return whether an address in letters is the house that a Chinese one names: its street, its number, its city, and no other flat.

    Args:
        line: the Chinese one, of `address_parts.take_apart`.
        place: where that is.
        letters: the other line, without blanks.
    """
    wanted = _wanted(line, place)
    if wanted is None or wanted.city not in letters:
        return False
    rest, met = wanted.street.subn(" ", letters)
    other = {number for number in _NUMBER.findall(rest) if len(number) != _POSTCODE}
    return bool(met) and wanted.house in other and (wanted.numbers <= other or other <= wanted.numbers)


class _Wanted(NamedTuple):
    """What has to be found in a line in letters: the street, the number of the house, the city; and all numbers there are."""

    street: re.Pattern[str]
    house: str
    city: str
    numbers: frozenset[str]


@lru_cache(maxsize=20_000)
def _wanted(line: str, place: Place) -> _Wanted | None:
    """Return what a Chinese line names; None where that is no house at a street."""
    met = _STREET.search(line)
    name = met["name"][-_MOST:] if met else ""
    if met is None or len(name) < _LEAST:
        return None
    numbers = frozenset(number for number in _NUMBER.findall(line, met.start("number")) if len(number) != _POSTCODE)
    return _Wanted(re.compile(f"{_heard(name)}{_KINDS}"), met["number"], city_pinyin(place), numbers)


def _heard(name: str) -> str:
    """Return the pattern of a street's name in letters, of which the first of three characters may belong to what stands before it."""
    syllables = [f"(?:{'|'.join(_said(sign))})" for sign in name]
    return "".join(f"{heard}?" for heard in syllables[:-_LEAST]) + "".join(syllables[-_LEAST:])


def _said(sign: str) -> list[str]:
    if sign in _NUMERALS:
        return [sound(_NUMERALS[sign]), f"{sign}(?:st|nd|rd|th)?"]
    return [*all_sounds(sign), *([_DIRECTIONS[sign]] if sign in _DIRECTIONS else [])]
