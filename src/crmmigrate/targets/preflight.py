"""Look at a table before the first row is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.live import LiveColumn, LiveTable


def check_table(connection: sa.Connection, dialect: Dialect, table: LiveTable, load: ObjectLoad, place: str) -> None:
    """Check one table for what `load` will do with it.

    Raises:
        LocationError: the first of its faults.
    """
    for fault in table_faults(connection, dialect, table, load, place):
        raise fault


def table_faults(
    connection: sa.Connection, dialect: Dialect, table: LiveTable, load: ObjectLoad, place: str
) -> Iterator[LocationError]:
    """Yield all that stands in the way: columns missing or computed, no single key or none to give, no transactions, rights missing."""
    usable = []
    for column in load.columns:
        if column not in table.columns:
            yield LocationError(
                "target.column-missing", Message("the table has no column '{column}'", column=column), place,
                Message("add it, or take it out of the mapping file"),
            )  # fmt: skip
        elif table.columns[column].generated:
            yield LocationError(
                "target.column-generated", Message("the database computes the column '{column}' itself", column=column),
                place, Message("take it out of the mapping file"),
            )  # fmt: skip
        else:
            usable.append(column)
    if not table.key:
        yield LocationError(
            "target.no-key", Message("the table has no primary key of one column"), place,
            Message("without one a row can neither be found again nor be rolled back"),
        )  # fmt: skip
    elif not table.numbered and table.key not in load.columns and load.mode != "update" and not load.change:
        yield LocationError(
            "target.key-unmapped", Message("the database does not number the key '{column}'", column=table.key), place,
            Message("map a column to it"),
        )  # fmt: skip
    if why := dialect.unsafe(connection, load.table):
        yield LocationError(
            "target.unsafe", Message("the table keeps no transactions ({why})", why=why), place,
            Message("convert it: ALTER TABLE … ENGINE=InnoDB"),
        )  # fmt: skip
    if usable:
        yield from _missing_rights(connection, dialect, table, usable, place)


def _missing_rights(
    connection: sa.Connection, dialect: Dialect, table: LiveTable, columns: list[str], place: str
) -> Iterator[LocationError]:
    """Try what the load and its rollback will do, on no row."""
    import sqlalchemy as sa

    column = next((name for name in columns if name != table.key), columns[0])
    named = [table.sql.c[name] for name in columns]
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
            yield LocationError(
                "target.not-permitted", Message("the user lacks the right {right} on the table", right=right), place,
                Message("GRANT SELECT, INSERT, UPDATE, DELETE: loading needs them, and so does rolling back"),
            )  # fmt: skip


def unfit_texts(column: LiveColumn, texts: Sequence[str]) -> dict[str, str]:
    """Return text → the code with which the load would set its row aside, of those that a column cannot hold."""
    from crmmigrate.targets.live import UnfitValueError

    found: dict[str, str] = {}
    for text in texts:
        try:
            column.parse(text)
        except UnfitValueError as error:
            found[text] = str(error.args[0])
    return found
