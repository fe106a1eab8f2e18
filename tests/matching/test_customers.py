"""Customers who are people, and who of ours looks after them."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.customers import CUSTOMER, whom, with_whole_names, without_ours
from crmmigrate.matching.roles import shipped
from crmmigrate.runner.tables import TableWriter


@pytest.mark.parametrize(
    ("core", "found"),
    [
        ("wendy", ("wendy", "", "")), ("linda东莞", ("linda", "", "")), ("wendy贸易", ("", "", "")), ("haitian", ("", "", "")),
        ("孟总", ("", "孟", "总")), ("欧阳老板", ("", "欧阳", "老板")), ("星总", ("", "", "")), ("孟帆涛", ("", "孟", "")), ("恒达五金", ("", "", "")),
    ],
)  # fmt: skip
def test_whom_a_name_means(core, found):
    assert whom(core) == found


@pytest.mark.parametrize(
    ("name", "contact", "told"),
    [("Leo", "付瑞明", "付瑞明"), ("Leo-深圳", "付瑞明", "付瑞明"), ("孟总", "孟帆涛", "孟帆涛"), ("孟总（老客户）", "孟帆涛", "孟帆涛"),
     ("孟总", "李秀雁", None), ("孟总", "孟先生", None), ("孟总（诚悦）", "孟帆涛", None), ("Leo Trading", "付瑞明", None), ("恒达五金", "付瑞明", None)],
)  # fmt: skip
def test_whom_to_ask_for_is_who_the_customer_is(name, contact, told):
    frame = pd.DataFrame([["s/1", name, contact], ["s/2", "恒达五金", None]], columns=["_record", "客户名称", "联系人"], dtype="str")  # fmt: skip
    rules = shipped("account", frame.columns)
    assert rules is not None
    found, changed = with_whole_names(frame, rules)
    assert (CUSTOMER in changed.columns["name"].columns) is (told is not None)
    if told:
        assert found[CUSTOMER].tolist()[0] == told
        assert found["联系人"].isna().all()  # it says nothing more


@pytest.mark.parametrize(
    ("header", "people", "theirs"), [("经办人", 3, False), ("经办人", 30, True), ("联系人", 3, True)]
)
def test_who_handled_many_customers_is_ours(tmp_path, header, people, theirs):
    """Who is said to be theirs is."""
    rows = [[f"s/{at}", f"启明{at}机械有限公司", f"员工{at % people}"] for at in range(60)]
    frame = pd.DataFrame(rows, columns=["_record", "客户名称", header], dtype="str")
    writer = TableWriter("customers", tmp_path / "customers.parquet")
    writer.write(frame)
    rules = shipped("account", frame.columns)
    assert rules is not None
    assert ("contact" in without_ours(rules, writer.close()).columns) is theirs
