"""Namesakes at sister companies whose domains differ in one character."""

from __future__ import annotations

import pytest
from tests.matching.test_pairs import decide

COLUMNS = ("姓名", "手机", "公司", "邮箱")
ONE, OTHER = "13800138001", "13900139002"
HERE, THERE = "深圳市易启明科技有限公司", "成都启明科技有限公司"


def person(mobile, firm, mail):
    return dict(zip(COLUMNS, ("周广辰", mobile, firm, mail), strict=True))


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        (person(ONE, HERE, "guangchen@eqiming.com"), person(OTHER, THERE, "guangchen@qiming.com"), False),
        (person(ONE, "深圳启明科技有限公司", "guangchen@qimingg.com"), person(OTHER, THERE, "guangchen@qiming.com"), False),
        (person(ONE, HERE, "guangchen@eqiming.com"), person(ONE, THERE, "guangchen@qiming.com"), True),
        (person(ONE, THERE, "guangchen@qimin.com"), person(OTHER, THERE, "guangchen@qiming.com"), True),
        (person(ONE, HERE, "guangchen88@gmail.con"), person(OTHER, THERE, "guangchen88@gmail.com"), True),
    ],
)  # fmt: skip
def test_one_mailbox_at_two_domains(one, other, merged):
    for sides in ((one, other), (other, one)):
        assert (decide("contact", COLUMNS, *sides) == "merge") is merged
