"""Names that are taken apart together: what comes out is what `take_apart` gives of each."""

from __future__ import annotations

import csv

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.matching.companies import plain_names
from crmmigrate.matching.companies.name_columns import bags_of_names
from crmmigrate.matching.companies.parts import LEGAL_FORMS, Name, take_apart
from crmmigrate.matching.companies.plain_names import _names, _odd, _opened, together
from crmmigrate.matching.companies.public_body import FULL, FULL_IN_PLACE
from crmmigrate.matching.companies.readings import trades
from crmmigrate.matching.company_name import make
from crmmigrate.matching.places.mistyped import mistyped_cities
from crmmigrate.matching.places.place import DIVISIONS, place_names
from crmmigrate.matching.texts.bags import bags
from crmmigrate.matching.texts.folding import fold

DATA = DIVISIONS.parent
PLACES = sorted(place_names())
WRITTEN = (
    *FULL, *FULL_IN_PLACE, *LEGAL_FORMS, *sorted(mistyped_cities()), *"市县区镇乡省村路街东西新老大小中第一二十原张王李公司有限分店部厂院校所学社附",
    "市场", "市政", "城市", "区块链", "街道", "社区", "卫生院", "连锁", "大药房", "中国", "中华", "国家", "移动", "联通", "电信", "国网", "工行", "建行", "集团", "控股", "分公司", "分公", "支行",
    "专卖店", "办事处", "工业园区", "高新区", "开发区", "个体", "个体户", "弟一", "大学", "医科大", "汽配", "建材", "劳保", "第二", "附属", "经理", "老板", "采购部", "师傅", "会计", "株式会社", "有限会社", "北京", "北京市",
    "a", "abc", "3m", "58", " ", "\u200b", "(", ")", "-", "·", "(新)", "(停用)", "(老客户)", "(上海)", "(原平)", "(中国)", "(个体)", "原名", "曾用名", "银行", "事务所", "合作社", "合伙企业", "有跟公司", "六建", "七建集团", "第六建筑工程", "客户:", "供应商-", "单位", "名称:", "0012 ", "12、", "(1)", "(由", "变更)", "更名)", "(已更名为", " 原", " 原名", "(原", "更名前:", "旧名", "现", "/", "(formerly ", " dba ", "东厂", "南区", "二期", "2期", "甲", "食堂", "工会", "花园", "中心", "委员会",
)  # fmt: skip


def apart(names: list[str]) -> list[list[Name]]:
    """Return the names that each of some texts holds, all of them taken apart together."""
    found: list[list[Name]] = [[] for _ in names]
    taken = together(pa.array(names, pa.large_string()))
    for owner, name in zip(taken.owners.tolist(), taken.names.each(), strict=True):
        found[owner].append(name)
    return found


def assert_alike(names: list[str]) -> None:
    for name, found in zip(names, apart(names), strict=True):
        assert found == take_apart(name), name


def plain(name: str) -> bool:
    opened = _opened(pa.array([name], pa.large_string()))
    return not _odd(opened.text)[0] and len(_names(opened)[1]) == 1


@pytest.mark.parametrize(
    "name",
    [
        "杭州启明机械有限公司", "浙江省杭州市启明机械股份有限公司", "启明机械(杭州)有限公司", "启明机械", "杭州启明机械", "上海恒远建材有限责任公司(老客户)", "昆山恒远电子有限公司", "启明机械有限公司杭州分公司",
        "杭州 启明机械有限公司", "杭州abc机械有限公司", "启明集团有限公司", "凯益电子", "杭州美洋汽配有限公司", "启明机械杭州分公司",
    ],
)  # fmt: skip
def test_what_is_plain(name: str) -> None:
    assert plain(name)
    assert_alike([name])


@pytest.mark.parametrize(
    "name",
    [
        "中国移动", "平江一中", "德晖建设云栖花园二期项目", "德晖建设污水厂扩建工程", "中共金华市委宣传部", "松间酒店中山路店中餐厅", "松间酒店水疗会所", "杭州第一人民医院", "杭州市西湖区启明机械有限公司", "工行西湖支行", "上诲启明机械有限公司", "启明机械有限公司-张经理", "启明 机械(曾用名恒远机械)", "启明便利店", "杭州市市政工程有限公司", "个体户张三",
        "siemens ag", "株式会社启明", "",
    ],
)  # fmt: skip
def test_what_is_not(name: str) -> None:
    assert not plain(name)
    assert_alike([name])


def test_behind_every_place() -> None:
    behind = (
        "启明机械有限公司",
        "启明机械",
        "市启明机械有限公司",
        "市场启明有限公司",
        "省启明机械",
        "机械有限公司杭州分公司",
        "区启明商贸",
        "一建有限公司",
    )
    assert_alike([place + rest for place in PLACES for rest in behind])
    assert_alike([f"启明机械({place})有限公司" for place in PLACES])
    assert_alike([f"启明机械有限公司{place}分公司" for place in PLACES])


