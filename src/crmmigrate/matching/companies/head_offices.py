"""Companies that somebody calls their head office, to tell them from their branches: 杭州启明总部, 启明机械有限公司(总部)."""

from __future__ import annotations

import re

from crmmigrate.matching.places.place import only_place

_AT_END = re.compile(r"\s*[-–—_/·]?\s*[(\[【]?\s*(?:公司)?总部\s*[)\]】]?\Z")
_OF_A_PART = re.compile("(?:区域?|华[东南西北中]|[东南西北]部|亚太|大中华|中国|亚洲|全国|全球|集团)\\Z")
"""华东总部 and 亚太总部 are offices of somebody whose seat is elsewhere; a group's is not each of its companies."""

_LEAST, _CITY = 2, (2, 3)
"""Characters of a name, and of a city as it is called."""


def without_head_office(folded: str) -> str:
    """Return a folded name without the note that it is of the head office, which is the company itself; a city that stands right before that comes to stand in brackets."""
    found = _AT_END.search(folded) if "总部" in folded[-4:] else None
    name = folded[: found.start()] if found else folded
    if name == folded or len(name) < _LEAST or only_place(name) or _OF_A_PART.search(name):
        return folded
    for size in _CITY:
        if len(name) - size >= _LEAST and (place := only_place(name[-size:])) and place.city:
            return f"{name[:-size]}({name[-size:]})"
    return name
