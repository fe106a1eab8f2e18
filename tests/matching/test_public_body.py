"""Public bodies: what is called for short, what is a department and what is not."""

from __future__ import annotations

import pytest

from crmmigrate.matching.companies.parts import take_apart
from crmmigrate.matching.companies.public_body import campus_of


@pytest.mark.parametrize(
    ("name", "core", "branch"),
    [
        ("广州市第五人民医院病理科", "第5人民医院", "病理科"),
        ("邵阳市第三人民医院开发区院区", "第3人民医院", "开发区院区"),
        ("邵阳市妇幼新生儿科", "妇幼保健院", "新生儿科"),
        ("桐庐县人医麻醉科", "人民医院", "麻醉科"),
        ("长沙医学院药学院", "医学院", "药学院"),
        ("浙江大学医学院附属第一医院", "大学医学院附属第1医院", ""),
        ("温州医科大学附属中学", "医科大学附属中学", ""),
        ("北京大学深圳医院", "大学深圳医院", ""),
        ("上海市儿童医学中心", "儿童医学中心", ""),
        ("兰市州第四人民医院", "第4人民医院", ""),
        ("宝鸡市二中", "第2中学", ""),
        ("天津市六小学", "第6小学", ""),
        ("大都市传媒有限公司", "大都市传媒", ""),
        ("正大", "正大", ""),
        ("杭州大学生创业服务中心", "大学生创业服务中心", ""),
        ("合肥学院路后勤服务中心", "学院路后勤服务中心", ""),
        ("太原大学城图书馆", "大学城图书馆", ""),
        ("太原大学图书馆", "大学", "图书馆"),
        ("锦城市政工程有限公司", "锦城市政工程", ""),
    ],
)
def test_bodies_are_taken_apart(name, core, branch):
    (taken,) = take_apart(name)
    assert (taken.core, taken.branch) == (core, branch)


@pytest.mark.parametrize(
    ("name", "cores"),
    [
        ("安陆市文峰社区卫生服务中心", ["文峰社区卫生服务中心", "文峰卫生院"]),
        ("文峰街道社卫中心", ["文峰社区卫生服务中心", "文峰卫生院"]),
        ("文峰乡医院", ["文峰乡医院", "文峰卫生院"]),
        ("安陆市文峰乡中心卫生院", ["文峰卫生院"]),
        ("文峰镇卫生苑", ["文峰卫生院"]),
        ("余干县人民医院医共体杨埠分院", ["人民医院医共体杨埠", "杨埠卫生院"]),
        ("余干县人民医院杨埠镇分院", ["人民医院杨埠镇", "杨埠卫生院"]),
        ("文峰路医院", ["文峰路医院"]),
    ],
)
def test_a_clinic_of_a_town_however_it_is_called(name, cores):
    assert [taken.core for taken in take_apart(name)] == cores


@pytest.mark.parametrize(
    ("name", "district"),
    [
        ("扬州市汇都区第二人民医院", "江都"),
        ("泰州市高新区第二人民医院", "高新"),
        ("泰州市高港区第二人民医院", "高港"),
        ("上海市闸北区第二中学", "闸北"),
        ("上海市静安区第二中学", "静安"),
    ],
)
def test_a_district_is_only_corrected_where_there_is_none_of_its_name(name, district):
    (taken,) = take_apart(name)
    assert taken.district == district


@pytest.mark.parametrize(
    ("name", "of", "campus"),
    [("中山一院东院", "中山一院", "东院"), ("华西医院锦江院区", "华西医院", "锦江院区"), ("哈尔滨工业大学威海校区", "哈尔滨工业大学", "威海校区"), ("东院", "", ""), ("华西医院", "", "")],
)  # fmt: skip
def test_a_campus_behind_a_hospital(name, of, campus):
    assert campus_of(name) == (of, campus)
