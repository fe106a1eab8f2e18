"""What stands behind a company's name: its plants (台中廠), and its branches as they are called after a city, with or without 市."""

from __future__ import annotations

import re

from crmmigrate.matching.places.place import city_names, provinces_and_cities

_PLANT = re.compile("(?:有限(?:责任)?公司|企业社|实业社|工程行)[\u4e00-\u9fff]{1,6}厂\\Z")
_CITY = re.compile("([\u4e00-\u9fff]{2,4})市(?![场政区中]|\\Z)")


def is_plant(text: str) -> bool:
    """Return whether a folded name is that of a company's plant: 上國食品有限公司台北廠; 杭州启明机械厂 is a company of its own."""
    return text.endswith("厂") and _PLANT.search(text) is not None


def of_city(branch: str) -> str:
    """Return a branch that begins with a city without its 市: 保定市石油分公司 is 保定石油分公司."""
    met = _CITY.match(branch)
    named = met is not None and (met[1] in city_names() or met[1] in provinces_and_cities()[1])
    return met[1] + branch[met.end() :] if met and named else branch
