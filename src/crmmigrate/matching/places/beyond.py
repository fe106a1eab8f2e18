"""Addresses in Taiwan, Hong Kong and Macau, which seldom say the region: 臺南市仁德區, 九龍觀塘; and streets of the mainland that are called after one: 香港中路."""

from __future__ import annotations

import re

from crmmigrate.matching.places.place import BEYOND, LONGER_NAME, Place, take_place

_CITIES = "台北|新北|桃园|台中|台南|高雄|基隆|新竹|嘉义"
_COUNTIES = "宜兰|新竹|苗栗|彰化|南投|云林|嘉义|屏东|花莲|台东|澎湖|金门|台北|桃园|台中|台南|高雄"  # some were counties until 2010
_TAIWAN = re.compile(
    rf"(?:[1-9]\d{{2}}(?:-?\d{{2,3}})?)?(?P<line>(?:(?:{_CITIES})市|(?:{_COUNTIES})县).*)\Z", re.DOTALL
)
"""With the postcode that many write before the city. Its 連江縣 is one of 福建 as well.

Source: 內政部, 中華民國行政區域簡冊 (2024).
"""

_KOWLOON = (
    "湾|塘|城|观塘|旺角|尖沙咀|尖东|油麻地|油塘|深水[埗埔]|长沙湾|荔枝角|新蒲[岗崗]|红[磡矿]|土瓜湾|黄大仙|何文田|佐敦|大角咀|石[硖峡]尾|牛头角|蓝田|钻石山|太子|马头|美孚|慈云山|又一|茶果岭|乐富|横头|"
    "弥敦道|漆咸|广东道|柯士甸|开源道|鸿图道|伟业街|巧明街|海滨道|加连威老|金马伦|河内道|亚皆老|弼街|界限街|轩尼诗|德辅道|青山道|青山公路|大有街"
)
_TERRITORIES = "荃湾|葵[涌芳青]|沙田|大埔|元朗|屯门|上水|粉岭|西贡|将军澳|青衣|火炭|马鞍山|天水围|大[屿嶼]山|石门|大围|洪水桥|落马洲|[流锦]|青山|轩尼诗|弥敦道|德辅道|鸿图道|北区"
_HONG_KONG = re.compile(rf"九龙(?:{_KOWLOON})|新界(?:{_TERRITORIES})|铜锣湾(?!广场|百货|商|国际|城)|[鲗鰂]鱼涌")
"""九龙 alone is a town, a lake and a road on the mainland: a district, a quarter or a street of Kowloon has to follow.

Source: Hong Kong's Lands Department and Rating and Valuation Department, names of districts and quarters; ours is a choice of them.
"""

TAIWAN, HONG_KONG = 71, 81
"""Their codes."""

_TOWNS = "tsuenwan|kwaichung|kwaifong|kwaihing|shatin|taipo|yuenlong|tuenmun|fanling|sheungshui|tsingyi|fotan|maonshan|tseungkwano|saikung|tinshuiwai"
IN_HONG_KONG = rf"^[^\p{{Han}}]+(?:kowloon|hongkong|newterritories|(?:{_TOWNS})nt|(?:kowloon|central|wanchai|northpoint|causewaybay|quarrybay|chaiwan)hk)$"
"""Lines in letters without blanks that say so at their end; a pattern of RE2."""

_MACAU = re.compile("[氹凼]仔|路环(?=市区|[\u3400-\u9fff]{2}(?:街|马路|圆形地))")
_STREET = re.compile(
    "(?:[东西南北中]|[一二三四五六七八九]|环)?(?:路|街|大道|大街|道(?![0-9])|花园|小区|商城|城(?!市)|广场)"
)

_CALLED_AFTER = re.compile(f"[东西南北中一二三四五六七八九]{{0,2}}(?:路|街|大道|大街)|{LONGER_NAME}")
_ONE_CITY = re.compile("[^省市区县]{2,3}")


def take_place_of_address(text: str) -> tuple[Place, str]:
    """Take province, city and district off the head of an address, as `take_place`; of one beyond the mainland the line keeps the city.

    There is a 中正路 in each city of Taiwan, so that the line says little without it.
    """
    place, rest = take_place(text)
    if place.province in BEYOND and not place.city and _STREET.match(rest):
        return Place(), text
    if place.province and _CALLED_AFTER.match(rest) and _ONE_CITY.fullmatch(text.removesuffix(rest)):
        # There is a 南京路 in Shanghai, a 北京路 in most cities, and villages are called 樟树坡村 and 长沙坪村.
        return Place(), text
    if place.province:
        return place, rest
    if met := _TAIWAN.match(text):
        return _region("71"), met["line"]
    if _HONG_KONG.match(text):
        return _region("81"), text
    return (_region("82") if _MACAU.match(text) else place), rest


def _region(code: str) -> Place:
    return Place(code, "")
