"""Profile tables: each column by its different values and how many cells hold them, keys and repeated rows. Only SQL sees every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from crmmigrate.checks.profile_column import Source, profile_columns
from crmmigrate.model.profile import TableProfile
from crmmigrate.model.table import first_row, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import duckdb

    from crmmigrate.model.profile import ColumnProfile
    from crmmigrate.model.table import Table, Tables

_MEMORY = "200MB"
"""For DuckDB; Arrow's reading and the rest of the process come on top of it."""
_CELLS = 200_000
"""Tables and columns are looked at together up to so many cells, larger ones alone: what is held at once does not grow."""


Item = TypeVar("Item")


@dataclass(frozen=True)
class Asked:
    """A table to be profiled.

    Args:
        table: all columns text.
        reference: whether the table is only looked things up in.
        counted: the columns that the database counted by itself.
        repeated: rows that repeat another, which the database counted too where there are such columns.
    """

    table: Table
    reference: bool = False
    counted: Collection[str] = ()
    repeated: int = 0


def profile_tables(tables: Tables, asked: Sequence[Asked]) -> Iterator[TableProfile]:
    """Profile some tables, in their order.

    Args:
        tables: holds them, and their `VALUES_OF` where a database counted columns.
        asked: the tables.

    Yields:
        The profiles; near duplicates, contradictions and age are left to `profile_duplicates`.
    """
    for group in _together(asked, lambda one: one.table.rows * len(one.table.data_columns)):
        with tables.alone([one.table.name for one in group], _MEMORY).connection as connection:
            sources = [Source(one.table, name, name in one.counted) for one in group for name in one.table.data_columns]
            columns: list[ColumnProfile] = []
            for some in _together(sources, lambda source: source.table.rows):
                columns += profile_columns(connection, some)
            for one in group:
                width = len(one.table.data_columns)
                yield _profile(connection, one, tuple(columns[:width]))
                del columns[:width]


def _together(items: Iterable[Item], cells: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Yield the items in their order, as many at once as have `_CELLS` in all, but at least one."""
    group: list[Item] = []
    held = 0
    for item in items:
        if group and held + cells(item) > _CELLS:
            yield group
            group, held = [], 0
        group.append(item)
        held += cells(item)
    if group:
        yield group


def _profile(connection: duckdb.DuckDBPyConnection, asked: Asked, columns: tuple[ColumnProfile, ...]) -> TableProfile:
    table, repeated = asked.table, asked.repeated
    keys = tuple(c.name for c in columns if c.rows and c.distinct == c.filled == c.rows)
    if not asked.counted and not keys and columns:
        repeated = _repeats(connection, table)
    return TableProfile(table.name, table.rows, columns, keys, repeated, reference=asked.reference)


def _repeats(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    names = ", ".join(map(quoted, table.data_columns))
    # Of 64 bits, two of ten million different rows are equal by chance once in 370,000 tables; the rows themselves would not fit.
    row = first_row(connection, f"SELECT count(*) FROM (SELECT DISTINCT hash({names}) FROM {quoted(table.name)})")
    return table.rows - int(row[0]) if row else 0
