"""Tricky dates and moments; day and month are never guessed."""

from __future__ import annotations

import pytest

from crmmigrate.standards import load

CLEAN = load("date").make()
MOMENT = load("datetime").make()

READ = [
    ("2023-05-01", "2023-05-01"), ("2023/5/1", "2023-05-01"), ("2023.5.1", "2023-05-01"), ("2023.05.01.", "2023-05-01"), ("20230501", "2023-05-01"),
    ("2023 05 01", "2023-05-01"), ("2023年5月1日", "2023-05-01"), ("2023年05月01号", "2023-05-01"), ("2023 年 5 月 1 日", "2023-05-01"),
    ("二〇二三年五月一日", "2023-05-01"), ("二零二三年十二月二十一日", "2023-12-21"), ("民国112年5月1日", "2023-05-01"), ("２０２３－０５－０１", "2023-05-01"),
    ("  2023-05-01\u00a0", "2023-05-01"), ("2023-05-01 00:00:00", "2023-05-01"), ("2023/5/1 14:30", "2023-05-01"), ("2023-05-01 星期一", "2023-05-01"),
    ("2023-5-1 上午9:30", "2023-05-01"), ("20230501143000", "2023-05-01"), ("45047", "2023-05-01"), ("45047.0", "2023-05-01"), ("13/01/2023", "2023-01-13"),
    ("01/13/2023", "2023-01-13"), ("5/5/2023", "2023-05-05"), ("May 1, 2023", "2023-05-01"), ("1-May-2023", "2023-05-01"), ("Mon, 1 May 2023", "2023-05-01"),
    ("2024-02-29", "2024-02-29"), ("2023-05-01T14:30:00+08:00", "2023-05-01"),
    ("2023-05-01 06:30:00+00", "2023-05-01"), ("2023-05-01 23:30:00+08", "2023-05-01"), ("2023-05-01 06:30:00.123456+00", "2023-05-01"),
    ("2023-05-01T15:59:59Z", "2023-05-01"), ("2023-05-01T10:00:00-0500", "2023-05-01"),
]  # fmt: skip
REFUSED = [
    ("05/01/2023", "date.ambiguous"), ("2023-04-30T16:00:00Z", "date.ambiguous"), ("6月31日", "date.impossible"), ("2023年6月31日", "date.impossible"),
    ("2023-02-29", "date.impossible"), ("20231301", "date.impossible"), ("23-5-1", "date.short-year"), ("2023-05", "date.partial"), ("2023年5月", "date.partial"),
    ("5月1日", "date.partial"), ("2023", "date.partial"), ("1900-01-01", "date.placeholder"), ("2203-05-01", "date.out-of-range"), ("昨天", "date.unreadable"),
    ("长期", "date.unreadable"), ("1682899200", "date.unreadable"), ("2023-05-01 25:00", "date.unreadable"), ("2023-05-01 14:30:00+99", "date.unreadable"),
    ("2023-05-01 09:00-11:00", "date.unreadable"),
    *((f"2023-05-01{moment}", "date.ambiguous") for moment in (
        "T18:00:00Z", "T18:00:00+00:00", " 18:00:00+00", " 18:00:00 UTC", "T18:00:00 GMT", "T18:00:00+0000", "T12:00:00-05:00", "T02:00:00+12:00",
    )),
 ("99999", "date.unreadable"),
]  # fmt: skip
MOMENTS = [
    ("2023-05-01 14:30:00", "2023-05-01T14:30:00"), ("2023/5/1 14:30", "2023-05-01T14:30:00"), ("2023年5月1日 下午3时20分", "2023-05-01T15:20:00"),
    ("2023年5月1日14:30", "2023-05-01T14:30:00"), ("2023-5-1 3:05 PM", "2023-05-01T15:05:00"), ("2023-5-1 12:00 AM", "2023-05-01T00:00:00"),
    ("45047.604166667", "2023-05-01T14:30:00"), ("2023-05-01T14:30:00.123", "2023-05-01T14:30:00"), ("2023-05-01T14:30:00Z", "2023-05-01T22:30:00"),
    ("2023-05-01 06:30:00+00", "2023-05-01T14:30:00"), ("2023-05-01 06:30:00+08", "2023-05-01T06:30:00"), ("2023-05-01 18:00:00-05", "2023-05-02T07:00:00"),
    ("2023-05-01 06:30:00+05:30", "2023-05-01T09:00:00"), ("2023-05-01 09:00-11:00", "2023-05-01 09:00-11:00"),

    ("20230501143000", "2023-05-01T14:30:00"), ("2023-05-01", "2023-05-01T00:00:00"), ("2023-05-01 晚上8点半", "2023-05-01T20:30:00"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value"), READ)
def test_read(raw, value):
    assert CLEAN(raw).value == value


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_refused(raw, code):
    cleaned = CLEAN(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [code]


@pytest.mark.parametrize(("raw", "value"), MOMENTS)
def test_moments(raw, value):
    assert MOMENT(raw).value == value


def test_ambiguous_dates_offer_both_readings():
    assert CLEAN("05/01/2023").candidates == ("2023-01-05", "2023-05-01")
    assert CLEAN("2023-05-01T18:00:00+00").candidates == ("2023-05-01", "2023-05-02")
    assert CLEAN("2023-05-01T02:00:00+12:00").candidates == ("2023-05-01", "2023-04-30")


@pytest.mark.parametrize("zone", ["+8", "8:00", "+08:", "+1:30", "+15:00", "", "Z+1"])
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(ValueError, match="zone"):
        load("datetime").make(zone=zone)


def test_the_order_of_the_column_decides():
    assert load("date").make(order="dmy")("05/01/2023").value == "2023-01-05"
    assert load("date").make(order="mdy")("05/01/2023").value == "2023-05-01"


def test_serials_of_1904():
    assert load("date").make(system=1904)("43585").value == "2023-05-01"


def test_a_serial_is_likely_not_certain():
    assert CLEAN("45047").confidence == "likely"


def test_zeros_say_nothing():
    assert CLEAN("0000-00-00").value is None
    assert MOMENT("0000-00-00 00:00:00").value is None


def test_a_day_without_time_is_flagged():
    assert [flag.code for flag in MOMENT("2023-05-01").flags] == ["datetime.no-time"]


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["13/01/2023", "25/02/2023", "31/03/2023 14:30", "05/01/2023"], "dmy"),
        (["01/13/2023", "02/25/2023", "03/31/2023"], "mdy"),
        (["13/01/2023", "25/02/2023", "05/01/2023"], ""),
        (["13/01/2023", "25/02/2023", "31/03/2023", "01/13/2023"], ""),
        (["2023-01-13", "05/01/2023"], ""),
    ],
)
def test_a_column_proves_its_order_or_does_not(column, order):
    for name in ("date", "datetime"):
        assert load(name).learn(column) == ({"order": order} if order else {})


def test_a_date_read_in_the_order_of_the_column_is_likely_and_says_so():
    cleaned = load("date").make(order="dmy")("05/01/2023")
    assert (cleaned.value, cleaned.confidence, [flag.code for flag in cleaned.flags]) == (
        "2023-01-05", "likely", ["date.order"],
    )  # fmt: skip
    assert load("date").make(order="dmy")("01/13/2023").value == "2023-01-13"
    assert load("date").make(order="dmy")("13/01/2023").confidence == "certain"
