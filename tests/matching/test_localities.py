"""Towns, villages and landmarks: the town of a line may stand at its head, in a column of its own, or nowhere."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.address import LEVELS, make
from crmmigrate.matching.places.beyond import take_place_of_address
from crmmigrate.matching.places.place import take_district


def level(one, other, towns=()):
    found = make([one, other], np.ones(2), towns=towns).compare(np.array([0, 1]), np.array([1, 0]))
    assert found[0] == found[1]
    return LEVELS[found[0]].name if found[0] >= 0 else ""


def cells(*parts):
    return SEPARATOR.join(parts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("洪湖市峰口镇樟树坡村", "樟树坡村"),
        ("石门镇小桥村", "萧县小桥村"),
        ("萧县永固镇小桥村", "小桥村"),
        ("萧县永固镇小桥村7组", "小桥村"),
        ("永固镇小桥村村委会", "小桥村"),
        ("永固镇镇政府旁", "萧县永固镇镇政府旁"),
        ("永固镇桥头", "萧县永固镇桥头"),
        ("丰城市白土镇长塘村", "白土镇长塘村"),
        ("萧县三河镇九里村7组", "三河镇九里村"),
    ],
)
def test_one_village_and_one_landmark_of_a_town(one, other):
    assert level(one, other) == "similar"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("永固镇装饰城207号门面", "装饰城207号"),
        ("萧县永固镇建设路58", "建设路58号"),
        ("永固镇永固镇建设路58", "建设路58号"),
        ("萧县六里镇三里街58", "六里镇三里街58号门面"),
        ("杭州市余杭区瓶窑镇凤城路17号22幢", "杭州市凤城路17号22幢"),
    ],
)
def test_a_house_with_and_without_its_town(one, other):
    assert level(one, other) == "same"


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("萧县永固镇小桥村", "萧县白土镇小桥村", "elsewhere_in_city"),
        ("永固镇小桥村", "白土镇小桥村", "other_line"),
        ("萧县小桥村7组", "萧县小桥村3组", "elsewhere_in_city"),
        ("萧县小桥村7组", "萧县石岭村", "elsewhere_in_city"),
        ("萧县永固镇小桥村", "萧县永固镇建设路12号", "elsewhere_in_city"),
        ("萧县永固镇建设路12号", "萧县白土镇建设路12号", "elsewhere_in_city"),
        ("萧县永固镇", "萧县永固镇小桥村", "same_city"),
        ("萧县永固镇", "永固镇", "same_city"),
        ("镇政府旁", "镇政府旁", "unclear"),
        ("萧县供销社对面", "萧县供销社对面", "same_city"),
        ("永固镇水乡人家", "水乡人家", "same"),
        ("萧县城关镇建设路12号", "萧县龙河街道建设路12号", "same"),
        ("萧县城关镇建设路12号", "萧县白土镇建设路14号", "elsewhere_in_city"),
        ("永固镇阳光小镇5幢301室", "阳光小镇5幢301室", "same"),
    ],
)
def test_other_villages_and_what_each_town_has(one, other, wanted):
    assert level(one, other) == wanted


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (("萧县", "永固", "永固镇小桥村"), ("萧县", "永固镇", "小桥村"), "similar"),
        (("萧县", "税镇镇", "镇政府旁"), ("萧县", "税镇", "税镇镇镇政府旁"), "similar"),
        (("萧县", "澄江镇", "中学旁"), ("萧县", "沙河镇", "中学旁"), "elsewhere_in_city"),
        (("泰和县", "澄江", "和平路3号"), ("泰和县", "澄江镇", "泰和县澄江镇和平路3号"), "same"),
        (("萧县", "六里", "新街58号"), ("萧县", "六里镇", "萧县六里镇新街58"), "same"),
        (("萧县", "永固", ""), ("萧县", "永固镇", "小桥村"), "same_city"),
        (("萧县", "大堰当镇", "小桥村"), ("萧县", "大堰垱镇", "小桥村"), "similar"),
        (("萧县", "人民路12号", "3栋"), ("萧县", "人民路12号", "3栋"), "same"),
    ],
)
def test_a_town_in_a_column_of_its_own(one, other, wanted):
    assert level(cells(*one), cells(*other), towns=(1,)) == wanted


@pytest.mark.parametrize(
    "text", ["樟树坡村", "长沙坪村3组", "澄江镇和平路3号", "古县渡镇石岭村", "沙河街道建设路12号", "南京路12号"]
)
def test_a_village_or_town_that_begins_like_a_city_is_in_no_city(text):
    assert take_place_of_address(text) == (("", ""), text)


@pytest.mark.parametrize(
    ("text", "city", "rest"),
    [
        ("樟树市刘公庙镇", "360982", "刘公庙镇"),
        ("长沙岳麓区坪村3组", "4301", "坪村3组"),
        ("上海新村路12号", "31", "新村路12号"),
        ("长沙芙蓉区五一大道1号", "4301", "五一大道1号"),
        ("澧县梦溪镇", "4307", "梦溪镇"),
        ("湖南省常德市澧县梦溪镇", "4307", "梦溪镇"),
        ("湖南澧县梦溪镇", "4307", "梦溪镇"),
        ("上饶市古县渡镇", "3611", "古县渡镇"),
        ("丰城市秀市镇石岭村", "360981", "秀市镇石岭村"),
    ],
)
def test_cities_and_counties_at_the_head(text, city, rest):
    place, line = take_place_of_address(text)
    assert (place.city, line) == (city, rest)


def test_a_dish_is_no_county_that_was_one():
    assert take_district("沙县小吃")[2] == "沙县小吃"
    assert take_district("萧县永固超市")[1:] == ("萧县", "永固超市")
