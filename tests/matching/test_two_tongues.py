"""One address in Chinese and in letters, and lines in letters that say no more than a town."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.address import LEVELS, make
from crmmigrate.matching.texts.folding import fold


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("浙江省宁波市海曙区蓝天路12号", "NO.12 LANTIAN ROAD, HAISHU DISTRICT, NINGBO, CHINA", "similar"),
        ("宁波市海曙区蓝天路12号", "12# LAN TIAN ROAD HAISHU NINGBO P.R.CHINA", "similar"),
        ("宁波市海曙区城西工业园蓝天路12号", "NO 12, LANTIAN RD, NINGBO 315000", "similar"),
        ("广州市白云区竹园中路51号12楼", "12/F, No.51 Zhuyuan Middle Road, Baiyun District, Guangzhou", "similar"),
        ("台中市西屯區三民路二段18號6樓", "6F., No.18, Sec. 2, Sanmin Rd., Xitun Dist., Taichung", "similar"),
        ("宁波市海曙区蓝天路12号", "NO.12 LANTIAN ROAD, NANJING", "unclear"),
        ("宁波市海曙区蓝天路12号", "NO.12 DADI ROAD, HAISHU DISTRICT, NINGBO", "unclear"),
        ("宁波市海曙区蓝天路12号", "NO.99 LANTIAN ROAD, HAISHU DISTRICT, NINGBO", "other_line"),
        ("宁波市海曙区蓝天路12号", "LANTIAN ROAD, NINGBO 315000", "unclear"),
        ("广州市白云区竹园中路51号", "No.51 Zhuyuan North Road, Guangzhou", "unclear"),
        ("Kowloon Bay", "Kowloon Bay", "same_city"),
        ("12 Mill Lane, Leicester", "12 Mill Lane, Leicester", "same"),
        ("The Old Corn Exchange, Bath", "The Old Corn Exchange, Bath", "same"),
    ],
)
def test_how_far_two_addresses_are_one(one, other, level):
    values = fold([one, other])
    if values[0] == values[1]:
        found = make(values[:1], np.array([2])).compare(np.array([0]), np.array([0]))
    else:
        found = make(values, np.ones(2, dtype=np.int64)).compare(np.array([0, 1]), np.array([1, 0]))
    assert {LEVELS[at].name for at in found} == {level}
