"""Write rows together, and where the database refuses find the rows to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.dialect import Dialect, Refusal
    from crmmigrate.targets.live import LiveTable

Row = TypeVar("Row")


def isolating(
    connection: sa.Connection, dialect: Dialect, table: LiveTable, items: Sequence[Row],
    write: Callable[[Sequence[Row]], None], refused: Callable[[Row, Refusal, str], None],
) -> None:  # fmt: skip
    """Write `items` within a savepoint; where the database refuses, halve them until the rows to blame are found.

    Args:
        connection: in a transaction.
        dialect: of its database.
        table: that is written; it tells which column a refusal is about.
        items: rows, in whatever form `write` takes them.
        write: writes some of them at once. What it did is taken back where the database refuses.
        refused: is told of each row to blame, why, and the column as far as known.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: an error for which no row is to blame.
    """
    if not items:
        return
    try:
        with connection.begin_nested():
            write(items)
            dialect.deliver(connection)
    except dialect.errors as error:
        refusal = dialect.refusal(error, table)
        if refusal is None:
            raise
        if len(items) == 1:
            refused(items[0], *refusal)
            return
        middle = len(items) // 2
        isolating(connection, dialect, table, items[:middle], write, refused)
        isolating(connection, dialect, table, items[middle:], write, refused)
