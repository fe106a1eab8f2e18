"""Registered names of which one has more than the other."""

from __future__ import annotations

import numpy as np
import pytest
from tests.matching.test_pairs import ACCOUNT, account, decide

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.company_name import make


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("苏州腾远新能源科技有限公司", "苏州腾远达新能源科技有限公司", "one_character"),
        ("武汉鹏远机器人科技有限公司", "武汉鹏远特机器人科技有限公司", "one_character"),
        ("苏州腾远精密机械有限公司", "苏州腾远精机械有限公司", "short"),
        ("苏州腾远机械有限公司", "苏州腾远机械设备有限公司", "word_more"),
        ("苏州腾远达", "苏州腾远达机械有限公司", "short"),
        ("苏州腾远机械", "苏州腾远达机械有限公司", "short"),
    ],
)
def test_levels(one, other, level):
    companies = make([one, other], np.ones(2, dtype=np.int64))
    assert LEVELS[companies.compare(np.array([0]), np.array([1]))[0]].name == level


@pytest.mark.parametrize(
    ("rest", "decided"),
    [({}, "alone"), ({"phone": "13800138001"}, "review"), ({"phone": "13800138001", "contact": "朱静"}, "merge")],
)
def test_a_character_more_at_the_end_of_the_brand(rest, decided):
    pair = account("苏州腾远机械有限公司", **rest), account("苏州腾远达机械有限公司", **rest)
    assert decide("account", ACCOUNT, *pair) == decided
    assert decide("account", ACCOUNT, *pair[::-1]) == decided
