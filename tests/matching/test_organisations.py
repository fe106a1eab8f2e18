"""Well-known organisations: what everybody calls them is one name, their branches and their companies are others."""

from __future__ import annotations

import pytest

from crmmigrate.matching.companies.parts import take_apart
from crmmigrate.matching.texts.folding import fold


def parts(name):
    return [(taken.core, taken.place, taken.branch) for taken in take_apart(fold([name])[0])]


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("浦发银行", "上海浦东发展银行"),
        ("浦发银行南京分行", "上海浦东发展银行南京分行"),
        ("中石化", "中国石油化工集团"),
        ("中石化集团公司", "中国石油化工集团有限公司"),
        ("中石化股份有限公司", "中国石油化工股份有限公司"),
        ("一汽集团", "中国第一汽车集团有限公司"),
        ("一汽大众", "一汽-大众汽车有限公司"),
        ("中国移动河南公司", "中国移动通信集团河南有限公司"),
        ("中国电信杭州分公司", "中国电信股份有限公司杭州分公司"),
        ("国网江苏电力", "国网江苏省电力有限公司"),
        ("中电科38所", "中国电子科技集团公司第38研究所"),
        ("中科院长光所", "中国科学院长春光学精密机械与物理研究所"),
        ("哈工大", "哈尔滨工业大学"),
        ("浙大一院", "浙江大学医学院附属第一医院"),
        ("浙大一院余杭院区", "浙江大学医学院附属第一医院余杭院区"),
        ("武汉协和", "华中科技大学同济医学院附属协和医院"),
    ],
)
def test_a_well_known_name_is_the_full_one(short, full):
    assert parts(short) == parts(full)


@pytest.mark.parametrize("short", ["工行", "一汽", "浙一", "XJTU", "龙华医院", "农科院", "红房子", "长虹南京分公司"])
def test_an_ambiguous_alias_is_only_a_guess(short):
    own, guessed = take_apart(fold([short])[0])
    assert (own.at_most, guessed.at_most) == ("", "form")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("工行杭州分行", "工行"),
        ("工行杭州分行", "工行宁波分行"),
        ("一汽解放", "一汽集团"),
        ("哈工程", "哈工大"),
        ("浙大二院", "浙大一院"),
        ("武汉协和", "北京协和"),
        ("中电科14所", "中电科55所"),
        ("国网江苏", "国网浙江"),
        ("中国石油化工股份有限公司", "中石化"),
        ("中国建筑股份有限公司", "中国建筑集团有限公司"),
        ("中国移动有限公司", "中国移动通信集团有限公司"),
    ],
)
def test_branches_and_sisters_are_others(one, other):
    assert not set(parts(one)) & set(parts(other))


@pytest.mark.parametrize(
    "name",
    [
        "南航",
        "一汽四环配件厂",
        "浦发物流有限公司",
        "移动硬盘有限公司",
        "中兴机械",
        "南大街营业部",
        "长虹路营业部",
        "新大陆服务中心",
        "重大项目管理处",
        "武钢集团",
    ],
)
def test_what_only_begins_like_one_is_none(name):
    (taken,) = take_apart(name)
    assert not taken.national


@pytest.mark.parametrize(
    ("name", "at_most"), [("哈工大", "known"), ("武汉协和", ""), ("哈尔滨工业大学", ""), ("哈工大图书馆", "known")]
)
def test_an_alias_without_a_place_outvotes_no_city(name, at_most):
    (taken,) = take_apart(fold([name])[0])
    assert taken.at_most == at_most
