"""Count the different values of columns, for all other questions to be asked of those, and guess what each column holds.

Columns of small tables are asked about together: to plan a query and to compile its patterns takes longer than to look at their values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_counted import values_in_place
from crmmigrate.checks.profile_meaning import guess_meaning
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import duckdb

    from crmmigrate.model.table import Table

VALUES = "crmm_profile_values"
"""Temporary table of the columns looked at last: number `c` of the column, different values `v`, cells `n` that hold each."""

_SAMPLE = 400


@dataclass(frozen=True)
class Source:
    """A column to be counted.

    Args:
        table: all columns text; a view of its own name in the connection.
        name: of the column.
        in_place: whether the database counted its values, which are then in `VALUES_OF` and not in the rows.
    """

    table: Table
    name: str
    in_place: bool = False


@dataclass(frozen=True)
class Column:
    """A column whose values are counted.

    Args:
        number: `c` in `VALUES`.
        source: where it comes from.
        filled: cells with a value.
        distinct: different values.
        shortest: length of the shortest value, in characters.
        longest: that of the longest.
        meaning: a key of `model.profile.MEANINGS`.
        confidence: that it is this, from 0 to 1.
    """

    number: int
    source: Source
    filled: int
    distinct: int
    shortest: int
    longest: int
    meaning: str
    confidence: float

    @property
    def name(self) -> str:
        """Its name in its table."""
        return self.source.name


def among(columns: Collection[Column]) -> str:
    """Return the SQL that picks the values of some columns."""
    return f"c IN ({', '.join(str(column.number) for column in columns)})"


def count_values(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> list[Column]:
    """Leave the different values of the columns in `VALUES` and return the columns in their order."""
    counted = " UNION ALL ".join(_counted(number, source) for number, source in enumerate(sources))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {VALUES} AS {counted}")
    rows = connection.execute(
        f"SELECT c, sum(n)::BIGINT, count(*), min(length(v)), max(length(v)), min((hash(v), v), {_SAMPLE}) FROM {VALUES} GROUP BY c"
    ).fetchall()
    found = {number: facts for number, *facts in rows}
    columns = []
    for number, source in enumerate(sources):
        filled, distinct, shortest, longest, sample = found.get(number, (0, 0, 0, 0, ()))
        meaning, confidence = guess_meaning(source.name, [value for _, value in sample], filled, distinct)
        columns.append(Column(number, source, filled, distinct, shortest, longest, meaning, confidence))
    return columns


def _counted(number: int, source: Source) -> str:
    if source.in_place:
        return f"SELECT {number}::USMALLINT AS c, v, n FROM {values_in_place(source.table.name, source.name)}"
    cell = quoted(source.name)
    return f"SELECT {number}::USMALLINT AS c, {cell} AS v, count(*) AS n FROM {quoted(source.table.name)} WHERE {cell} <> '' GROUP BY {cell}"
