"""Read a day from text, in the ways Chinese and English offices write it; never guess.

Source: ISO 8601 for what comes out; ECMA-376 part 1, 18.17.4.1 for spreadsheet serials (with the day 1900-02-29 that never was).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from crmmigrate.standards._clock import split_clock, zone_minutes
from crmmigrate.standards._english_dates import MONTHS, WEEKDAYS, counted_weekday, english_day
from crmmigrate.standards._lunar import lacks_year, named_day
from crmmigrate.standards._numerals import ONES, numeral, up_to_99

PROOFS = 3
"""So many days of a column must tell the order of day and month."""
SEPARATORS = r"[-/.年\s、_–—－／．]"
_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = re.compile(
    r"[\s,，(（]*(?:星期|周|礼拜)[一二三四五六日天][)）]?|[(（][一二三四五六日天][)）]|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*",
    re.IGNORECASE,
)
_WEEK = "一二三四五六日"
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_YMD = re.compile(
    rf"(\d{{4}})\s*{SEPARATORS}\s*(\d{{1,2}})\s*[-/.月\s、_–—－／．]\s*(\d{{1,2}})\s*[日号號.]?\Z", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?\Z", re.ASCII)
_NAMED = re.compile(rf"(?:(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s\-/.]*({_NAME})|({_NAME})[\s\-/.]*(\d{{1,2}})(?:st|nd|rd|th)?)(?:[\s,\-/.]*(\d{{4}})|[\s,\-/.]+'?(\d\d))\Z",
                    re.IGNORECASE | re.ASCII)  # fmt: skip
_NAMED_MONTH = re.compile(rf"(?:{_NAME})[\s,\-/.]*\d{{4}}\Z|\d{{4}}[\s,\-/.]*(?:{_NAME})\Z", re.IGNORECASE | re.ASCII)
_YEAR_NAMED = re.compile(rf"(\d{{4}})[\s,\-/.]+({_NAME})[\s\-/.]*(\d{{1,2}})\Z", re.IGNORECASE | re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\s*([-/.\s])\s*(\d{1,2})\s*\2\s*(\d{4})\Z", re.ASCII)
_SHORT_FORM = re.compile(r"(\d{1,2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\Z", re.ASCII)
_REPUBLIC = re.compile(r"民[国國]\s*(\d{1,3}|元)\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*[日号號]?\Z", re.ASCII)
_REPUBLIC_WORDS = re.compile(
    r"民[国國]([一二三四五六七八九十百零〇○元]{1,5})年([一二三四五六七八九十元]{1,3})月([一二三四五六七八九十廿卅]{1,4})[日号號]?\Z"
)
_PARTIAL = re.compile(
    rf"(?:\d{{4}}\s*(?:年|{SEPARATORS}\s*\d{{1,2}}\s*月?(?:份)?)?|\d{{4}}(?:0[1-9]|1[0-2])|\d{{1,2}}月\d{{1,2}}[日号]?|\d{{1,2}}月)\Z",
    re.ASCII,
)
_MONTH_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]?\Z", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(\.\d+)?\Z", re.ASCII)
_BOOKKEEPING = str.maketrans("壹贰貳叁參肆伍陆陸柒捌玖拾", "一二二三三四五六六七八九十")
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([零〇○]?[一二三四五六七八九十元]{1,3})月([零〇○]?[一二三四五六七八九十廿卅]{1,4})[日号號]?\Z"
)
_NUMERALS = "〇○零一二三四五六七八九"
_MIXED = re.compile(
    rf"(\d{{4}}|\d{{2}}|[{_NUMERALS}]{{4}}|[{_NUMERALS}]{{2}})\s*年[\s,，、]*(\d{{1,2}}|[一二三四五六七八九十元]{{1,3}})\s*月(?:份)?\s*"
    rf"(\d{{1,2}}|[{_NUMERALS}十廿卅]{{1,4}})\s*[日号號]?\Z", re.ASCII)  # fmt: skip
"""2023年五月1日, 九零年9月十号: digits and Chinese numerals in one date, or a year of two digits in words."""
_SPAN_OF_YEAR = re.compile(
    rf"(?:\d{{4}}|\d{{2}}|[{_NUMERALS}]{{2,4}})\s*年?(?:[^\d]|\d{{1,2}}\s*月){{0,6}}?(?:季度?|[上中下]旬|[初中底末]|[上下]半[年月]|伊始|[春夏秋冬][天季]?|左右|前后|期间|月份?)\Z"
    r"|\d{4}\s*年?\s*[-/]?\s*(?:Q[1-4]|H[12])\Z|(?:Q[1-4]|H[12])[-/ ]?\d{4}\Z", re.IGNORECASE | re.ASCII)  # fmt: skip
"""2023年底, 2023年一季度, 2023年5月上旬, 2023Q1: longer than a day."""
_MOMENT = re.compile(r"(1\d{9})(?:\d{3})?\Z", re.ASCII)
FIRST_SERIAL, LAST_SERIAL = 14_612, 73_050
"""1940-01-03 … 2099-12-31: outside of it five digits are something else."""


@dataclass(frozen=True, slots=True)
class Day:
    """What was read: a day, or the trouble with the text.

    Args:
        iso: `2023-05-01`, or empty.
        trouble: `impossible`, `ambiguous`, `lunar-year`, `partial`, `short-year`, `unreadable`, or empty.
        candidates: the days it may be.
        how: `serial`, `republic`, `lunar`, `festival`, `order` (the order of day and month decided) or `weekday` (the day of the week did)
            where the day came that way.
        fraction: the share of the day behind a serial.
        weekday_differs: whether a day of the week stands beside it that is another day's.
    """

    iso: str = ""
    trouble: str = ""
    candidates: tuple[str, ...] = ()
    how: str = ""
    fraction: float = 0.0
    weekday_differs: bool = False


def day(year: int, month: int, number: int) -> Day:
    """Return the day, or `impossible`."""
    try:
        return Day(date(year, month, number).isoformat())
    except ValueError:
        return Day(trouble="impossible")


def day_elsewhere(iso: str, seconds: int, zone: str, local: int) -> str:
    """Return the day on the clocks of a place `local` minutes from UTC, at so many seconds of a day in `zone`.

    The first and last day of the calendar stay as they are.
    """
    own = zone_minutes(zone)
    days = (seconds + ((local - own) * 60 if own is not None else 0)) // 86400
    try:
        return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()
    except OverflowError:
        return iso


def read_day(text: str, order: str, system: int) -> Day:
    """Return the day `text` says.

    Args:
        text: one line, through the door.
        order: `dmy` or `mdy` where the column's order is known, else empty.
        system: 1900 or 1904, the first year of spreadsheet serials.
    """
    found = _ISO.match(text) or _YMD.match(text) or _COMPACT.match(text)
    if found:
        return _ymd(found)
    without, weekdays = _WEEKDAY.subn(" ", text)
    counted = counted_weekday(text) if weekdays else None
    if counted:
        return day(*counted) if any(counted) else Day(trouble="unreadable")
    read = _plain(without.strip(), order, system)
    return _beside_weekday(read, text) if weekdays == 1 else read


def _beside_weekday(read: Day, text: str) -> Day:
    """Return `read` held against the day of the week in `text`: it tells two candidates apart, and may contradict a day."""
    said = _WEEKDAY.search(text)
    name = "".join(sign for sign in said[0].lower() if sign.isalpha()) if said else ""
    number = WEEKDAYS.index(name[:3]) if name.isascii() else _WEEK.index(name[-1].replace("天", "日"))

    def agrees(iso: str) -> bool:
        return date.fromisoformat(iso).weekday() == number

    if read.trouble == "ambiguous":
        meant = [iso for iso in read.candidates if agrees(iso)]
        return Day(meant[0], how="weekday") if len(meant) == 1 else read
    return replace(read, weekday_differs=True) if read.iso and not agrees(read.iso) else read


def _plain(text: str, order: str, system: int) -> Day:
    found = _YMD.match(text)
    if found:
        return _ymd(found)
    serial = _SERIAL.match(text)
    if serial:
        return _from_serial(int(serial[1]), float(serial[2] or 0), system)
    found = _DAY_FIRST.match(text)
    if found:
        return _either_order(int(found[1]), int(found[3]), int(found[4]), order)
    return _rarer(text)


def _rarer(text: str) -> Day:
    for read in (_english, _english_in_words, _republic, _in_words, _mixed, _short, _named_day):
        found = read(text)
        if found is not None:
            return found
    if text.startswith("公元"):
        return _rarer(text[2:].strip()) if not (plain := _YMD.match(text[2:].strip())) else _ymd(plain)
    without_year = _MONTH_DAY.match(text)
    if without_year and not day(2000, int(without_year[1]), int(without_year[2])).iso:
        return Day(trouble="impossible")
    if _PARTIAL.match(text) or _NAMED_MONTH.match(text) or _SPAN_OF_YEAR.match(text) or lacks_year(text):
        return Day(trouble="partial")
    return Day(trouble="unreadable", candidates=_from_moment(text))


def _ymd(found: re.Match[str]) -> Day:
    return day(int(found[1]), int(found[2]), int(found[3]))


def _english(text: str) -> Day | None:
    found = _YEAR_NAMED.match(text)
    if found:
        return day(int(found[1]), MONTHS[found[2].lower()], int(found[3]))
    found = _NAMED.match(text)
    if not found:
        return None
    month, number = MONTHS[(found[2] or found[3]).lower()], int(found[1] or found[4])
    if found[5]:
        return day(int(found[5]), month, number)
    read = day(_century(int(found[6])), month, number)
    return Day(trouble="short-year", candidates=(read.iso,)) if read.iso else read


def _english_in_words(text: str) -> Day | None:
    found = english_day(text)
    return day(*found) if found else None


def _republic(text: str) -> Day | None:
    found = _REPUBLIC.match(text)
    return _of_the_republic(1 if found[1] == "元" else int(found[1]), int(found[2]), int(found[3])) if found else None


def _of_the_republic(years: int, month: int, number: int) -> Day:
    read = day(1911 + years, month, number)
    return Day(read.iso, read.trouble, how="republic")


def _in_words(text: str) -> Day | None:
    text = text.translate(_BOOKKEEPING)
    found = _CHINESE.match(text) or _REPUBLIC_WORDS.match(text)
    if not found:
        return None
    year, month, number = found[1], up_to_99(found[2]), up_to_99(found[3])
    if not month or not number:
        return Day(trouble="unreadable")
    if not text.startswith("民"):
        return day(int(year.translate(ONES)), month, number)
    counted = 1 if year == "元" else numeral(year)
    if counted is None and not set(year) & set("元十百"):
        counted = int(year.translate(ONES))  # 一一二
    return _of_the_republic(counted, month, number) if counted and counted < 200 else Day(trouble="unreadable")


def _mixed(text: str) -> Day | None:
    found = _MIXED.match(text)
    if not found:
        return None
    month, number = (int(part) if part.isdigit() else up_to_99(part) for part in found.groups()[1:])
    year = found[1].translate(ONES)
    if len(year) == 4:
        return day(int(year), month, number)
    read = day(_century(int(year)), month, number)
    return Day(trouble="short-year", candidates=(read.iso,)) if read.iso else read


def _named_day(text: str) -> Day | None:
    found = named_day(text)
    if found is None:
        return None
    how, days = found
    if how == "period":
        return Day(trouble="partial", candidates=days)
    if len(days) != 1:
        return Day(trouble="lunar-year" if days else "impossible", candidates=days)
    return Day(days[0], how=how)


def _century(short: int) -> int:
    """Return the year two digits mean in a file of customers: 1950 to 2049."""
    return short + (2000 if short < 50 else 1900)


def _from_moment(text: str) -> tuple[str, ...]:
    """Return the day, on China's clocks, of seconds or milliseconds since 1970: only a suggestion, for any long number may look so."""
    found = _MOMENT.match(text)
    if not found:
        return ()
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found[1]), minutes=480)
    return (moment.date().isoformat(),)


