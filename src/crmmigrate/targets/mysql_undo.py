"""How MariaDB and MySQL take back the rows of a batch: by ranges and numbers of the key, for of joins they make the worst plans when they write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import CHAR
from sqlalchemy.ext.compiler import compiles

from crmmigrate.targets.crosswalk import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.live import LiveTable

NAMED_KEYS = 900
"""In one statement: of 1000 values and more MariaDB makes a table of its own, which it joins (`in_predicate_conversion_threshold`)."""


class KeyOrderUpdate(sa.Update):
    """An UPDATE of two tables that reads the one it changes first, by ranges of its primary key, whatever the other plans seem to cost.

    Of a small table the server would read, and lock, all rows.
    """

    inherit_cache = True


@compiles(KeyOrderUpdate)
def _in_key_order(update: KeyOrderUpdate, compiler: Any, **options: Any) -> str:
    """Name index and order, for which SQLAlchemy has no words in an UPDATE."""
    text = str(compiler.visit_update(update, **options))
    first = f"UPDATE {compiler.preparer.format_table(update.table)}"
    if not text.startswith(f"{first}, "):
        raise sa.exc.CompileError(first)
    return f"{first} FORCE INDEX (PRIMARY) STRAIGHT_JOIN {text[len(first) + 2 :]}"


def delete_range(
    dialect: Dialect, connection: sa.Connection, table: LiveTable, image: sa.FromClause, named: sa.ColumnElement[Any],
    chosen: sa.ColumnElement[bool], where: sa.ColumnElement[bool],
) -> int | None:  # fmt: skip
    """Delete a range where the rows' numbers have no gap, for a DELETE of a join takes more than twice the time.

    The rows, and with them their images, are locked where they are compared: to lock the range before took longer.

    Args:
        dialect: of the database.
        connection: in a transaction.
        table: whose rows go.
        image: of the batch.
        named: its column that names them.
        chosen: which rows of the image are meant.
        where: how the tables are joined, and what holds for a row that may go.

    Returns:
        How many rows went; None where there are gaps, and nothing was done.
    """
    if table.key_column.kind != "integer":
        return None
    ends: Any = sa.select(sa.func.count(), sa.func.min(named), sa.func.max(named))
    joined = dialect.in_order(ends.select_from(image.join(table.sql, where))).where(chosen).with_for_update()
    wanted, first, last = connection.execute(joined).one()
    if not wanted or last - first + 1 != wanted:
        return None
    return connection.execute(table.sql.delete().where(table.sql.c[table.key].between(first, last))).rowcount


def update_by_key(
    connection: sa.Connection, table: LiveTable, image: sa.FromClause, named: sa.ColumnElement[Any],
    chosen: sa.ColumnElement[bool], where: sa.ColumnElement[bool], values: dict[str, sa.ColumnElement[Any]],
) -> int:  # fmt: skip
    """Update rows in the order of their keys, each with its image, which is looked up by the key that stands there as text.

    The server updates rows while it reads them only in the table that it reads first; joined the other way round it writes all
    values of the batch into a temporary table on disk, and finds each row a second time. Only rows that the images name are
    read, and so locked.

    Args:
        connection: in a transaction.
        table: whose rows, numbered by whole numbers, are updated.
        image: of the batch, in whose key they stand as text.
        named: its column that names them.
        chosen: which rows of the image are meant.
        where: what holds for a row that is updated.
        values: column → what it gets.

    Returns:
        How many rows were updated, those included that held the values already.
    """
    key = table.sql.c[table.key]
    own = image.c.target_key == sa.cast(key, CHAR(charset="utf8mb4")).collate("utf8mb4_bin")
    statement = KeyOrderUpdate(table.sql).where(own, chosen, where).values(values)
    keys = connection.execute(sa.select(named).where(chosen)).scalars().all()
    return sum(connection.execute(statement.where(among)).rowcount for among in _among(key, sorted(keys)))


def _among(key: sa.ColumnElement[Any], keys: Sequence[int]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions that together choose the rows with one of the keys, which ascend, each row once."""
    if keys and keys[-1] - keys[0] + 1 == len(keys):
        yield key.between(keys[0], keys[-1])
        return
    for part in parts(keys, NAMED_KEYS):
        yield key.in_(part)
