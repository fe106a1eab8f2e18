"""Read the time of day that stands beside a day: 下午3点半, 早上七点, 14:30:00+08, 2:57 p.m., 10h11; and tell the two apart.

Source: ISO 8601 for zones.
"""

from __future__ import annotations

import re

from crmmigrate.standards._numerals import up_to_99

_HALVES = "上午|下午|晚上|晚|中午|凌晨|早上|清晨|傍晚"
_CHINESE_COUNT = "[一二三四五六七八九十]{1,3}"
_CLOCK = re.compile(
    rf"(?P<before>{_HALVES}|[ap]\.?m\.?)?\s*(?P<hour>\d{{1,2}})\s*(?:[:：时時点點]\s*[钟鐘]?整?(?P<minute>\d{{1,2}})?(?P<quarter>[13]刻)?\s*(?:(?:[:：]|分[钟鐘]?)\s*(?P<second>\d{{1,2}})?(?:[.,]\d+)?\s*秒?)?"
    r"(?:(?P<half>半)(?:(?P<late>\d{1,2})秒)?)?)?"
    r"\s*(?P<after>[ap]\.?m\.?)?\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)(?:[+-](?:\d{4}|\d{1,2}(?::\d{2})?))?(?:\s*\([^()]*\))?)?\Z", re.IGNORECASE | re.ASCII)  # fmt: skip
_COMPACT_CLOCK = re.compile(r"(\d{2})(\d{2})(\d{2})?\Z", re.ASCII)
_IN_WORDS = re.compile(rf"[零〇]?({_CHINESE_COUNT})(?=[点點时時分刻秒半]|\Z)")
_HOURS = re.compile(r"(\d{1,2})h(\d\d)?\Z", re.ASCII | re.IGNORECASE)
_DOTTED = re.compile(r"(\d{1,2})\.(\d\d)(?=\s*[ap]\.?m)", re.ASCII | re.IGNORECASE)


def read_clock(text: str) -> tuple[int, str] | None:
    """Return seconds of the day and the zone written behind (`Z`, `+08`, `+08:00`, or empty), or None where it is no time."""
    compact = _COMPACT_CLOCK.match(text)
    if compact:
        return _seconds(int(compact[1]), int(compact[2]), int(compact[3] or 0), "")
    found = _CLOCK.match(text) or _CLOCK.match(_figures(text))
    if not found:
        return None
    said = found["zone"] or ""
    zone = _offset_of(said)
    if (zone and zone_minutes(zone) is None) or (said.startswith("-") and not found["second"]):
        return None  # 09:00-11:00 is rather a span of time than a zone
    hour = _hour(int(found["hour"]), (found["before"] or found["after"] or "").lower())
    if hour is None:
        return None
    minute = 30 if found["half"] else 15 * int(found["quarter"][0]) if found["quarter"] else int(found["minute"] or 0)
    return _seconds(hour, minute, int(found["second"] or found["late"] or 0), zone)


def _offset_of(zone: str) -> str:
    """Return the zone as an offset: GMT+0800 (China Standard Time), as browsers write it, is +0800, and UTC+8 is +08."""
    zone = zone.partition("(")[0].strip().upper()
    if zone[:3] in ("UTC", "GMT") and len(zone) > len("GMT"):
        sign, hours = zone[3], zone[4:]
        return f"{sign}0{hours}" if len(hours.partition(":")[0]) == 1 else sign + hours
    return zone


def _figures(text: str) -> str:
    """Return a time in Chinese numerals, with h, or with a dot before a.m., as one with a colon."""
    if text.lower() == "noon":
        return "12:00"
    hours = _HOURS.match(text)
    if hours:
        return f"{hours[1]}:{hours[2] or '00'}"
    return _DOTTED.sub(r"\1:\2", _IN_WORDS.sub(lambda found: str(up_to_99(found[1]) or found[0]), text))


def _hour(hour: int, half: str) -> int | None:
    """Return the hour of 24, or None where the half of the day leaves it open on which day it is."""
    if half in ("晚上", "晚") and (hour == 12 or hour < 5):
        return None  # 晚上12点 is the midnight behind the day, 晚上1点 is after it: not told by this cell
    afternoon = half.startswith("p") or half in ("下午", "晚上", "晚", "傍晚")
    if (afternoon and hour < 12) or (half == "中午" and hour < 3):
        return hour + 12
    return 0 if hour == 12 and (half.startswith("a") or half in ("凌晨", "上午")) else hour


_OFFSET = re.compile(r"([+-])(\d{2})(?::?(\d{2}))?\Z", re.ASCII)


