"""Owners of cars and flats, and students: people and companies in one list, cars, sexes, brothers and sisters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.course import sorted_out
from crmmigrate.matching.put_right.firms_among_people import FIRM, is_firm
from crmmigrate.matching.put_right.joint_names import in_one_order
from crmmigrate.matching.roles import shipped
from crmmigrate.matching.sex import make as sexes
from crmmigrate.matching.texts.folding import fold
from crmmigrate.matching.vehicle import LEVELS
from crmmigrate.matching.vehicle import make as cars
from crmmigrate.matching.whose_table import of_people

MINE, HERS = "13912345601", "13912345602"


def decide(one, other, kind="contact"):
    """Return what becomes of two records: merge, review, or nothing."""
    columns = list(dict.fromkeys((*one, *other)))
    rows = [{"_record": f"s/{at}", **dict.fromkeys(columns), **row} for at, row in enumerate((one, other))]
    found = match(pd.DataFrame(rows, dtype="str"), shipped(kind, columns))
    return "merge" if found.cluster[1] == 0 else "review" if "review" in found.decision else ""


@pytest.mark.parametrize("cell", [
    "鸿远机械有限公司", "鸿远机械有限公司（李娜）", "通江物流", "常州光建保洁服务", "老王烧烤", "第二实验小学", "杭州西湖支行",
])  # fmt: skip
def test_a_company_under_a_header_of_people_is_one(cell):
    assert is_firm(fold([cell])[0])


@pytest.mark.parametrize("cell", ["李娜", "李娜（鸿远机械有限公司）", "鸿远机械有限公司 李娜", "李建材", "欧阳建工", "张总", "王芳-已搬", "老客户", "大树下"])  # fmt: skip
def test_a_person_beside_a_company_is_a_person(cell):
    assert not is_firm(fold([cell])[0])


FLEET = {"客户姓名": "常州市泰力格汽车租赁有限公司", "手机": MINE}


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (FLEET, {"客户姓名": "常州市泰力格汽车租赁有限公司", "手机": HERS}, "merge"),
        (FLEET, {"客户姓名": "常州市泰力格汽车租赁有限公司（石海）", "手机": HERS}, "merge"),
        (FLEET, {"客户姓名": "泰力格汽车租赁", "手机": MINE}, "merge"),
        (FLEET, {"客户姓名": "常州泰力格建设工程有限公司", "手机": MINE}, ""),
        (FLEET, {"客户姓名": "石海", "手机": MINE}, ""),
        (FLEET, {"客户姓名": "石总", "手机": MINE}, ""),
    ],
)
def test_a_fleet_is_compared_as_a_company(one, other, wanted):
    assert decide(one, other) == wanted


def test_beside_an_employer_a_company_in_the_place_of_a_name_stays_there():
    for beside, there in (({}, True), ({"公司": "宏图科技"}, False)):
        frame = pd.DataFrame([{"_record": "s/0", **FLEET, **beside}], dtype="str")
        assert (FIRM in sorted_out(frame, shipped("contact", frame.columns))[0].columns) == there


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("苏D·4R198", "苏d4r198", "same"), ("苏D 4R198", "D4R198", "same"), ("苏DD12345", "苏D·D12345", "same"), ("苏EO1234", "苏E01234", "same"),
        ("苏D4R198", "4R198", "end"), ("4R198", "4R198", "end"), ("苏D4R198", "苏E4R198", "different"), ("苏D4R198", "苏D4R199", "different"),
        ("LSVAA2180K8254581", "K8254581", "same"), ("lsvaa2180k8254581", "LSVAA218OK8254581", "same"), ("K8254581", "K8254582", "different"),
        ("苏D54581", "K8254581", ""), ("254581", "LSVAA2180K8254581", "end"), ("254581", "254582", "different"), ("苏D4R198、苏D4R199", "苏D4R199", "same"), ("未上牌", "未上牌", ""), ("苏D4R198、K8254581", "苏D4R198、K8254581", "same"), ("苏D4R198、K8254581", "苏D4R199、K8254582", "different"), ("新车", "苏D4R198", ""), ("00000", "00000", ""),
    ],
)  # fmt: skip
def test_cars(one, other, wanted):
    found = cars([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name if level >= 0 else "" for level in found] == [wanted] * 2


@pytest.mark.parametrize("cells", [("程彬波/董慧", "董慧、程彬波"), ("董慧、程彬波", "程彬波/董慧")])
def test_joint_names_stand_in_one_order_whichever_row_comes_first(cells):
    frame = pd.DataFrame({"_record": ["s/0", "s/1"], "业主姓名": cells, "手机": MINE}, dtype="str")
    assert in_one_order(frame, shipped("contact", frame.columns))["业主姓名"].tolist() == ["程彬波、董慧"] * 2


def owner(name, plate, mobile, **more):
    return {"车主姓名": name, "车牌号": plate, "手机": mobile, **more}


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (owner("邹勇荣", "苏D·4R198", MINE), owner("邹勇荣", "苏d4r198", HERS), "merge"),
        (owner("邹勇荣（已换号）", "4R198", MINE), owner("邹勇荣", "苏d4r198", HERS), "merge"),
        (owner("邹勇荣", "苏D4R198", MINE), owner("邹勇荣", "苏D6Y777", MINE), "merge"),
        (owner("邹勇荣", "苏D4R198", MINE), owner("邹总", "苏D4R198", HERS), "review"),
        (owner("邹勇荣", "苏D4R198", MINE), owner("邹勇荣", "苏D6Y777", HERS), ""),
        (owner("邹勇荣", "苏D4R198", MINE), owner("王丽娟", "苏D4R198", MINE), ""),  # a couple
        (owner("邹勇荣", "苏D4R198", MINE), owner("王丽娟", "苏D4R198", HERS), ""),  # sold
        (owner("邹勇荣", "苏D4R198", MINE), owner("通江物流有限公司", "苏D4R198", MINE), ""),
    ],
)
def test_a_car_is_one_owner_s_by_his_name(one, other, wanted):
    assert decide(one, other) == wanted


@pytest.mark.parametrize(("one", "other", "differ"), [("男", "F", True), ("先生", "女", True), ("1", "2", True), ("男", "M", False), ("男", "", False), ("0", "女", False)])  # fmt: skip
def test_sexes(one, other, differ):
    assert sexes([one, other], np.ones(2)).compare(np.array([0]), np.array([1])).tolist() == [1 if differ else -1]


def child(name, birth=None, sex=None, phone=MINE, header="手机", **more):
    return {"姓名": name, header: phone, "出生日期": birth, "性别": sex, **more}


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        # as a slip may be, people are asked
        (child("石若彤"), child("石熠彤"), "review"),
        (child("石若彤", "2013-05-06"), child("石熠彤", "2013-05-07"), "review"),
        (child("石若彤", "2013-05-06"), child("石熠彤", "2013-05-06"), "review"),
        (child("石若彤", "2013年"), child("石熠彤", "2014.06"), "review"),
        (child("石若彤", sex="女"), child("石若桐", sex="男"), "review"),
        (child("石若彤", "2013-05-06", "女"), child("石若彤", "2013-05-06", "男"), "merge"),
        # two children
        (child("石若彤", "2013-05-06"), child("石熠彤", "2009-01-13"), ""),
        (child("石若彤", "2013年"), child("石熠彤", "2009.1.13"), ""),
        (child("石若彤", sex="女"), child("石熠彤", sex="男"), ""),
        (child("石若彤", "2013-05-06", 微信号="ruo_88"), child("石熠彤", "2009-01-13", 微信号="ruo_88"), ""),
        (child("石若彤", header="家长手机"), child("石熠彤", header="家长手机"), ""),
        (child("石若彤", header="家长手机"), child("石若桐", header="家长手机"), "merge"),
        (child("石若彤"), child("朱若彤"), ""),
        # mother and child
        (child("贾萍玲", 微信号="ruo_88"), child("刘峻熙", 微信号="ruo_88"), ""),
        (child("石总", sex="男"), child("石若彤", sex="女"), ""),
    ],
)  # fmt: skip
def test_brothers_and_sisters_are_not_asked_about(one, other, wanted):
    assert decide(one, other) == wanted


@pytest.mark.parametrize(("name", "wanted"), [("邹勇荣", "merge"), ("王丽娟", ""), ("宏图物流有限公司", "")])
def test_a_car_in_a_table_of_customers(name, wanted):
    one, other = ({"客户名称": called, "车牌号": "苏D4R198", "电话": number} for called, number in (("邹勇荣", MINE), (name, HERS)))  # fmt: skip
    assert decide(one, other, "account") == wanted


def flat(name, number=None, phone=MINE, **more):
    return {"客户名称": name, "证件号码": number, "联系电话": phone, **more}


ZHANG, OTHER = "430102195608213831", "320211197709028577"


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (flat("程彬波/董慧"), flat("董慧、程彬波"), "merge"),
        (flat("程彬波/董慧"), flat("董慧、陈彬"), ""),
        (flat("张阳", ZHANG), flat("张阳", ZHANG, HERS), "merge"),
        (flat("张阳", ZHANG), flat("张阳", "430102********3831", HERS), "merge"),
        (flat("张阳", ZHANG), flat("张阳", OTHER, HERS), ""),
    ],
)
@pytest.mark.parametrize("kind", ["account", "contact"])
def test_owners_of_flats(one, other, wanted, kind):
    assert decide(one, other, kind) == wanted


@pytest.mark.parametrize(("kind", "two_numbers", "two_names"), [("account", "review", ""), ("contact", "", "review")])
def test_one_number_of_two_names_and_two_numbers_on_one_telephone(kind, two_numbers, two_names):
    assert decide(flat("张阳", ZHANG), flat("张阳", OTHER), kind) == two_numbers
    assert decide(flat("张阳", ZHANG), flat("李秀英", ZHANG), kind) == two_names


def test_whose_numbers_and_names_those_are():
    def found(kind, *columns):
        return {role: rule.columns for role, rule in shipped(kind, columns).columns.items()}

    assert found("contact", "客户名称", "联系电话", "经办人")["name"] == ("客户名称",)
    assert found("contact", "客户名称", "联系人", "经办人")["name"] == ("联系人",)
    assert found("contact", "公司名称", "经办人", "电话")["name"] == ("经办人",)
    assert found("contact", "业主", "管家电话", "手机")["mobile"] == ("手机",)
    assert "vehicle" not in found("account", "客户名称", "识别码")
    assert found("account", "客户名称", "车辆识别代号")["vehicle"] == ("车辆识别代号",)
    assert "id_number" in found("account", "客户名称", "证件号码")
    assert "id_number" not in found("account", "店名", "经营者", "身份证号")
    assert found("contact", "车主姓名", "车牌号", "VIN后8位", "发动机号")["vehicle"] == (
        "车牌号",
        "VIN后8位",
        "发动机号",
    )


@pytest.mark.parametrize(("columns", "wanted"), [
    (("客户姓名", "手机"), True), (("车主姓名", "车牌"), True), (("学员姓名", "家长电话"), True), (("商户名称", "业主姓名", "电话"), False), (("客户名称", "电话"), False),
])  # fmt: skip
def test_a_table_of_owners_is_one_of_people(columns, wanted):
    assert of_people(columns) == wanted


def test_an_english_name_beside_that_of_who_is_asked_for_changes_nothing_else():
    columns = ["_record", "客户名称", "联系人", "电话"]
    rows = [
        ["s/1", "刘广才", "刘广才", "13800138001"],
        ["s/2", "穗穗农机专业合作社", "刘广才", "13800138001"],
        ["s/3", "启明机械有限公司", "郭春霞 Lucy", "13900139002"],
        ["s/4", "启明机械有限公司", "Ryan Chenghang Lu", "13900139002"],
    ]
    for some in (rows, rows[:2]):
        cluster = match(pd.DataFrame(some, columns=columns, dtype="str"), shipped("account", columns)).cluster
        assert cluster[0] == cluster[1]
    cluster = match(pd.DataFrame(rows, columns=columns, dtype="str"), shipped("account", columns)).cluster
    assert cluster[2] == cluster[3]
