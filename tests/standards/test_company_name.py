"""Tricky company names: the registered name, what stood around it, and correct names that must not be touched."""

from __future__ import annotations

import pytest

from crmmigrate.standards import load
from crmmigrate.standards.company_name import match_key

CLEAN = load("company_name").make()
NAME = "杭州甲乙科技有限公司"

CLEANED = [
    ("  杭州甲乙科技有限公司 ", NAME, {}),
    ("杭州 甲乙 科技有限公司", NAME, {}),
    ("杭州甲乙科技有限公司\u200b", NAME, {}),
    ("杭州甲乙(北京)科技有限公司", "杭州甲乙（北京）科技有限公司", {}),
    ("杭州[甲乙]有限公司", "杭州（甲乙）有限公司", {}),
    ("ＡＢＣ（中国）有限公司", "ABC（中国）有限公司", {}),
    ("杭州甲乙科技有限公司（已停用）", NAME, {"状态": "已停用"}),
    ("杭州甲乙科技有限公司-注销", NAME, {"状态": "注销"}),
    ("杭州甲乙科技有限公司(吊销2019)", NAME, {"状态": "吊销2019"}),
    ("杭州甲乙科技有限公司(VIP)", NAME, {"备注": "VIP"}),
    ("杭州甲乙科技有限公司(老客户)(停用)", NAME, {"备注": "老客户", "状态": "停用"}),
    ("【重点】杭州甲乙科技有限公司", NAME, {"备注": "重点"}),
    ("*杭州甲乙科技有限公司", NAME, {}),
    ("杭州甲乙科技有限公司采购部", NAME, {"部门": "采购部"}),
    ("杭州甲乙科技有限公司-信息中心", NAME, {"部门": "信息中心"}),
    ("杭州甲乙科技有限公司13800138000", NAME, {"电话": "13800138000"}),
    ("杭州甲乙科技有限公司 电话：0571-87654321", NAME, {"电话": "0571-87654321"}),
    ("杭州甲乙科技有限公司（原杭州丙丁贸易有限公司）", NAME, {"曾用名": "杭州丙丁贸易有限公司"}),
    ("杭州甲乙科技有限公司 曾用名：杭州丙丁贸易有限公司", NAME, {"曾用名": "杭州丙丁贸易有限公司"}),
    ("杭州甲乙科技有限公司-王经理", NAME, {"联系人": "王经理"}),
    ("杭州甲乙科技有限公司公司", NAME, {}),
    ("杭州甲乙科技限公司", NAME, {}),
    ("臺灣積體電路製造股份有限公司", "台湾积体电路制造股份有限公司", {}),
    ("昇騰科技有限公司", "昇腾科技有限公司", {}),
]
KEPT = [
    NAME, "杭州甲乙科技有限责任公司", "杭州甲乙科技有限公司上海分公司", "浙江天册（杭州）律师事务所（特殊普通合伙）", "广州某某投资合伙企业（有限合伙）",
    "甲乙公司（新加坡）", "深圳市甲乙丙电子厂", "乾照光电股份有限公司", "上海徵和实业有限公司", "瞭望信息技术有限公司", "著作权代理有限公司", "7-11便利店", "3M中国有限公司",
    "Apple Inc.", "Foo Co.,Ltd", "NA", "None", "null", "北京旧宫印刷厂", "原点科技有限公司", "A．B（上海）有限公司", "新东方教育科技集团有限公司", "甲乙重复使用科技有限公司",
    "中国工商银行股份有限公司杭州分行", "杭州㈱甲乙有限公司",
]  # fmt: skip


@pytest.mark.parametrize(("raw", "name", "parts"), CLEANED)
def test_cleaned(raw, name, parts):
    cleaned = CLEAN(raw)
    assert cleaned.value == name
    assert cleaned.flags
    assert parts.items() <= cleaned.parts.items()


@pytest.mark.parametrize("name", KEPT)
def test_correct_names_stay(name):
    cleaned = CLEAN(name)
    assert cleaned.value == name
    assert cleaned.usable


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("杭州甲乙", "company.short"),
        ("杭州甲乙科技有限", "company.cut"),
        ("杭州甲乙（上海分公司", "company.bracket-unclosed"),
        ("13800138000", "company.letters"),
    ],
)
def test_doubtful_names_stay_with_a_flag(raw, code):
    cleaned = CLEAN(raw)
    assert cleaned.value == raw
    assert code in [flag.code for flag in cleaned.flags]


def test_parts_say_what_the_name_is_made_of():
    parts = CLEAN("杭州甲乙科技有限公司上海分公司").parts
    assert (parts["地区"], parts["字号"], parts["行业"], parts["组织形式"]) == ("杭州", "甲乙", "科技", "有限公司")
    assert (parts["总部"], parts["分支"]) == (NAME, "上海分公司")


@pytest.mark.parametrize(
    ("raw", "place", "own", "form"),
    [
        ("杭州西子机电(集团)有限公司", "杭州", "西子", "（集团）有限公司"),
        ("西子（上海）（集团）有限公司", "上海", "西子", "（集团）有限公司"),
        ("杭州甲乙有限公司张三", "杭州", "甲乙", "有限公司"),
        ("（杭州甲乙）有限公司", "杭州", "甲乙", "有限公司"),
        ("杭州(甲乙)有限公司", "杭州", "甲乙", "有限公司"),
        ("杭州公司宝科技有限公司", "杭州", "公司宝", "有限公司"),
        ("广州某某投资合伙企业（有限合伙）", "广州", "某某", "合伙企业（有限合伙）"),
    ],
)
def test_brackets_of_the_parts_are_balanced(raw, place, own, form):
    parts = CLEAN(raw).parts
    assert (parts["地区"], parts["字号"], parts["组织形式"]) == (place, own, form)


def test_a_name_is_cleaned_until_nothing_more_comes_off():
    assert CLEAN("有限有限公司有限公司").value == "有限公司"
    assert CLEAN(".无").value is None


def test_the_match_key_folds_spelling_and_not_identity():
    assert (
        len(
            {
                match_key(name)
                for name in (
                    "甲乙（北京）有限公司",
                    "甲乙(北京) 有限责任公司",
                    "甲乙北京有限公司",
                    "甲乙（北京）有限公司　",
                )
            }
        )
        == 1
    )
    assert match_key("甲乙有限公司") != match_key("甲乙股份有限公司")
    assert match_key("甲乙有限公司") != match_key("甲乙有限公司北京分公司")
