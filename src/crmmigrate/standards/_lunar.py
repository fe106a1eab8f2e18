"""Days said by the lunar calendar (2023年农历八月十五), by a festival (2023年中秋节), a solar term (2024年冬至) or their number in the year.

A year said before a lunar month may be the lunar or the common year; 腊月 and 除夕 lie in two common years then, and stay open unless
农历 stands before the year. Festivals that are holidays of several days (国庆, 春节) stay open too, with their first day.

Source: GB/T 33661-2017 for the lunar calendar and the solar terms, by borax (agrees with sxtwl and lunar-python in every day 1900 to 2050);
全国年节及纪念日放假办法 (2024) for the holidays.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from crmmigrate.standards._numerals import ONES, up_to_99

FIRST, LAST = 1901, 2050
"""The lunar years read; later, a new moon close to midnight may move a whole month between tables."""
_YEAR = r"(?P<year>\d{4}|[〇○零一二三四五六七八九]{4})\s*年?"
_LUNAR_WORD = r"(?:农历|農曆|阴历|陰曆|旧历|舊曆|夏历)"
_NUMBER = "一二三四五六七八九十廿卅"
_LUNAR = re.compile(
    rf"(?:(?P<before>{_LUNAR_WORD})\s*[:：]?\s*)?{_YEAR}\s*的?\s*(?P<word>{_LUNAR_WORD})?\s*(?P<leap>[闰閏])?"
    rf"(?P<month>正|元|冬|腊|臘|[{_NUMBER}]{{1,3}}|\d{{1,2}})\s*月\s*(?P<first>初)?(?P<day>[{_NUMBER}]{{1,4}}|\d{{1,2}})\s*[日号號]?\Z"
)
_MONTHS = {"正": 1, "元": 1, "冬": 11, "腊": 12, "臘": 12}
_NAMED = re.compile(rf"{_YEAR}\s*的?\s*(?P<name>[\u4e00-\u9fff]{{2,5}}?)(?:当天|当日|这天|那天|日)?\Z")
_NUMBERED = re.compile(r"(\d{4})\s*年\s*第\s*(\d{1,3}|[一二三四五六七八九十廿卅]{1,3})\s*天\Z")
_LAST_DAY = 30
_LUNAR_FESTIVALS = {
    "元宵": (1, 15), "上元": (1, 15), "龙抬头": (2, 2), "端午": (5, 5), "七夕": (7, 7), "中元": (7, 15), "中秋": (8, 15), "重阳": (9, 9), "腊八": (12, 8),
    "除夕": (12, _LAST_DAY), "大年三十": (12, _LAST_DAY), "大年夜": (12, _LAST_DAY), "年三十": (12, _LAST_DAY),
    "春节": (1, 1), "大年初一": (1, 1), "正月初一": (1, 1),
}  # fmt: skip
_FESTIVALS = {
    "元旦": (1, 1), "情人": (2, 14), "妇女": (3, 8), "植树": (3, 12), "消费者权益日": (3, 15), "愚人": (4, 1), "劳动": (5, 1), "五一": (5, 1), "青年": (5, 4), "五四": (5, 4), "护士": (5, 12),
    "儿童": (6, 1), "六一": (6, 1), "建党": (7, 1), "七一": (7, 1), "建军": (8, 1), "八一": (8, 1), "教师": (9, 10), "国庆": (10, 1), "十一": (10, 1), "平安夜": (12, 24), "圣诞": (12, 25),
    "三八": (3, 8), "光棍": (11, 11), "万圣": (11, 1),
}  # fmt: skip
_WEEKDAYS = {"母亲": (5, 6, 2), "父亲": (6, 6, 3), "感恩": (11, 3, 4)}
"""Month, day of the week (Monday 0), and which of them."""
_PERIODS = re.compile("春节|国庆节?|五一节?|劳动节?|十一|元旦节?|中秋|端午|清明|圣诞")
"""Whoever says these may mean the holidays around the day."""
_TERMS = ("小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬",
          "小雪", "大雪", "冬至")  # fmt: skip
_EARLY_TERMS = frozenset(_TERMS[:3])
"""They lie before or around the new year of the lunar calendar: a lunar year's are in the next common one."""


