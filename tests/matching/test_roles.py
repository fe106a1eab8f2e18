"""Headers in two languages, and others that say in their own way what a column holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crmmigrate.matching.roles import ROLES, options_of, shipped
from crmmigrate.matching.whose_table import of_people
from crmmigrate.model.dedupe import EXISTING_ROLE
from crmmigrate.stages.dedupe import _read_rules


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
        ("account", "Billing Country", "country"),
        ("account", "Mailing Country", "country"),
        ("account", "Business Country/Region", "country"),
        ("account", "Country/Region", "country"),
        ("account", "Shipping Country Code", "country"),
        ("account", "所属国家", "country"),
        ("account", "银行账号", "bank_account"),
        ("account", "联系人", "contact"),
        ("account", "公司中文名", "name"),
        ("account", "送货备注", "remark"),
        ("contact", "座机", "mobile"),
        ("contact", "姓名 Name", "name"),
        ("contact", "手机 Mobile", "mobile"),
        ("contact", "QQ号", "qq"),
        *(
            ("contact", header, "mobile")
            for header in ("会员手机", "家长电话", "患者手机号", "投保人手机", "注册手机", "绑定手机")
        ),
        *(("contact", header, "name") for header in ("宾客姓名", "被保险人", "投保人姓名", "参会人")),
        *(("contact", header, "birth") for header in ("会员生日", "出生年月日", "患者出生日期")),
        *(("contact", header, "id_number") for header in ("会员身份证", "患者身份证号", "客户证件号")),
        ("contact", "会员微信", "wechat"),
        ("contact", "会员邮箱", "email"),
        ("contact", "昵称", "nickname"),
        ("contact", "微信昵称", "nickname"),
    ],
)
def test_headers_are_understood(kind, header, role):
    name = "全称" if kind == "account" else "FN"
    columns = [header] if role == "name" else [name, header]
    rules = shipped(kind, columns)
    assert rules is not None
    assert header in rules.columns[role].columns


@pytest.mark.parametrize(
    "header",
    [
        "业务员电话",
        "紧急联系电话",
        "配偶电话",
        "宝宝生日",
        "法人身份证",
        "家长身份证",
        "证件类型",
        "客服微信",
        "销售邮箱",
    ],
)
def test_what_is_others_than_those_of_the_table_is_not_compared(header):
    rules = shipped("contact", ["姓名", header])
    assert rules is not None
    assert list(rules.columns) == ["name"]
    assert shipped("contact", ["业务员姓名", "手机"]) is None


@pytest.mark.parametrize("header", ["客户 ID", "客户 No.", "Code 客户"])
def test_the_number_of_a_customer_is_no_name(header):
    assert shipped("account", [header, "电话"]) is None


@pytest.mark.parametrize(
    "columns",
    [
        ("Last Name", "First Name"),
        ("FamilyName", "GivenName"),
        ("Nachname", "Vorname"),
        ("surname", "name"),
        ("姓", "名"),
        ("姓氏", "名字"),
        ("Name", "Vorname"),
        ("Surname", "Given Names"),
        ("Last Name / First Name",),
    ],
)
def test_names_in_two_columns_are_found(columns):
    rules = shipped("contact", [*reversed(columns), "Email"])
    assert rules is not None
    assert rules.columns["full_name"].columns == columns
    assert "name" not in rules.columns


def test_a_whole_name_in_two_languages_is_not_two_halves():
    rules = shipped("contact", ["Name", "名字", "手机"])
    assert rules is not None
    assert rules.columns["name"].columns == ("名字", "Name")


def test_city_and_line_are_found_beside_a_state_that_is_known():
    rules = shipped("account", ["Account Name", "Billing Street", "Billing City", "Billing State/Province"])
    assert rules is not None
    assert rules.columns["address"].columns == ("Billing State/Province", "Billing City", "Billing Street")


@pytest.mark.parametrize(
    ("columns", "roles"),
    [
        (("Full Name", "Mobile", "Email"), {"mobile": ("Mobile",)}),
        (("姓名", "手机", "电话"), {"mobile": ("手机", "电话"), "home_phone": ("手机", "电话")}),
        (("Contact", "Telephone"), {"mobile": ("Telephone",), "home_phone": ("Telephone",)}),
        (("Full Name", "Phone", "Business Phone"), {"mobile": ("Phone",), "landline": ("Business Phone",), "home_phone": ("Phone",)}),
        (("Full Name", "Office Phone"), {"landline": ("Office Phone",)}),
        (("Full Name", "Phone", "Company"), {"mobile": ("Phone",), "landline": ("Phone",)}),
        (("姓名", "电话", "客户编号"), {"mobile": ("电话",), "landline": ("电话",)}),
        (("姓名", "电话", "微信"), {"mobile": ("电话", "微信"), "home_phone": ("电话",)}),
        (("姓名", "邮箱"), {}),
    ],
)  # fmt: skip
def test_without_companies_numbers_are_those_of_homes(columns, roles):
    rules = shipped("contact", columns)
    assert rules is not None
    phones = ("mobile", "landline", "home_phone")
    assert {role: rule.columns for role, rule in rules.columns.items() if role in phones} == roles
    assert ("only shared home_phone" in rules.never) is ("home_phone" in roles)


@pytest.mark.parametrize(
    ("columns", "parent"),
    [
        (("客户编号", "客户姓名", "手机"), ()),
        (("客户ID", "客户姓名", "身份证号", "单位"), ()),
        (("Customer ID", "Customer Name", "Mobile"), ()),
        (("客户编号", "客户名称", "联系人", "手机"), ("客户编号",)),
        (("客户编号", "客户姓名", "客户名称", "手机"), ("客户编号",)),
        (("客户编号", "姓名", "手机"), ("客户编号",)),
        (("Account ID", "Customer Name", "Mobile"), ("Account ID",)),
    ],
)
def test_people_who_are_the_customers_have_customer_numbers_of_their_own(columns, parent):
    rules = shipped("contact", columns)
    assert rules is not None
    found = rules.columns.get("parent")
    assert (found.columns if found else ()) == parent
    assert any(rule.startswith("different parent") for rule in rules.never) is bool(parent)


@pytest.mark.parametrize("header", ["注册/下单时间", "登记/更新日期", "注册", "开票/发货日期"])
def test_when_somebody_signed_up_is_no_company(header):
    rules = shipped("contact", ["收货人", "手机", header])
    assert rules is not None
    assert "company" not in rules.columns
    assert "home_phone" in rules.columns


@pytest.mark.parametrize(
    ("columns", "address"),
    [
        (("Company", "Phone", "State"), ()),
        (("Customer Name", "Order No", "State", "Amount"), ()),
        (("Company", "State", "City"), ("State", "City")),
        (("Company", "State", "Zip Code"), ("State",)),
        (("Company", "State", "Country"), ("State",)),
        (("Company", "State", "Street Address"), ("State", "Street Address")),
        (("Company", "State/Province"), ("State/Province",)),
        (("Company", "Province"), ("Province",)),
    ],
)
def test_a_state_alone_is_as_often_that_of_an_order(columns, address):
    rules = shipped("account", columns)
    assert rules is not None
    found = rules.columns.get("address")
    assert (found.columns if found else ()) == address


def test_a_column_of_whole_names_comes_before_its_halves():
    rules = shipped("contact", ["姓名", "姓", "名", "手机"])
    assert rules is not None
    assert rules.columns["name"].columns == ("姓名",)
    assert "full_name" not in rules.columns


def test_the_columns_that_other_programs_export_are_understood():
    salesforce = shipped(
        "contact",
        ["FirstName", "LastName", "Phone", "MobilePhone", "Email", "MailingStreet", "MailingCity", "MailingState"],
    )
    assert salesforce is not None
    assert salesforce.columns["mobile"].columns == ("MobilePhone", "Phone")
    assert salesforce.columns["address"].columns == ("MailingState", "MailingCity", "MailingStreet")
    google = shipped("contact", ["First Name", "Last Name", "E-mail 1 - Value", "Phone 1 - Value", "Organization Name"])
    assert google is not None
    assert google.columns["email"].columns == ("E-mail 1 - Value",)
    outlook = ["First Name", "Last Name", "E-mail Address", "E-mail 2 Address", "E-mail 2 Type"]
    assert shipped("contact", outlook).columns["email"].columns == ("E-mail Address", "E-mail 2 Address")
    assert shipped("contact", ["姓名", "邮箱", "邮箱2"]).columns["email"].columns == ("邮箱", "邮箱2")
    assert google.columns["mobile"].columns == ("Phone 1 - Value",)
    account = shipped("account", ["Account Name", "Billing Street", "Billing City", "Shipping City"])
    assert account is not None
    assert account.columns["address"].columns == ("Billing City", "Billing Street")


@pytest.mark.parametrize("page", ["how-to/duplicates.md", "zh/how-to/duplicates.md"])
def test_every_role_is_described(page):
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    [table] = [table for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE) if "| `name`" in table]
    told = {role for line in table.splitlines() if line.startswith("| `") for role in re.findall(r"`(\w+)`", line.split("|")[1])}  # fmt: skip
    assert told == ROLES.keys() - {EXISTING_ROLE}


@pytest.mark.parametrize("page", ["how-to/duplicates.md", "zh/how-to/duplicates.md"])
def test_the_rules_shown_are_read(page, tmp_path):
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    file = tmp_path / "dedupe.contact.yaml"
    file.write_text(text.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    rules = _read_rules(file)
    assert rules.columns["full_name"].columns == ("Last Name", "First Name")


@pytest.mark.parametrize("columns", [("姓", "名", "手机"), ("Nachname", "Vorname"), ("Last Name", "Phone")])
def test_a_table_with_a_column_of_surnames_holds_people(columns):
    assert of_people(columns)
    assert not of_people(("名称", "电话"))


def test_where_a_flat_is_stands_in_columns_of_its_own():
    rules = shipped("contact", ["业主姓名", "小区", "楼栋", "房号", "手机", "备用电话"])
    assert rules is not None
    assert rules.columns["address"].columns == ("小区", "楼栋", "房号")
    assert rules.columns["mobile"].columns == ("手机", "备用电话")
    none = shipped("contact", ["姓名", "小区", "手机"])
    assert none is not None
    assert "address" not in none.columns


@pytest.mark.parametrize(
    ("kind", "columns", "role", "found"),
    [
        ("contact", ("收件人", "电话/手机"), "name", ("收件人",)),
        ("contact", ("收件人", "电话/手机"), "mobile", ("电话/手机",)),
        ("contact", ("收件人", "收件人手机"), "mobile", ("收件人手机",)),
        ("contact", ("收货人", "收货人手机", "公司"), "mobile", ("收货人手机",)),
        ("contact", ("姓名", "家庭电话"), "home_phone", ("家庭电话",)),
        ("contact", ("姓名", "省", "市", "区", "街道", "详细地址"), "address", ("省", "市", "区", "街道", "详细地址")),
        (
            "contact",
            ("收货人", "收货人地区", "收货人城市", "收货人省份", "收货人地址"),
            "address",
            ("收货人省份", "收货人城市", "收货人地区", "收货人地址"),
        ),
        ("account", ("客户名称", "乡镇街道", "村", "县区", "详细地址"), "address", ("县区", "乡镇街道", "村", "详细地址")),
        ("account", ("客户名称", "街道乡镇", "区县", "地址"), "address", ("区县", "街道乡镇", "地址")),
        ("contact", ("收货人", "收货人省份", "收货人区/县", "详细地址"), "address", ("收货人省份", "收货人区/县", "详细地址")),
        ("contact", ("姓名", "公司地区", "家庭住址"), "address", ("家庭住址",)),
        ("account", ("公司名称", "注册地址", "收货人城市"), "address", ("注册地址",)),
        ("account", ("客户名称", "公司地区"), "address", ()),
        ("account", ("客户简称", "开票名称"), "name", ("开票名称", "客户简称")),
        ("account", ("客户名称", "开票名称"), "name", ("客户名称",)),
        ("account", ("客户简称", "经销商"), "name", ("客户简称",)),
        ("account", ("客户简称", "店铺名"), "name", ("店铺名", "客户简称")),
        ("account", ("客户名称", "手机", "电话1", "老板电话"), "phone", ("手机", "电话1", "老板电话")),
        ("account", ("客户名称", "电话", "经销商电话", "开票电话", "业务员电话"), "phone", ("电话",)),
        ("account", ("客户名称", "联系手机"), "phone", ("联系手机",)),
        ("account", ("客户名称", "联系人1", "联系人2"), "contact", ("联系人1", "联系人2")),
        ("account", ("客户名称", "联系人", "老板", "联系人2"), "contact", ("联系人", "老板", "联系人2")),
        *(
            ("account", ("客户名称", who), "contact", (who,))
            for who in ("经办人", "业务联系人", "对接人", "采购员", "法人", "法定代表人", "客户对接人")
        ),
        ("account", ("客户名称", "联系人", "法人代表"), "contact", ("联系人", "法人代表")),
        *(("account", ("客户名称", ours), "contact", ()) for ours in ("业务员", "销售", "跟进人", "客户经理", "采购人")),
        ("account", ("客户名称", "经办人", "制单人"), "contact", ()),
        ("account", ("客户名称", "房号", "经办人"), "contact", ()),
        ("account", ("客户名称", "联系人", "经办人", "审核人"), "contact", ("联系人",)),
        ("account", ("客户名称", "主联系人"), "contact", ("主联系人",)),
        ("account", ("客户名称", "老板"), "contact", ("老板",)),
        ("account", ("客户名称", "负责人", "经办人"), "contact", ("经办人",)),
        ("account", ("客户名称", "统一社会信用代码", "负责人"), "contact", ()),
        ("account", ("商户名称", "负责人", "营业执照号"), "contact", ("负责人",)),
        ("account", ("營業执照主體", "联系电话"), "name", ("營業执照主體",)),
        ("account", ("营业执照名称", "营业执照号"), "name", ("营业执照名称",)),
        ("account", ("营业执照名称", "营业执照号"), "credit_code", ("营业执照号",)),
        ("account", ("营业执照名称", "负责人"), "contact", ("负责人",)),
        ("account", ("客户简称", "营业执照主体名称"), "name", ("营业执照主体名称", "客户简称")),
        ("account", ("客户名称", "营业执照主体"), "name", ("客户名称", "营业执照主体")),
        ("account", ("营业执照名称", "门店名称"), "name", ("门店名称", "营业执照名称")),
        ("account", ("Company", "WhatsApp/WeChat"), "phone", ("WhatsApp/WeChat",)),
        ("account", ("Company", "WhatsApp/WeChat"), "wechat", ("WhatsApp/WeChat",)),
        ("account", ("客户名称", "营业执照主体类型"), "name", ("客户名称",)),
        ("account", ("字号名称", "业主"), "contact", ("业主",)),
        ("account", ("客户名称", "业主"), "contact", ()),
        ("account", ("字号名称", "联系人", "负责人"), "contact", ("联系人",)),
        ("account", ("名称", "经营者姓名"), "contact", ("经营者姓名",)),
        ("account", ("客户名称", "经营者"), "contact", ("经营者",)),
        ("account", ("字号名称", "经营者"), "name", ("字号名称",)),
        ("account", ("字号",), "name", ("字号",)),
        ("account", ("客户名称", "字号"), "name", ("客户名称",)),
        ("account", ("店铺名称", "执照号"), "credit_code", ("执照号",)),
        ("account", ("商户名称", "营业执照号"), "credit_code", ("营业执照号",)),
        ("account", ("商户名称", "注册号/信用代码"), "credit_code", ("注册号/信用代码",)),
        ("account", ("医院名称", "科室电话"), "phone", ("科室电话",)),
        ("account", ("客户名称", "联系电话", "科室电话", "订货电话"), "phone", ("联系电话", "科室电话", "订货电话")),
        ("account", ("客户名称", "院长室电话"), "phone", ("院长室电话",)),
        ("account", ("客户名称", "业务员电话", "售后服务电话", "紧急联系人电话"), "phone", ()),
        ("account", ("Company", "Direct Line"), "phone", ("Direct Line",)),
        ("account", ("公司名称", "直线"), "phone", ("直线",)),
        ("contact", ("姓名/Name", "手机/Mobile", "直线/Direct", "公司"), "mobile", ("手机/Mobile", "直线/Direct")),
        ("contact", ("姓名/Name", "手机/Mobile", "直线/Direct", "公司"), "landline", ()),
        ("contact", ("姓名", "科室电话", "公司"), "landline", ("科室电话",)),
        ("contact", ("姓名", "科室电话", "公司"), "mobile", ()),
        ("account", ("Account Name", "Billing City", "Billing State/Province", "Billing Country"), "address", ("Billing State/Province", "Billing City")),
        ("account", ("Account Name", "Billing City", "Billing State", "Shipping City"), "address", ("Billing State", "Billing City")),
        ("account", ("Account Name", "City", "Billing City"), "address", ("City",)),
        ("contact", ("Full Name", "Mailing City", "Phone"), "address", ("Mailing City",)),
        ("contact", ("Full Name", "Mailing Zip"), "postcode", ("Mailing Zip",)),
        ("contact", ("Full Name", "Mailing Zip/Postal Code"), "postcode", ("Mailing Zip/Postal Code",)),
        ("contact", ("Full Name", "Postcode"), "postcode", ("Postcode",)),
        ("contact", ("姓名", "邮编"), "postcode", ()),
        ("account", ("Company", "Zip"), "postcode", ()),
        ("contact", ("Full Name", "Mailing City", "Mailing Street", "Other City"), "address", ("Mailing City", "Mailing Street")),
        ("account", ("客户名称", "送货地址"), "address", ("送货地址",)),
        ("account", ("客户名称", "开户行", "账号"), "bank_account", ("账号",)),
        ("account", ("客户名称", "账号"), "bank_account", ()),
        ("account", ("客户名称", "企业账号"), "bank_account", ()),
    ],
)  # fmt: skip
def test_headers_are_taken_for_what_stands_beside_them(kind, columns, role, found):
    rules = shipped(kind, columns)
    assert rules is not None
    assert (rules.columns[role].columns if role in rules.columns else ()) == found


@pytest.mark.parametrize("shop", ["店铺", "商家名称", "店铺名称", "门店"])
def test_the_shop_that_sold_is_not_where_the_buyer_works(shop):
    for sale in ("收货人", "买家昵称", "订单编号", "会员卡号"):
        rules = shipped("contact", ["姓名", shop, sale, "手机"])
        assert rules is not None
        assert "company" not in rules.columns
    with_employer = shipped("contact", ["收货人", "公司", shop, "手机"])
    assert with_employer is not None
    assert with_employer.columns["company"].columns == ("公司",)


@pytest.mark.parametrize(
    ("columns", "towns"),
    [
        (("县区", "乡镇街道", "详细地址"), (1,)),
        (("乡镇", "村", "地址"), (0,)),
        (("街道/乡镇", "地址"), (0,)),
        (("省份", "城市", "地址"), ()),
    ],
)
def test_columns_of_towns_are_told_to_the_comparer(columns, towns):
    assert options_of(ROLES["address"], columns).get("towns", ()) == towns
