"""Telephone numbers as exports have them, and mobiles that were mistyped."""

from __future__ import annotations

import re

import numpy as np
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType, example_number_for_type, format_number

from crmmigrate.matching.phone import LEVELS, make, numbers
from crmmigrate.matching.phones.mobiles import MOBILES


def is_mobile(number: str) -> bool:
    return re.search(MOBILES, number) is not None


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("1.8162842850e+10", ["18162842850"]),
        ("1.82e+10", []),
        ("138****8001", ["138*8001"]),
        ("057188886666*1517", ["57188886666"]),
        ("17352901246.0", ["17352901246"]),
        ("+1 312 555 0199", ["3125550199"]),
        ("001 (312) 555-0199", ["3125550199"]),
        ("1-312-555-0199", ["3125550199"]),
        ("1 (512) 555-0199 ext. 12", ["5125550199"]),
        ("1.512.555.0199", ["5125550199"]),
        ("1-38001380011", ["138001380011"]),
        ("0865 757 8823", ["8657578823"]),
        ("086-13800138001", ["13800138001"]),
        ("086 0571 88886666", ["57188886666"]),
        ("0086 57188886666", ["57188886666"]),
        ("+13912345678", ["13912345678"]),
        ("0912-345-678", ["886912345678"]),
        ("+886 912 345 678", ["886912345678"]),
        ("912345678", ["912345678"]),
        ("0931-8412345", ["9318412345"]),
        ("1.82e+10/13800138001", ["13800138001"]),
    ],
)
def test_of_numbers_that_were_cut_or_masked_what_is_shown_counts(cell, found):
    assert numbers(cell) == found


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("15190206347", "15162006347", "different"),
        ("15190206347", "15192006347", "slip"),
        ("15190206347", "15190266347", "slip"),
        ("15190206347", "1519026347", "slip"),
        ("15190206347", "15190206348", "different"),
        ("15190206347", "15190206374", "different"),
        ("057188886666", "057188886566", "different"),
    ],
)
def test_mobiles_that_differ_in_one_digit_are_a_slip_but_not_where_numbers_follow_one_another(one, other, level):
    phones = make([one, other], np.ones(2, dtype=np.int64))
    (found,) = phones.compare(np.array([0]), np.array([1]))
    assert LEVELS[found].name == level


@pytest.mark.parametrize(
    ("other", "level"),
    [
        ("88886666", "same_local"),
        ("8886666", "same_local"),
        ("98886666", "different"),
        ("188886666", "different"),
        ("01088886666", "different"),
    ],
)
def test_a_number_without_area_code_is_the_end_of_one_with_it(other, level):
    phones = make(["0571-88886666", other], np.ones(2, dtype=np.int64))
    assert LEVELS[phones.compare(np.array([0]), np.array([1]))[0]].name == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("+49 221 96181111", "0221-96181111", "same_local"),
        ("0049 89 9244 9591", "089 9244 9591", "same_local"),
        ("+886-2-26712659", "(02)2671-2659", "same_local"),
        ("+81 3 4454 5575", "03-4454-5575", "same_local"),
        ("+39 06 6982 1234", "06 6982 1234", "same_local"),
        ("+12066022722", "206-602-2722", "same_local"),
        ("+49 221 96181111", "0222-96181111", "different"),
        ("+49 221 96181111", "+43 221 96181111", "different"),
        ("+10 221 96181111", "0221-96181111", "different"),
        ("+49 221 961811", "961811", "different"),
    ],
)
def test_a_number_with_the_code_of_its_country_is_the_one_dialled_there(one, other, level):
    phones = make([one, other], np.ones(2, dtype=np.int64))
    assert LEVELS[phones.compare(np.array([0]), np.array([1]))[0]].name == level


@pytest.mark.parametrize(
    ("cell", "mobile"),
    [
        ("13800138001", True), ("+852 9123 4567", True), ("00852-91234567", True), ("+853 6612 3456", True), ("+886 912 345 678", True),
        ("+852 2345 6789", False), ("+853 2833 1234", False), ("+886 2 2345 6789", False), ("0571-88886666", False), ("+852 3456 7890", False),
    ],
)  # fmt: skip
def test_mobiles_beyond_the_mainland(cell, mobile):
    (number,) = numbers(cell)
    assert is_mobile(number) is mobile


