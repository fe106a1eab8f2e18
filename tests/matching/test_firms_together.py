"""Companies told by their names and what they share: plants, sisters in other trades, groups, brands that sound alike, names in short."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.matching.test_pairs import ACCOUNT, account, decide

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.plants import is_unplaced
from crmmigrate.matching.companies.terms import one_of
from crmmigrate.matching.company_name import make
from crmmigrate.matching.engine import match
from crmmigrate.matching.roles import shipped

HERE, THERE = "绍兴市越城区环城北路88号3幢", "绍兴市柯桥区金柯桥大道1201号"
PHONE, OTHER = {"phone": "0575-85123344"}, {"phone": "0575-84667788"}
BOTH = {**PHONE, "address": HERE}


def level(one: str, other: str) -> str:
    names = make([one, other], np.ones(2, dtype=np.int64))
    return LEVELS[names.compare(np.array([0]), np.array([1]))[0]].name


def groups(*rows: dict[str, str]) -> list[int]:
    frame = pd.DataFrame(rows, columns=ACCOUNT, dtype="str")
    frame.insert(0, "_record", [f"s/{number}" for number in range(len(rows))])
    return match(frame, shipped("account", frame.columns)).cluster.tolist()


@pytest.mark.parametrize(
    ("branch", "unplaced"),
    [("新厂", True), ("二厂", True), ("第三厂", True), ("老厂区", True), ("柯桥厂", False), ("新昌厂", False), ("仓库", False), ("分公司", False)],
)  # fmt: skip
def test_a_plant_without_a_place(branch, unplaced):
    assert is_unplaced(branch) is unplaced


PLANTS = [
    ("merge", "（新厂）", BOTH, BOTH), ("merge", "二厂", BOTH, BOTH), ("merge", "（老厂）", BOTH, PHONE), ("merge", "(新厂)", {"address": HERE}, {"address": HERE}),
    ("review", "（新厂）", BOTH, {**PHONE, "address": THERE}), ("review", "（新厂）", BOTH, {**OTHER, "address": THERE}),
    ("alone", "（柯桥厂）", BOTH, {**PHONE, "address": THERE}), ("alone", "柯桥分公司", BOTH, {**PHONE, "address": THERE}),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "plant", "one", "other"), PLANTS)
def test_a_plant_is_its_company_where_that_is(wanted, plant, one, other):
    company, site = account("绍兴骏岳液压有限公司", **one), account(f"绍兴骏岳液压有限公司{plant}", **other)
    assert decide("account", ACCOUNT, company, site) == decide("account", ACCOUNT, site, company) == wanted


SISTERS = [
    ("review", account("绍兴骏岳机械有限公司", **BOTH), account("绍兴骏岳精密机械有限公司", **BOTH)),
    ("review", account("绍兴骏岳机械制造股份有限公司", **BOTH), account("绍兴骏岳机械制造工程有限公司", **BOTH)),
    ("merge", account("绍兴骏岳机械有限公司", code="91330600MA27XQ8C8J", **PHONE), account("绍兴骏岳机械设备有限公司", code="91330600MA27XQ8C8J", **PHONE)),
    ("merge", account("绍兴骏岳机械设备有限公司", **BOTH), account("绍兴骏岳机械", **BOTH)),
    ("review", account("绍兴骏岳五金有限公司", short="绍兴骏岳", **BOTH), account("绍兴骏岳机械", short="骏岳机械", **BOTH)),
    ("merge", account("绍兴骏岳五金有限公司", short="绍兴骏岳", **BOTH), account("绍兴骏岳五金", short="骏岳五金", **BOTH)),
    ("review", account("绍兴骏岳电气有限公司【何】", **BOTH), account("绍兴骏岳数控设备有限公司", **BOTH)),
    ("review", account("绍兴骏岳液压集团有限公司", **BOTH), account("绍兴骏岳液压集团股份有限公司", **BOTH)),
    ("merge", account("绍兴骏岳液压集团股份有限公司", **BOTH), account("骏岳液压集团股份有限公司", **BOTH)),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "one", "other"), SISTERS)
def test_registered_names_that_differ_in_a_word_are_asked_about(wanted, one, other):
    assert decide("account", ACCOUNT, one, other) == decide("account", ACCOUNT, other, one) == wanted


def test_a_short_name_belongs_to_the_sister_that_it_shares_more_with():
    sure = {"code": "91330600MA27XQ8C8J", "contact": "马立群"}
    first, second, short = groups(
        account("绍兴骏岳电气有限公司", **BOTH, **sure), account("绍兴骏岳数控设备有限公司", **BOTH, contact="张总"),
        account("绍兴骏岳", **BOTH, **sure),
    )  # fmt: skip
    assert first == short != second


ALIKE = [
    ("review", account("绍兴市越顶电器有限公司", address=HERE), account("绍兴市岳顶电器有限公司", address=THERE)),
    ("alone", account("绍兴市越顶电器有限公司", address=HERE, **PHONE), account("绍兴市岳顶电器有限公司", address=THERE, **OTHER)),
    ("merge", account("绍兴市越顶电器有限公司", **BOTH), account("绍兴市岳顶电器有限公司", **BOTH)),
    ("merge", account("绍兴市越顶电器有限公司", address=HERE, **PHONE), account("绍兴市岳顶电器有限公司", address=THERE, **PHONE)),
    ("review", account("绍兴行柯机电设备有限公司", **BOTH), account("绍兴星柯机电", address=HERE)),
    ("alone", account("绍兴行柯机电设备有限公司", **BOTH), account("绍兴星柯机电", address=THERE)),
    ("alone", account("绍兴行柯机电设备有限公司", **BOTH), account("绍兴星柯食品", address=HERE)),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "one", "other"), ALIKE)
def test_brands_that_sound_alike(wanted, one, other):
    assert decide("account", ACCOUNT, one, other) == decide("account", ACCOUNT, other, one) == wanted


SHORT = [
    ("review", account("骏岳新材料", address=HERE, **PHONE), account("绍兴骏岳新材料科技有限公司", address=THERE, **OTHER)),
    ("review", account("骏岳机械", address=HERE, **PHONE), account("绍兴骏岳机械制造股份有限公司", address=THERE)),
    ("alone", account("骏岳", address=HERE, **PHONE), account("绍兴骏岳机械制造股份有限公司", address=THERE, **OTHER)),
    ("alone", account("骏岳机械", address="杭州市西湖区文三路1号", **PHONE), account("绍兴骏岳机械制造股份有限公司", address=THERE, **OTHER)),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "one", "other"), SHORT)
def test_brand_and_trade_in_the_city_of_the_registered_name(wanted, one, other):
    assert decide("account", ACCOUNT, one, other) == decide("account", ACCOUNT, other, one) == wanted


@pytest.mark.parametrize(
    "note", ["（新）", "（停用）", "(月结)", "【何】", "-设备款", "（设备款）", "（二期项目）", "-二期项目", "（技改项目）", "(2019年扩建)", "（外协）", "（人民币）"]
)  # fmt: skip
def test_what_is_noted_behind_a_company_is_no_part_of_it(note):
    assert level(f"骏岳液压有限公司{note}", "骏岳液压有限公司") == "same"


def test_a_plant_may_be_called_the_old_one_besides():
    assert level("骏岳液压有限公司二厂（老厂区）", "骏岳液压有限公司二厂") == "same"


@pytest.mark.parametrize("name", ["骏岳置业有限公司（二期项目）", "骏岳液压有限公司（样品展厅）", "骏岳样品有限公司"])
def test_what_is_another_place_or_part_of_the_name_stays(name):
    assert level(name, "骏岳置业有限公司" if "置业" in name else "骏岳液压有限公司") != "same"


@pytest.mark.parametrize(
    ("word", "meant"),
    [("valvees", "valve"), ("idustries", "industry"), ("inndustries", "industry"), ("indutsries", "industry"), ("equipmnt", "equipment"),
     ("painting", "painting"), ("elastic", "elastic"), ("centra", "centra"), ("zalves", "zalves"), ("ndustries", "ndustries")],
)  # fmt: skip
def test_a_general_word_that_was_mistyped(word, meant):
    assert one_of(word) == meant


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [("Kestrel Idustries PLC", "Kestrel Industries PLC", "whole"), ("Al Noor Trading L.L.C", "Al Noor Trading LLC", "whole"),
     ("Al Noor Trading L.L.C", "Al Noor General Trading L.L.C", "longer"), ("Kestrel Painting Ltd", "Kestrel Printing Ltd", "one_in_trade")],
)  # fmt: skip
def test_names_in_letters(one, other, wanted):
    assert level(one, other) == level(other, one) == wanted
