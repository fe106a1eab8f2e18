"""Profile a table: each column by its different values and how many cells hold them, keys and repeated rows. Only SQL sees every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_column import profile_column
from crmmigrate.model.profile import TableProfile
from crmmigrate.model.table import first_row, quoted

if TYPE_CHECKING:
    import duckdb

    from crmmigrate.model.profile import ColumnProfile
    from crmmigrate.model.table import Table, Tables

_MEMORY = "200MB"
"""For DuckDB; Arrow's reading and the rest of the process come on top of it."""


def profile_table(tables: Tables, table: Table, *, reference: bool = False) -> TableProfile:
    """Profile one table.

    Args:
        tables: holds `table`.
        table: all columns text.
        reference: whether the table is only looked things up in.

    Returns:
        The profile; near duplicates, contradictions and age are left to `profile_duplicates`.
    """
    with tables.alone(table.name, _MEMORY).connection as connection:
        profiles = [profile_column(connection, table, name) for name in table.data_columns]
        keys, repeated = _keys_and_repeats(connection, table, profiles)
    return TableProfile(table.name, table.rows, tuple(profiles), keys, repeated, reference=reference)


def _keys_and_repeats(
    connection: duckdb.DuckDBPyConnection, table: Table, profiles: list[ColumnProfile]
) -> tuple[tuple[str, ...], int]:
    keys = tuple(column.name for column in profiles if column.rows and column.distinct == column.filled == column.rows)
    if keys or not profiles:
        return keys, 0
    names = ", ".join(map(quoted, table.data_columns))
    # Of 64 bits, two of ten million different rows are equal by chance once in 370,000 tables; the rows themselves would not fit.
    row = first_row(connection, f"SELECT count(*) FROM (SELECT DISTINCT hash({names}) FROM {quoted(table.name)})")
    return keys, table.rows - int(row[0]) if row else 0
