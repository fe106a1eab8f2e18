"""Public bodies, and branches of companies in letters: what they are called for short, and which are two whatever they share."""

from __future__ import annotations

import pytest
from tests.matching.test_pairs import ACCOUNT, account, by_hand, decide

from crmmigrate.matching.companies.bodies import kinds_of

BODIES = by_hand("bodies.txt", account)


@pytest.mark.parametrize(("wanted", "why", "one", "other"), BODIES, ids=[f"{w}-{why}" for w, why, *_ in BODIES])
def test_bodies_are_merged_asked_about_or_left_alone(wanted, why, one, other):
    decision = decide("account", ACCOUNT, one, other)
    assert decision == ("alone" if wanted == "never" else wanted)
    assert decide("account", ACCOUNT, other, one) == decision


@pytest.mark.parametrize(
    ("one", "other"),
    [("安溪县旅游局", "安溪县文化体育和旅游局"), ("安溪县教育局", "安溪县教育和体育局"), ("安溪县农业农村局", "安溪县农业农村和水利局"), ("安溪县档案馆", "安溪县史志办公室"),
     ("安溪县工商局", "安溪县市场监督管理局"), ("安溪县公安局", "安溪县公安分局"), ("安溪县商务局", "安溪县发展改革和商务局")],
)  # fmt: skip
def test_offices_that_may_be_one(one, other):
    assert kinds_of(one) & kinds_of(other)


@pytest.mark.parametrize(
    "name", ["安溪县人民政府", "启明机械有限公司", "茶屿二店", "安溪县第一中学", "安溪县公安局办公室"]
)
def test_names_that_say_of_no_kind_of_body_that_they_are_it(name):
    assert not kinds_of(name)
