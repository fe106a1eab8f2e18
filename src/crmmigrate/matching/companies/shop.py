"""Shops: those of one brand, whose names do not say where the brand ends: 草原情牛肉面景泰城店 and 草原情牛肉面团结路店; and whose they are."""

from __future__ import annotations

import re

from crmmigrate.matching.companies.consumer_trades import CONSUMER
from crmmigrate.matching.companies.shop_in_town import without_town
from crmmigrate.matching.places.place import take_place
from crmmigrate.matching.texts.folding import is_chinese
from crmmigrate.model.surnames import surnames

_OWNER = 3
_BRAND, _WHERE = 3, 2
"""Characters that two shops of one brand have in common at least, and that tell each of them from others."""


_DASHES = "[·•・‧∙–—_-]"
_BETWEEN_DASHES = re.compile(
    rf"([\u3400-\u9fff\da-z]{{2,}}?)\s*{_DASHES}\s*([\u3400-\u9fff]{{2,4}})\s*{_DASHES}\s*([\u3400-\u9fff\da-z]{{2,}})"
)
_BEHIND_DASH = re.compile(rf"([\u3400-\u9fff\da-z]{{2,}}?)\s*{_DASHES}\s*([\u3400-\u9fff\da-z]{{2,}}店)")

_TWICE = re.compile(rf"([\u3400-\u9fff]{{2,4}})\s*{_DASHES}\s*(\1[\u3400-\u9fff]{{2,}})")
"""永固-永固鑫便利店 is told with its town, after which it is called."""

_PLACED = re.compile(
    rf"([\u3400-\u9fff]{{2,3}})\s*{_DASHES}\s*([\u3400-\u9fff]{{2,}}"
    "(?:种子|农资|门窗|五金|建材|灯饰|药|副食|食杂|百货|水果|蔬菜|鲜肉|水产|理发|美发|干洗|汽修|轮胎|包子|早餐|烧烤|火锅|快餐|蛋糕|面包)店)"
)
"""永固-鑫月种子店 is a shop with its town, and not the one of a chain 永固 that is called so."""

_WITHOUT_SHOP = re.compile(
    rf"([\u3400-\u9fff]{{2,}}?(?:{CONSUMER})(?:\s*[a-z]+)?)\s*{_DASHES}\s*([\u3400-\u9fff]{{2,8}})"
)
"""岚茶饮品-望江, where others write 岚茶饮品(望江店)."""

_OF_SMALL = "[馆铺坊]|诊所|卫生室|五金(?:机电|建材|水暖)?|建材|机电|水暖|农资|门窗|灯饰|冻品|农家乐"
"""What else small shops are called by, behind a brand."""

_OF_TRADERS = "批发部|零售部|经[营销][部处]|销售[部处]|门市部|服务部"
_SECOND = re.compile(
    rf"(.{{2,}}(?:{CONSUMER}|{_OF_TRADERS}|{_OF_SMALL}|(?<!银)行|超市|店))((?:[分新]|第?(?:[二三四五六七八九十]|[2-9]|1\d)号?)店)\Z"
    rf"|(.{{2,}}(?:{_OF_TRADERS}))([\u3400-\u9fff]{{2,4}}店)\Z"
)
"""谭哥小炒分店 and 马磊建材经营部二店 do not say where they are, but that they are not the first, which is called as before, or 总店 and 老店; 马磊建材经营部城北店 is elsewhere."""

_LICENSED = re.compile("\\s*[(（]个体(?:工商)?户?[)）]\\Z")
_NUMBERED, _DIGITS = re.compile("第|号(?=店)"), str.maketrans("二三四五六七八九", "23456789")
_CITY_AT_HEAD = re.compile("([\u3400-\u9fff]{2,8}?)市(?![场区政民立容委内外东南西北中])(?=.)")

_OF_WHOM = re.compile(
    "(?:.{0,2}(?:五金|建材|百货|水果|蔬菜|粮油|文具|服装|鞋|烟酒|家电|手机|电器|家具|汽修|汽配|轮胎|水产|干货|副食|食品|化妆品|饲料|农资|种子|花店|理发|餐|饭|面|茶|药|日杂|杂货|便利)[店行部铺馆]|小?超市|便利店|商行|经营部|门市部|批发部|诊所|卫生室)\\Z"
)


def of_whom(shop: str, owner: str) -> bool:
    """Return whether a name only says what is sold, and what stands in brackets behind it whose shop that is: 五金店(张三丰)."""
    known = owner[:1] in surnames() or owner[:2] in surnames()
    return 1 < len(owner) <= _OWNER and known and is_chinese(owner[-1]) and _OF_WHOM.fullmatch(shop) is not None


def other_shop(one: str, other: str) -> bool:
    """Return whether two names that end in 店 are of two shops of one brand: one or two slips make no other shop, nor a trade that one of them leaves out.

    Args:
        one: a name without its place, folded, and what is in brackets behind it.
        other: likewise.
    """
    from rapidfuzz.distance import OSA, Prefix

    one, other = (without_town(name) or name for name in (one, other))  # a market's shops have many owners
    shared = Prefix.similarity(one, other)
    mine, its = one[shared:].removesuffix("店"), other[shared:].removesuffix("店")
    if shared < _BRAND or min(len(mine), len(its)) < _WHERE or mine.endswith(its) or its.endswith(mine):
        return False
    return OSA.distance(mine, its) > max(1, max(len(mine), len(its)) // 3)


def with_shop_in_brackets(folded: str) -> str:
    """Return a folded name with its shop in brackets where that stands behind dashes or dots, or is another than the first: 鲜喵便利·东风路店, 锅先森-广州-银泰城, 谭哥小炒分店, 马磊建材经营部二店."""
    if "公司" in folded:
        return folded
    folded = _LICENSED.sub("", folded) if folded.endswith((")", "）")) else folded
    if found := _TWICE.fullmatch(folded):
        return found[2]
    if found := _PLACED.fullmatch(folded):
        return f"{found[1]}{found[2]}"
    if (found := _BETWEEN_DASHES.fullmatch(folded)) and (place := take_place(found[2]))[0].city and not place[1]:
        return f"{found[1]}({found[2]}{found[3].removesuffix('店')}店)"
    if found := _BEHIND_DASH.fullmatch(folded):
        return f"{found[1]}({found[2]})"
    if found := _WITHOUT_SHOP.fullmatch(folded):
        return f"{found[1]}({found[2].removesuffix('店')}店)"
    if found := _SECOND.fullmatch(folded):
        shop, which = found[1] or found[3], found[2] or found[4]
        return f"{shop}({_NUMBERED.sub('', which).translate(_DIGITS)})"
    return folded


def without_kind_of_city(branch: str) -> str:
    """Return a branch whose city is not said to be one: 保定市石油分公司 is 保定石油分公司; 市南支行 of 青岛 is called after its district."""
    found = _CITY_AT_HEAD.match(branch)
    if not found:
        return branch
    place, rest = take_place(found[1])
    return found[1] + branch[found.end() :] if place.city and not rest else branch
