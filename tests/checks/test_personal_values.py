"""Personal data is found by its form and by what the sources hold, and ordinary words, codes and digests are left alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.checks.personal_patterns import find_patterns, is_card, narrow
from crmmigrate.checks.personal_values import KnownValues
from crmmigrate.model.check_digits import resident_digit
from crmmigrate.model.privacy import plain, token

IDENTITY = "11010519491231002"
CARD = "6222021234567890128"


def by_form(text: str) -> list[tuple[str, str]]:
    flat = narrow(text)
    return [(hit.kind, flat[hit.start : hit.end]) for hit in find_patterns(flat)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电话13912745678。", [("phone", "13912745678")]),
        ("tel +86 139 1274 5678", [("phone", "+86 139 1274 5678")]),
        ("１３９１２７４５６７８", [("phone", "13912745678")]),
        ("0571-87654321", [("phone", "0571-87654321")]),
        ("(010) 88886666", [("phone", "(010) 88886666")]),
        ("13912745678 13712745679", [("phone", "13912745678"), ("phone", "13712745679")]),
        (IDENTITY + "X", [("identity", IDENTITY + "X")]),
        ("x@y.com.cn、z.w@q.net", [("email", "x@y.com.cn"), ("email", "z.w@q.net")]),
        (CARD, [("card", CARD)]),
        ("6222 0212 3456 7890 128", [("card", "6222 0212 3456 7890 128")]),
        ("住浙江省杭州市西湖区文三路18号3室", [("address", "住浙江省杭州市西湖区文三路18号")]),
    ],
)
def test_each_kind_is_found_by_its_form(text, found):
    assert sorted(by_form(text)) == sorted(found)


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY + "1",  # wrong check digit
        CARD[:-1] + "9",  # wrong Luhn digit
        "1234567890123452",  # right Luhn digit, no issuer
        "6222021234567",  # too short
        "13800138000",
        "info@corp.example",
        "AAAA9999@AAA.AAA",  # a form as an audit shows it
        "20261126T031951431Z-load-db2b25",
        "75a5748d13912745678b3b2a",  # inside a digest
        "0.13912745678",
        "2026-11-26 03:19:51",
        "12,345,678",
        "1391274567890",
        "文三路",
        "第3号 客户8号",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert by_form(text) == []


@given(st.integers(0, 10**15 - 1), st.integers(16, 19))
def test_a_card_with_one_wrong_digit_is_none(number, length):
    body = ("62" + str(number).zfill(15))[: length - 1].ljust(length - 1, "7")
    right = [digit for digit in "0123456789" if is_card(body + digit)]
    assert len(right) == 1 or len(set(body)) <= 3


def known(**others) -> KnownValues:
    values = {
        "person": ["王明", "李建国", "Li Wei", "高级", "张总", "Andy"],
        "phone": ["+8613912345678", "010-88886666"],
        "email": ["a.b@corp.cn"],
        "address": ["文三路8号"],
        "messenger": ["wx_abc123"],
    }
    return KnownValues(values, public=["李建国批发部"], words=["高级客户经理"], **others)


def by_value(text: str, **options) -> list[str]:
    flat = narrow(text)
    return [flat[hit.start : hit.end] for hit in known().search(flat, **options) if hit.known]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请李建国确认", ["李建国"]),
        ("联系人王明的电话", ["王明"]),
        ("王明, 3 rows", ["王明"]),
        ("国王明天来", []),
        ("李建国批发部", []),
        ("高级客户", []),
        ("张总", []),
        ("Li Wei said", ["Li Wei"]),
        ("xLi Weiy", []),
        ("call 139 1234 5678 now", ["139 1234 5678"]),
        ("8613912345678", ["8613912345678"]),
        ("(010)88886666", ["(010)88886666"]),
        ("mail a.b@corp.cn.", ["a.b@corp.cn"]),
        ("wx_abc123", ["wx_abc123"]),
        ("wx_abc1234", []),
    ],
)
def test_values_of_the_sources_are_found_whole(text, found):
    assert by_value(text) == found


def test_what_is_not_searched_for_is_counted():
    assert known().unsearched == {"short": 2, "word": 1, "structure": 0}
    assert known(structure=["通讯录/李建国.vcf"]).unsearched["structure"] == 1


def test_in_masked_data_only_a_name_that_stands_alone_counts():
    assert by_value("安李建国泰", masked=True) == []
    assert by_value("李建国", masked=True) == ["李建国"]
    assert [*KnownValues({"person": ["王明"]}, made_up={"王明"}).search("王明", masked=True)] == []


def test_all_values_are_found_among_much_else():
    """What the automaton and the digit runs find is what a slow search with `in` finds."""
    draw = random.Random(7)
    names = ["".join(draw.choices("赵钱孙李周吴郑王", k=1) + draw.choices("建国明华丽静", k=2)) for _ in range(200)]
    values = KnownValues({"person": names})
    words = [*draw.sample(names, 20), *(f"row {n}" for n in range(500))]
    draw.shuffle(words)
    text = "\n".join(words)
    found = {text[hit.start : hit.end] for hit in values.search(text)}
    assert found == {name for name in names if name in text}


@given(st.text(max_size=40))
def test_any_text_can_be_searched(text):
    flat = narrow(text)
    assert len(flat) == len(text)
    for hit in known().search(flat):
        assert 0 <= hit.start < hit.end <= len(flat)


def test_the_token_of_a_value_is_the_same_however_it_is_written():
    assert token("k", "139 1234 5678") == token("k", "+8613912345678") == token("k", "１３９１２３４５６７８")
    assert token("k", "13912345678") != token("other", "13912345678")
    assert plain("Ａ.b@Corp.cn ") == "a.b@corp.cn"


def test_the_identity_number_of_the_standard_is_right():
    assert resident_digit(IDENTITY) == "X"
