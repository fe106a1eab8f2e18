"""Tricky amounts and shares."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.standards import load
from crmmigrate.standards._numerals import numeral

CLEAN = load("amount").make()

READ = [
    ("1200", "1200"), ("1200.00", "1200.00"), ("1200.0", "1200"), ("0", "0"), ("-1200", "-1200"), ("¥1,200.00", "1200.00"), ("￥1,200", "1200"),
    ("1，200", "1200"), ("1200元", "1200"), ("1200元整", "1200"), ("RMB 1,200", "1200"), ("12万", "120000"), ("12 万", "120000"), ("1.2万元", "12000"),
    ("12万元人民币", "120000"), ("3千", "3000"), ("1.5亿", "150000000"), ("5千万", "50000000"), ("12万3千", "123000"), ("20w", "200000"), ("5k", "5000"),
    ("十二万", "120000"), ("三百万", "3000000"), ("一千二百", "1200"), ("人民币壹仟贰佰元伍角整", "1200.5"), ("壹佰万元整", "1000000"), ("(1,200.00)", "-1200.00"),
    ("约12万", "120000"), ("12万左右", "120000"), ("1.2E+5", "120000"), ("1199.9999999999998", "1200"), ("１２００", "1200"), ("00012", "12"), ("¥-5", "-5"),
]  # fmt: skip
REFUSED = [
    ("10-20万", "amount.range"), ("10万-20万", "amount.range"), (">100万", "amount.range"), ("100万以上", "amount.range"), ("1,20", "amount.ambiguous"),
    ("1.200,00", "amount.ambiguous"), ("12,3456", "amount.ambiguous"), ("12万3", "amount.ambiguous"), ("1.23457E+10", "amount.ambiguous"),
    ("USD 1,200", "amount.currency"), ("$1200", "amount.currency"), ("面议", "amount.unreadable"), ("12.5.6", "amount.unreadable"), ("1200元/月", "amount.unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value"), READ)
def test_read(raw, value):
    assert CLEAN(raw).value == value


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_refused(raw, code):
    cleaned = CLEAN(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [code]


def test_a_range_offers_both_ends():
    assert CLEAN("10-20万").candidates == ("100000", "200000")


def test_the_currency_of_the_column():
    assert load("amount").make(currency="usd")("$1,200.50").value == "1200.50"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_plain_decimals_and_grouped_ones_keep_their_worth(amount):
    for written in (f"{amount:f}", f"¥{amount:,}".replace("¥-", "-¥"), f"{amount:f}元"):
        assert Decimal(CLEAN(written).value) == amount


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十", 10),
        ("二十一", 21),
        ("一百零五", 105),
        ("两万三千", 23000),
        ("一亿二千万", 120000000),
        ("壹仟零壹拾", 1010),
    ],
)
def test_numerals(text, number):
    assert numeral(text) == number


@pytest.mark.parametrize("text", ["百千", "二三", "十十", "", "一万亿万"])
def test_no_numerals(text):
    assert numeral(text) is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("12.5%", "0.125"),
        ("１２％", "0.12"),
        ("150%", "1.5"),
        ("百分之十二", "0.12"),
        ("12‰", "0.012"),
        ("0.125", "0.125"),
        ("12.5", "12.5"),
    ],
)
def test_shares(raw, value):
    assert load("percent").make()(raw).value == value
