"""Lines of addresses in letters: kinds of streets and directions written short, ordinals in figures, without the streets they lie between."""

from __future__ import annotations

import re

_SHORT = {
    "street": "st", "str": "st", "strasse": "st", "straße": "st", "avenue": "ave", "av": "ave", "aven": "ave", "boulevard": "blvd", "blv": "blvd", "boul": "blvd",
    "bvd": "blvd", "road": "rd", "drive": "dr", "drv": "dr", "lane": "ln", "highway": "hwy", "parkway": "pkwy", "square": "sq", "place": "pl", "court": "ct", "crt": "ct",
    "terrace": "ter", "crescent": "cres", "circle": "cir", "building": "bldg", "bld": "bldg", "floor": "fl", "flr": "fl", "suite": "ste", "apartment": "apt", "room": "rm",
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
    "saint": "st", "mount": "mt", "fort": "ft", "center": "ctr", "centre": "ctr",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
    "eleventh": "11th", "twelfth": "12th", "thirteenth": "13th", "fourteenth": "14th", "fifteenth": "15th", "sixteenth": "16th", "seventeenth": "17th", "eighteenth": "18th",
    "nineteenth": "19th", "twentieth": "20th",
}  # fmt: skip
"""Source: Publication 28, Postal Addressing Standards (United States Postal Service), appendix C, for the kinds of streets."""

_WORD = re.compile(r"[^\W\d_]+")
_STREET_AT_END = re.compile(r"(?<=[^\W\d_]{3})(?:strasse|straße|str)\b")
"""Hauptstr. is Hauptstraße."""

_CROSSING = re.compile(r"(?<=\s)(?:(?:between|betw|bet|near|opposite|opp|corner|cor|cnr|off|at|@)[.\s]\s*\S.*)\Z")
"""At which corner a house stands is said or not."""

_ANY_STREET = re.compile(r"\d.*[^\W\d_]{2}")


def short(cell: str) -> str:
    """Return a folded line in letters as all write it alike; what lies at no numbered street stays as it is but for its words."""
    text = _STREET_AT_END.sub("st", cell)
    crossing = _CROSSING.search(text)
    if crossing and _ANY_STREET.search(text, 0, crossing.start()):
        text = text[: crossing.start()]
    return _WORD.sub(lambda word: _SHORT.get(word.group(), word.group()), text)
