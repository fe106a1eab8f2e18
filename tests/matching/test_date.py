"""Dates compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.date import LEVELS, make, normal
from crmmigrate.matching.lunar_dates import solar_days


def level(one: str, other: str) -> str:
    found = make([one, other], np.ones(2)).compare(np.array([0]), np.array([1]))[0]
    return LEVELS[found].name if found >= 0 else ""


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("1980-05-12", "19800512", "same"), ("1980-05-12", "1980-05-13", "slip"), ("1980-05-12", "1980-12-05", "slip"),
        ("1980-05-12", "1980-05-21", "slip"), ("1980-05-30", "1980-06-14", "near"), ("1980-05-12", "1991-05-12", "part"),
        ("1980-05-12", "1993-11-30", "different"), ("1980-05-12", "", ""), ("1980-05-12", "无", ""), ("1980-13-40", "1980-13-40", "same"),
        ("05/06/1980", "5/6/1980", "same"), ("05/06/1980", "1980-06-05", "same"), ("06/05/1980", "1980-06-05", "slip"), ("05/13/1980", "1980-05-13", "same"),
        ("农历1984.3.9", "1984-04-09", "same"), ("1984年阴历3月9日", "19840409", "same"), ("1984-03-09(旧历)", "1984.4.9", "same"), ("农历1984.3.9", "1984-03-09", "slip"),
        ("农历1990闰5月3", "1990-06-25", "same"), ("农历1983年12月20日", "1984-01-22", "same"), ("农历1984年12月9日", "1985-01-29", "same"), ("农历1984年12月9日", "1984-01-11", "same"),
        ("1990-05-13（农历四月十九）", "1990-05-13", "same"), ("阳历1990-05-12，农历1990.4.18", "1990-05-12", "same"), ("1990-05-12 阴历四月十八", "1990-05-12", "same"),
        ("1990-05-12（农历1990年4月18日）", "1990-05-12", "same"), ("1990-05-12(阳历) 1990.4.18(农历)", "1990-05-12", "same"), ("农历1990.4.18 阳历1990-05-12", "1990-05-12", "same"),
        ("农历四月十八（1990-05-12）", "1990-05-12", "same"), ("农历4月18日 1990-05-12", "1990-05-12", "same"), ("1990年5月12日，过农历", "1990-05-12", "same"),
        ("农历1990年4月18日", "1990-05-12", "same"), ("1990.4.18农历", "1990-05-12", "same"), ("1990年4月18日（农历生日）", "1990-05-12", "same"), ("农历：1990-4-18", "1990-05-12", "same"),
        ("农历三月初九", "1984-03-09", ""), ("农历1984.13.40", "1984-03-09", ""), ("历山路1984", "1984-03-09", ""),
        ("5 June 1980", "05.06.1980", "same"), ("Jun 5th, 1980", "1980/6/5", "same"), ("05-Jun-1980", "1980-07-05", "slip"), ("Foo 5, 1980", "1980-06-05", ""),
    ],
)  # fmt: skip
def test_levels(one, other, wanted):
    assert level(one, other) == level(other, one) == wanted


@given(st.text())
def test_anything_is_a_date_or_nothing(text):
    found = normal(text)
    assert found == "" or found.isdecimal()
    assert all(map(str.isdecimal, solar_days(text)))


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("2013年", "2009.1.13", "different"), ("2014.06", "2017/8/4", "different"), ("2010年7月", "2007-09-02", "different"),
        ("2016.02", "2016-02-11", ""), ("2016年9月", "2016.09", ""), ("2013年", "2014-04-02", ""), ("201607", "2016年8月", ""), ("3年", "2016年8月", ""),
    ],
)  # fmt: skip
def test_a_year_and_a_month_only_say_that_two_dates_differ(one, other, wanted):
    assert level(one, other) == level(other, one) == wanted


def test_a_year_and_a_month_beside_the_whole_date_take_nothing_away():
    """出生年月 beside 出生日期."""
    assert level(f"1980-05-12{SEPARATOR}1980年5月", f"1980-05-12{SEPARATOR}1980年5月") == "same"


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("1990-05-13（农历四月十九）", ["19900513"]),
        ("阳历1990-05-12，农历1990.4.18", ["19900512"]),
        ("1990.4.18农历，1990-05-12阳历", ["19900512"]),
        ("1990-05-12 阴历四月十八", ["19900512"]),
        ("农历1990年4月18日", ["19900512"]),
        ("1990年农历4月18日（1990-05-12）", ["19900512"]),
    ],
)
def test_the_common_day_beside_the_lunar_one(raw, days):
    assert solar_days(raw) == days


def test_five_digits_are_no_month():
    """Nor is 20105 surely a day of 1955, as a spreadsheet counts them; 30105 is one."""
    assert level("20105", "1993-11-30") == level("20105", "1955-01-16") == ""
    assert level("30105", "1982-06-03") == "same"
