"""Names of companies as they stand on bills of lading."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.companies.shipped_names import of_principal, put_right
from crmmigrate.matching.company_name import LEVELS, make
from crmmigrate.matching.texts.folding import fold


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("green harbour freight o/b blue sky toys ltd", "blue sky toys ltd"),
        ("green harbour freight on behalf of blue sky toys ltd", "blue sky toys ltd"),
        ("green harbour freight as agent for blue sky toys ltd", "blue sky toys ltd"),
        ("blue sky toys ltd (via green harbour freight)", "blue sky toys ltd"),
        ("蓝天玩具有限公司 (via green harbour freight)", "蓝天玩具有限公司"),
        ("blue sky toys limited\nc/o green harbour freight", "blue sky toys limited"),
        ("blue sky toys ltd via green harbour freight", "blue sky toys ltd"),
        ("trattoria via roma srl", "trattoria via roma srl"),
        ("via appia travel ltd", "via appia travel ltd"),
        ("insurance agents of the north ltd", "insurance agents of the north ltd"),
        ("agent for change ltd", "agent for change ltd"),
    ],
)
def test_who_ships_for_a_company_is_not_the_company(text, whom):
    assert of_principal(text) == whom


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("ningbo hengtai toys co.,lt", "ningbo hengtai toys co ltd"),
        ("ningbo hengtai toys company limit", "ningbo hengtai toys co ltd"),
        ("ningbo hengtai household products com", "ningbo hengtai household products co ltd"),
        ("ningbo hengtai toys c0 ltd", "ningbo hengtai toys co ltd"),
        ("ch0ngqing hengtai", "chongqing hengtai"),
        ("heng tai (ningbo) toys co ltd", "ningbo heng tai toys co ltd"),
        ("siemens (ningbo) toys co ltd", "siemens (ningbo) toys co ltd"),
        ("heng tai (holding) toys co ltd", "heng tai (holding) toys co ltd"),
        ("h2o ltd", "h2o ltd"),
        ("dot com", "dot com"),
        ("route 66 co", "route 66 co"),
    ],
)
def test_what_a_narrow_field_does_to_a_name_is_undone(text, right):
    assert put_right(text) == right


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("NINGBO HENGTAI TOYS CO., LTD.", "NINGBO HENG TAI TOYS CO LTD", "in_pinyin"),
        ("HENG TAI (NINGBO) TOYS CO LTD", "NINGBO HENGTAI TOYS CO.,LT", "in_pinyin"),
        ("BLUEBIRD GARDEN TOYS LTD", "Bluebird Garden Toys Limit", "whole"),
        ("NINGBO BLUEBIRD TOYS CO., LTD.", "NINGBO BLUEBIRD TOYS LIMITED", "whole"),
        ("NINGBO HENGTAI HDWR CO LTD", "NINGBO HENGTAI HARDWARE CO., LTD.", "in_pinyin"),
        ("NINGBO HENGTAI FOREIGN TRADE LTD", "NINGBO HENGTAI FOREIGN TRADING LTD", "in_pinyin"),
        ("GREEN HARBOUR FREIGHT O/B BLUE SKY TOYS LTD", "GREEN HARBOUR FREIGHT O/B RED EARTH TOOLS LTD", "different"),
        (
            "BLUE SKY TOYS LTD (VIA GREEN HARBOUR FREIGHT)",
            "RED EARTH TOOLS LTD (VIA GREEN HARBOUR FREIGHT)",
            "different",
        ),
    ],
)
def test_how_far_such_names_are_one(one, other, level):
    found = make(fold([one, other]), np.ones(2, dtype=np.int64)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[at].name for at in found] == [level] * 2
