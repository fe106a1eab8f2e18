"""Lines that several companies share, and names that are short for two of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.comparison import Comparison
from crmmigrate.matching.engine import match
from crmmigrate.matching.roles import shipped

COLUMNS = ["_record", "客户名称", "电话", "邮箱", "城市"]
TENANTS = ["武汉易通软件有限公司", "武汉盈康文化传媒有限公司", "武汉优鼎智能科技有限公司", "武汉瑞联供应链管理有限公司"]


def made(rows):
    frame = pd.DataFrame([(f"c/{at}", *row) for at, row in enumerate(rows)], columns=COLUMNS, dtype="str")
    return frame, shipped("account", COLUMNS[1:])


def levels_of(rows, left, right):
    frame, rules = made(rows)
    comparison = Comparison(frame, rules)
    found = comparison.levels(np.array([left]), np.array([right]))[0][0]
    return dict(zip(comparison.names, found.tolist(), strict=True))


@pytest.mark.parametrize(("tenants", "said"), [(2, 0), (3, -1), (4, -1)])
def test_a_telephone_of_three_registered_names_says_nothing_of_two_that_differ(tenants, said):
    rows = [(name, "027-79207888", None, "武汉") for name in TENANTS[:tenants]]
    assert levels_of(rows, 0, 1)["phone"] == said


def test_a_telephone_without_its_area_code_is_the_same_line():
    rows = [(name, phone, None, "武汉") for name, phone in zip(TENANTS, ["027-79207888", "79207888"] * 2, strict=True)]
    assert levels_of(rows, 0, 1)["phone"] == -1


def test_it_speaks_for_one_company_all_the_same():
    rows = [(name, "027-79207888", None, "武汉") for name in (*TENANTS, "易通软件")]
    assert levels_of(rows, 0, 4)["phone"] == 0


def test_another_line_that_they_share_speaks():
    rows = [(f"{name}", "027-79207888;13912345670" if at < 2 else "027-79207888", None, "武汉") for at, name in enumerate(TENANTS)]  # fmt: skip
    assert levels_of(rows, 0, 1)["phone"] == 0


def test_one_name_written_in_three_ways_is_one():
    names = ["武汉易通软件有限公司", "武汉宜通软件有限公司", "武汉易通软件有限责任公司", "武汉盈康文化传媒有限公司"]
    assert levels_of([(name, "027-79207888", None, "武汉") for name in names], 0, 3)["phone"] == 0


def test_the_mail_domain_of_a_group_says_nothing_of_its_companies():
    trades = ("半导体", "文化传媒", "环保工程")
    rows = [(f"北京格捷{trade}有限公司", None, f"p{at}@gejie.com", "北京") for at, trade in enumerate(trades)]
    assert levels_of(rows, 0, 1)["email"] == -1
    assert levels_of([(*row[:2], row[2].replace("gejie.com", "163.com"), "北京") for row in rows], 0, 1)["email"] > 0


def test_a_part_of_a_table_is_told_of_the_lines_of_all_of_it():
    frame, rules = made([(name, "027-79207888", None, "武汉") for name in TENANTS])
    parts = [Comparison(frame.iloc[at : at + 1], rules) for at in range(3)]
    tallied = [part.lines.tallies()[0] for part in parts]
    names = {(key, of) for tally in tallied for key, of in zip(tally.keys.tolist(), tally.of.tolist(), strict=True)}
    assert len(names) == 3
    pair = Comparison(frame.iloc[:2], rules)
    for count, said in ((2, 0), (3, -1)):
        pair.lines.recount([lambda keys, count=count: np.full(len(keys), count)] * 2)
        assert pair.levels(np.array([0]), np.array([1]))[0][0, 1] == said


def test_a_table_without_companies_has_no_such_lines():
    frame = pd.DataFrame(
        [("c/1", "张伟", "13912345678"), ("c/2", "李娜", "13912345678")],
        columns=["_record", "姓名", "手机"],
        dtype="str",
    )
    assert not Comparison(frame, shipped("contact", frame.columns[1:])).lines.tallies()


@pytest.mark.parametrize(
    ("other", "grouped"),
    [("北京星源科技有限公司", [0, 1, 1]), ("北京云海科技有限公司", [0, 0, 2])],
)
def test_a_name_short_for_two_companies_on_one_line_is_not_merged_with_the_wrong_one(other, grouped):
    rows = [
        ("星源新能源科技有限公司", "010-40809033", "qian@xingyuanholding.com", "北京"),
        ("星源科技", "010-40809033", "feng@xingyuanholding.com", "北京"),
        (other, None, "lin@xingyuanholding.com", "北京"),
    ]
    assert match(*made(rows)).cluster.tolist() == grouped
