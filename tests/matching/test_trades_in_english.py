"""Whether an English name says the trade of a Chinese one."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import ACCOUNT, account

from crmmigrate.matching.companies.trades_in_english import other_trade
from crmmigrate.matching.engine import match
from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("core", "words", "other"),
    [("海天模具", "haitian mold ningbo", False), ("海天模具", "haitian machinery ningbo", True), ("海天塑料模具", "haitian mould ningbo plastic", False),
     ("恒通机电设备", "electrical equipment hengtong mechanical", False), ("恒通国际货运代理", "forwarding freight hengtong international", False),
     ("恒通电子商务", "electronics hengtong", False), ("恒通科技", "hengtong technologies", False), ("恒通科技", "hengtong logistics", True), ("天华新材料科技", "materials new suzhou tianhua", False),
     ("恒通", "hengtong machinery", False), ("恒通机械", "hengtong shenzhen", False), ("恒通工程", "hengtong machinery", False), ("鞋帽恒通贸易", "hengtong trading", False)],
)  # fmt: skip
def test_a_trade_in_two_languages(core, words, other):
    assert other_trade(core, words) is other


@pytest.mark.parametrize("shared", [{"phone": "0574-87654321"}, {"phone": "0574-87654321", "mail": "a@haitian.com"}])
def test_each_of_two_sisters_has_its_own_english_name(shared):
    names = (
        "宁波海天模具有限公司",
        "宁波海天机械有限公司",
        "Ningbo Haitian Mould Co., Ltd.",
        "Ningbo Haitian Machinery Co., Ltd.",
    )
    rows = [{"_record": f"s/{number}", **account(name, **shared)} for number, name in enumerate(names)]
    frame = pd.DataFrame(rows, columns=["_record", *ACCOUNT], dtype="str")
    assert match(frame, shipped("account", frame.columns)).cluster.tolist() == [0, 1, 0, 1]


def test_an_english_name_without_a_trade_may_be_that_of_either_sister():
    shared = {"phone": "0574-87654321"}
    names = "宁波海天模具有限公司", "宁波海天机械有限公司", "Ningbo Haitian Co., Ltd."
    rows = [{"_record": f"s/{number}", **account(name, **shared)} for number, name in enumerate(names)]
    frame = pd.DataFrame(rows, columns=["_record", *ACCOUNT], dtype="str")
    found = match(frame, shipped("account", frame.columns))
    assert found.cluster.tolist() == [0, 1, 2]
    assert found.decision.tolist() == ["review"] * 2
    frame = frame.drop(index=1).reset_index(drop=True)
    assert match(frame, shipped("account", frame.columns)).cluster.tolist() == [0, 0]
