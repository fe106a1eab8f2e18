"""Tricky addresses: divisions are filled where one fits, and left open where several do."""

from __future__ import annotations

import pytest

from crmmigrate.standards import load
from crmmigrate.standards._divisions import COUNTY, divisions

CLEAN = load("address").make()

READ = [
    ("浙江省杭州市西湖区文三路1号", "浙江省杭州市西湖区文三路1号", "浙江省 杭州市 西湖区 文三路1号"),
    ("杭州市西湖区文三路1号", "浙江省杭州市西湖区文三路1号", "浙江省 杭州市 西湖区 文三路1号"),
    ("浙江杭州西湖文三路1号", "浙江省杭州市西湖区文三路1号", "浙江省 杭州市 西湖区 文三路1号"),
    ("浙江 杭州 西湖", "浙江省杭州市西湖区", "浙江省 杭州市 西湖区"),
    ("浙江省-杭州市-西湖区-文三路", "浙江省杭州市西湖区文三路", "浙江省 杭州市 西湖区 文三路"),
    ("浙江省浙江省杭州市西湖区文三路", "浙江省杭州市西湖区文三路", "浙江省 杭州市 西湖区 文三路"),
    ("　浙江省　杭州市 西湖区", "浙江省杭州市西湖区", "浙江省 杭州市 西湖区"),
    ("中国浙江省杭州市西湖区", "浙江省杭州市西湖区", "浙江省 杭州市 西湖区"),
    ("地址：浙江省杭州市西湖区", "浙江省杭州市西湖区", "浙江省 杭州市 西湖区"),
    ("浙江省杭州市西湖區文三路", "浙江省杭州市西湖区文三路", "浙江省 杭州市 西湖区 文三路"),
    ("浙江省杭州市西湖区文三路１２３号Ａ座", "浙江省杭州市西湖区文三路123号A座", "浙江省 杭州市 西湖区 文三路123号A座"),
    ("310012 浙江省杭州市西湖区", "浙江省杭州市西湖区", "浙江省 杭州市 西湖区"),
    ("浙江省杭州市西湖区文三路 邮编：310012", "浙江省杭州市西湖区文三路", "浙江省 杭州市 西湖区 文三路"),
    ("余杭区文一西路", "浙江省杭州市余杭区文一西路", "浙江省 杭州市 余杭区 文一西路"),
    ("昆山市前进路", "江苏省苏州市昆山市前进路", "江苏省 苏州市 昆山市 前进路"),
    ("昆山前进路1号", "江苏省苏州市昆山市前进路1号", "江苏省 苏州市 昆山市 前进路1号"),
    ("浙江省西湖区文三路", "浙江省杭州市西湖区文三路", "浙江省 杭州市 西湖区 文三路"),
    ("北京朝阳区建国路88号", "北京市朝阳区建国路88号", "北京市 北京市 朝阳区 建国路88号"),
    ("北京市北京市朝阳区建国路88号", "北京市朝阳区建国路88号", "北京市 北京市 朝阳区 建国路88号"),
    ("北京市市辖区朝阳区建国路88号", "北京市朝阳区建国路88号", "北京市 北京市 朝阳区 建国路88号"),
    ("上海浦东新区世纪大道100号", "上海市浦东新区世纪大道100号", "上海市 上海市 浦东新区 世纪大道100号"),
    ("吉林市船营区", "吉林省吉林市船营区", "吉林省 吉林市 船营区"),
    ("新疆乌鲁木齐市天山区", "新疆维吾尔自治区乌鲁木齐市天山区", "新疆维吾尔自治区 乌鲁木齐市 天山区"),
    ("恩施州利川市", "湖北省恩施土家族苗族自治州利川市", "湖北省 恩施土家族苗族自治州 利川市"),
    ("山东济南市中区环城北路1号", "山东省济南市市中区环城北路1号", "山东省 济南市 市中区 环城北路1号"),
    ("济南市市中区", "山东省济南市市中区", "山东省 济南市 市中区"),
    ("湖北省仙桃市", "湖北省仙桃市", "湖北省 仙桃市"),
    ("东莞市长安镇", "广东省东莞市长安镇", "广东省 东莞市 长安镇"),
    ("香港特别行政区中环", "香港特别行政区中环", "香港特别行政区 中环"),
    ("台湾省台北市", "台湾省台北市", "台湾省 台北市"),
]
OPEN = [
    ("西湖区文三路", "address.ambiguous", ("浙江省杭州市西湖区", "江西省南昌市西湖区")),
    ("朝阳区建国路88号", "address.ambiguous", ("北京市朝阳区", "吉林省长春市朝阳区")),
    ("江苏省鼓楼区中山路", "address.ambiguous", ("江苏省南京市鼓楼区", "江苏省徐州市鼓楼区")),
    ("南京西路100号", "address.no-region", ()),
    ("南京路1号", "address.no-region", ()),
    ("北京大学东门", "address.no-region", ()),
    ("浙江省宁波市西湖区文三路", "address.conflict", ("浙江省宁波市", "浙江省杭州市西湖区", "江西省南昌市西湖区")),
    ("文三路1号", "address.no-region", ()),
]
FLAGGED = [
    ("浙江省杭州市江干区凯旋路", "address.former"),
    ("上海市南京西路100号", "address.partial"),
    ("No.1 Nanjing Road, Shanghai", "address.foreign"),
]


