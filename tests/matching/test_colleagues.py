"""Colleagues who share nothing of their own."""

from __future__ import annotations

import pytest
from tests.matching.test_pairs import decide

COLUMNS = ("姓名", "公司", "手机", "座机", "邮箱")
LINE, FIRM = "0755-81234568", "深圳启明机械有限公司"


def person(name, mobile="", mail="", line=LINE):
    return dict(zip(COLUMNS, (name, FIRM, mobile, line, mail), strict=True))


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (person("前台"), person("黄远", "13800138001"), "alone"),
        (person("设备科"), person("黄远"), "alone"),
        (person("财务", "13800138001"), person("黄远", "13800138001"), "review"),
        (person("会计"), person("黄远", "13800138001"), "review"),
        (person("总经理", "13800138001"), person("黄远", "13900139002"), "alone"),
        (person("阿兴", "13800138001"), person("马主管", "13900139002"), "alone"),
        (person("前台"), person("总机"), "review"),
        (person("王泽成", "13800138001", "wangzc@qm.cn"), person("王泽成", "13900139002", "wangzc2@qm.cn"), "alone"),
        (person("王泽成", "13800138001", "wangzc@qm.cn"), person("王泽成", "13800138001", "wangzc2@qm.cn"), "merge"),
        (person("王泽成", "13800138001", "wangzc@qm.cn"), person("王泽成", "", "wangzc2@qm.cn"), "review"),
        (person("王泽成", "13800138001", "wangzc@qm.cn"), person("王泽成", "13900139002", "wangzc@qm.cn"), "merge"),
        (person("郭慧", "13800138001", "guoh@qm.cn"), person("郭晖", "13900139002", "guoh3@qm.cn"), "alone"),
        (person("郭慧", "13800138001"), person("郭晖", "13900139002"), "review"),
        (person("苏建祥", "13800138001", "sujx@qm.cn"), person("苏建国", "13900139002", "sujg@qm.cn"), "alone"),
        (person("苏建祥", "13800138001"), person("苏建国"), "review"),
        (person("苏建祥", "13800138001", "sujx@qm.cn"), person("苏建国", "13900139002", "sujx@qm.cn"), "review"),
    ],
)  # fmt: skip
def test_colleagues(one, other, decided):
    for sides in ((one, other), (other, one)):
        assert decide("contact", COLUMNS, *sides) == decided
