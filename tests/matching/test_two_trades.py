"""Registered names of one brand with two trades: no third record brings them together."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import ACCOUNT, account

from crmmigrate.matching.engine import match
from crmmigrate.matching.pairs.two_trades import of_two_trades
from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [("海天模具", "海天机械", True), ("长源亿进出口", "长源亿物业管理", True), ("海天环保科技", "海天机械", True), ("海天机电", "海天机械", False),
     ("海天", "海天机械", False), ("海天科技", "海天环保科技", False), ("海天模具", "海鑫机械", False), ("海天模惧", "海天机械", False)],
)  # fmt: skip
def test_two_trades_of_one_brand(one, other, two):
    assert of_two_trades(one, other) is two
    assert of_two_trades(other, one) is two


def groups(*names: str, **shared: str) -> list[int]:
    rows = [{"_record": f"s/{number}", **account(name, **shared)} for number, name in enumerate(names)]
    frame = pd.DataFrame(rows, columns=["_record", *ACCOUNT], dtype="str")
    return match(frame, shipped("account", frame.columns)).cluster.tolist()


def test_what_is_short_for_two_sisters_does_not_bring_them_together():
    shared = {"phone": "0574-87654321", "mail": "sales@haitian.com"}
    one, other, *_ = groups(
        "宁波海天模具有限公司", "宁波海天机械有限公司", "Ningbo Haitian Co., Ltd.", "海天", **shared
    )
    assert one != other
    assert groups("宁波海天模具有限公司", "宁波海天磨具有限公司", "海天", **shared) == [0, 0, 0]