@pytest.mark.parametrize(("raw", "value", "parts"), READ)
def test_read(raw, value, parts):
    cleaned = CLEAN(raw)
    assert cleaned.value == value
    named = [cleaned.parts.get(part) for part in ("省", "市", "区", "详细地址")]
    assert " ".join(part for part in named if part) == parts


@pytest.mark.parametrize(("raw", "code", "candidates"), OPEN)
def test_left_open(raw, code, candidates):
    cleaned = CLEAN(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [code]
    assert cleaned.candidates == candidates
    assert "市" not in cleaned.parts


@pytest.mark.parametrize(("raw", "code"), FLAGGED)
def test_flagged(raw, code):
    cleaned = CLEAN(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [code]


def test_every_bare_ambiguous_county_stays_open():
    names = [division.name for division in divisions() if division.level == COUNTY]
    shared = {name for name in names if names.count(name) > 1}
    assert len(shared) > 20
    for name in shared:
        cleaned = CLEAN(f"{name}人民路1号")
        assert cleaned.value == f"{name}人民路1号"
        assert len(cleaned.candidates) > 1


def test_every_county_is_found_under_its_full_name():
    wrong = []
    for division in divisions():
        if division.level == COUNTY:
            parts = CLEAN("".join(division.chain) + "人民路1号").parts
            if (parts.get("区"), parts.get("区划代码"), parts["详细地址"]) != (
                division.name,
                division.code,
                "人民路1号",
            ):
                wrong.append(division.chain)
    assert wrong == []


@pytest.mark.parametrize(
    ("raw", "value", "phone"),
    [
        ("文三路1号13800138000", "文三路1号", "13800138000"),
        ("浙江省杭州市西湖区文三路1号 13800138000", "浙江省杭州市西湖区文三路1号", "13800138000"),
        ("浙江省杭州市西湖区文三路1号，电话：0571-87654321", "浙江省杭州市西湖区文三路1号", "0571-87654321"),
        ("浙江省杭州市西湖区文三路1号电话057187654321", "浙江省杭州市西湖区文三路1号", "057187654321"),
        ("浙江省杭州市西湖区文三路1号(138-0013-8000)", "浙江省杭州市西湖区文三路1号", "138-0013-8000"),
        ("浙江省杭州市西湖区文三路1号 +86 13800138000", "浙江省杭州市西湖区文三路1号", "+86 13800138000"),
        ("13800138000 浙江省杭州市西湖区文三路1号", "浙江省杭州市西湖区文三路1号", "13800138000"),
        (
            "浙江省杭州市西湖区文三路1号13800138000/0571-87654321",
            "浙江省杭州市西湖区文三路1号",
            "13800138000 0571-87654321",
        ),
    ],
)
def test_a_telephone_number_is_never_part_of_the_address(raw, value, phone):
    cleaned = CLEAN(raw)
    assert (cleaned.value, cleaned.parts["电话"]) == (value, phone)
    assert "address.phone" in [flag.code for flag in cleaned.flags]


@pytest.mark.parametrize(
    "raw", ["浙江省杭州市西湖区文三路113800138000", "浙江省杭州市西湖区文三路1号87654321012", "13800138000"]
)
def test_a_long_number_that_is_no_clear_telephone_number_is_flagged(raw):
    cleaned = CLEAN(raw)
    assert cleaned.value == raw
    assert "address.long-number" in [flag.code for flag in cleaned.flags]


@pytest.mark.parametrize(
    "raw",
    ["浙江省杭州市西湖区文三路1-2-301室", "浙江省杭州市西湖区文三路138-0013号", "浙江省杭州市西湖区文三路1号1301室"],
)
def test_house_numbers_are_no_telephone_numbers(raw):
    cleaned = CLEAN(raw)
    assert (cleaned.value, cleaned.flags) == (raw, ())


def test_postcode_and_code_are_parts():
    parts = CLEAN("浙江省杭州市西湖区文三路 邮编：310012").parts
    assert (parts["邮编"], parts["区划代码"]) == ("310012", "330106")


@pytest.mark.parametrize("raw", ["地址：#", "地址：无", "地址：地址：-"])
def test_a_label_before_nothing_says_nothing(raw):
    cleaned = CLEAN(raw)
    assert (cleaned.value, [flag.code for flag in cleaned.flags]) == (None, ["empty.word"])


@pytest.mark.parametrize(
    ("level", "raw", "value"),
    [
        ("province", "北京", "北京市"), ("province", "浙江", "浙江省"), ("province", "内蒙古", "内蒙古自治区"), ("province", "廣東", "广东省"), ("province", "新疆省", "新疆维吾尔自治区"),
        ("province", "杭州", "杭州"), ("city", "杭州", "杭州市"), ("city", "北京", "北京市"), ("city", "浙江省杭州市", "杭州市"), ("city", "恩施州", "恩施土家族苗族自治州"),
        ("city", "仙桃", "仙桃市"), ("city", "海南", "海南"), ("city", "义乌市", "义乌市"), ("county", "余杭", "余杭区"), ("county", "朝阳", "朝阳"), ("county", "江干区", "江干区"),
    ],
)  # fmt: skip
def test_single_divisions(level, raw, value):
    assert load("division").make(level=level)(raw).value == value