def _from_serial(serial: int, fraction: float, system: int) -> Day:
    if not FIRST_SERIAL <= serial <= LAST_SERIAL:
        return Day(trouble="unreadable")
    start = date(1899, 12, 30) if system == 1900 else date(1904, 1, 1)
    return Day((start + timedelta(days=serial)).isoformat(), how="serial", fraction=fraction)


def _either_order(first: int, second: int, year: int, order: str) -> Day:
    day_first, month_first = day(year, second, first), day(year, first, second)
    if day_first.iso and day_first == month_first:
        return day_first
    if order and day_first.iso and month_first.iso:
        return Day((day_first if order == "dmy" else month_first).iso, how="order")
    if day_first.iso and month_first.iso and day_first != month_first:
        return Day(trouble="ambiguous", candidates=(day_first.iso, month_first.iso))
    return day_first if day_first.iso else month_first


def proven_order(texts: Iterable[str]) -> str:
    """Return the order of day and month that the texts of one column prove, or an empty text.

    It is proven by at least three different days that can be read in one order only, where none speaks for the other.
    """
    seen = {"dmy": 0, "mdy": 0}
    for text in texts:
        found = _DAY_FIRST.match(split_clock(text.strip())[0])
        if found:
            first, second = int(found[1]), int(found[3])
            if (first > 12) != (second > 12):
                seen["dmy" if first > 12 else "mdy"] += 1
    for order, other in (("dmy", "mdy"), ("mdy", "dmy")):
        if seen[order] >= PROOFS and not seen[other]:
            return order
    return ""


def _short(text: str) -> Day | None:
    found = _SHORT_FORM.match(text)
    return _short_year(int(found[1]), int(found[2]), int(found[3])) if found else None


def _short_year(first: int, second: int, third: int) -> Day:
    readings = (
        day(_century(first), second, third), day(_century(third), first, second), day(_century(third), second, first),
    )  # fmt: skip
    candidates = tuple(dict.fromkeys(reading.iso for reading in readings if reading.iso))
    return Day(trouble="short-year" if candidates else "impossible", candidates=candidates)