@pytest.mark.parametrize("region", ["AE", "AU", "BR", "CH", "DE", "EG", "ES", "FR", "GB", "IT", "JP", "KR", "MY", "NL", "PH", "SG", "TH", "TR", "UA", "VN", "ZA"])  # fmt: skip
def test_mobiles_of_other_countries_are_told_from_their_landlines(region):
    """Source of the numbers: libphonenumber's examples."""
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
        [number] = numbers(format_number(example_number_for_type(region, kind), PhoneNumberFormat.INTERNATIONAL))
        assert is_mobile(number) is (kind == PhoneNumberType.MOBILE)


@pytest.mark.parametrize("cell", ["+48 61 123 45 67", "+48 71 123 45 67", "+91 80 4123 4567", "+91 79 2658 1234", "+60 1300 88 1234", "+27 86 012 3456"])  # fmt: skip
def test_what_all_of_a_company_answer_is_no_mobile(cell):
    [number] = numbers(cell)
    assert not is_mobile(number)


def test_landlines_of_the_mainland_are_no_mobiles_of_other_countries():
    for area, size in (("10", 8), ("27", 8), ("316", 7), ("335", 7), ("417", 7), ("464", 7), ("571", 8), ("668", 7), ("791", 8), ("851", 8)):  # fmt: skip
        for rest in ("23456789", "88881111", "61234567", "91234567"):
            assert not is_mobile(area + rest[:size]), area + rest


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("5034045826", "(503) 404-5826", "same"),
        ("5034045826", "+1 503 404 5826 ext. 12", "same"),
        ("06-88017327", "+33 (0)6 8801-7327", "same"),
        ("0151-63834120", "+4915163834120", "same"),
        ("099-13957507", "0091 99 1395 7507", "same"),
        ("9484 5383", "852-9484-5383", "same"),
        ("13800138001", "+86 138 0013 8001", "same"),
        ("5034045826", "5034045827", "different"),
        ("0571-88886666", "0571 8888 6666", None),
        ("86-21-66668888", "021-66668888", None),
        ("400-820-6998", "400-820-6998", None),
        ("8888123", "8888123", None),
    ],
)
def test_a_column_called_mobile_is_taken_at_its_word(one, other, level):
    """Whatever the numbers look like, but for landlines of the mainland, which stand there too."""
    comparer = make([one, other], np.ones(2, dtype=np.int64), only="mobile", said=(0,))
    found = comparer.compare(np.array([0]), np.array([1]))[0]
    assert (LEVELS[found].name if found >= 0 else None) == level


def test_other_columns_are_not():
    values = ["5034045826\x1f0571-88886666", "\x1f5034045826", "\x1f+4915163834120", "0151 63834120\x1f"]
    comparer = make(values, np.ones(4, dtype=np.int64), only="mobile", said=(0,))
    assert comparer.compare(np.array([0, 2, 1]), np.array([1, 3, 1])).tolist() == [-1, 0, -1]


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("0171 2345678", "+49 171 2345678", "same_local"),
        ("06 88 01 73 27", "+33 6 88 01 73 27", "same_local"),
        ("3912345678", "13912345678", "different"),
    ],
)
def test_a_mobile_abroad_may_lack_its_code_in_any_column(one, other, level):
    """One of the mainland is never another number with the code of North America."""
    comparer = make([one, other], np.ones(2, dtype=np.int64))
    assert LEVELS[comparer.compare(np.array([0]), np.array([1]))[0]].name == level


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("0086-571-88123456 13912340001", ["57188123456", "13912340001"]),
        ("13912340001 (0571)88123456", ["13912340001", "57188123456"]),
        ("+86 139 1234 0001 0571-8812 3456", ["13912340001", "57188123456"]),
        ("13912340001 13812340002", ["13912340001", "13812340002"]),
        ("0571-88123456-801 13912340001", ["57188123456", "13912340001"]),
    ],
)
def test_numbers_with_nothing_but_a_blank_between_them(cell, found):
    assert numbers(cell) == found
