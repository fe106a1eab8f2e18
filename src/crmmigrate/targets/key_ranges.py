"""Whole numbers that are keys of rows: in order, and as ranges where they have no gaps, so that rows are met in the order in which they lie."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.live import LiveTable

MOST_RANGES = 100
"""In one condition: a server takes long to think about thousands."""
_ALL = 2**63 - 1
"""A limit that is none; but what stands behind a limit is sorted by itself, else MariaDB sorts the places of the rows and then fetches each row again."""


def gaps(key: sa.ColumnElement[Any], ranges: Sequence[tuple[int, int]]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions, at least one, that together choose the rows whose key is in none of the ranges, each row once.

    Args:
        key: of the rows.
        ranges: first and last key of each, ascending by the first; they may touch or overlap.
    """
    import sqlalchemy as sa

    if not ranges:
        yield sa.true()
        return
    found: list[sa.ColumnElement[bool]] = [key < ranges[0][0]]
    last = ranges[0][1]
    for first, end in ranges[1:]:
        if first > last + 1:
            found.append(key.between(last + 1, first - 1))
        last = max(last, end)
    found.append(key > last)
    for start in range(0, len(found), MOST_RANGES):
        yield sa.or_(*found[start : start + MOST_RANGES])


def overlap(ranges: Sequence[tuple[int, int]]) -> bool:
    """Return whether any two of the ranges, which ascend, have a key in common."""
    return any(following[0] <= before[1] for before, following in pairwise(ranges))


@contextmanager
def sorted_keys(
    connection: sa.Connection, dialect: Dialect, table: LiveTable, keys: Sequence[sa.Select[Any]]
) -> Iterator[tuple[sa.Table, int]]:
    """Put keys of `table` into a temporary table, in their order and each once; yield it, with the column `k`, and how many there are.

    MariaDB and MySQL do so too for NOT IN, but into a table without order, on disk as soon as they are some hundred thousand.

    Args:
        connection: in a transaction.
        dialect: of MariaDB or MySQL.
        table: whose keys they are.
        keys: what selects them.
    """
    import sqlalchemy as sa

    column = sa.Column("k", dialect.image_type(table.key_column), primary_key=True, autoincrement=False)
    options: dict[str, Any] = dialect.table_options()
    made = sa.Table("crmm_keys", sa.MetaData(), column, prefixes=["TEMPORARY"], **options)
    found = sa.union_all(*keys).limit(_ALL).subquery()
    dialect.make_temporary(connection, made)
    into = made.insert().prefix_with("IGNORE").from_select(["k"], sa.select(found.c.k).order_by(found.c.k))
    connection.execute(into)
    yield made, connection.execute(sa.select(sa.func.count()).select_from(made)).scalar_one()
    dialect.drop_temporary(connection, made)
