"""One flat, written with its street and without."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.address import LEVELS, make


def level(one, other):
    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert found[0] == found[1]
    return LEVELS[found[0]].name if found[0] >= 0 else ""


def share_a_key(one, other):
    keys = make([one, other], np.ones(2)).candidate_keys()
    held = [set(numbers[values == which].tolist()) for _, values, numbers in keys for which in (0, 1)]
    return any(a & b for a, b in zip(held[::2], held[1::2], strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("佛山市顺德区工业大道644号景瑞府35幢4单元501室", "佛山顺德区春江街道景瑞府35-4-501"),
        ("望江路583号锦绣江南5幢2单元1004室", "锦绣江南5栋2单元1004"),
        ("杭州市望江路583号院锦绣江南5幢2单元1004室", "杭州锦绣江南5-2-1004"),
        ("杭州市望江路583号锦绣江南5幢2单元1004室", "锦绣江南5#1004"),
        ("锦绣江南5-2-1004", "杭州锦绣江南5栋1004"),
    ],
)
def test_one_flat_with_and_without_its_street(one, other):
    assert level(one, other) == "similar"
    assert share_a_key(one, other)


def test_a_building_and_a_room_of_a_name_of_three_characters_are_a_flat():
    assert level("杭州市望江路583号锦绣江南5幢1004室", "杭州市锦绣江南5栋1004") == "similar"
    assert level("杭州市望江路583号花园5幢1004室", "杭州市花园5栋1004") == "elsewhere_in_city"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("杭州市望江路583号锦绣江南5幢2单元1004室", "杭州市春江路12号锦绣江南5幢2单元1004室"),
        ("杭州市望江路583号锦绣江南5幢2单元1004室", "杭州市锦绣江南5栋2单元1005"),
        ("杭州市望江路583号碧桂园5幢2单元1004室", "杭州市万科5栋2单元1004"),
        ("杭州市望江路583号锦绣江南5幢2单元1004室", "杭州市锦绣江南5栋3单元1004"),
        ("杭州市望江路583号锦绣江南5幢2单元1004室", "杭州市锦绣江南2-1004"),
        ("杭州市望江路583号江南5幢2单元1004室", "杭州市江南5-1004"),
    ],
)
def test_another_street_room_or_estate_is_elsewhere(one, other):
    assert level(one, other) == "elsewhere_in_city"


def test_one_estate_in_two_cities_is_two():
    assert level("杭州市望江路583号碧桂园5幢2单元1004室", "宁波市碧桂园5栋2单元1004") == "different"
