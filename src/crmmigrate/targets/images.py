"""Take the images of the rows a batch writes: on the server, each once, as they really are."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmmigrate.targets.journal import IMAGE_COLUMNS
from crmmigrate.targets.naming import fitting, untyped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable


class ImageSql:
    """The statements that take images of one table, made once: with many columns that takes as long as sending some of them.

    Args:
        journal: of the target.
        table: that is written.
        object_name: whose image table it is.
    """

    def __init__(self, journal: Journal, table: LiveTable, object_name: str) -> None:
        self.dialect = journal.dialect
        self.table = table
        self.image = untyped(journal.image(table, object_name))
        """For SQL that is compiled once for all batches: what a typed table is in is not."""

    @property
    def key(self) -> sa.ColumnElement[Any]:
        """The key of the table."""
        return self.table.sql.c[self.table.key]

    def _marks(self, action: str) -> list[sa.ColumnElement[Any]]:
        import sqlalchemy as sa

        return [
            sa.bindparam("crmm_run", type_=sa.String(128)),
            sa.bindparam("crmm_batch", type_=sa.Integer()),
            sa.literal(action, sa.String(8)),
            sa.cast(self.key, sa.String(255)),
        ]

    def _into(self, *columns: str) -> list[sa.ColumnElement[Any]]:
        return [self.image.c[name] for name in (*IMAGE_COLUMNS, *map(fitting, columns))]

    @cached_property
    def before(self) -> sa.Table:
        """The temporary table for rows as they are before they change: the values never leave the server."""
        import sqlalchemy as sa

        image_type, options = self.dialect.image_type, self.dialect.table_options()
        columns = [sa.Column(column, image_type(self.table.columns[column])) for column in self.table.stored]
        name = fitting(f"crmm_before_{self.table.name}")
        made: sa.Table = sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"], **options)
        return made

    @cached_property
    def rows(self) -> sa.Select[Any]:
        """Rows of the table as they are."""
        import sqlalchemy as sa

        return sa.select(*(self.table.sql.c[name] for name in self.table.stored))

    def insert(self, where: sa.ColumnElement[bool]) -> sa.Insert:
        """Copy rows just inserted."""
        into, query = self._inserted
        return self.image.insert().from_select(into, query.where(where))

    @cached_property
    def _inserted(self) -> tuple[list[Any], sa.Select[Any]]:
        import sqlalchemy as sa

        stored = self.table.stored
        query = sa.select(*self._marks("insert"), *(self.table.sql.c[name] for name in stored))
        return self._into(*(f"a_{name}" for name in stored)), query

    def delete(self, where: sa.ColumnElement[bool]) -> sa.Insert:
        """Copy rows about to be deleted; their key stands on both sides."""
        import sqlalchemy as sa

        stored = self.table.stored
        query = sa.select(*self._marks("delete"), self.key, *(self.table.sql.c[name] for name in stored))
        into = self._into(f"a_{self.table.key}", *(f"b_{name}" for name in stored))
        return self.image.insert().from_select(into, query.where(where))

    @cached_property
    def update(self) -> sa.Insert:
        """Copy both states of the rows of `before` that are not as they were."""
        import sqlalchemy as sa

        table, before, stored, exact = self.table.sql, untyped(self.before), self.table.stored, self.dialect.exact
        differs = sa.or_(*(
            exact(before.c[name], self.table.columns[name]).is_distinct_from(exact(table.c[name], self.table.columns[name]))
            for name in stored
        ))  # fmt: skip
        both = [side.c[name] for side in (before, table) for name in stored]
        query = (
            sa.select(*self._marks("update"), *both)
            .select_from(before.join(table, before.c[self.table.key] == self.key))
            .where(differs)
        )
        return self.image.insert().from_select(
            self._into(*(f"{side}_{name}" for side in "ba" for name in stored)), query
        )


class Images:
    """The before- and after-images of one batch.

    Args:
        connection: in the batch's transaction.
        sql: of the table that is written.
        batch: run and number.
    """

    def __init__(self, connection: sa.Connection, sql: ImageSql, batch: tuple[str, int]) -> None:
        self.connection = connection
        self.sql = sql
        self.batch = batch

    def _having(self, keys: Sequence[Any]) -> Iterator[sa.ColumnElement[bool]]:
        return self.sql.dialect.having(self.sql.key, keys)

    def note_inserts(self, keys: Sequence[Any]) -> int:
        """Copy the rows just inserted, as they really are, into the images; return how many are there."""
        return sum(self._counted(self.sql.insert(where)) for where in self._having(keys))

    def remember(self, keys: Sequence[Any]) -> None:
        """Copy rows, as they are now, into the temporary table `before`."""
        into = list(self.sql.table.stored)
        for where in self._having(keys):
            self.connection.execute(self.sql.before.insert().from_select(into, self.sql.rows.where(where)))

    def note_deletes(self, keys: Sequence[Any]) -> None:
        """Copy rows about to be deleted into the images."""
        for where in self._having(keys):
            self._counted(self.sql.delete(where))

    def note_updates(self) -> int:
        """Write one image per row of the table `before` that really changed; return how many."""
        return self._counted(self.sql.update)

    def _counted(self, statement: sa.Insert) -> int:
        run, number = self.batch
        values = {"crmm_run": run, "crmm_batch": number}
        return self.connection.execute(statement, values, execution_options={"preserve_rowcount": True}).rowcount
