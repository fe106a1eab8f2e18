"""Numbers keep their digits; only dates, percentages and leading zeros are shown as Excel shows them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.sources._numbers import PLAIN, number_format, seen


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_whole_numbers_stay(number):
    assert seen(str(number), PLAIN) == (str(number), False)
    assert seen(repr(float(number)), PLAIN) == (str(number), False)


@given(st.decimals(-(10**9), 10**9, places=4, allow_nan=False))
def test_decimals_keep_their_value_and_never_an_exponent(number):
    text, lost = seen(repr(float(number)), PLAIN)
    assert Decimal(text) == number
    assert "e" not in text.lower()
    assert not lost


@given(st.integers(10**15, 10**24))
def test_more_than_15_digits_are_flagged(number):
    text, lost = seen(repr(float(number)), PLAIN)
    assert lost
    assert text.isdigit()


@given(st.integers(0, 2_958_465))
def test_every_day_of_excel_has_a_date(serial):
    text, lost = seen(str(serial), number_format(14))
    assert len(text) == 10
    assert (text == "1900-01-00") == (serial == 0)
    assert not lost


@pytest.mark.parametrize(
    ("code", "raw", "text"),
    [
        ("General", "1200.5", "1200.5"), ("@", "7", "7"), ("0", "3.7", "3.7"), ("#,##0.00_ ", "1234.5", "1234.5"),
        ('"¥"#,##0', "5", "5"), ("00000", "42", "00042"), ("00000", "123456", "123456"), ("000000", "1.5", "1.5"),
        ("0%", "0.5", "50%"), ("0%", "0.125", "12.5%"), ("0.0%", "1", "100.0%"), ("[$-804]yyyy\\-mm\\-dd;@", "45047", "2023-05-01"),
        ("yyyy/m/d h:mm", "45047.5", "2023-05-01 12:00:00"), ("h:mm:ss", "0.25", "06:00:00"), ("mm:ss", "0.001", "00:01:26"),
        ("[Red]0", "8", "8"), ('0"d"', "8", "8"), ("m/d/yy", "1", "1900-01-01"), ("yyyy-mm-dd", "-1", "-1"),
        ("yyyy-mm-dd", "0", "1900-01-00"), ("yyyy/m/d h:mm", "0.5", "1900-01-00 12:00:00"), ("m/d/yy", "59", "1900-02-28"), ("h:mm", "0", "00:00:00"), ("mmm-yy", "45047", "2023-05-01"),
        ('"+86"00000000000', "13800138000", "+8613800138000"), ('"C"0000', "12", "C0012"), ('"C"0000', "123456", "C123456"),
        ('"KH-"0', "7", "KH-7"), ('"+86"0', "13800138000", "+8613800138000"), ("\\C000\\-000", "1234", "C001-234"), ("000-0000", "12345", "001-2345"),
        ("[Red]0000_ ;[Blue]0", "7", "0007"), ("(000) 0000", "5712345", "(571) 2345"), ('"USD"0', "7", "7"), ('"¥"00', "7", "7"), ('00"万"', "7", "7"),
        ("[DBNum1]00", "7", "7"), ('"C"#,##0', "1234", "1234"), ('"C"0000', "-5", "-5"), ('"10"000', "7", "10007"),
        ('上午/下午h"时"mm"分"', "0.75", "18:00:00"), ("General", "abc", "abc"), ("#,##0;[Red]-#,##0", "-1234", "-1234"),
    ],
)  # fmt: skip
def test_formats(code, raw, text):
    assert seen(raw, number_format(200, code))[0] == text
