"""What cells of invoice data tell of a customer, and when they tell nothing."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import ACCOUNT, account, decide, valid_code

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.invoice_cells import ACCOUNT as NUMBER
from crmmigrate.matching.put_right.invoice_cells import TAX, TITLE, with_invoices
from crmmigrate.matching.roles import shipped
from crmmigrate.model.dedupe import ColumnRule, DedupeRules

CODE = valid_code(41)
FULL = "绍兴砚林印染有限公司"
RULES = DedupeRules(1, "account", {"name": ColumnRule(("客户名称",)), "invoice": ColumnRule(("开票信息",))})


def told(name: str, cell: str) -> list[str | None]:
    frame = pd.DataFrame({"客户名称": [name], "开票信息": [cell]}, dtype="str")
    frame, _ = with_invoices(frame, RULES)
    return [frame[part][0] if part in frame else None for part in (TITLE, TAX, NUMBER)]


@pytest.mark.parametrize(
    "cell",
    [
        f"名称：{FULL}\n纳税人识别号：{CODE}\n地址、电话：绍兴市柯桥区望江路9号、0575-84512233\n开户行及账号：工商银行柯桥支行，1211012309200088123",
        f"{FULL} {CODE} 绍兴市柯桥区望江路9号0575-84512233 工商银行柯桥支行1211012309200088123",
        f"单位名称:{FULL};税号:{CODE};开户行:工商银行柯桥支行;账号:1211012309200088123",
        f"开票资料：公司名称：{FULL} 税号：{CODE} 开户银行：工商银行柯桥支行 账号：1211012309200088123",
        f"{FULL}，{CODE}，绍兴市柯桥区望江路9号，0575-84512233，工商银行柯桥支行，1211012309200088123",
    ],
)
def test_a_cell_holds_name_tax_number_and_account(cell):
    assert told("砚林印染", cell) == [FULL, CODE, "1211012309200088123"]


@pytest.mark.parametrize("cell", ["无", "同上", "不开票", "13800138001", "现金"])
def test_a_cell_without_a_company_tells_nothing(cell):
    assert told("砚林印染", cell) == [None, None, None]


@pytest.mark.parametrize(
    ("name", "title", "tax"),
    [
        ("砚林", FULL, CODE),
        ("砚霖印染", FULL, CODE),
        ("砚林 周经理", FULL, CODE),
        ("砚林印染北厂区", FULL, CODE),
        (FULL, None, CODE),
        (f"{FULL}（原柯桥砚林染整）", None, CODE),
        ("湖州松宜化纤有限公司", None, None),
        ("松宜化纤", None, None),
        ("绍兴砚林纺织有限公司", None, None),
    ],
)
def test_only_what_is_of_the_customer_itself_counts(name, title, tax):
    assert told(name, f"{FULL} {CODE}")[:2] == [title, tax]


def test_a_title_that_many_customers_have_is_of_whoever_pays_for_them():
    names = ["砚林望江店", "砚林柯桥店", "砚林越城工地", "砚林上虞工地", "砚林诸暨工地"]
    cells = [FULL] * len(names)
    frame = pd.DataFrame({"_record": [f"s/{n}" for n in range(5)], "客户名称": names, "开票抬头": cells}, dtype="str")
    rules = shipped("account", list(frame))
    assert rules is not None
    assert rules.columns["invoice"].columns == ("开票抬头",)
    assert match(frame, rules).cluster.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("columns", "name", "invoice"),
    [
        (["客户名称", "开票信息"], ("客户名称",), ("开票信息",)),
        (["客户名称", "发票抬头"], ("客户名称",), ("发票抬头",)),
        (["客户名称", "增值税发票信息"], ("客户名称",), ("增值税发票信息",)),
        (["客户简称", "开票名称"], ("开票名称", "客户简称"), None),
    ],
)
def test_headers_of_invoice_data(columns, name, invoice):
    rules = shipped("account", columns)
    assert rules is not None
    assert rules.columns["name"].columns == name
    assert (rules.columns["invoice"].columns if "invoice" in rules.columns else None) == invoice


@pytest.mark.parametrize(
    ("one", "cell", "other", "decided"),
    [
        (account("砚林"), f"名称：{FULL} 税号：{CODE}", account(FULL, code="41"), "merge"),
        (account("砚林", contact="周敏"), f"名称：{FULL}", account(FULL, contact="周敏"), "merge"),
        (account("松宜化纤"), f"名称：{FULL} 税号：{CODE}", account(FULL, code="41"), "alone"),
        (account(f"{FULL}（江边厂区）"), f"名称：{FULL} 税号：{CODE}", account(FULL, code="41"), "review"),
        (account(f"{FULL}上虞分公司"), f"名称：{FULL} 税号：{CODE}", account(FULL, code="41"), "alone"),
    ],
)
def test_pairs_of_which_one_has_a_cell_of_invoice_data(one, cell, other, decided):
    for record in (one, other):
        if record.get("统一社会信用代码"):
            record["统一社会信用代码"] = CODE
    pair = {**one, "开票信息": cell}, other
    assert decide("account", (*ACCOUNT, "开票信息"), *pair) == decided
    assert decide("account", (*ACCOUNT, "开票信息"), *pair[::-1]) == decided
