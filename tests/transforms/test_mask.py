"""Masked values keep their form and their equality, and nothing of the person."""

from __future__ import annotations

import re
import string
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate import standards
from crmmigrate.model.check_digits import RESIDENT_DIGITS, resident_digit
from crmmigrate.transforms.mask import KINDS, _vin_check, make

NAMES = st.text("王李张刘陈赵欧阳司马小明大红建国芳敏静强磊軍洋艳勇杰娟涛超A bc", min_size=1, max_size=4)


def digit(value: str) -> int:
    return RESIDENT_DIGITS.index(resident_digit(value[:17]))


DIGITS = st.text("0123456789", min_size=1, max_size=12)


@given(st.sampled_from(KINDS), st.text(max_size=40))
def test_equal_values_stay_equal_and_nothing_raises(kind, value):
    assert make(kind, "k")(value) == make(kind, "k")(value)


@given(st.sampled_from(KINDS), st.sets(NAMES | DIGITS | st.text(max_size=12), min_size=2, max_size=40))
def test_different_values_stay_different(kind, values):
    """So unique keys stay unique, a lookup finds one record, and duplicates are those that were."""
    mask = make(kind, "k")
    folded = {
        value.lower() if kind == "email" else value.upper() if kind in ("vin", "plate") else value for value in values
    }
    assert len({mask(value) for value in folded}) == len(folded)


def test_all_short_numbers_and_all_names_of_two_signs_go_to_all_of_them():
    """A permutation, seen whole."""
    mask = make("text", "k")
    assert {mask(f"{n:03d}") for n in range(1000)} == {f"{n:03d}" for n in range(1000)}
    person = make("person", "k")
    surnames, given_names = (
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕",
        "安宝昌成达德东恒宏华",
    )
    made = {person(a + b) for a in surnames for b in given_names}
    assert len(made) == len(surnames) * len(given_names)
    assert {name[0] for name in made} <= set(surnames)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", [f"ext{n:03d}" for n in range(1000)]),
        ("text", [f"{n}{letter}" for n in range(10) for letter in string.ascii_lowercase]),
        ("phone", [f"138{n:03d}" for n in range(1000)]),
        ("person", [a + b for a in "王李张刘陈杨赵黄周吴" for b in "安宝昌成达德东恒宏华"]),
        ("email", [f"{a}{b}@qq.com" for a in string.ascii_lowercase for b in string.ascii_lowercase]),
    ],
)
def test_no_short_value_stays_as_it_is(kind, values):
    """Of a thousand values a mere permutation leaves one, which then is shown to whoever sees the trial."""
    for key in ("k", "another", "third"):
        mask = make(kind, key)
        assert [value for value in values if mask(value) == value] == []


@given(st.text(max_size=30))
def test_text_keeps_length_and_class_of_each_sign(value):
    masked = make("text", "one")(value)
    assert len(masked) == len(value)
    assert [unicodedata.category(c) for c in masked] == [unicodedata.category(c) for c in value]


@given(st.text("王李张刘陈小明大红abc0123456789-", min_size=6, max_size=30))
def test_text_changes_with_the_key(value):
    masked = make("text", "one")(value)
    assert re.sub(r"[0-9]", "0", re.sub(r"[^\W\d_]", "x", masked)) == re.sub(
        r"[0-9]", "0", re.sub(r"[^\W\d_]", "x", value)
    )


def test_different_keys_give_different_people():
    assert {make("person", f"k{i}")("欧阳小明") for i in range(8)} != {make("person", "k0")("欧阳小明")}


@given(st.from_regex(r"\A\+861[38]\d{9}\Z"))
def test_a_mobile_stays_one_that_the_standard_takes(value):
    masked = make("phone", "k")(value)
    assert masked[:6] == value[:6]
    cleaned = standards.load("phone").make(region="CN")(masked)
    assert cleaned.value == masked
    assert cleaned.usable == standards.load("phone").make(region="CN")(value).usable


@pytest.mark.parametrize("value", ["+8657112345678", "+862152345678", "+861062345678", "+8653252688005"])
def test_a_landline_keeps_its_area(value):
    masked = make("phone", "k")(value)
    assert masked != value
    assert standards.load("phone").make(region="CN")(masked).value == masked


def test_colleagues_keep_a_common_domain_that_belongs_to_nobody():
    mask = make("email", "k")
    a, b = mask("wang@acme.cn"), mask("li@acme.cn")
    assert a.endswith(".example")
    assert a.partition("@")[2] == b.partition("@")[2]
    assert a != b
    assert mask("Wang@ACME.cn") == a, "an address is the same in any case"
    assert mask("wang@acme.com").partition("@")[2] != a.partition("@")[2]


@given(st.dates(date(1900, 1, 1), date(2025, 12, 31)), st.integers(0, 999), st.integers(0, 10))
def test_an_identity_number_keeps_its_region_and_whether_its_check_digit_is_right(day, sequence, off):
    body = f"110105{day:%Y%m%d}{sequence:03d}"
    value = body + RESIDENT_DIGITS[(digit(body) + off) % 11]
    masked = make("id", "k")(value)
    assert re.fullmatch(r"110105\d{11}[\dX]", masked)
    date.fromisoformat(f"{masked[6:10]}-{masked[10:12]}-{masked[12:14]}")
    assert (RESIDENT_DIGITS.index(masked[17]) - digit(masked)) % 11 == off
    assert make("id", "k")(value.lower()) == masked


@given(st.sets(st.integers(0, 29_219 * 1000), min_size=2, max_size=60), st.booleans())
def test_no_two_identity_numbers_become_one(numbers, short):
    values = set()
    for number in numbers:
        day = date.fromordinal(date(1930, 1, 1).toordinal() + number // 1000)
        body = f"110105{day:%Y%m%d}{number % 1000:03d}"
        if not short:
            values.add(body + resident_digit(body))
        elif day.year < 2000:
            values.add(f"110105{day:%y%m%d}{number % 1000:03d}")
    assert len({make("id", "k")(value) for value in values}) == len(values)


@given(st.from_regex(r"\A[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}\Z"))
def test_a_vin_keeps_maker_and_whether_its_check_digit_is_right(value):
    masked = make("vin", "k")(value)
    assert masked[:3] == value[:3]
    signs = "0123456789X"
    assert (signs.index(masked[8]) - _vin_check(masked)) % 11 == (signs.index(value[8]) - _vin_check(value)) % 11


def test_no_two_number_plates_become_one_mistyped_ones_included():
    signs = string.ascii_uppercase + string.digits
    plates = [f"浙A{first}{second}" for first in signs for second in signs]
    assert len(set(map(make("plate", "k"), plates))) == len(plates)


def test_a_number_plate_stays_one():
    assert re.fullmatch(r"浙A[A-HJ-NP-Z0-9]{5}", make("plate", "k")("浙A12B45"))


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="person"):
        make("people", "k")
