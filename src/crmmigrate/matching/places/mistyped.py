"""Cities as keyboards and scanners write them wrongly, where what comes of it is no other place and nobody's brand."""

from __future__ import annotations

from functools import cache

from crmmigrate.matching.places.place import city_names

_ALIKE = (
    "抗州杭州 机州杭州 宁彼宁波 东筦东莞 东菀东莞 东宛东莞 深训深圳 深玔深圳 无锅无锡 无钖无锡 昆出昆山 合淝合肥 重床重庆 烟合烟台 烟苔烟台 珠每珠海 长纱长沙 嘉典嘉兴 绍典绍兴 "
    "济男济南 洛阻洛阳 襄阻襄阳 上悔上海 上诲上海 北亰北京 石家庒石家庄 石家壮石家庄 哈尔宾哈尔滨 哈尓滨哈尔滨 乌鲁木其乌鲁木齐 呼合浩特呼和浩特 张家囗张家口 秦王岛秦皇岛 连云巷连云港"
)
"""The city that was mistyped, or misread, and the one that is meant."""

_SHAPES = "洲卅"
"""What stands for the 州 at the end of a city."""

_BRANDS = frozenset("德福泰永达湖池惠")
"""Before 洲 they may as well be a brand: these are only guesses, see `company_readings`."""


_CITY = len("苏州")


@cache
def mistyped_cities() -> dict[str, str]:
    """Return what is written for cities, and the cities."""
    known = city_names()
    found = {}
    for pair in _ALIKE.split():
        size = len(pair) // 2
        found[pair[:size]] = pair[size:]
    for name in known:
        if len(name) == _CITY and name.endswith("州") and name[0] not in _BRANDS:
            found |= {name[0] + sign: name for sign in _SHAPES}
    return {written: city for written, city in found.items() if written not in known}


def righted(text: str) -> str:
    """Return a text that begins with a mistyped city with the city; any other as it is."""
    for size in (2, 3, 4):
        if city := mistyped_cities().get(text[:size]):
            return city + text[size:]
    return text
