"""Offices of the state: their rooms, their reforms and the characters that are mistyped in them."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.companies.offices import SLIPS, in_one_way, righted, successors, without_room
from crmmigrate.matching.companies.parts import take_apart
from crmmigrate.matching.companies.public_body import FULL
from crmmigrate.matching.engine import match
from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("name", "office"),
    [
        ("安溪县审计局信息化办公室", "安溪县审计局"), ("安溪县审计局 规划财务科", "安溪县审计局"), ("安溪县审计局-人事股", "安溪县审计局"), ("安溪县审计局(后勤科)", "安溪县审计局"),
        ("安溪县卫健委-人事科", "安溪县卫健委"), ("河口街道办事处财务科", "河口街道办事处"), ("青石镇人民政府-党政办公室", "青石镇人民政府"), ("安溪县第二中学-信息中心", "安溪县第二中学"),
        ("安溪县第二中学教务处", "安溪县第二中学"), ("安溪县公安局城西分局治安科", "安溪县公安局城西分局"), ("安溪县公安局-城西分局-治安科", "安溪县公安局-城西分局"), ("安溪县教育局第二中学办公室", "安溪县教育局第二中学"),
        ("安溪高新区管委会建设局办公室", "安溪高新区管委会建设局"), ("安溪县审计局河口街道办事处财务科", "安溪县审计局河口街道办事处"), ("安溪县教育局中小学教育科", "安溪县教育局"),
        ("青石镇人民政府农村工作办公室", "青石镇人民政府"), ("安溪县林科所-政策法规科", "安溪县林科所"),
    ],
)  # fmt: skip
def test_a_room_is_the_office_itself(name, office):
    assert without_room(name) == office


@pytest.mark.parametrize(
    "name",
    ["安溪县公安局城关派出所", "安溪县公安局刑警大队技术室", "安溪县教育局教研室", "安溪县人民政府办公室", "安溪县机构编制委员会办公室", "安溪县卫健委血站", "安溪县民政局救助管理站", "安溪县中医院药剂科",
     "安溪县法院青石法庭办公室", "安溪县财政局机关党委办公室", "安溪县审计局(城西分局人事科)", "河口街道石塘社区办公室", "安溪县民政局救助中心办公室", "岭海农业大学财务处", "安溪县财政局", "启明机械财务科"],
)  # fmt: skip
def test_what_is_a_body_of_its_own_stays(name):
    assert without_room(name) == name


@pytest.mark.parametrize(
    ("old", "new"),
    [("教育委员会", "教育局"), ("国土资源局", "自然资源规划局"), ("发展计划委员会", "发展改革委员会"), ("信息化办公室", "大数据管理局"), ("卫生局", "卫生健康委员会"), ("市农业局", "市农业农村局")],
)  # fmt: skip
def test_reforms(old, new):
    assert new in successors(old)


@pytest.mark.parametrize("name", ["文化广电旅游局", "税务局", "教育局", "城乡规划局"])
def test_what_was_not_reformed(name):
    assert not {*successors(name)} - {"文化旅游局"}


def test_one_way_to_write_them():
    assert in_one_way("自然资源与规划局", in_place=True) == in_one_way("自然资源和规划局", in_place=True)
    assert in_one_way("石塘村村民委员会", in_place=True) == in_one_way("石塘村民委员会", in_place=True)
    assert in_one_way("河口街道", in_place=True) == "河口街道办事处"
    assert in_one_way("和平局", in_place=True) == "和平局"


def test_mistyped_words():
    assert righted("安溪县教肓局") == "安溪县教育局"
    assert all(righted(righted(slip)) == righted(slip) for slip in SLIPS)


def test_what_is_said_in_full_ends_somewhere():
    assert not [short for short, whole in FULL.items() if whole.endswith(short)]


@pytest.mark.parametrize("name", ["安溪县城市管理局", "太原市城市管理局", "湖州启鸣城市建设开发有限公司"])
def test_a_city_that_is_built_is_no_district(name):
    assert "城" not in take_apart(name)[0].district
    assert "城市" in take_apart(name)[0].core


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (("杭州市公安局西湖分局治安科", "杭州市公安局余杭分局治安科", "杭州市公安局", "杭州市公安局西湖分局"), [0, 1, 2, 0]),
        (("杭州市规划局萧山分局办公室", "杭州市规划局余杭分局办公室"), [0, 1]),
        (("宁波高新区管委会建设局办公室", "宁波高新区管委会教育局办公室", "宁波高新区管委会工程科"), [0, 1, 2]),
        (("市公安局西湖分局办公室", "市公安局滨江分局办公室"), [0, 1]),
        (("西湖区法院古荡法庭办公室", "西湖区法院留下法庭办公室"), [0, 1]),
    ],
)  # fmt: skip
def test_rooms_of_different_offices_are_different_customers(names, groups):
    columns = ["_record", "单位名称", "地市", "地址"]
    frame = pd.DataFrame(
        [(f"s/{at}", name, "杭州", None) for at, name in enumerate(names)], columns=columns, dtype="str"
    )
    found = match(frame, shipped("account", columns[1:]))
    assert found.cluster.tolist() == groups
    assert not (found.decision == "review").any()
