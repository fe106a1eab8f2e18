"""Chinese names beside themselves in pinyin."""

from __future__ import annotations

import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.people.in_pinyin import of_name, of_surname

COLUMNS = ("姓名", "手机")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("曾伟", "Zeng Wei"),
        ("单雄飞", "Shan Xiongfei"),
        ("解晓东", "Xie Xiaodong"),
        ("仇英明", "QIU Yingming"),
        ("尉迟明", "Yuchi Ming"),
        ("翟天明", "Zhai Tianming"),
        ("查良明", "Zha Liangming"),
        ("区伟明", "Ou Weiming"),
        ("缪斯文", "Miao Siwen"),
        ("李晟", "Li Sheng"),
        ("李乐", "Li Yue"),
        ("李乐", "Le Li"),
        ("李乾", "Li Qian"),
        ("任长霞", "Ren Changxia"),
        ("吕文", "Lv Wen"),
        ("吕文", "Lu Wen"),
        ("吕文", "LYU WEN"),
    ],
)
def test_a_surname_is_read_as_one_and_a_given_name_as_it_may_be(name, letters):
    assert decide("contact", COLUMNS, {"姓名": name, "手机": "13800138001"}, {"姓名": letters, "手机": "13800138001"}) == "merge"  # fmt: skip


@pytest.mark.parametrize(("name", "letters"), [("刘洋", "Liu Xiang"), ("曾伟", "Wang Wei"), ("李晟", "Li Xing")])
def test_a_reading_that_no_name_has_is_none(name, letters):
    assert decide("contact", COLUMNS, {"姓名": name, "手机": "13800138001"}, {"姓名": letters, "手机": "13800138001"}) != "merge"  # fmt: skip


def test_the_usual_way_comes_first():
    assert of_surname("曾") == ("zeng", "ceng")
    assert of_name("吕布", "吕") == ("lvbu", "lubu", "lyubu")
    assert of_name("王伟", "王") == ("wangwei",)
