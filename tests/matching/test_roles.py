"""Headers in two languages, and others that say in their own way what a column holds."""

from __future__ import annotations

import pytest

from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("kind", "header", "role"),
    [
        ("account", "客户名称 Customer", "name"),
        ("account", "Company 公司", "name"),
        ("account", "客商名称", "name"),
        ("account", "往来户名称", "name"),
        ("account", "购货单位", "name"),
        ("account", "Buyer", "name"),
        ("account", "VAT/Tax No.", "credit_code"),
        ("account", "VAT No.", "credit_code"),
        ("account", "电话 Tel.", "phone"),
        ("account", "Tel.", "phone"),
        ("account", "所在省", "address"),
        ("account", "国家", "country"),
        ("account", "银行账号", "bank_account"),
        ("account", "联系人", "contact"),
        ("contact", "座机", "mobile"),
        ("contact", "姓名 Name", "name"),
        ("contact", "手机 Mobile", "mobile"),
        ("contact", "QQ号", "qq"),
    ],
)
def test_headers_are_understood(kind, header, role):
    name = "全称" if kind == "account" else "FN"
    columns = [header] if role == "name" else [name, header]
    rules = shipped(kind, columns)
    assert rules is not None
    assert header in rules.columns[role].columns


@pytest.mark.parametrize("header", ["客户 ID", "客户 No.", "Code 客户"])
def test_the_number_of_a_customer_is_no_name(header):
    assert shipped("account", [header, "电话"]) is None
