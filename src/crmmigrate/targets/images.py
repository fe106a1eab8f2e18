"""Take the images of the rows a batch writes: on the server, each once, as they really are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.targets.journal import IMAGE_COLUMNS
from crmmigrate.targets.naming import fitting, untyped

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable


class Images:
    """The before- and after-images of one batch.

    Args:
        connection: in the batch's transaction.
        journal: of the target.
        table: that is written.
        object_name: whose image table is written.
        batch: run and number.
    """

    def __init__(
        self, connection: sa.Connection, journal: Journal, table: LiveTable, object_name: str, batch: tuple[str, int]
    ) -> None:
        self.connection = connection
        self.journal = journal
        self.table = table
        self.object = object_name
        self.batch = batch

    def note_inserts(self, keys: Sequence[Any]) -> int:
        """Copy the rows just inserted, as they really are, into the images."""
        import sqlalchemy as sa

        table = self.table.sql
        image = self._image()
        key = table.c[self.table.key]
        fields = [image.c[fitting(f"a_{name}")] for name in self.table.stored]
        query = sa.select(*self._marks("insert", key), *(table.c[name] for name in self.table.stored))
        into = [*(image.c[name] for name in IMAGE_COLUMNS), *fields]
        return sum(
            self._counted(image.insert().from_select(into, query.where(where)))
            for where in self.journal.dialect.having(key, keys)
        )

    def _image(self) -> sa.TableClause:
        """Return the image table for SQL that is compiled once for all batches: what a typed table is in is not."""
        return untyped(self.journal.image(self.table, self.object))

    def _marks(self, action: str, key: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
        import sqlalchemy as sa

        return [
            sa.literal(self.batch[0], sa.String(128)),
            sa.literal(self.batch[1]),
            sa.literal(action, sa.String(8)),
            sa.cast(key, sa.String(255)),
        ]

    def before(self) -> sa.Table:
        """Describe the temporary table for rows as they are before they change: the values never leave the server."""
        import sqlalchemy as sa

        image_type, options = self.journal.dialect.image_type, self.journal.dialect.table_options()
        columns = [sa.Column(column, image_type(self.table.columns[column])) for column in self.table.stored]
        name = fitting(f"crmm_before_{self.table.name}")
        made: sa.Table = sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"], **options)
        return made

    def remember(self, before: sa.Table, keys: Sequence[Any]) -> None:
        """Copy rows, as they are now, into the temporary table `before`."""
        import sqlalchemy as sa

        table, stored = self.table.sql, self.table.stored
        query = sa.select(*(table.c[name] for name in stored))
        for where in self.journal.dialect.having(table.c[self.table.key], keys):
            self.connection.execute(before.insert().from_select(list(stored), query.where(where)))

    def note_deletes(self, keys: Sequence[Any]) -> None:
        """Copy rows about to be deleted into the images; their key stands on both sides."""
        import sqlalchemy as sa

        table, image = self.table.sql, self._image()
        key, stored = table.c[self.table.key], self.table.stored
        into = [*(image.c[name] for name in IMAGE_COLUMNS), image.c[fitting(f"a_{self.table.key}")]]
        into += [image.c[fitting(f"b_{name}")] for name in stored]
        query = sa.select(*self._marks("delete", key), key, *(table.c[name] for name in stored))
        for where in self.journal.dialect.having(key, keys):
            self.connection.execute(image.insert().from_select(into, query.where(where)))

    def note_updates(self, described: sa.Table) -> int:
        """Write one image per row that really changed; `described` is the table of `before`."""
        import sqlalchemy as sa

        table, before, image = self.table.sql, untyped(described), self._image()
        stored = self.table.stored
        exact = self.journal.dialect.exact
        differs = sa.or_(*(
            exact(before.c[name], self.table.columns[name]).is_distinct_from(exact(table.c[name], self.table.columns[name]))
            for name in stored
        ))  # fmt: skip
        key = table.c[self.table.key]
        query = (
            sa.select(
                *self._marks("update", key), *(before.c[name] for name in stored), *(table.c[name] for name in stored)
            )
            .select_from(before.join(table, before.c[self.table.key] == key))
            .where(differs)
        )
        into = [image.c[name] for name in IMAGE_COLUMNS]
        into += [image.c[fitting(f"{side}_{name}")] for side in "ba" for name in stored]
        return self._counted(image.insert().from_select(into, query))

    def _counted(self, statement: sa.Insert) -> int:
        return self.connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