def test_cities_behind_their_provinces() -> None:
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    provinces = {row["code"][:2]: row["name"] for row in rows if row["level"] == "1"}
    within = [(provinces[row["code"][:2]], row["name"]) for row in rows if row["level"] != "1"]
    assert_alike([f"{province}{name}启明机械有限公司" for province, name in within])
    assert_alike([f"{province[:2]}{name[:2]}启明机械" for province, name in within])


@pytest.mark.parametrize("city", ["北京", "上海", "天津", "重庆"])
def test_a_municipality_named_twice(city: str) -> None:
    twice = [f"{one}{other}" for one in (city, f"{city}市") for other in (city, f"{city}市")]
    assert_alike(
        [f"{place}{rest}" for place in twice for rest in ("启明机械有限公司", "启明", "电", "场启明机械", "政工程")]
    )
    assert plain(f"{city}{city}启明机械有限公司")


def test_a_japanese_form_before_a_branch() -> None:
    assert_alike([f"启明机械有限公司{form}杭州分公司" for form in ("株式会社", "有限会社", "合同会社")])


def test_well_known_organisations_and_trades() -> None:
    with (DATA / "organisations.csv").open(encoding="utf-8", newline="") as file:
        known = fold([row[key] for row in csv.DictReader(file) for key in ("alias", "name")])
    ends = ("", "有限公司", "股份有限公司", "杭州分公司", "有限公司杭州分公司", "机械有限公司", "(杭州)有限公司")
    assert_alike([name + end for name in known for end in ends])
    assert_alike(
        [f"{place}启明{trade}{form}" for trade in trades() for place in ("", "杭州") for form in ("", "有限公司")]
    )


@given(
    st.lists(
        st.lists(
            st.one_of(st.sampled_from(WRITTEN), st.sampled_from(PLACES), st.sampled_from(["启明", "机械", "科技", "恒远", "贸易", "有限公司"])),
            min_size=1, max_size=6,
        ),
        min_size=1, max_size=16,
    )
)  # fmt: skip
def test_whatever_a_name_is_made_of(written: list[list[str]]) -> None:
    assert_alike(fold(["".join(words) for words in written]))


@pytest.mark.parametrize(
    "company",
    ["信柏五金", "杭州启明科技", "内蒙古成泽", "工行", "启明机械(杭州)有限公司", "中国移动", "启明集团", "启明"],
)
@pytest.mark.parametrize(
    "branch",
    [
        "南通分公司",
        "土默特左旗分公司",
        "西湖区分公司",
        "城南分公司",
        "分公司",
        "浙江省杭州市分公司",
        "第二分公司",
        "杭州西湖分公司",
    ],
)
def test_branches_of_companies_without_their_form(company: str, branch: str) -> None:
    assert_alike([company + branch, f"{company} {branch}", f"{company}{branch}(老客户)"])


def test_a_branch_does_not_cut_through_an_organisation() -> None:
    with (DATA / "organisations.csv").open(encoding="utf-8", newline="") as file:
        known = fold([row["alias"] for row in csv.DictReader(file)])
    assert_alike(
        [f"{name}{end}分公司" for name in known for end in ("县", "州市", "安", "阴市", "安徽省全椒县", "灌县")]
    )
    assert_alike(["启明䷿机械(杭州)有限公司"])


@pytest.fixture(params=[0, 2000])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take names apart together, or one by one as of small tables."""
    monkeypatch.setattr(plain_names, "_FEW", request.param)


@pytest.mark.usefixtures("few")
def test_names_of_many_values_keep_their_order_and_are_each_there_once() -> None:
    values = [
        "启明机械有限公司\x1f启明机械有限公司",
        "",
        "启明机械",
        "启明集团有限公司\x1f启明",
        "启明机械有限公司",
        "无",
        "杭州启明汽车零件有限公司",
    ]
    made = make(pa.array(values, pa.large_string()), np.ones(len(values), dtype=np.int64))
    assert made.bag.sizes.tolist() == [1, 0, 1, 2, 1, 0, 2]
    assert made.bag.items.tolist() == [0, 1, 2, 3, 0, 4, 5]
    assert made.group.tolist() == [False, False, True, True, False, False]


@given(st.lists(st.sampled_from([
    "启明机械有限公司", "启明机械", "杭州启明机械有限公司", "Siemens AG", "启明集团", "无", "启明机械有限公司(杭州)", "恒远有限公司上海分公司", "启明汽车零件厂",
]), min_size=1, max_size=9))  # fmt: skip
def test_names_are_told_apart_by_all_of_their_parts(written: list[str]) -> None:
    names, owners = together(pa.array(fold(written), pa.large_string()))
    bag, distinct = bags_of_names(names, owners, len(written))
    expected, each = bags([[name for name in found if name.full] for found in map(take_apart, fold(written))])
    assert [bag.items.tolist(), bag.sizes.tolist()] == [expected.items.tolist(), expected.sizes.tolist()]
    assert list(distinct.each()) == each
