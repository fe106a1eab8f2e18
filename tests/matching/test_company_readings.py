"""Names that may be read in two ways: a district without the word that says so, a mistyped city."""

from __future__ import annotations

import pytest

from crmmigrate.matching.companies.parts import take_apart
from crmmigrate.matching.companies.readings import TRADE_OF_FIRM, trades_behind


@pytest.mark.parametrize(
    ("name", "core", "city", "district"),
    [
        ("太原尖草坪航创智能装备有限公司", "航创智能装备", "1401", "尖草坪"),
        ("苏州张家港煜斯钢结构有限公司", "煜斯钢结构", "3205", "张家港"),
        ("东莞虎门雁荡山机械有限公司", "雁荡山机械", "4419", "虎门"),
        ("文州恒通电器有限公司", "恒通电器", "3303", ""),
        ("汉武华盛标准件有限公司", "华盛标准件", "4201", ""),
    ],
)
def test_the_other_reading_follows(name, core, city, district):
    own, other = take_apart(name)
    assert own.core.endswith(core)
    assert (other.core, other.place.city, other.district) == (core, city, district)


@pytest.mark.parametrize(
    "name",
    ["上海虹口机械设备有限公司", "杭州西湖电子集团有限公司", "锦华五金有限公司", "文州恒通电器", "南京浦口", "杭州市余杭区良渚文化传播有限公司"],
)  # fmt: skip
def test_other_names_have_one(name):
    assert len(take_apart(name)) == 1


def test_the_trades_behind_a_name_come_longest_first():
    assert list(trades_behind("鸿远资产评估")) == ["资产评估", "评估"]
    assert next(trades_behind("杭州市场监督管理局")) == "市场监督管理局"
    assert list(trades_behind("杭州市场监督管理局", TRADE_OF_FIRM)) == []
    assert list(trades_behind("鸿")) == []
