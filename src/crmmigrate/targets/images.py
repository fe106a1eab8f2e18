"""Take the images of the rows a batch writes: on the server, each once, as they really are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.model.kept_property import kept_property
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

    def _marks(self, action: str, key: sa.ColumnElement[Any] | None = None) -> list[sa.ColumnElement[Any]]:
        import sqlalchemy as sa

        return [
            sa.bindparam("crmm_run", type_=sa.String(128)),
            sa.bindparam("crmm_batch", type_=sa.Integer()),
            sa.literal(action, sa.String(8)),
            sa.cast(self.key if key is None else key, sa.String(255)),
        ]

    def _into(self, *columns: str) -> list[sa.ColumnElement[Any]]:
        return [self.image.c[name] for name in (*IMAGE_COLUMNS, *map(fitting, columns))]

    @kept_property
    def before(self) -> sa.Table:
        """The temporary table for rows as they are before they change: the values never leave the server."""
        import sqlalchemy as sa

        image_type, options = self.dialect.image_type, self.dialect.table_options()
        columns = [sa.Column(column, image_type(self.table.columns[column])) for column in self.table.stored]
        name = fitting(f"crmm_before_{self.table.name}")
        made: sa.Table = sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"], **options)
        return made

    @kept_property
    def rows(self) -> sa.Select[Any]:
        """Rows of the table as they are."""
        import sqlalchemy as sa

        return sa.select(*(self.table.sql.c[name] for name in self.table.stored))

    def insert(self, where: sa.ColumnElement[bool]) -> sa.Insert:
        """Copy rows just inserted."""
        into, query = self._inserted
        return self.image.insert().from_select(into, query.where(where))

    @kept_property
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

    @kept_property
    def update(self) -> sa.Insert:
        """Copy both states of the rows of `before` that are not as they were."""
        import sqlalchemy as sa

        table, before, stored = self.table.sql, untyped(self.before), self.table.stored
        rows = before.join(table, before.c[self.table.key] == self.key)
        both = [[side.c[name] for name in stored] for side in (before, table)]
        return self._updated(sa.select(*self._marks("update"), *both[0], *both[1]).select_from(rows), *both)

    def changed(self, rows: sa.CTE) -> sa.Insert:
        """Copy both states of rows that have just been changed: `b0`, `b1` … before, `a0`, `a1` … after."""
        import sqlalchemy as sa

        stored = self.table.stored
        before, after = ([rows.c[f"{side}{index}"] for index in range(len(stored))] for side in "ba")
        marks = self._marks("update", after[stored.index(self.table.key)])
        return self._updated(sa.select(*marks, *before, *after), before, after)

    def _updated(
        self, query: sa.Select[Any], before: Sequence[sa.ColumnElement[Any]], after: Sequence[sa.ColumnElement[Any]]
    ) -> sa.Insert:
        """Copy what `query` returns where the row is not as it was."""
        import sqlalchemy as sa

        exact, stored = self.dialect.exact, self.table.stored
        columns = [self.table.columns[name] for name in stored]
        differs = sa.or_(*(
            exact(was, column).is_distinct_from(exact(now, column))
            for was, now, column in zip(before, after, columns, strict=True)
        ))  # fmt: skip
        into = self._into(*(f"{side}_{name}" for side in "ba" for name in stored))
        return self.image.insert().from_select(into, query.where(differs))


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
        return sum(self.counted(self.sql.insert(where)) for where in self._having(keys))

    def remember(self, keys: Sequence[Any]) -> None:
        """Copy rows, as they are now, into the temporary table `before`."""
        into = list(self.sql.table.stored)
        for where in self._having(keys):
            self.connection.execute(self.sql.before.insert().from_select(into, self.sql.rows.where(where)))

    def note_deletes(self, keys: Sequence[Any]) -> None:
        """Copy rows about to be deleted into the images."""
        for where in self._having(keys):
            self.counted(self.sql.delete(where))

    def note_updates(self) -> int:
        """Write one image per row of the table `before` that really changed; return how many."""
        return self.counted(self.sql.update)

    def counted(self, statement: sa.Insert) -> int:
        """Execute a statement that takes images; return how many it took."""
        run, number = self.batch
        values = {"crmm_run": run, "crmm_batch": number}
        return self.connection.execute(statement, values, execution_options={"preserve_rowcount": True}).rowcount
