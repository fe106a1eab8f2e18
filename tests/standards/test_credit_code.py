"""Identifiers: check digits against python-stdnum, the parts it does not check, and what spreadsheets do to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from crmmigrate.model.check_digits import CREDIT_SIGNS
from crmmigrate.standards import load
from crmmigrate.standards.credit_code import check_digit, organisation_digit
from crmmigrate.standards.resident_id import check_digit as resident_digit

CODE = load("credit_code").make()
RESIDENT = load("resident_id").make()
GOOD = "91110000600037341L"

READ = [
    (GOOD, GOOD), (f" {GOOD} ", GOOD), (GOOD.lower(), GOOD), ("9111 0000 6000 3734 1L", GOOD), ("91110000-60003734-1L", GOOD), ("９１１１００００６０００３７３４１Ｌ", GOOD),
    ("\u200b91110000600037341L\u200b", GOOD), ("税号：91110000600037341L", GOOD), ("统一社会信用代码:91110000600037341L", GOOD), ("9I110000600037341L", GOOD),
    ("9111OOOO600037341L", GOOD), ("91110000\u00a0600037341L", GOOD), ("91110000600037341L。", GOOD),
]  # fmt: skip
REFUSED = [
    ("91110000600037341M", "check-digit"), ("91110000600037314L", "check-digit"), ("19110000600037341L", "check-digit"), ("123", "length"),
    ("91110000600037341", "length"), ("91110000600037341LL", "length"), ("9111000060003734!L", "signs"), ("信用代码", "length"), ("9.11100006000373E+17", "float-damaged"),
    ("911100006000373410.0", "float-damaged"), ("330100000012345", "registration-number"), ("60003734-1", "organisation-code"), ("111111111111111111", "placeholder"),
    ("000000000000000000", "placeholder"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value"), READ)
def test_read(raw, value):
    cleaned = CODE(raw)
    assert cleaned.value == value
    assert cleaned.usable


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_refused(raw, code):
    cleaned = CODE(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [f"credit_code.{code}"]


def _code(region: str, organisation: str, kind: str = "91") -> str:
    first = kind + region + organisation + organisation_digit(organisation)
    return first + check_digit(first)


@given(
    st.text("0123456789", min_size=6, max_size=6), st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8)
)
def test_check_digits_agree_with_stdnum_and_one_slip_is_seen(region, organisation):
    code = _code(region, organisation)
    assert uscc.is_valid(code)
    if len(set(code)) > 2:
        assert CODE(code).value == code
        slipped = code[:-1] + CREDIT_SIGNS[(CREDIT_SIGNS.index(code[-1]) + 1) % 31]
        assert not CODE(slipped).usable


def test_the_inner_digit_counts():
    organisation = "60003734"
    wrong = next(digit for digit in "0123456789" if digit != organisation_digit(organisation))
    first = "91110000" + organisation + wrong
    code = first + check_digit(first)
    assert uscc.is_valid(code)
    assert [flag.code for flag in CODE(code).flags] == ["credit_code.organisation-digit"]


def test_a_region_that_never_was_is_doubted():
    assert [flag.code for flag in CODE(_code("999999", "60003734")).flags] == ["credit_code.region"]
    assert [flag.code for flag in CODE(_code("110000", "60003734", "98")).flags] == ["credit_code.authority"]


def test_letters_are_repaired_only_where_the_check_passes():
    assert [flag.code for flag in CODE("9I110000600037341L").flags] == ["credit_code.letters"]
    assert CODE("9I110000600037341M").value == "9I110000600037341M"


@given(
    st.dates(min_value=__import__("datetime").date(1920, 1, 1), max_value=__import__("datetime").date(2020, 1, 1)),
    st.integers(0, 999),
)
def test_resident_numbers_agree_with_stdnum(born, sequence):
    first = f"110105{born:%Y%m%d}{sequence:03d}"
    number = first + resident_digit(first)
    assert ric.calc_check_digit(number) == number[-1]
    cleaned = RESIDENT(number)
    assert cleaned.value == number
    assert cleaned.parts["出生日期"] == born.isoformat()
    assert cleaned.parts["性别"] == ("男" if sequence % 2 else "女")
    if born.year < 2000 and sequence < 996:
        assert RESIDENT(number[:6] + number[8:17]).value == f"{number[:6]}19{number[8:17]}" + resident_digit(
            f"{number[:6]}19{number[8:17]}"
        )


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("110105194912310021", "check-digit"), ("3.30106E+17", "float-damaged"), ("1101051949123100", "length"), ("11010519491231002Y", "signs"),
        ("110105********002X", "masked"), (lambda: "11010519490231002" + resident_digit("11010519490231002"), "birth-date"),
        (lambda: "99999919491231002" + resident_digit("99999919491231002"), "region"),
    ],
)  # fmt: skip
def test_resident_numbers_refused(raw, code):
    raw = raw() if callable(raw) else raw
    cleaned = RESIDENT(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [f"resident_id.{code}"]
