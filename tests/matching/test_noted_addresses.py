"""Addresses of companies that remarks tell."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.put_right.noted_addresses import with_noted_addresses
from crmmigrate.matching.roles import shipped

COLUMNS = ("客户名称", "联系人", "手机", "地址", "备注")
LINE = "杭州市西湖区文三路181号"


def noted(remark, own=None):
    frame = pd.DataFrame([["c/1", "杭州启明机械", None, None, own, remark]], columns=["_record", *COLUMNS], dtype="str")
    found = with_noted_addresses(frame, shipped("account", COLUMNS))["地址"][0]
    return found if isinstance(found, str) else None


@pytest.mark.parametrize(
    ("remark", "line"),
    [
        (f"地址：{LINE}", LINE),
        (f"月结30天；公司地址 {LINE}3号楼", f"{LINE}3号楼"),
        (f"工厂在{LINE}", LINE),
        (f"老客户，厂区搬到了{LINE}，先付款", LINE),
        (f"送货地址：{LINE}", None),
        (f"收货地址 {LINE}", None),
        (f"项目在{LINE}", None),
        (f"原地址：{LINE}", None),
        ("地址不详", None),
        ("工厂在扩建，二期2027年完工", None),
    ],
)
def test_what_is_told(remark, line):
    assert noted(remark) == line
    assert noted(remark, "宁波市海曙区中山路9号") == "宁波市海曙区中山路9号"


def test_such_a_company_is_found():
    one = dict(zip(COLUMNS, ("杭州启明机械", "王强", "13800138001", None, f"地址：{LINE}"), strict=True))
    other = dict(zip(COLUMNS, ("杭州启明机械有限公司", "李娜", "13900139002", LINE, None), strict=True))
    assert decide("account", COLUMNS, one, other) == "merge"
    assert decide("account", COLUMNS, {**one, "备注": f"送货地址：{LINE}"}, other) != "merge"
