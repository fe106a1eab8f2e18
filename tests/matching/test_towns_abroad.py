"""Towns and states abroad, from the columns before the line of an address."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.address import LEVELS, make
from crmmigrate.matching.places.towns_abroad import TownsAbroad
from crmmigrate.matching.roles import ROLES, options_of


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("OR\x1fPortland\x1f1 Main Street", "CO\x1fDenver\x1f12 Oak Street", "other_town"),
        ("OR\x1fPortland\x1f", "ME\x1fPortland\x1f", "other_town"),
        ("OR\x1f\x1f", "Oregon\x1f\x1f", "unclear"),
        ("\x1fKöln\x1f1 Ring", "\x1fKoeln\x1f2 Allee", "other_line"),
        ("\x1fSt. Louis\x1f1 Ring", "\x1fSaint Louis\x1f2 Allee", "other_line"),
        ("\x1fFrankfurt\x1f1 Ring", "\x1fFrankfurt am Main\x1f2 Allee", "other_line"),
        ("\x1fSeattle\x1f1 Ring", "\x1fSeatle\x1f2 Allee", "other_line"),
        ("\x1fKöln\x1f12 Severinstraße", "\x1fCologne\x1f12 Severinstr.", "similar"),
        ("浙江省\x1f杭州市\x1f文三路1号", "浙江省\x1f宁波市\x1f中山路2号", "different"),
        ("Main Street", "Oak Street", "unclear"),
    ],
)
def test_levels(one, other, wanted):
    found = make([one, other], np.ones(2, dtype=np.int64)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name for level in found] == [wanted] * 2


def test_what_is_said_does_not_depend_on_what_else_is_in_the_table():
    values = ["OR\x1fPortland\x1f", "\x1f\x1f", "\x1f\x1fMain Street", "\x1f\x1f杭州文三路"]
    towns = TownsAbroad(values)
    assert towns.said.tolist() == [True, False, False, False]
    assert not towns.differ(np.array([0, 1]), np.array([1, 2])).any()


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("TX\x1fSan Antonio", "TX\x1fSan Antonio", "same_city"),
        ("TX\x1fSan Antonio", "TX\x1fDallas", "other_town"),
        ("TX\x1fSan Antonio", "\x1fSan Antonio", "unclear"),
        ("Dallas", "Dallas", "same_city"),
        ("Dallas", "Denver", "other_town"),
        ("TX\x1f12 Main Street, Dallas", "TX\x1f12 Main Street, Dallas", "same"),
        ("杭州市", "杭州", "same_city"),
        ("杭州市", "宁波市", "different"),
    ],
)
def test_a_town_alone_is_no_address(one, other, wanted):
    found = make([one, other], np.ones(2, dtype=np.int64), lines=False).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name for level in found] == [wanted] * 2


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        (("State", "City"), {"lines": False}),
        (("Billing State/Province", "Billing City"), {"lines": False}),
        (("Billing State", "Billing City", "Billing Street"), {}),
        (("city", "dizhi"), {}),
        (("城市",), {}),
    ],
)
def test_headers_say_whether_a_street_is_told(columns, options):
    assert options_of(ROLES["address"], columns) == options
