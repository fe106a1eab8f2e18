"""Names and posts that have changed places."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.put_right.course import may_be_put_right
from crmmigrate.matching.put_right.swapped_posts import names_put_right
from crmmigrate.matching.roles import shipped

COLUMNS = ("姓名", "公司", "职务", "手机")


def put_right(*rows):
    cells = [(f"c/{n}", name, "杭州启明机械", post, f"1380013800{n}") for n, (name, post) in enumerate(rows)]
    frame = pd.DataFrame(cells, columns=["_record", *COLUMNS], dtype="str")
    return names_put_right(frame, shipped("contact", COLUMNS))["姓名"].tolist()


@pytest.mark.parametrize(
    ("name", "post", "right"),
    [
        ("仓库主管", "朱彩云", "朱彩云"),
        ("网管", "宋工", "宋工"),
        ("总经理", "路总", "路总"),
        ("会计", "路敏倩", "路敏倩"),
        ("IT经理", "林主管", "林主管"),
        ("技术部经理", "朱彩云 Frank", "朱彩云 Frank"),
        ("采购", "欧阳娜", "欧阳娜"),
        ("仓库主管", "经理", "仓库主管"),
        ("业务员", "高工", "业务员"),
        ("技术员", "程序员", "技术员"),
        ("主管", "安全员", "主管"),
        ("王强", "朱彩云", "王强"),
        ("王经理", "朱彩云", "王经理"),
        ("前台", "车间主任", "前台"),
        ("", "朱彩云", ""),
    ],
)
def test_a_post_in_the_place_of_a_name(name, post, right):
    assert put_right((name, post)) == [right]


def test_what_many_have_under_the_header_of_posts_is_one():
    assert put_right(*[("业务员", "金融员工"), ("业务员", "常务")] * 3, *[("业务员", "丁卯岗")] * 3) == ["业务员"] * 9
    assert put_right(*[("主管", "高平安")] * 3) == ["主管"] * 3


def test_the_column_of_posts_is_wanted_beside_those_that_are_compared():
    assert may_be_put_right(COLUMNS, shipped("contact", COLUMNS)) == ["职务"]
    assert (
        names_put_right(frame := pd.DataFrame(columns=["姓名", "手机"]), shipped("contact", ["姓名", "手机"])) is frame
    )
