"""Update the rows of a batch that are in the target already: compared, decided and written where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.targets.cells import Cells
from crmmigrate.targets.images import Images
from crmmigrate.targets.naming import fitting, untyped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.batch import Batch
    from crmmigrate.targets.dialect import Refusal


class Updates:
    """The updates of one batch.

    Args:
        batch: converted, its rows found and locked.
        images: of the batch.
        keys: position → key of the row in the target.
        refused: what to do with a row that the database refuses.
    """

    def __init__(
        self, batch: Batch, images: Images, keys: Mapping[int, Any], refused: Callable[[int, Refusal, str], None]
    ) -> None:
        self.batch = batch
        self.images = images
        self.keys = keys
        self.refused = refused
        self.table = batch.table
        self.columns = [column for column in batch.load.columns if column != batch.table.key]

    def write(self, positions: Sequence[int]) -> int:
        """Update the rows at `positions` where the write policy says so, with their images; return how many really changed."""
        if not positions or not self.columns:
            return 0
        connection, dialect = self.batch.connection, self.batch.dialect
        incoming, before = self._incoming(), self.images.before()
        dialect.make_temporary(connection, incoming)
        dialect.make_temporary(connection, before)
        names = [column.name for column in incoming.columns]
        new, old = untyped(incoming), untyped(before)
        remember = self._remember(new, old)
        update_all, update_some = (self._update(new, old, every=every) for every in (True, False))

        def write(part: Sequence[int]) -> None:
            if len(part) < len(positions):  # a second try
                connection.execute(incoming.delete())
            keys = Cells(dialect.wire, [self.keys[position] for position in part])
            cells = [keys, *(self.batch.values[column].take(part) for column in self.columns)]
            dialect.bulk(connection, incoming.name, names, cells)
            changing = connection.execute(remember, execution_options={"preserve_rowcount": True}).rowcount
            if changing:
                connection.execute(update_all if changing == len(part) else update_some)

        self.batch.isolating(positions, write, self.refused)
        changed = self.images.note_updates(before)
        dialect.drop_temporary(connection, before)
        dialect.drop_temporary(connection, incoming)
        return changed

    def _incoming(self) -> sa.Table:
        """Describe the temporary table of new values: the key `k`, and `v0`, `v1` … of the columns."""
        import sqlalchemy as sa

        dialect = self.batch.dialect
        fields = [sa.Column("k", dialect.image_type(self.table.key_column), autoincrement=False)]
        fields += [
            sa.Column(f"v{index}", dialect.image_type(self.table.columns[column]))
            for index, column in enumerate(self.columns)
        ]
        name = fitting(f"crmm_new_{self.table.name}")
        options: dict[str, Any] = dialect.table_options()
        made: sa.Table = sa.Table(name, sa.MetaData(), *fields, prefixes=["TEMPORARY"], **options)
        return made

    def _remember(self, incoming: sa.TableClause, before: sa.TableClause) -> sa.Insert:
        """Return what copies the rows that are to change, as they are."""
        import sqlalchemy as sa

        table, stored = self.table.sql, self.table.stored
        query = (
            sa.select(*(table.c[column] for column in stored))
            .select_from(sa.join(incoming, table, table.c[self.table.key] == incoming.c.k))
            .where(sa.or_(*self._changes(incoming, table).values()))
        )
        return before.insert().from_select(list(stored), query)

    def _update(self, incoming: sa.TableClause, before: sa.TableClause, *, every: bool) -> sa.Update:
        """Return the UPDATE that gives each row the values that came in for it, and leaves its other columns alone.

        Where one column decides about others, it is asked what it was before: MySQL sets one column after the other.

        Args:
            incoming: the new values.
            before: the rows that are to change, as they were.
            every: whether that is each row that came in, so that none need be looked at once more.
        """
        import sqlalchemy as sa

        table = self.table.sql
        key = table.c[self.table.key]
        where = [key == incoming.c.k]
        old: sa.FromClause = table
        if "newer" in self.batch.load.policy.values():
            old = before
            where.append(old.c[self.table.key] == incoming.c.k)
        changes = self._changes(incoming, old)
        values: dict[str, sa.ColumnElement[Any]] = {}
        for column, changed in changes.items():
            new, now = incoming.c[f"v{self.columns.index(column)}"], table.c[column]
            plain = self.table.columns[column].kind == "text" and self._policy(column) == "overwrite"
            values[column] = sa.func.coalesce(new, now) if plain else sa.case((changed, new), else_=now)
        where += [] if every else [sa.or_(*changes.values())]
        return table.update().where(*where).values(values)

    def _policy(self, column: str) -> str:
        return self.batch.load.policy.get(column, "overwrite")

    def _changes(self, incoming: sa.TableClause, old: sa.FromClause) -> dict[str, sa.ColumnElement[bool]]:
        """Return for each column whether the write policy lets the new value take the place of the `old` one.

        A blank never erases. A step that does not bring the date that decides (one that fills references later) only fills.
        """
        import sqlalchemy as sa

        load, form = self.batch.load, self.batch.dialect.comparable
        found: dict[str, sa.ColumnElement[bool]] = {}
        for index, column in enumerate(self.columns):
            live, new, now = self.table.columns[column], incoming.c[f"v{index}"], old.c[column]
            terms = [new.is_not(None), form(new, live).is_distinct_from(form(now, live))]
            policy = self._policy(column)
            if policy == "fill_empty":
                terms.append(sa.or_(now.is_(None), now == "") if live.kind == "text" else now.is_(None))
            elif policy == "newer":
                terms.append(self._is_newer(incoming, old) if load.newer_by in self.columns else now.is_(None))
            found[column] = sa.and_(*terms)
        return found

    def _is_newer(self, incoming: sa.TableClause, old: sa.FromClause) -> sa.ColumnElement[bool]:
        import sqlalchemy as sa

        by = self.batch.load.newer_by
        live, form = self.table.columns[by], self.batch.dialect.comparable
        ours, theirs = incoming.c[f"v{self.columns.index(by)}"], old.c[by]
        return sa.and_(ours.is_not(None), sa.or_(theirs.is_(None), form(ours, live) > form(theirs, live)))
