"""Companies and people of the mainland, Taiwan, Hong Kong and Macau: addresses, numbers, names that remarks tell, offices that many share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.code import LEVELS as CODE_LEVELS
from crmmigrate.matching.code import make, normal
from crmmigrate.matching.companies.legal_forms import ABROAD, ALIKE, form_of, related
from crmmigrate.matching.companies.plants import is_plant
from crmmigrate.matching.companies.shop import without_kind_of_city
from crmmigrate.matching.date import normal as normal_date
from crmmigrate.matching.engine import match
from crmmigrate.matching.numbers_of_registers import valid_in_taiwan
from crmmigrate.matching.places.beyond import take_place_of_address
from crmmigrate.matching.put_right.told_names import TOLD, with_told_names
from crmmigrate.matching.roles import shipped
from crmmigrate.matching.texts.folding import fold

SHARED = {"电话": "3049 4843", "地址": "香港中環廣東道4號永安中心23樓01室"}
NAMES = ("昌冠科技", "達祥食品", "嘉業紡織", "瑞晟電子", "永發建材", "德隆印刷", "聯興化工")


def told(kind: str, *rows: dict[str, str]):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    frame = pd.DataFrame(
        [{"_record": f"s/{at:02}", **row} for at, row in enumerate(rows)], columns=["_record", *columns], dtype="str"
    )
    rules = shipped(kind, columns)
    assert rules is not None
    return match(frame, rules)


@pytest.mark.parametrize(
    ("address", "province", "line"),
    [
        ("臺南市仁德區中山北路350號", "71", "台南市仁德区中山北路350号"),
        ("848臺南市仁德區中山北路350號", "71", "台南市仁德区中山北路350号"),
        ("彰化縣員林市大同路1號", "71", "彰化县员林市大同路1号"),
        ("九龍觀塘鴻圖道13號", "81", "九龙观塘鸿图道13号"),
        ("香港九龍觀塘鴻圖道13號", "81", "九龙观塘鸿图道13号"),
        ("氹仔大連街5號", "82", "氹仔大连街5号"),
        ("九龙坡区石桥铺科园一路1号", "50", "石桥铺科园一路1号"),
        ("九龙大道1号", "", "九龙大道1号"),
        ("香港中路40号", "", "香港中路40号"),
        ("澳门路121号", "", "澳门路121号"),
        ("台北路12号", "", "台北路12号"),
    ],
)
def test_a_region_is_known_by_its_towns_and_no_street_of_the_mainland_is_there(address, province, line):
    place, rest = take_place_of_address(fold([address])[0])
    assert (place.province, rest) == (province, line)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("28535585-000", "28535585"),
        ("74931529-000-05-21-1", "74931529"),
        ("74931529-1", "74931529-1"),
        ("74931529", "74931529"),
    ],
)
def test_a_number_of_hong_kong_is_that_of_the_business(raw, code):
    assert normal(raw) == code


def test_which_numbers_of_taiwan_are_right():
    assert all(map(valid_in_taiwan, ("04595257", "22099131", "10458575", "12345675")))
    assert not any(map(valid_in_taiwan, ("04595258", "22099113", "2209913", "220991310", "2209913A")))


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("27279452", "27297452", "typo"),
        ("22099131", "22091931", "typo"),
        ("22099131", "04595257", "different"),
        ("27279452", "27972452", "different"),
    ],
)
def test_a_number_of_taiwan_that_is_wrong_is_a_slip(one, other, wanted):
    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [CODE_LEVELS[level].name for level in found] == [wanted] * 2


@pytest.mark.parametrize(
    ("raw", "date"), [("1900-01-01", ""), ("1900/1/2", "19000102"), ("0000-00-00", ""), ("1970-01-01", "19700101")]
)
def test_the_first_day_that_a_program_knows_is_no_birthday(raw, date):
    assert normal_date(raw) == date


def test_two_people_with_a_made_up_number_and_day_are_two():
    rest = {"证件号码": "110101190001011234", "出生日期": "1900-01-01"}
    found = told(
        "contact", {"姓名": "顾春花", "手机": "19857270017", **rest}, {"姓名": "蔡春花", "手机": "15765846425", **rest}
    )
    assert found.cluster.tolist() == [0, 1]


def test_one_identity_number_and_two_names_are_asked_about_and_never_merged():
    number = {"证件号码": "610113195403085453"}
    found = told(
        "contact",
        {"姓名": "王建国", "手机": "13857270017", **number},
        {"姓名": "王丽", "手机": "15765846425", **number},
    )
    assert (found.cluster.tolist(), found.decision.tolist()) == ([0, 1], ["review"])
    many = told(
        "contact",
        *({"姓名": f"王{name}", "手机": f"1385727001{at}", **number} for at, name in enumerate("丽国伟勇芳军")),
    )
    assert not len(many.decision)  # nobody's number


@pytest.mark.parametrize(
    ("remark", "name"),
    [
        ("原名：永岳光電企業股份有限公司", "永岳光電企業股份有限公司"),
        ("重要客户；2020年已更名为杭州永岳机械有限公司。", "杭州永岳机械有限公司"),
        ("曾用名:杭州A(中国)有限公司", "杭州A(中国)有限公司"),
        ("原供应商为杭州永岳机械有限公司", None),
        ("变更为月结", None),
        ("原长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("已更名，原：长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("现更名为长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("现长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("现改名长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("即原长沙永图轴承厂", "长沙永图轴承厂"),
        ("Formerly known as Zanter Pumps Ltd.", "Zanter Pumps Ltd."),
        ("f/k/a Zanter Pumps GmbH; pays late", "Zanter Pumps GmbH"),
        ("ask for the former buyer", None),
        ("renamed to Zanter Pumps S. de R.L. de C.V.", "Zanter Pumps S. de R.L. de C.V."),
        ("met at the fair, name changed to Zanter Pumps, LLC", "Zanter Pumps, LLC"),
        ("acquired / new name: Zänter Pumpen GmbH & Co. KG", "Zänter Pumpen GmbH & Co. KG"),
        ("now Zanter Pumps Private Limited", "Zanter Pumps Private Limited"),
        ("now PT Zanter Jaya Abadi", "PT Zanter Jaya Abadi"),
        ("now buying from Zanter Pumps Ltd.", None),
        ("now in Germany", None),
        ("terms changed to net 30", None),
        ("以前叫长沙永图轴承厂", "长沙永图轴承厂"),
        ("2019年由长沙永图轴承厂改制", "长沙永图轴承厂"),
        ("长沙永图轴承厂变更而来", "长沙永图轴承厂"),
        ("原郑州永图理工学院", "郑州永图理工学院"),
        ("原永图轴承有限公司采购部王工", None),
        ("原客户经理是永图轴承有限公司的", None),
        ("现由永图轴承有限公司代理", None),
        ("已改名长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("更名长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("账期30天，后改名为长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("已更名为岳麓区永图汽修店", "岳麓区永图汽修店"),
        ("改名叫永图五金经营部", "永图五金经营部"),
        ("公司改名长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("联系人王总 客户公司已更名为长沙永图轴承有限公司，月结", "长沙永图轴承有限公司"),
        ("2019年改名长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("公司名称变更为长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("改名前叫长沙永图轴承有限公司", "长沙永图轴承有限公司"),
        ("母公司更名为长沙永图轴承有限公司", None),
        ("竞争对手改名长沙永图轴承有限公司", None),
        ("更名：岳麓区永图水果超市。", "岳麓区永图水果超市"),
        ("现名永图便民商行", "永图便民商行"),
        ("原名：岳麓区永图服装店", "岳麓区永图服装店"),
        ("已改名新店", None),
        ("改名后去永图店取货", None),
        ("已更名为采购部", None),
    ],
)  # fmt: skip
def test_a_name_in_a_remark(remark, name):
    frame = pd.DataFrame([["s/1", "甲", remark]], columns=["_record", "公司名称", "備註"], dtype="str")
    rules = shipped("account", frame.columns)
    assert rules is not None
    assert rules.columns["remark"].columns == ("備註",)
    frame, rules = with_told_names(frame, rules)
    assert "remark" not in rules.columns
    assert (TOLD in rules.columns["name"].columns) is (name is not None)
    assert name is None or frame[TOLD].tolist() == [name]


@pytest.mark.parametrize(("remark", "clusters"), [("原名：永岳光電企業股份有限公司", [0, 0]), ("月結", [0, 1])])
def test_a_company_that_was_renamed_is_one_where_a_remark_says_so(remark, clusters):
    where = {"電話": "03-4431238", "公司地址": "新竹市香山區八德路352號14F"}
    found = told(
        "account",
        {"公司名稱": "永岳光電企業股份有限公司", "備註": None, **where},
        {"公司名稱": "東邦光電企業股份有限公司", "備註": remark, **where},
    )
    assert found.cluster.tolist() == clusters


@pytest.mark.parametrize(("count", "asked"), [(2, 1), (7, 0)])
def test_of_an_office_that_many_share_nobody_is_asked(count, asked):
    """Of two alone, one may have been renamed."""
    found = told("account", *({"公司名称": f"{name}有限公司", **SHARED} for name in NAMES[:count]))
    assert (found.decision == "review").sum() == asked
    assert len(set(found.cluster.tolist())) == count


def test_what_is_a_plant_and_a_city_of_a_branch():
    assert is_plant("上国食品有限公司台北厂")
    assert not is_plant("杭州启明机械厂")
    assert [
        without_kind_of_city(branch) for branch in ("保定市石油分公司", "上海市分公司", "城市广场店", "杭州市场部")
    ] == [
        "保定石油分公司",
        "上海分公司",
        "城市广场店",
        "杭州市场部",
    ]


def test_private_is_pte_or_pvt():
    private, pte, pvt = (form_of(f"acme {form}") for form in ("private limited", "pte ltd", "pvt ltd"))
    assert related(private, pte) == related(pvt, private) == ALIKE
    assert related(pte, pvt) == ABROAD


def test_headers_of_telefax_and_owners_in_taiwan():
    rules = shipped("account", ["公司名稱", "統一編號", "負責人", "電話", "傳真"])
    assert rules is not None
    assert rules.columns["phone"].columns == ("電話", "傳真")
    assert rules.columns["contact"].columns == ("負責人",)
    mainland = shipped("account", ["公司名称", "税号", "负责人", "电话"])
    assert mainland is not None
    assert "contact" not in mainland.columns
