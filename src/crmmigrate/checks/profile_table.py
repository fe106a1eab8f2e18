"""Profile a table: each column by its different values and how many cells hold them, keys and repeated rows. Only SQL sees every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_column import profile_column
from crmmigrate.model.profile import TableProfile
from crmmigrate.model.table import first_row, quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

    from crmmigrate.model.table import Table, Tables

_MEMORY = "200MB"
"""For DuckDB; Arrow's reading and the rest of the process come on top of it."""


def profile_table(
    tables: Tables, table: Table, *, reference: bool = False, counted: Collection[str] = (), repeated: int = 0
) -> TableProfile:
    """Profile one table.

    Args:
        tables: holds `table`, and its `VALUES_OF` where a database counted columns.
        table: all columns text.
        reference: whether the table is only looked things up in.
        counted: the columns that the database counted by itself.
        repeated: rows that repeat another, which the database counted too where there are such columns.

    Returns:
        The profile; near duplicates, contradictions and age are left to `profile_duplicates`.
    """
    with tables.alone(table.name, _MEMORY).connection as connection:
        profiles = [profile_column(connection, table, name, in_place=name in counted) for name in table.data_columns]
        keys = tuple(c.name for c in profiles if c.rows and c.distinct == c.filled == c.rows)
        if not counted and not keys and profiles:
            repeated = _repeats(connection, table)
    return TableProfile(table.name, table.rows, tuple(profiles), keys, repeated, reference=reference)


def _repeats(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    names = ", ".join(map(quoted, table.data_columns))
    # Of 64 bits, two of ten million different rows are equal by chance once in 370,000 tables; the rows themselves would not fit.
    row = first_row(connection, f"SELECT count(*) FROM (SELECT DISTINCT hash({names}) FROM {quoted(table.name)})")
    return table.rows - int(row[0]) if row else 0
