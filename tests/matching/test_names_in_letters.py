"""Names of people in pinyin and beside English ones, and what people call themselves on the web."""

from __future__ import annotations

import numpy as np
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.people.spelt import also_called, english_beside, is_spelt
from crmmigrate.matching.person_name import LEVELS, make

COLUMNS = ("姓名", "公司", "手机", "邮箱")
FIRM = "苏州启辰塑胶有限公司"


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Mei Lan Tang", "Meilan TANG", "sound"),
        ("Tang Meilan", "Mei-Lan Tang", "sound"),
        ("Ji-won Park", "Jiwon Park", "sound"),
        ("Jean-Luc Moreau", "Jeanluc Moreau", "sound"),
        ("Ann Amari", "Anna Mari", "one_word"),
        ("Kevin Meilan Tang", "唐美兰", "pinyin"),
        ("Kevin Meilan Tang", "Meilan Tang", "pinyin"),
        ("Kevin Meilan Tang", "唐文博", "different"),
        ("Kevin Meilan Tang", "Oscar Meilan Tang", "different"),
        ("Siu Kit (Oscar) Fung", "Oscar Fung", "pinyin"),
        ("Siu Kit (Oscar) Fung", "Wai Man (Oscar) Fung", "one_word"),
        ("唐美兰 Oscar", "Oscar Tang", "pinyin"),
        ("唐美兰(Oscar)", "唐磊", "different"),
        ("唐美兰(Oscar)", "唐磊(Oscar)", "different"),
        ("Kevin Tang", "唐美兰", "surname"),
        ("Mai Tanabe", "田辺舞", "other_script"),
        ("Weibin Tang", "唐美兰", "different"),
        ("Zhai Meilan", "翟美兰", "pinyin"),
        ("Xianglong Zeng", "曾祥龙", "pinyin"),
        ("Kevin Zeng", "曾祥龙", "surname"),
        ("繁花似锦", "唐美兰", "screen_name"),
        ("阳光", "唐美兰", "screen_name"),
        ("tb20417", "Meilan Tang", "screen_name"),
        ("繁花似锦", "Meilan Tang", "screen_name"),
        ("Oscar", "Meilan Tang", "screen_name"),
        ("Oscar", "唐美兰", "screen_name"),
        ("Oscar", "Jane Miller", "different"),
        ("美兰", "Tang Meilan", "part"),
        ("美兰", "Tang Wenbo", "screen_name"),
        ("范徐丽泰", "唐美兰", "different"),
        ("欧阳美兰", "唐文博", "different"),
        ("肖文", "唐美兰", "different"),
    ],
)
def test_names_in_letters(one, other, wanted):
    people = make([one, other], np.ones(2, dtype=np.int64))
    for a, b in ((0, 1), (1, 0)):
        assert LEVELS[people.compare(np.array([a]), np.array([b]))[0]].name == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("meilan tang", True),
        ("tang mei lan", True),
        ("kevin meilan tang", True),
        ("xiao e tang", True),
        ("ou yang meilan", True),
        ("ai kimura", False),
        ("mai tanabe", False),
        ("linda tang", False),
        ("ming schmidt", False),
    ],
)
def test_what_is_spelt(name, wanted):
    assert is_spelt(name.split()) is wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("kevin meilan tang", ["meilan tang"]),
        ("tang meilan kevin", ["tang meilan"]),
        ("kevin siu kit fung", ["siu kit fung"]),
        ("siu kit (oscar) fung", ["oscar fung"]),
        ("mary ann miller", []),
        ("anna schmidt tang", []),
        ("kevin tang", []),
        ("meilan tang (purchasing)", []),
    ],
)
def test_english_beside_chinese(name, wanted):
    assert also_called(name) == wanted


def test_english_beside_characters():
    assert [english_beside(name) for name in ("唐美兰 oscar", "唐美兰", "唐美兰 mei", "唐美兰 a b")] == [
        "oscar",
        "",
        "",
        "",
    ]


def person(name, mobile="", mail="", firm=FIRM):
    return dict(zip(COLUMNS, (name, firm, mobile, mail), strict=True))


OWN, OTHER = "13800138001", "13900139002"


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (person("繁花似锦", OWN), person("唐美兰", OWN), "review"),
        (person("Oscar", OWN, "oscar_t81@hotmail.com"), person("唐美兰", OWN, "tangml@qichen.cn"), "review"),
        (person("繁花似锦", OWN), person("唐美兰", OTHER), "alone"),
        (person("繁花似锦", OTHER), person("唐美兰"), "alone"),
        (person("Mei Lan Tang", OWN), person("Meilan TANG", OWN, firm=""), "merge"),
        (person("唐美兰", OWN, "tangml@qichen.cn"), person("Mei Lan Tang", OWN, "tangml@qichen.cn"), "merge"),
        (person("Kevin Tang", OWN, "tangml@qichen.cn"), person("Tang Meilan", OWN, "tangml@qichen.cn"), "merge"),
        (person("Kevin Tang", "", "kevin@qichen.cn"), person("Tang Meilan", "", "tangml@qichen.cn"), "alone"),
        (person("唐立新", "", "tanglx@qichen.cn"), person("唐立刚", "", "tanglg@qichen.cn"), "alone"),
        (person("唐立新", "", "tanglx@qichen.cn"), person("唐立刚", "", "office@qichen.cn"), "review"),
        (person("Thomas Arndt", OWN, "tarndt@qichen.cn"), person("Werner Arndt", OTHER, "warndt@qichen.cn"), "alone"),
    ],
)
def test_people_in_letters(one, other, decided):
    for sides in ((one, other), (other, one)):
        assert decide("contact", COLUMNS, *sides) == decided
