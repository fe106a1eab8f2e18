"""In which way two cells differ: what a person would say of it, and often what did it.

A kind is an inference from the two values, and from those around them (`with_neighbours`); the values themselves stand beside it.
Kinds are tried from the harmless to the grave, so that a value that only lost its capitals is not called another one.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache

from crmmigrate.model.reconciliation import Difference

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_WRITTEN = re.compile(r"-?[0-9][0-9,. ]*(?:[eE][-+]?[0-9]+)?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", re.ASCII)
_LOST = re.compile("[?\ufffd]")
_NOTHING = frozenset({"null", "none", "nan", "n/a", "#n/a", "undefined", "0", "0.00", "00:00:00", "1970-01-01", "1900-01-01", "1899-12-30", "0000-00-00"})  # fmt: skip
_EXACT = 15
"""Digits that a spreadsheet, or a number of double precision, keeps."""
_FARTHEST = 14
"""Hours between two time zones and UTC at most."""
_FACTORS = tuple(Decimal(10) ** power for power in (2, 3, 4))
"""Cents, thousands, 万."""
_KEPT = 64
"""Numbers that are remembered: several kinds ask for those of the same cell."""
_SYSTEMS = timedelta(days=1462)
"""Between the date systems of Excel, 1900 and 1904."""


def difference_kind(expected: str | None, actual: str | None) -> str:
    """Say in which way two cells differ: a key of `model.reconciliation.KINDS` that begins with `value.`."""
    if not expected or not actual:
        if not expected and not actual:
            return "value.empty"
        if expected:
            return "value.lost"
        return "value.placeholder" if (actual or "").lower() in _NOTHING else "value.added"
    if _DECIMAL.fullmatch(expected) and _DECIMAL.fullmatch(actual):
        return _of_numbers(expected, actual)
    return next((f"value.{kind}" for kind, holds in _KINDS if holds(expected, actual)), "value.other")


def _of_numbers(expected: str, actual: str) -> str:
    """Say in which way two plain numbers differ."""
    if _zeros(expected, actual):
        return "value.zeros"
    left, right = Decimal(expected), Decimal(actual)
    if left == right or ("." in actual and left == Decimal(actual.replace(".", ""))):
        return "value.notation"  # a point may stand for a comma between thousands
    if left == -right:
        return "value.sign"
    if left and any(left == factor * right or right == factor * left for factor in _FACTORS):
        return "value.factor"
    if _precision(expected, actual):
        return "value.precision"
    kept, had = (min(int(value.normalize().as_tuple().exponent), 0) for value in (right, left))
    if kept > had and abs(left - right) < Decimal(1).scaleb(kept):
        return "value.rounding"
    return "value.truncated" if _truncated(expected, actual) else "value.other"


def _blanks(expected: str, actual: str) -> bool:
    return "".join(expected.split()) == "".join(actual.split())


def _case(expected: str, actual: str) -> bool:
    return expected.casefold() == actual.casefold()


def _width(expected: str, actual: str) -> bool:
    return unicodedata.normalize("NFKC", expected) == unicodedata.normalize("NFKC", actual)


def _script(expected: str, actual: str) -> bool:
    return not (expected.isascii() or actual.isascii()) and _simplified(expected) == _simplified(actual)


def _simplified(text: str) -> str:
    return _converter()(text)


@cache
def _converter() -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


def _escaped(expected: str, actual: str) -> bool:
    if not any(sign in actual for sign in "&\"'\\"):
        return False
    ways = (
        html.unescape(actual),
        actual.replace('""', '"'),
        re.sub(r"\\(.)", r"\1", actual),
        actual.replace("\\n", "\n"),
    )
    return expected in ways or (len(actual) > 2 and actual[0] == actual[-1] in "\"'" and actual[1:-1] == expected)


def _damaged(expected: str, actual: str) -> bool:
    if _LOST.search(actual) and not _LOST.search(expected):
        return True
    if "".join(sign for sign in expected if sign < "\U00010000") == actual:
        return True  # an emoji or a rare character is gone
    if expected.isascii():  # these signs stand for themselves in every encoding below
        return False
    return any(_read_as(expected, "utf-8", wrong) == actual or _read_as(expected, "gb18030", wrong) == actual
               for wrong in ("cp1252", "latin-1", "gb18030", "utf-8", "big5"))  # fmt: skip


def _read_as(text: str, written: str, read: str) -> str:
    return text.encode(written, "replace").decode(read, "replace") if written != read else ""


def _zeros(expected: str, actual: str) -> bool:
    return expected.startswith("0") and bool(_INTEGER.fullmatch(expected)) and (expected.lstrip("0") or "0") == actual


def _precision(expected: str, actual: str) -> bool:
    """Digits behind the fifteenth are gone, or the number stands there in scientific notation with fewer digits."""
    if not _DECIMAL.fullmatch(expected):
        return False
    if _INTEGER.fullmatch(actual):
        return len(actual) == len(expected) > _EXACT and actual[:_EXACT] == expected[:_EXACT]
    if "e" not in actual.lower() or not _WRITTEN.fullmatch(actual):
        return False
    number, whole = _number(actual), _number(expected)
    digits = len(actual.lower().partition("e")[0].replace(".", "").lstrip("-"))
    return (
        number is not None
        and bool(whole)
        and number != whole
        and number.adjusted() - (whole or Decimal(1)).adjusted()
        <= 1  # else the quotient may be too great for any number
        and abs(number / (whole or 1) - 1) <= Decimal(10) ** (1 - digits)
    )


def _notation(expected: str, actual: str) -> bool:
    days = [_DAY.fullmatch(text) for text in (expected, actual)]
    if all(days):
        return len({tuple(map(int, day.groups())) for day in days if day}) == 1
    if not _DECIMAL.fullmatch(expected) or not _WRITTEN.fullmatch(actual):
        return False
    ways = (actual, actual.replace(",", "").replace(" ", ""), actual.replace(".", "").replace(",", "."))
    return _number(expected) in {_number(way) for way in ways}


@lru_cache(_KEPT)
def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _day_month(expected: str, actual: str) -> bool:
    pair = _moments(expected, actual)
    if pair is None:
        return False
    left, right = pair
    return (
        left.year == right.year and (left.month, left.day) == (right.day, right.month) and left.time() == right.time()
    )


def _time_gone(expected: str, actual: str) -> bool:
    pair = _moments(expected, actual)
    return pair is not None and pair[0].date() == pair[1].date() and pair[1].time() == datetime.min.time()


def _hours(expected: str, actual: str) -> bool:
    """Whole half hours apart and both with a time of day, or a midnight that fell into the day before."""
    pair = _moments(expected, actual)
    if pair is None or len(actual) <= 10:
        return False
    apart = abs(pair[0] - pair[1])
    return bool(apart) and apart <= timedelta(hours=_FARTHEST) and not apart % timedelta(minutes=30)


def _day(expected: str, actual: str) -> bool:
    pair = _moments(expected, actual)
    return pair is not None and abs(pair[0] - pair[1]) in (timedelta(days=1), _SYSTEMS)


def _moments(expected: str, actual: str) -> tuple[datetime, datetime] | None:
    if not (expected[:4].isdigit() and actual[:4].isdigit() and expected[4:5] == actual[4:5] == "-"):
        return None
    try:
        left, right = (datetime.fromisoformat(text).replace(tzinfo=None) for text in (expected, actual))
    except ValueError:
        return None
    return left, right


def _truncated(expected: str, actual: str) -> bool:
    return len(actual) < len(expected) and expected.startswith(actual.rstrip())


_KINDS: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("blanks", _blanks), ("case", _case), ("notation", _notation), ("width", _width), ("script", _script), ("escaped", _escaped),
    ("precision", _precision), ("day_month", _day_month), ("time_gone", _time_gone), ("hours", _hours), ("day", _day), ("damaged", _damaged),
    ("truncated", _truncated),
)  # fmt: skip
"""Of cells that are not both plain numbers, from the harmless to the grave; the first that holds is the kind."""

_HARMLESS = frozenset(
    {"value.empty", "value.blanks", "value.case", "value.width", "value.script", "value.escaped", "value.notation"}
)
"""The kinds that say it all; the others give way to a better explanation by the cells around."""


def with_neighbours(found: Sequence[Difference], columns: Sequence[str]) -> list[Difference]:
    """Return the differences with kinds that only several cells show.

    Values that slid into the column beside, and two rows that have each other's value.

    Args:
        found: the differences of one table.
        columns: in the order of the table.
    """
    place = {name: index for index, name in enumerate(columns)}
    shifted = _shifted(found, place)
    ways = Counter((d.column, d.expected, d.actual) for d in found if d.column)
    answered = []
    for difference in found:
        kind = difference.kind
        if (difference.record, difference.column) in shifted and kind not in _HARMLESS:
            kind = "value.shifted"
        elif difference.expected and difference.actual and kind not in _HARMLESS and _swapped(difference, ways):
            kind = "value.swapped"
        answered.append(difference if kind == difference.kind else replace(difference, kind=kind))
    return answered


def _swapped(difference: Difference, ways: Counter[tuple[str, str | None, str | None]]) -> bool:
    """Whether just one other row has it the other way round."""
    there = (difference.column, difference.expected, difference.actual)
    back = (difference.column, difference.actual, difference.expected)
    return ways[there] == ways[back] == 1


def _shifted(found: Sequence[Difference], place: dict[str, int]) -> set[tuple[str, str]]:
    """Return record and column of the cells that hold what should stand in a column beside, where two or more of a row do."""
    rows: dict[str, dict[int, Difference]] = {}
    for difference in found:
        if difference.column in place:
            rows.setdefault(difference.record, {})[place[difference.column]] = difference
    shifted: set[tuple[str, str]] = set()
    for record, cells in rows.items():
        if len(cells) < 2:  # most
            continue
        for step in (-1, 1):
            slid = [
                d
                for at, d in cells.items()
                if d.actual and at + step in cells and cells[at + step].expected == d.actual
            ]
            if len(slid) > 1:
                gone = [d for at, d in cells.items() if at - step in cells and cells[at - step] in slid]
                shifted |= {(record, d.column) for d in (*slid, *gone)}
    return shifted
