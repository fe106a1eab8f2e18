"""Look at a table before the first row is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crmmigrate.model.target import ObjectLoad
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.live import LiveTable


def check_table(connection: sa.Connection, dialect: Dialect, table: LiveTable, load: ObjectLoad, place: str) -> None:
    """Check one table for what `load` will do with it.

    Raises:
        LocationError: a column is missing or computed, there is no single key or none to give, no transactions.
    """
    for column in load.columns:
        if column not in table.columns:
            raise LocationError(
                "target.column-missing", Message("the table has no column '{column}'", column=column), place,
                Message("add it, or take it out of the mapping file"),
            )  # fmt: skip
        if table.columns[column].generated:
            raise LocationError(
                "target.column-generated", Message("the database computes the column '{column}' itself", column=column),
                place, Message("take it out of the mapping file"),
            )  # fmt: skip
    if not table.key:
        raise LocationError(
            "target.no-key", Message("the table has no primary key of one column"), place,
            Message("without one a row can neither be found again nor be rolled back"),
        )  # fmt: skip
    if not table.numbered and table.key not in load.columns and load.mode != "update":
        raise LocationError(
            "target.key-unmapped", Message("the database does not number the key '{column}'", column=table.key), place,
            Message("map a column to it"),
        )  # fmt: skip
    if why := dialect.unsafe(connection, load.table):
        raise LocationError(
            "target.unsafe", Message("the table keeps no transactions ({why})", why=why), place,
            Message("convert it: ALTER TABLE … ENGINE=InnoDB"),
        )  # fmt: skip
    _check_rights(connection, dialect, table, load, place)


def _check_rights(connection: sa.Connection, dialect: Dialect, table: LiveTable, load: ObjectLoad, place: str) -> None:
    """Try what the load and its rollback will do, on no row.

    Raises:
        LocationError: `target.not-permitted`.
    """
    import sqlalchemy as sa

    column = next((name for name in load.columns if name != table.key), load.columns[0])
    named = [table.sql.c[name] for name in load.columns]
    # MariaDB wants to know all columns without a default, even where no row comes.
    whole = [name for name in table.stored if name != table.key or not table.numbered]
    nothing = sa.literal_column("1") == sa.literal_column("0")
    tries = {
        "SELECT": sa.select(*named).where(nothing),
        "INSERT": table.sql.insert().from_select(
            whole, sa.select(*(table.sql.c[name] for name in whole)).where(nothing)
        ),
        "UPDATE": table.sql.update().where(nothing).values({column: table.sql.c[column]}),
        "DELETE": table.sql.delete().where(nothing),
    }
    for right, statement in tries.items():
        try:
            with connection.begin_nested():
                connection.execute(statement)
        except dialect.errors as error:
            if dialect.unreachable(error):
                raise
            raise LocationError(
                "target.not-permitted", Message("the user lacks the right {right} on the table", right=right), place,
                Message("GRANT SELECT, INSERT, UPDATE, DELETE: loading needs them, and so does rolling back"),
            ) from error  # fmt: skip