def zone_minutes(zone: str) -> int | None:
    """Return the offset from UTC in minutes of `Z`, `UTC`, `GMT`, `+08`, `+0800` or `+08:00`, or None where it is none."""
    if zone in ("Z", "UTC", "GMT"):
        return 0
    found = _OFFSET.match(zone)
    minutes = int(found[2]) * 60 + int(found[3] or 0) if found else 9999
    return None if minutes > 14 * 60 or not found else -minutes if found[1] == "-" else minutes


def _seconds(hour: int, minute: int, second: int, zone: str) -> tuple[int, str] | None:
    if hour > 23 or minute > 59 or second > 59:
        return None
    return hour * 3600 + minute * 60 + second, zone


_COUNT = rf"(?:\d{{1,2}}|{_CHINESE_COUNT})"
_BEGUN = rf"(?:(?:{_HALVES}|[ap]m)?\s*(?:\d{{1,2}}\s*[:：]|{_COUNT}\s*[时時点點]).*)"
_ENGLISH = (
    r"(?:\d{1,2}(?:[:.]\d\d){0,2}\s*[ap]\.?m\b\.?(?:\s*(?:UTC|GMT)\S*(?:\s*\([^()]*\))?)?|\d{1,2}h(?:\d\d)?|noon)"
)
_SPLIT = re.compile(
    rf"(.*?\d\s*[日号號]?(?:\s*(?:[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?|[(（][一二三四五六日天][)）]))?)[\sTt,，]+(?:at\s+)?({_BEGUN}|{_ENGLISH})\Z"
    rf"|(.*?[日号號天])\s*({_BEGUN})\Z"
    r"|(\d{8}|\d{4}[-/.]\d\d[-/.]\d\d(?=\d\d:))[\sT]?(\d{4}(?:\d{2})?|\d\d:\d\d(?::\d\d)?)\Z"
    r"|(\d{8}|\d{4}-\d\d-\d\d)T(\d\d)\Z"
    r"|(\d{4}-\d\d-\d\d)-(\d\d[:：]\d\d(?:[:：]\d\d)?)\Z"
    rf"|(\d{{4}}[-/. 年]\d{{1,2}}[-/. 月]\d{{1,2}})((?:{_HALVES}).*|{_CHINESE_COUNT}[点點时時].*)\Z"
    r"|(\d{4}年\d{1,2}月\d\d)(\d\d:\d\d(?::\d\d)?)\Z"
    r"|(\d{1,2}/(?:\d{1,2}|[a-z]{3})/\d{4})[:.\-](\d\d:\d\d(?::\d\d)?(?:\s*[+-]\d{4})?)\Z", re.IGNORECASE | re.ASCII)  # fmt: skip
"""The day, then the time: the ways to tell where the one ends."""
_ZONE_FIRST = re.compile(
    rf"\s((?:UTC|GMT)[+-]\d{{1,2}}(?::?\d\d)?)\s+((?:{_HALVES})?\s*\d{{1,2}}[:：]\S+)\Z", re.IGNORECASE | re.ASCII
)
_CLOCK_FIRST = re.compile(
    r"(\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?|\d{1,2}(?:\.\d\d)?\s*[ap]\.?m\.?)(?:\s*,\s*|\s+)(?:on\s+)?(\S.{6,})\Z",
    re.IGNORECASE | re.ASCII,
)
_CLOCK_WITHIN = re.compile(
    r"((?:[a-z]{3,9}\.?,?\s+)?[a-z]{3,9}\.?\s+\d{1,2})\s+(\d\d:\d\d(?::\d\d)?)\s+((?:UTC|GMT)\s+)?(\d{4})\Z",
    re.IGNORECASE | re.ASCII,
)
"""Wed Aug 05 12:00:00 2015, as C's ctime writes it."""


_SHORTEST = len("20230501T10")


def split_clock(text: str) -> tuple[str, str]:
    """Return the day's part and the time's part of `text`; the latter empty where there is none."""
    if len(text) < _SHORTEST or text[-1] in "日号號":
        return text, ""
    found = _CLOCK_WITHIN.match(text)
    if found:
        return f"{found[1]} {found[4]}", f"{found[2]} {found[3] or ''}".strip()
    found = _SPLIT.match(_ZONE_FIRST.sub(r" \2 \1", text) if "GMT" in text or "UTC" in text else text)
    if found:
        day, clock = (part for part in found.groups() if part is not None)
        return day.strip(), clock.strip()
    found = _CLOCK_FIRST.match(text)
    return (found[2].strip(), found[1].strip()) if found else (text, "")
