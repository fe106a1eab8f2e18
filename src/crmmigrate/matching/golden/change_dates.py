"""When records were changed last, however that is written, so that `newest` compares days and times and not their signs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from crmmigrate.matching.date import normal
from crmmigrate.matching.texts.folding import folded
from crmmigrate.model.placeholders import says_nothing
from crmmigrate.model.text_table import as_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_TIME = re.compile(
    r"(上午|下午|中午|晚上)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?(?:\s*[:分]\s*(\d{1,2}))?[.\d]*\s*秒?\s*([ap]m)?"
)
_TIGHT = re.compile(r"((?:19|20)\d{6})[ t]?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?")
"""20230901100500, 202309011005."""

_MONTH = re.compile(r"((?:19|20)\d\d)(?:\s*[年/.-]\s*(0?[1-9]|1[0-2])\s*月?|(0[1-9]|1[0-2])|\s*年)")
"""2023年9月, 2023-09, 202309: before any day of that month."""

_SPREADSHEET = re.compile(r"([3-5]\d{4})(\.\d+)?")
"""Days since 1899-12-30, by which spreadsheets count, of 1982 to 2064; nothing else in a column of dates looks so."""

_SECONDS = re.compile(r"(1\d{9})(?:\d{3})?(?:\.0+)?")
"""Seconds since 1970, or thousandths of them, of 2001 to 2033."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CALENDAR = re.compile(r"(?:19|20)\d{4}(?:\d\d){0,4}")
"""The form of 202309, 20230901 and 20230901100500; the days of spreadsheets and seconds have that of any counter."""

_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})(?!\d)")
_MONTHS, _NOON = 12, 12
_DAY = 86_400
_EPOCH = 25_569
"""1970-01-01, as spreadsheets count."""


def changed(dates: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return for each cell a number that is the greater the later it is, 0 for none, and which cells say something that is no date.

    Args:
        dates: as they are written, or versions of the rows: numbers that the change counts up. Where the year stands last the day stands before it, unless a date of the column cannot be read so.
    """
    import numpy as np
    import pyarrow.compute as pc

    text = as_text(dates)
    distinct = text.unique().drop_null()
    cells = folded(distinct).to_pylist()
    ends = [met for cell in cells if (met := _YEAR_LAST.match(cell))]
    month_first = any(int(met[3]) > _MONTHS for met in ends) and not any(int(met[1]) > _MONTHS for met in ends)
    read = [_read(_YEAR_LAST.sub(r"\4-\1-\3", cell, count=1) if month_first else cell) for cell in cells]
    nothing = [not cell or says_nothing(cell) for cell in cells]
    at = pc.fill_null(pc.index_in(text, value_set=distinct), len(cells)).to_numpy()
    if _are_versions(told := [(cell, when) for cell, when, no in zip(cells, read, nothing, strict=True) if not no]):
        rank = {version: place for place, version in enumerate(sorted({Decimal(cell) for cell, _ in told}), 1)}
        read = [0 if no else rank[Decimal(cell)] for cell, no in zip(cells, nothing, strict=True)]
    times = np.array([*read, 0], dtype=np.int64)[at]
    unread = np.array([*(not (when or no) for when, no in zip(read, nothing, strict=True)), False], dtype=bool)[at]
    return times, unread


def _are_versions(told: list[tuple[str, int]]) -> bool:
    """Return whether the cells of a column, with what they are read as, are numbers that are compared as such.

    Where all of them are dates these are, as they may be written in several forms; and where most are, as 99999999 among days is a mistake.
    """
    if all(when for _, when in told) or not all(_NUMBER.fullmatch(cell) for cell, _ in told):
        return False
    return 2 * sum(when > 0 and _CALENDAR.fullmatch(cell) is not None for cell, when in told) < len(told)


def _read(cell: str) -> int:
    """Return year, month, day, hour, minute and second of a folded cell as one number of 14 digits, 0 where it is no date."""
    if met := _SPREADSHEET.fullmatch(cell):
        return _of_seconds((int(met[1]) - _EPOCH) * _DAY + round(float(met[2] or 0) * _DAY))
    if met := _SECONDS.fullmatch(cell):
        return _of_seconds(int(met[1]))
    if met := _TIGHT.fullmatch(cell):
        return _whole(met[1], int(met[2]), int(met[3]), int(met[4] or 0))
    if met := _MONTH.fullmatch(cell):
        return int(f"{met[1]}{met[2] or met[3] or 0:0>2}") * 10**8
    time = _TIME.search(cell)
    hour, minute, second = (int(time[part] or 0) if time else 0 for part in (2, 3, 4))
    late = time is not None and (time[1] in ("下午", "晚上") or time[5] == "pm")
    early = time is not None and (time[1] == "上午" or time[5] == "am")
    hour = hour + _NOON if late and hour < _NOON else 0 if early and hour == _NOON else hour
    return _whole(normal(cell), hour, minute, second)


def _of_seconds(seconds: int) -> int:
    from datetime import UTC, datetime

    return int(datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%S"))


def _whole(date: str, hour: int, minute: int, second: int) -> int:
    """Return a date of eight digits with its time as one number, 0 for a day there is not."""
    from datetime import datetime

    try:
        return int(datetime.strptime(date, "%Y%m%d").strftime("%Y%m%d")) * 10**6 + hour * 10**4 + minute * 100 + second  # noqa: DTZ007
    except ValueError:
        return 0
