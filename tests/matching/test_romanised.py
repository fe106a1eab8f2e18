"""Chinese names in the letters of Hong Kong, Macau, Taiwan and Singapore, which are no pinyin."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.person_name import LEVELS, make


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("陳大文", "CHAN Tai Man", "pinyin"),
        ("陈大文", "Chan Tai-man", "pinyin"),
        ("陈大文", "Chan Taiman", "pinyin"),
        ("陈大文", "David CHAN Tai Man", "pinyin"),
        ("陈大文", "CHAN, Tai Man David", "pinyin"),
        ("陈大文", "Tai Man Chan", "pinyin"),
        ("梁朝偉", "Leung Chiu Wai", "pinyin"),
        ("張家輝", "CHEUNG Ka Fai", "pinyin"),
        ("李嘉欣", "Lee Ka Yan", "pinyin"),
        ("黃秋生", "Wong Chau Sang", "pinyin"),
        ("吳詠詩", "NG Wing Sze", "pinyin"),
        ("謝麗珍", "Tse Lai Chun", "pinyin"),
        ("何志雄", "Ho Chi Hung", "pinyin"),
        ("區樂民", "AU Lok Man", "pinyin"),
        ("歐陽德明", "Au Yeung Tak Ming", "pinyin"),
        ("司徒永富", "SZETO Wing Fu", "pinyin"),
        ("鄭少芬", "CHENG Siu Fan", "pinyin"),
        ("曾雪儀", "Tsang Suet Yee", "pinyin"),
        ("許志偉", "HSU Chih-wei", "pinyin"),
        ("謝淑娟", "Hsieh Shu-chuan", "pinyin"),
        ("張建國", "Chang Chien-kuo", "pinyin"),
        ("陈大文", "David Chan", "surname"),
        ("陈大文", "Chan T.M.", "surname"),
        ("黄美玲", "Vivian Wong", "surname"),
        ("陈大文", "CHAN Siu Ming", "different"),
        ("陈大文", "WONG Mei Ling", "other_script"),
        ("陈美玲", "TEO Mei Ling", "other_script"),
        ("王大明", "Wang Ta-ming", "pinyin"),
        ("陈美玲", "Chan Mei Fong", "different"),
        ("陈大文", "Susan Wong", "other_script"),
        ("王强", "Wang Qiang", "pinyin"),
        ("王强", "Li Qiang", "different"),
        ("王强", "Wang Fang", "different"),
        ("王强", "David Smith", "other_script"),
    ],
)
def test_characters_and_letters(one: str, other: str, wanted: str) -> None:
    people = make([one, other], np.ones(2, dtype=np.int64))
    for a, b in ((0, 1), (1, 0)):
        assert LEVELS[people.compare(np.array([a]), np.array([b]))[0]].name == wanted
