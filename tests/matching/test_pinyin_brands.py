"""Names in letters that are the pinyin of a Chinese one: brands of three characters, districts behind the city, and places that a brand sounds like."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.company_name import LEVELS, make
from crmmigrate.matching.texts.folding import fold


@pytest.mark.parametrize(
    ("chinese", "letters", "level"),
    [
        ("宁波恒泰源化工有限公司", "NINGBO HENGTAIYUAN CHEMICAL CO., LTD.", "romanised"),
        ("宁波恒泰源化工有限公司", "NINGBO HENG TAI YUAN CHEMICAL CO., LTD.", "romanised"),
        ("武汉市武昌区德顺化工有限公司", "WUHAN WUCHANG DESHUN CHEMICAL CO., LTD.", "romanised"),
        ("武汉市武昌区德顺化工有限公司", "WUHAN WUCHANG DE SHUN CHEMICAL CO., LTD.", "romanised"),
        ("大连太万箱包有限公司", "DALIAN TAI WAN LUGGAGE CO., LTD.", "romanised"),
        ("宁波恒泰源化工有限公司", "NINGBO GUANGJINLONG CHEMICAL CO., LTD.", "different"),
        ("无锡市亿昌陶瓷有限公司", "WUXI HE WAN CERAMICS CO., LTD.", "other_script"),
        ("无锡市亿昌陶瓷有限公司", "WUXI GUANG FENG CERAMICS CO., LTD.", "different"),
        ("福州台江信联文具有限公司", "FUZHOU TAIJIANG SHUNZHAN STATIONERY CO., LTD.", "different"),
        ("苏州恒泰源化工有限公司", "NINGBO HENGTAIYUAN CHEMICAL CO., LTD.", "elsewhere"),
        ("宁波日升贸易有限公司", "NINGBO MARINA TRADING CO., LTD.", "other_script"),
        ("上海百利玛贸易有限公司", "CANADA TRADING CO., LTD.", "other_script"),
    ],
)
def test_what_pinyin_tells(chinese, letters, level):
    found = make(fold([chinese, letters]), np.ones(2, dtype=np.int64)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[at].name for at in found] == [level] * 2
