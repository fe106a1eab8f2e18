"""Shops, chains, restaurants and hotels: their names are no registered ones, and are written in many ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.matching.test_pairs import ACCOUNT, account, by_hand, decide

from crmmigrate.matching import phone
from crmmigrate.matching.companies.consumer_trades import sells_to_people
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.company_name import make
from crmmigrate.matching.engine import match
from crmmigrate.matching.roles import shipped

SHOPS = by_hand("shops.txt", account)


@pytest.mark.parametrize(("wanted", "why", "one", "other"), SHOPS, ids=[f"{w}-{why}" for w, why, *_ in SHOPS])
def test_shops_are_merged_asked_about_or_left_alone(wanted, why, one, other):
    decision = decide("account", ACCOUNT, one, other)
    assert decision == ("alone" if wanted == "never" else wanted)
    assert decide("account", ACCOUNT, other, one) == decision


def test_a_name_that_a_street_of_shops_has_is_no_evidence():
    rows = [
        {
            "_record": f"s/{number}",
            "店铺名称": name,
            "电话": f"13{(number * 7919 + 123) * 104729 % 10**9:09}",
            "地址": f"{city}中山路{number + 7}号",
        }
        for number, (name, city) in enumerate(
            (name, city)
            for name in ("兰州牛肉拉面", "沙县小吃", "平价超市", "锅先森（万达广场店）")
            for city in ("成都市青羊区", "成都市武侯区", "成都市锦江区", "北京市海淀区", "杭州市萧山区")
        )
    ]
    frame = pd.DataFrame(rows, dtype="str")
    found = match(frame, shipped("account", frame.columns))
    assert len(set(found.cluster)) == len(rows)
    assert not (found.decision == "review").any()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("锅先森-广州-银泰城", "锅先森(银泰城店)", True), ("锅先森(杭州银泰城店)", "锅先森-广州-银泰城", False), ("北京甘棠记建设北路店", "甘棠记（北京建设北路店）", True),
     ("鲜喵便利（吾悦店）", "鲜喵便利吾悦广场店", True), ("鲜喵便利（吾悦广场店）", "鲜喵便利（吾悦路店）", False), ("鲜喵便利（中山公园店）", "鲜喵便利（上海中山公园店）", True),
     ("锦悦酒店(长沙市政府店)", "锦悦酒店(市政府店)", True), ("超猩运动·软件园二期店", "超猩运动软件园店", False),
     ("小城重庆火锅（万达店）", "小城重庆火锅（成都万达店）", True), ("杭州人民路海泊酒店", "海泊酒店(杭州人民路店)", True)],
)  # fmt: skip
def test_what_a_shop_is_called(one, other, alike):
    names = make(sorted((one, other)), np.ones(2, dtype=np.int64))
    left, right = np.array([0]), np.array([1])
    assert (LEVELS[int(names.compare(left, right)[0])].name == "namesake") is alike
    assert bool(names.other_branch(left, right)[0]) is not alike


def test_what_shops_sell_to_people():
    sold = ["老王烧烤", "沙县小吃", "名流美甲店", "谭哥羊肉馆", "和颐酒店"]
    other = ["杭州图书馆", "启明机械", "华为技术", "西湖博物馆"]
    assert sells_to_people(pa.array([*sold, *other], pa.large_string())).tolist() == [True] * 5 + [False] * 4


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [("400-746-4588", "4007464588", "hotline"), ("800-820-1234", "8008201234", "hotline"), ("95533", "95533", "hotline"),
     ("400-746-4588/0371-27980576", "0371-27980576、4007464588", "same"), ("020-85179662", "02085179662", "same")],
)  # fmt: skip
def test_a_service_number_is_not_that_of_a_house(one, other, level):
    phones = phone.make([one, other], np.ones(2, dtype=np.int64))
    found = phones.compare(np.array([0]), np.array([1]))[0]
    assert phone.LEVELS[int(found)].name == level


def test_nobody_is_asked_about_each_two_of_many_shops_of_one_name_without_a_street():
    def asked(name: str, times: int) -> bool:
        rows = [
            {
                "_record": f"s/{number}",
                "店铺名称": name,
                "电话": f"13{(number * 7919 + 123) * 104729 % 10**9:09}",
                "城市": "成都",
            }
            for number in range(times)
        ]
        frame = pd.DataFrame(rows, dtype="str")
        found = match(frame, shipped("account", frame.columns))
        assert len(set(found.cluster)) == times
        return bool((found.decision == "review").any())

    assert asked("老渡口烧烤", 2)
    assert not asked("沙县小吃", 12)
