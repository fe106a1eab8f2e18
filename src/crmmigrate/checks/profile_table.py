"""Profile a table: each column by its different values and how many cells hold them, keys and repeated rows. Only SQL sees every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_column import profile_column
from crmmigrate.model.profile import TableProfile
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from crmmigrate.model.table import Table, Tables


def profile_table(tables: Tables, table: Table, *, reference: bool = False) -> TableProfile:
    """Profile one table.

    Args:
        tables: holds `table`; its connection does the counting.
        table: all columns text.
        reference: whether the table is only looked things up in.

    Returns:
        The profile; near duplicates, contradictions and age are left to `profile_duplicates`.
    """
    profiles = [profile_column(tables.connection, table, name) for name in table.data_columns]
    keys = tuple(column.name for column in profiles if column.rows and column.distinct == column.filled == column.rows)
    repeated = 0
    if profiles and not keys:
        names = ", ".join(map(quoted, table.data_columns))
        repeated = table.rows - int(
            tables.value(f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM {quoted(table.name)})")
        )
    return TableProfile(table.name, table.rows, tuple(profiles), keys, repeated, reference=reference)
