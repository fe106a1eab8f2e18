"""Tricky company names: the registered name, what stood around it, and correct names that must not be touched."""

from __future__ import annotations

import csv
from pathlib import Path

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


with (Path(__file__).parent / "brands.csv").open(encoding="utf-8", newline="") as brands:
    BRANDS = [(row["name"], row["brand"]) for row in csv.DictReader(brands)]
"""Names of well-known and of made-up companies with the name (字号) within; written down by hand, not taken from the program."""


@pytest.mark.parametrize(("name", "brand"), BRANDS)
def test_the_name_within_the_name(name, brand):
    cleaned = load("company_name").make()(name)
    assert (cleaned.value, cleaned.parts.get("字号", "")) == (name, brand)


with (Path(__file__).parent / "brands_by_kind.csv").open(encoding="utf-8", newline="") as kinds:
    BY_KIND = [
        pytest.param(row["name"], row["brand"], marks=[] if row["met"] == "yes" else pytest.mark.xfail(strict=True))
        for row in csv.DictReader(kinds)
    ]
"""Towns, zones, brackets, foreign firms, hospitals, schools, offices, banks, branches, shops and trades; made up and labelled before they were read.

Those not met are known limits: a name that a township, a trade in its middle or an unlisted trade is mistaken for a part of.
"""


@pytest.mark.parametrize(("name", "brand"), BY_KIND)
def test_the_name_within_the_name_of_every_kind(name, brand):
    cleaned = CLEAN(name)
    assert (cleaned.value, cleaned.parts.get("字号", "")) == (name, brand)


@pytest.mark.parametrize(
    ("name", "place", "own", "trade"),
    [("太和科技（北京）有限公司", "北京", "太和", "科技"), ("泰和泰律师事务所", "", "泰和泰", "律师"), ("永康商贸有限公司", "", "永康", "商贸"), ("南京物联传感技术有限公司", "南京", "物联", "传感技术"),
     ("上海市闸北区甲乙商店", "上海市闸北区", "甲乙", "商店"), ("延边州甲乙食品有限公司", "延边州", "甲乙", "食品"), ("东莞虎门甲乙服装厂", "东莞虎门", "甲乙", "服装"), ("柳市镇甲乙电器厂", "柳市镇", "甲乙", "电器"),
     ("永安市燕南街甲乙百货商行", "永安市燕南街", "甲乙", "百货商行"), ("北京（中关村）甲乙科技有限公司", "北京中关村", "甲乙", "科技"), ("深圳前海基金管理有限公司", "深圳", "前海", "基金管理"),
     ("甲乙轮胎销售丙丁公司", "", "甲乙", "轮胎销售丙丁"), ("幸福家园科技有限公司", "", "幸福家园", "科技"), ("甲乙中国有限公司", "", "甲乙中国", ""), ("湘潭电机股份有限公司", "湘潭", "", "电机")],
)  # fmt: skip
def test_what_is_a_place_and_what_is_the_name(name, place, own, trade):
    parts = CLEAN(name).parts
    assert tuple(parts.get(part, "") for part in ("地区", "字号", "行业")) == (place, own, trade)


@pytest.mark.parametrize(
    ("name", "head", "branch"),
    [("甲乙饲料有限公司丙丁兽药厂", "甲乙饲料有限公司", "丙丁兽药厂"), ("甲乙机电天津办事处", "甲乙机电", "天津办事处"), ("广州市公安局天河区分局", "广州市公安局", "天河区分局"),
     ("甲乙律师事务所深圳分所", "甲乙律师事务所", "深圳分所"), ("甲乙分公司", "", "")],
)  # fmt: skip
def test_a_branch_is_told_from_its_head_office(name, head, branch):
    parts = CLEAN(name).parts
    assert (parts.get("总部", ""), parts.get("分支", "")) == (head, branch)


@pytest.mark.parametrize(
    ("name", "place", "own", "trade"),
    [("中节能秦皇岛环保有限公司", "秦皇岛", "中节能", "环保"), ("张家港保税区甲乙贸易有限公司", "张家港保税区", "甲乙", "贸易"), ("绍兴县甲乙印染有限公司", "绍兴县", "甲乙", "印染"),
     ("山西广信通茂科技有限公司", "山西", "广信通茂", "科技"), ("保定市长安客车制造有限公司", "保定市", "长安", "客车制造"), ("栖霞山综合开发公司", "", "栖霞山", "综合开发"),
     ("北京市第三城市建设工程公司", "北京市", "", "第三城市建设工程"), ("甲乙电缆信阳销售公司", "信阳", "甲乙", "电缆销售"), ("甲乙县紫絮图书店", "", "甲乙县紫絮", "图书店"),
     ("衡南龙运种养专业合作社", "衡南", "龙运", "种养"), ("义乌市佛堂鑫盛五金厂", "义乌市佛堂", "鑫盛", "五金"), ("杭州市西湖区西溪湿地旅游有限公司", "杭州市西湖区", "西溪湿地", "旅游"), ("义乌市稠城五金厂", "义乌市", "稠城", "五金"),
     ("天安中山医疗有限公司", "", "天安中山", "医疗"), ("甲乙酒业（集团）销售有限公司", "", "甲乙", "酒业（集团）销售")],
)  # fmt: skip
def test_places_and_trades_within_the_name(name, place, own, trade):
    parts = load("company_name").make()(name).parts
    assert tuple(parts.get(part, "") for part in ("地区", "字号", "行业")) == (place, own, trade)
