"""Date and time arithmetic for the SQL of rules, as macros of DuckDB.

Every argument may be text in standard form (`2023-05-01`, `2023-05-01T14:30:00`, `14:30`, `120.00`); what is no date, time or number counts as
no value, and so does what is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.model.rule import WORKED
from crmmigrate.model.table import quoted
from crmmigrate.model.work_calendar import FIRST, LAST

if TYPE_CHECKING:
    from datetime import date

    import duckdb

    from crmmigrate.model.work_calendar import WorkCalendar


class Macro(NamedTuple):
    """One macro: its name, its arguments, what it stands for, and what that means."""

    name: str
    arguments: str
    sql: str
    title: Message


def _counted(day: str) -> str:
    """Return the SQL for the working days up to and including a day; no value outside the days that can be counted.

    The table holds for each day the working days up to and including it.
    """
    return f"(SELECT c.worked FROM {WORKED} c WHERE c.day = {day})"


MACROS = (
    Macro("to_time", "x", "try_cast(x::VARCHAR AS TIMESTAMP)", Message("the moment that a text says")),
    Macro("to_day", "x", "to_time(x)::DATE", Message("the day that a text says")),
    Macro("to_number", "x", "try_cast(x::VARCHAR AS DECIMAL(24, 6))", Message("the number that a text says")),
    Macro("days_between", "a, b", "datediff('day', to_day(a), to_day(b))", Message("days from a to b")),
    Macro("minutes_between", "a, b", "(epoch(to_time(b)) - epoch(to_time(a))) / 60", Message("minutes from a to b, with fractions")),
    Macro("hours_between", "a, b", "(epoch(to_time(b)) - epoch(to_time(a))) / 3600", Message("hours from a to b, with fractions")),
    Macro("months_between", "a, b", "datesub('month', to_day(a), to_day(b))", Message("full months from a to b")),
    Macro("add_days", "x, n", "to_day(x) + n::INTEGER", Message("the day n days later")),
    Macro("add_months", "x, n", "(to_day(x) + to_months(n::INTEGER))::DATE", Message("the day n months later; the last of the month where it has no such day")),
    Macro("month_start", "x", "date_trunc('month', to_day(x))::DATE", Message("the first day of the month")),
    Macro("month_end", "x", "last_day(to_day(x))", Message("the last day of the month")),
    Macro("week_start", "x", "date_trunc('week', to_day(x))::DATE", Message("the Monday of the week")),
    Macro("year_month", "x", "strftime(to_day(x), '%Y-%m')", Message("the month as text, e.g. 2026-10")),
    Macro("working_days_between", "a, b", f"{_counted('to_day(b)')} - {_counted('to_day(a)')}",
          Message("working days after a, up to and including b; 调休 counts as the official calendar says")),
    Macro("is_working_day", "x", f"{_counted('to_day(x)')} > {_counted('(to_day(x) - 1)')}", Message("whether the day is worked")),
    Macro("add_working_days", "x, n",
          f"(SELECT min(d.day) FROM {WORKED} d WHERE d.worked = {_counted('to_day(x)')} + n::INTEGER)", Message("the n-th working day after a day")),
    Macro("time_of_day", "x", "coalesce(try_cast(x::VARCHAR AS TIME), to_time(x)::TIME)", Message("the time of the day that a text says")),
    Macro("in_shift", "x, f, t",
          "CASE WHEN f::TIME <= t::TIME THEN time_of_day(x) >= f::TIME AND time_of_day(x) < t::TIME "
          "ELSE time_of_day(x) >= f::TIME OR time_of_day(x) < t::TIME END",
          Message("whether a moment lies in a shift, from its beginning and before its end; it may go over midnight")),
)  # fmt: skip
"""All macros; those that others use stand before them. `as_of()`, the day on which the rules are judged, is made beside them."""

WORKING = ("working_days_between", "is_working_day", "add_working_days")
"""The macros that look at the calendar."""


@dataclass
class RuleConnection:
    """A connection of DuckDB with the macros, for one day of judgement at a time.

    Args:
        connection: confined already: no files, no network, no settings.
        calendar: the days that are worked.
    """

    connection: duckdb.DuckDBPyConnection
    calendar: WorkCalendar

    def __post_init__(self) -> None:
        days, worked = list(self.calendar.exceptions), list(self.calendar.exceptions.values())
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {WORKED} AS SELECT day, sum(works::INTEGER) OVER (ORDER BY day)::INTEGER AS worked FROM ("
            f"SELECT d.day, coalesce(e.worked, isodow(d.day) < 6) AS works FROM (SELECT unnest(range(DATE '{FIRST}', DATE '{LAST}', "
            "INTERVAL 1 DAY))::DATE AS day) d LEFT JOIN (SELECT unnest($days) AS day, unnest($worked) AS worked) e USING (day))",
            {"days": days, "worked": worked},
        )
        for macro in MACROS:
            self.connection.execute(f"CREATE OR REPLACE TEMP MACRO {macro.name}({macro.arguments}) AS ({macro.sql})")

    def judge_on(self, day: date) -> None:
        """Make `day` the one that `as_of()` says."""
        self.connection.execute(f"CREATE OR REPLACE TEMP MACRO as_of() AS (DATE '{day.isoformat()}')")


def years_in(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> set[int]:
    """Return the years of the dates in columns of a table."""
    if not columns:
        return set()
    cells = " UNION ALL ".join(f"SELECT to_day({quoted(column)}) AS day FROM {quoted(table)}" for column in columns)
    found = connection.execute(f"SELECT DISTINCT year(day) FROM ({cells}) WHERE day IS NOT NULL").fetchall()
    return {int(year) for (year,) in found}