def named_day(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Return how the day is said and the days it may be.

    Returns:
        None where the text is nothing of the kind; else `lunar`, `festival` or `numbered` and one ISO day where it is beyond doubt,
        several where it is not, none where the calendar has no such day. `period` has one day that is only the likely one.
    """
    if "年" not in text and "月" not in text and not text.endswith(("节", "日")):
        return None
    return _numbered(text) or _lunar(text) or _festival(text)


def lacks_year(text: str) -> bool:
    """Whether the text is a lunar day or a festival without a year: 农历正月初五, 中秋节."""
    return bool(_LUNAR.match(f"2000年{text}") and _lunar(f"2000年{text}")) or bool(_festival(f"2000年{text}"))


def _numbered(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = _NUMBERED.match(text)
    if not found:
        return None
    number = int(found[2]) if found[2].isdigit() else up_to_99(found[2])
    year = int(found[1])
    if not year:
        return "numbered", ()
    day = date(year, 1, 1) + timedelta(days=number - 1) if 0 < number <= 366 and year < 9999 else None
    return "numbered", (day.isoformat(),) if day and day.year == year else ()


def _lunar(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = _LUNAR.match(text)
    if not found or not _is_lunar(found):
        return None
    year = int(found["year"].translate(ONES))
    month = _MONTHS.get(found["month"]) or _count(found["month"])
    number = _count(found["day"])
    leap = bool(found["leap"])
    if not FIRST <= year <= LAST:
        return "lunar", ()
    own = _solar(year, month, number, leap=leap)
    if found["before"]:
        return "lunar", (own,) if own else ()
    return "lunar", _either_year(own, _solar(year - 1, month, number, leap=leap), year)


def _is_lunar(found: re.Match[str]) -> bool:
    """Whether the words are those of the lunar calendar only: the word itself, 初五, 正月, 腊月, a leap month."""
    return bool(found["before"] or found["word"] or found["first"] or found["leap"] or found["month"] in "正冬腊臘")


def _count(text: str) -> int:
    return int(text) if text.isdigit() else up_to_99(text)


def _either_year(own: str, before: str, year: int) -> tuple[str, ...]:
    """Return the days that a year said before a lunar day may mean: the lunar year's, or the one within the common year."""
    days = (own, before if before.startswith(f"{year:04d}") else "")
    return tuple(dict.fromkeys(filter(None, days)))


def _solar(year: int, month: int, number: int, *, leap: bool = False) -> str:
    """Return the common day of a lunar one; empty where the calendar has it not."""
    from borax.calendars.lunardate import LunarDate  # only where a cell is of this kind

    try:
        return str(LunarDate(year, month, number, int(leap)).to_solar_date().isoformat())
    except ValueError:
        return ""


def _festival(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = _NAMED.match(text)
    if not found:
        return None
    year = int(found["year"].translate(ONES))
    if not FIRST <= year <= LAST:
        return None
    name = found["name"]
    short = name.removesuffix("节") if name != "春节" else name
    days = _days_of(short, year)
    if days is None:
        return None
    exact = found.end("name") < len(text) and not text.endswith("节日")  # 国庆节当天
    return "period" if _PERIODS.fullmatch(name) and not exact else "festival", days


def _days_of(name: str, year: int) -> tuple[str, ...] | None:
    if name in _LUNAR_FESTIVALS:
        month, number = _LUNAR_FESTIVALS[name]
        own, before = (
            _solar(each, month, number) or (_solar(each, month, number - 1) if number == _LAST_DAY else "")
            for each in (year, year - 1)
        )
        return _either_year(own, before, year)
    if name in _FESTIVALS:
        return (date(year, *_FESTIVALS[name]).isoformat(),)
    if name in _WEEKDAYS:
        month, weekday, which = _WEEKDAYS[name]
        first = date(year, month, 1)
        return ((first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))).isoformat(),)
    if name in _TERMS:
        from borax.calendars.lunardate import TermUtils

        years = (year, year + 1) if name in _EARLY_TERMS else (year,)
        return tuple(TermUtils.nth_term_day(each, _TERMS.index(name)).isoformat() for each in years)
    return None
