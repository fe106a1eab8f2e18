"""Head offices, branches written short, and brands before 公司."""

from __future__ import annotations

import numpy as np
import pytest
from tests.matching.test_pairs import ACCOUNT, account, decide

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.parts import take_apart
from crmmigrate.matching.company_name import make


def taken(name):
    own = take_apart(name)[0]
    return own.core, own.branch, own.kind


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("上海维腾总部", "上海维腾"),
        ("启明机械有限公司(总部)", "启明机械有限公司"),
        ("杭州启明机械-总部", "杭州启明机械"),
        ("维腾上海总部", "维腾(上海)"),
        ("启明精密模具太原分", "启明精密模具太原分公司"),
    ],
)
def test_what_is_meant(name, whole):
    assert taken(name) == taken(whole)


@pytest.mark.parametrize(
    "name", ["上海总部", "启明华东总部", "启明集团总部", "总部", "太原分", "诚信十分", "启明太原分"]
)
def test_what_stays_as_it_is(name):
    core, branch, _ = taken(name)
    assert (core + branch).endswith(name[-2:])


@pytest.mark.parametrize(
    ("name", "kind"),
    [("杭州启明公司", ""), ("启明霖公司", ""), ("杭州粮油公司", "公司"), ("杭州启明有限公司", "公司"), ("启明集团公司", "公司"), ("启明总公司", "公司")],
)  # fmt: skip
def test_a_brand_before_the_word_for_a_company_is_no_registered_name(name, kind):
    assert taken(name)[2] == kind


MOBILE = {"phone": "13697638421"}


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (account("优腾精密模具太原分", contact="朱静", **MOBILE), account("浙江优腾精密模具股份有限公司太原分公司", contact="朱静", **MOBILE), "merge"),
        (account("优腾精密模具太原分", contact="朱静", **MOBILE), account("浙江优腾精密模具股份有限公司", contact="朱静", **MOBILE), "apart"),
        (account("优腾精密模具太原分", contact="朱静", **MOBILE), account("优腾精密模具襄阳分", contact="朱静", **MOBILE), "apart"),
        (account("上海维腾总部", contact="傅国", **MOBILE), account("上海维腾智能装备有限公司", contact="傅国", **MOBILE), "merge"),
        (account("上海维腾总部", contact="傅国"), account("上海维腾智能装备有限公司", contact="徐伟"), "apart"),
        (account("南宁润彩林公司", contact="龙芳", **MOBILE), account("南宁润彩林传动设备厂", contact="龙芳", **MOBILE), "merge"),
        (account("南宁润彩林包装有限公司", contact="龙芳", **MOBILE), account("南宁润彩林传动设备厂", contact="龙芳", **MOBILE), "apart"),
    ],
)  # fmt: skip
def test_pairs(one, other, decided):
    for sides in ((one, other), (other, one)):
        assert (decide("account", ACCOUNT, *sides) == "merge") is (decided == "merge")


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("太原腾霖电子科技有限公司杭州分公司", "registered"),
        ("太原腾霖电子科技有限公司第一分公司", "here"),
        ("腾霖电子杭州分公司", "same"),
    ],
)
def test_a_branch_in_a_place_is_registered_by_its_name(name, level):
    names = make([name, name.replace("腾霖", "腾霖 ")], np.ones(2, dtype=np.int64))
    assert LEVELS[names.compare(np.array([0]), np.array([1]))[0]].name == level
