"""Which names of departments are of one department of a body."""

from __future__ import annotations

import pytest

from crmmigrate.matching.companies.departments import one_department
from crmmigrate.matching.companies.parts import take_apart

ONE = [
    ("马院", "马克思主义学院"), ("外语学院", "外国语学院"), ("信工学院", "信息工程学院"), ("机械学院", "机械工程学院"), ("经管学院", "经济与管理学院"), ("继教院", "继续教育学院"),
    ("计算机学院", "计算机科学与技术学院"), ("网络信息中心", "网络与信息中心"), ("信网中心", "网络与信息中心"), ("网信中心", "信息网络中心"), ("信息中心", "网络与信息中心"), ("招采中心", "招标采购中心"),
    ("国资处", "国有资产管理处"), ("资产处", "国有资产管理处"), ("后勤处", "后勤管理处"), ("教务部", "教务处"), ("科技处", "科学技术处"), ("学工处", "学生工作部"), ("信息化处", "信息化建设与管理处"),
    ("心内科", "心血管内科"),
]  # fmt: skip
TWO = [
    ("经济学院", "经济贸易学院"), ("经济学院", "经济管理学院"), ("化学学院", "化学工程学院"), ("文学院", "文法学院"), ("内科", "内二科"), ("第一研究所", "第十一研究所"), ("计算机系", "计算机学院"),
    ("研究院", "研究生院"), ("教务处", "教务科"), ("后勤处", "后勤集团"), ("妇科", "妇产科"), ("东院区", "东校区"), ("马院", "外语学院"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ONE)
def test_a_department_and_what_it_is_called_for_short(one, other):
    assert one_department(one, other)
    assert one_department(other, one)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_departments(one, other):
    assert not one_department(one, other)
    assert not one_department(other, one)


@pytest.mark.parametrize(
    ("name", "core", "branch"),
    [
        ("岭海农大", "岭海农业大学", ""), ("岭海农大保卫处", "岭海农业大学", "保卫处"), ("苏州农大图书馆", "农业大学", "图书馆"), ("岭海农业大学后勤管理处", "岭海农业大学", "后勤管理处"),
        ("北京中医大图书馆", "中医药大学", "图书馆"), ("武汉理工大学校医院", "理工大学", "校医院"), ("浦川师范大学附属医院", "浦川师范大学附属医院", ""), ("岭海农大附属口腔医院", "岭海农业大学附属口腔医院", ""),
        ("华工大厦管理处", "华工大厦管理处", ""), ("岭海农大路管理处", "岭海农大路管理处", ""), ("昌东理工学院", "昌东理工学院", ""), ("昌东理工学院图书馆", "昌东理工学院", "图书馆"),
        ("岭海医大二院急诊科", "岭海医大二院急诊科", ""),
    ],
)  # fmt: skip
def test_universities_are_taken_apart(name, core, branch):
    taken = take_apart(name)[0]
    assert (taken.core, taken.branch) == (core, branch)


@pytest.mark.parametrize(
    ("name", "full"),
    [("岭东职院图书馆", "岭东职业技术学院"), ("昌安科院", "昌安科技学院"), ("昌东理工机械工程学院", "昌东理工大学"), ("武汉科大", "科技大学")],
)  # fmt: skip
def test_what_may_be_short_for_several_is_a_guess(name, full):
    assert (full, "form") in [(taken.core, taken.at_most) for taken in take_apart(name)]
