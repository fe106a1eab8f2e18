"""What a person saw in a cell that holds a number: Excel's number formats.

A number keeps every digit that is stored; its format decides only whether it is a date, a percentage or has leading
zeros. Rounding and thousands separators of the display are not taken over: they would lose or hide data.

Source: ECMA-376 part 1, 18.8.30 (numFmt) and 18.17.4 (dates); the 1900 leap-year bug is kept as Excel shows it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

Kind = Literal["plain", "zeros", "percent", "date", "time", "elapsed", "truth"]
_TRUTH = '"TRUE";"TRUE";"FALSE"'  # as LibreOffice writes a truth value into an .xls

_BUILTIN: dict[int, str] = {
    9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
}  # fmt: skip
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
PLACE = "\0"
_PIECE = re.compile(
    r'\\(?P<escaped>.)|"(?P<quoted>[^"]*)"|_.|\*.|\[(?:\$-[^\]]*|Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d+)\]'
    r"|(?P<bare>.)",
    re.IGNORECASE | re.DOTALL,
)
_UNIT = re.compile(r"[¥￥$€£%‰元圆万亿人个家件台套次天年月日号]|RMB|CNY|USD|HKD|TWD|EUR|GBP|JPY", re.IGNORECASE)
_PREFIX = re.compile(rf"([A-Za-z]+[-_/]?|\+\d+[- ]?){PLACE}")
_INTEGER = re.compile(r"-?\d+\Z")
_DECIMAL = re.compile(r"-?\d{1,15}\.\d+\Z")
_NO_DAYS = {0: "1900-01-00", 60: "1900-02-29"}
"""Days that are none: the date of an empty cell, and the 29 February of a year that had none."""
MAX_DIGITS = 15
"""Digits an IEEE 754 double keeps for certain; Excel sets the rest to 0 when a number is typed."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers of one style are shown.

    Args:
        kind: what the number is.
        digits: decimals of a percentage; digits to fill with leading zeros.
        pattern: for `zeros`, the format with its literals and `PLACE` for each digit, e.g. that of `000-0000`.
    """

    kind: Kind = "plain"
    digits: int = 0
    pattern: str = ""


PLAIN = NumberFormat()


def number_format(identifier: int, code: str = "") -> NumberFormat:
    """Read a number format.

    Args:
        identifier: its number; those below 164 are built in.
        code: its text, where the workbook gives one.
    """
    code = code or _BUILTIN.get(identifier, "")
    if code == _TRUTH:
        return NumberFormat("truth")
    section = _first_section(code)
    bare = _LITERAL.sub("", section)
    if re.search(r"\[(h+|m+|s+)\]", bare, re.IGNORECASE):
        return NumberFormat("elapsed")
    words = re.sub(r"general|am/pm|a/p|上午/下午", "", bare, flags=re.IGNORECASE)
    if re.search(r"[ymdhs年月日时分秒]", words, re.IGNORECASE) and not re.search(r"[#?]|0(?!$)", words.split(".")[0]):
        dated = re.search(r"[yd年日]|m{3,}|^[^hs]*m[^hs]*$", words, re.IGNORECASE)
        return NumberFormat("date" if dated else "time")
    if "%" in bare:
        decimals = re.search(r"\.([0#?]+)", bare)
        return NumberFormat("percent", len(decimals.group(1)) if decimals else 0)
    shape = _shape(section)
    return NumberFormat("zeros", shape.count(PLACE), shape) if shape else PLAIN


def _shape(section: str) -> str:
    """Return a format of zeros and literals with `PLACE` for each digit; empty for any other format.

    A unit or a currency is no part of what a code looks like, and with a single zero only a prefix that looks like one
    of a code (`"KH-"0`) or of a telephone number (`"+86"0`) is.
    """
    shape = literals = ""
    for found in _PIECE.finditer(section):
        literal = found.group("escaped") or found.group("quoted") or ""
        bare = found.group("bare") or ""
        if bare and bare not in "0-/() +":
            return ""
        literals += literal
        shape += PLACE if bare == "0" else bare or literal
    if _UNIT.search(literals):
        return ""
    count = shape.count(PLACE)
    return shape if count > 1 or (count == 1 and _PREFIX.fullmatch(shape)) else ""


def _first_section(code: str) -> str:
    quoted = False
    for position, letter in enumerate(code):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted and (not position or code[position - 1] != "\\"):
            return code[:position]
    return code


def seen(raw: str, shown: NumberFormat, *, date1904: bool = False) -> tuple[str, bool]:
    """Return the text of a stored number, and whether digits of it were lost before it was stored.

    Args:
        raw: the number as it stands in the file.
        shown: its format.
        date1904: whether the workbook counts days from 1904.
    """
    if shown.kind == "plain":
        if len(raw) <= MAX_DIGITS and _INTEGER.match(raw):
            return raw, False
        if _DECIMAL.match(raw):  # the rest of this function would say the same, ten times slower
            text = format(float(raw), ".15g")
            if "e" not in text:
                return text, False
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return raw, False
    if not number.is_finite():
        return raw, False
    if shown.kind in ("date", "time", "elapsed"):
        return _moment(float(number), shown.kind, date1904=date1904) or _plain(number), False
    if shown.kind in ("percent", "truth"):
        truth = "TRUE" if number else "FALSE"
        return truth if shown.kind == "truth" else _percent(number, shown.digits), False
    lost = abs(number) >= Decimal(10) ** MAX_DIGITS and number == number.to_integral_value()
    if shown.kind == "zeros" and number >= 0 and number == number.to_integral_value():
        return _filled(_plain(number), shown), lost
    return _plain(number), lost


def _plain(number: Decimal) -> str:
    if number == number.to_integral_value():
        return format(number.quantize(Decimal(1)) if abs(number) < Decimal(10) ** 27 else number, "f").partition(".")[0]
    return format(Decimal(format(float(number), ".15g")), "f")


def _percent(number: Decimal, digits: int) -> str:
    value = Decimal(format(float(number) * 100, ".15g"))
    exponent = value.normalize().as_tuple().exponent
    kept = max(digits, -exponent if isinstance(exponent, int) and exponent < 0 else 0)
    return f"{value:.{kept}f}%"


def _filled(text: str, shown: NumberFormat) -> str:
    digits = text.zfill(shown.digits)
    surplus = len(digits) - shown.digits
    before, _, after = shown.pattern.partition(PLACE)
    rest = iter(digits[surplus + 1 :])
    return before + digits[: surplus + 1] + "".join(next(rest) if letter == PLACE else letter for letter in after)


def _moment(serial: float, kind: Kind, *, date1904: bool) -> str | None:
    """Return the ISO form of a serial day, or None where Excel shows only ####."""
    if not math.isfinite(serial):
        return None
    seconds = round(serial * 86400)
    if kind == "elapsed":
        sign = "-" if seconds < 0 else ""
        minutes, second = divmod(abs(seconds), 60)
        return f"{sign}{minutes // 60}:{minutes % 60:02}:{second:02}"
    last = 2957004 if date1904 else 2958466  # the day after 9999-12-31
    if seconds < 0 or serial >= last:
        return None
    seconds = min(seconds, last * 86400 - 1)  # 9999-12-31 23:59:59.997, a database's "never", does not round up
    day, rest = divmod(seconds, 86400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    if kind == "time" and day == 0:
        return clock
    date = _day(day, date1904=date1904)
    return date if rest == 0 and kind == "date" else f"{date} {clock}"


def _day(day: int, *, date1904: bool) -> str:
    """Return the ISO form of a day; the two that never were, as Excel shows them."""
    if date1904:
        return f"{datetime(1904, 1, 1) + timedelta(days=day):%Y-%m-%d}"  # noqa: DTZ001
    if day in _NO_DAYS:
        return _NO_DAYS[day]
    return f"{datetime(1899, 12, 31 if day < 60 else 30) + timedelta(days=day):%Y-%m-%d}"  # noqa: DTZ001
