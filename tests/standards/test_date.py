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
    ("2023-05-01早上七点", "2023-05-01"), ("2023.05.01晚上六点", "2023-05-01"), ("2023 05 01五点", "2023-05-01"), ("2023年5月1日八点", "2023-05-01"),
    ("二零二三年五月一日下午三点半五十九秒", "2023-05-01"), ("二零二三年，五月一号", "2023-05-01"), ("2023年5月1日(一) 21時40分", "2023-05-01"), ("2023年5月0114:30", "2023-05-01"),
    ("2023年5月1日 下午3點45分鐘", "2023-05-01"), ("2023年5月1日 GMT+0 下午 12:13:14", "2023-05-01"), ("2023-05-01T10", "2023-05-01"), ("20230501T10", "2023-05-01"),
    ("13 5 2023", "2023-05-13"), ("5 13 2023", "2023-05-13"), ("14:15 05/31/2023", "2023-05-31"), ("19:00, 2023-05-01", "2023-05-01"), ("10:06am May 1, 2023", "2023-05-01"),
    ("2:21 p.m., May 1, 2023", "2023-05-01"), ("May 1, 2023 at 6:11 a.m.", "2023-05-01"), ("May 1, 2023 at noon", "2023-05-01"), ("1 May 2023 10h11", "2023-05-01"),
    ("Monday, 1st May, 2023, 12.16 pm.", "2023-05-01"), ("Mon May 01 12:00:00 2023", "2023-05-01"), ("01/May/2023:06:36:02", "2023-05-01"), ("05/31/2023-14:15", "2023-05-31"),
    ("Mon May 01 2023 14:30:00 GMT+0800 (中国标准时间)", "2023-05-01"), ("May first 2023", "2023-05-01"), ("the twenty-second of May of 2023", "2023-05-22"), ("thirty first of May, 2023", "2023-05-31"),
    ("23-2023-september", "2023-09-23"), ("2023/23/sep", "2023-09-23"), ("[Sept] 04, 2023.", "2023-09-04"), ("28 June in 2023", "2023-06-28"), ("Monday, May, 1st 2023", "2023-05-01"),
    ("third Tuesday of September 2014", "2014-09-16"), ("the 2nd Wednesday of October 2014", "2014-10-08"), ("last Sunday of March 2014", "2014-03-30"), ("first Monday of December 2024", "2024-12-02"),
    ("Tue 2nd Sep 2014", "2014-09-02"), ("May 2nd, Tuesday, 2023", "2023-05-02"), ("12th Friday December 2014", "2014-12-12"),
]  # fmt: skip
REFUSED = [
    ("05/01/2023", "date.ambiguous"), ("2023-04-30T16:00:00Z", "date.ambiguous"), ("6月31日", "date.impossible"), ("2023年6月31日", "date.impossible"),
    ("2023-02-29", "date.impossible"), ("20231301", "date.impossible"), ("23-5-1", "date.short-year"), ("2023-05", "date.partial"), ("2023年5月", "date.partial"),
    ("5月1日", "date.partial"), ("2023", "date.partial"), ("1900-01-01", "date.placeholder"), ("2203-05-01", "date.out-of-range"), ("昨天", "date.unreadable"),
    ("长期", "date.unreadable"), ("1682899200", "date.unreadable"), ("2023-05-01 25:00", "date.unreadable"), ("2023-05-01 14:30:00+99", "date.unreadable"),
    ("2023-05-01 09:00-11:00", "date.unreadable"), ("3 4 2023", "date.ambiguous"), ("5/1/2023 at noon", "date.ambiguous"), ("14:15 05/01/2023", "date.ambiguous"),
    ("2nd Wednesday October 2014", "date.unreadable"), ("fifth Monday of February 2014", "date.unreadable"), ("third Tuesday after May 1 2014", "date.unreadable"), ("21 first Tuesday of May 2014", "date.unreadable"),
    ("2023-05-01 晚上十二点", "date.unreadable"), ("2023年5月111:30", "date.unreadable"), ("May 1, 2023 at midnight", "date.unreadable"), ("2023-05-01 +8", "date.unreadable"),
    ("thirty first of April 2023", "date.impossible"), ("May 1 to 3 2023", "date.unreadable"), ("5 in May 2023", "date.unreadable"), ("1 day, May 2023", "date.unreadable"),
    ("May 12 13 2023", "date.unreadable"), ("May 2023 2024", "date.unreadable"), ("May 1, 2023 10:00 pm - 1:00 am", "date.unreadable"), ("Mon May 01 2023 14:30:00 GMT-0500 (CDT)", "date.ambiguous"),
    ("Mon May 01 14:30:00 EDT 2023", "date.unreadable"), ("2023-05-01 10:00 GMT+25", "date.unreadable"), ("2023-05-01 三点五刻", "date.unreadable"), ("2023-05-01 廿三点", "date.unreadable"),
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
    ("2023-05-01早上七点", "2023-05-01T07:00:00"), ("二零二三年五月一日下午三点半五十九秒", "2023-05-01T15:30:59"), ("2023年5月1日三点三刻", "2023-05-01T03:45:00"), ("2023年5月1日12点一刻", "2023-05-01T12:15:00"),
    ("2023年5月1日二十三点零五分", "2023-05-01T23:05:00"), ("2023-05-01 8点钟", "2023-05-01T08:00:00"), ("2023-05-01 下午3点45分钟", "2023-05-01T15:45:00"), ("2023-05-01 8点整", "2023-05-01T08:00:00"),
    ("May 1, 2023 at 12.30pm", "2023-05-01T12:30:00"), ("1 May 2023 19h", "2023-05-01T19:00:00"), ("May 1 2023 noon", "2023-05-01T12:00:00"), ("12:05 am 2023-05-01", "2023-05-01T00:05:00"),
    ("Mon May 01 06:30:00 UTC 2023", "2023-05-01T14:30:00"), ("Mon May 01 2023 14:30:00 GMT+0900 (JST)", "2023-05-01T13:30:00"), ("2023-05-01 10:00 UTC+5:30", "2023-05-01T12:30:00"),
    ("2023-05-01 10:00 GMT-5", "2023-05-01T23:00:00"), ("06/Nov/2023:06:36:02 +0000", "2023-11-06T14:36:02"), ("2023-05-01T10", "2023-05-01T10:00:00"),
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


@pytest.mark.parametrize(("raw", "value", "code"), [
    ("2023-05-01 星期一", "2023-05-01", "date.format"),
    ("2023-05-01 星期二", "2023-05-01", "date.weekday-differs"),
    ("2023年5月7日（天）", "2023-05-07", "date.format"),
    ("Mon 2nd Sep 2014", "2014-09-02", "date.weekday-differs"),
    ("05/01/2023 周四", "2023-01-05", "date.weekday"),
    ("Mon 05/01/2023", "2023-05-01", "date.weekday"),
    ("05/01/2023 周日", "05/01/2023 周日", "date.ambiguous"),
])  # fmt: skip
def test_a_day_of_the_week_tells_candidates_apart_and_contradicts(raw, value, code):
    cleaned = CLEAN(raw)
    assert (cleaned.value, [flag.code for flag in cleaned.flags]) == (value, [code])
    assert cleaned.confidence == {"date.format": "certain", "date.ambiguous": "suggested"}.get(code, "likely")
