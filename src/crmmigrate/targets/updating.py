"""Update the rows of a batch that are in the target already: compared, decided and written where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.model.kept_property import kept_property
from crmmigrate.targets.cells import Cells
from crmmigrate.targets.images import ImageSql
from crmmigrate.targets.naming import fitting, untyped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.targets.batch import Batch
    from crmmigrate.targets.dialect import Refusal
    from crmmigrate.targets.images import Images
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable


class UpdateSql:
    """The statements with which one step updates rows, made once for all its batches.

    Args:
        journal: of the target.
        table: that is written.
        load: how to write it.
    """

    def __init__(self, journal: Journal, table: LiveTable, load: ObjectLoad) -> None:
        self.dialect = journal.dialect
        self.table = table
        self.load = load
        self.columns = [column for column in load.columns if column != table.key]
        self.images = ImageSql(journal, table, load.object)

    @kept_property
    def incoming(self) -> sa.Table:
        """The temporary table of new values: the key `k`, and `v0`, `v1` … of the columns."""
        import sqlalchemy as sa

        dialect = self.dialect
        fields = [sa.Column("k", dialect.image_type(self.table.key_column), autoincrement=False)]
        fields += [
            sa.Column(f"v{index}", dialect.image_type(self.table.columns[column]))
            for index, column in enumerate(self.columns)
        ]
        name = fitting(f"crmm_new_{self.table.name}")
        options: dict[str, Any] = dialect.table_options()
        made: sa.Table = sa.Table(name, sa.MetaData(), *fields, prefixes=["TEMPORARY"], **options)
        return made

    @kept_property
    def remember(self) -> sa.Insert:
        """Copies the rows that are to change, as they are."""
        import sqlalchemy as sa

        incoming, before = untyped(self.incoming), untyped(self.images.before)
        table, stored = self.table.sql, self.table.stored
        query = (
            sa.select(*(table.c[column] for column in stored))
            .select_from(sa.join(incoming, table, table.c[self.table.key] == incoming.c.k))
            .where(sa.or_(*self._changes(incoming, table).values()))
        )
        return before.insert().from_select(list(stored), query)

    @kept_property
    def update_all(self) -> sa.Update:
        """Changes each row that came in; none need be looked at once more."""
        return self._update(every=True)

    @kept_property
    def update_some(self) -> sa.Update:
        """Changes those of the rows that differ."""
        return self._update(every=False)

    @kept_property
    def update_with_images(self) -> sa.Insert:
        """Changes those of the rows that differ and takes both images of each in the same statement, for `Dialect.tells_changes`.

        The rows are locked already, so that none has another version than the one that was compared. A place (`ctid`) names a row only
        within its table, and somebody may have one inherit from this one meanwhile.
        """
        import sqlalchemy as sa

        incoming = untyped(self.incoming)
        key, stored = self.table.key, self.table.stored
        table = sa.table(self.table.name, *map(sa.column, (*self.table.columns, "ctid", "tableoid")))
        found = table.alias("crmm_found")
        changes = self._changes(incoming, found)
        told = [
            side.c[name].label(f"{mark}{index}")
            for mark, side in zip("ba", (found, table), strict=True)
            for index, name in enumerate(stored)
        ]
        changed = (
            table.update().values(self._values(incoming, table, changes))
            .where(found.c[key] == incoming.c.k, sa.or_(*changes.values()))
            .where(table.c.ctid == found.c.ctid, table.c.tableoid == found.c.tableoid)
            .returning(*told).cte("crmm_changed")
        )  # fmt: skip
        return self.images.changed(changed)

    def _update(self, *, every: bool) -> sa.Update:
        """Return the UPDATE that gives each row the values that came in for it, and leaves its other columns alone.

        Where one column decides about others, it is asked what it was before: MySQL sets one column after the other.
        """
        import sqlalchemy as sa

        incoming, before = untyped(self.incoming), untyped(self.images.before)
        table = self.table.sql
        key = table.c[self.table.key]
        where = [key == incoming.c.k]
        old: sa.FromClause = table
        if "newer" in self.load.policy.values():
            old = before
            where.append(old.c[self.table.key] == incoming.c.k)
        changes = self._changes(incoming, old)
        where += [] if every else [sa.or_(*changes.values())]
        return table.update().where(*where).values(self._values(incoming, table, changes))

    def _values(
        self, incoming: sa.TableClause, table: sa.TableClause, changes: Mapping[str, sa.ColumnElement[bool]]
    ) -> dict[str, sa.ColumnElement[Any]]:
        """Return what each column gets: the new value where it changes, else what it holds."""
        import sqlalchemy as sa

        values: dict[str, sa.ColumnElement[Any]] = {}
        for column, changed in changes.items():
            new, now = incoming.c[f"v{self.columns.index(column)}"], table.c[column]
            plain = self.table.columns[column].kind == "text" and self._policy(column) == "overwrite"
            values[column] = sa.func.coalesce(new, now) if plain else sa.case((changed, new), else_=now)
        return values

    def _policy(self, column: str) -> str:
        return self.load.policy.get(column, "overwrite")

    def _changes(self, incoming: sa.TableClause, old: sa.FromClause) -> dict[str, sa.ColumnElement[bool]]:
        """Return for each column whether the write policy lets the new value take the place of the `old` one.

        A blank never erases. A step that does not bring the date that decides (one that fills references later) only fills.
        """
        import sqlalchemy as sa

        load, form = self.load, self.dialect.comparable
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

        by = self.load.newer_by
        live, form = self.table.columns[by], self.dialect.comparable
        ours, theirs = incoming.c[f"v{self.columns.index(by)}"], old.c[by]
        return sa.and_(ours.is_not(None), sa.or_(theirs.is_(None), form(ours, live) > form(theirs, live)))


class Updates:
    """The updates of one batch.

    Args:
        batch: converted, its rows found and locked.
        sql: of its step.
        images: of the batch.
        keys: position → key of the row in the target.
        refused: what to do with a row that the database refuses.
    """

    def __init__(
        self, batch: Batch, sql: UpdateSql, images: Images, keys: Mapping[int, Any], refused: Callable[[int, Refusal, str], None]
    ) -> None:  # fmt: skip
        self.batch = batch
        self.sql = sql
        self.images = images
        self.keys = keys
        self.refused = refused

    def write(self, positions: Sequence[int]) -> int:
        """Update the rows at `positions` where the write policy says so, with their images; return how many really changed."""
        sql = self.sql
        if not positions or not sql.columns:
            return 0
        connection, dialect = self.batch.connection, self.batch.dialect
        incoming, before = sql.incoming, sql.images.before
        at_once = dialect.tells_changes(connection, sql.table.name)
        changed = 0
        dialect.make_temporary(connection, incoming)
        if not at_once:
            dialect.make_temporary(connection, before)
        names = [column.name for column in incoming.columns]

        def write(part: Sequence[int]) -> None:
            if len(part) < len(positions):  # a second try
                connection.execute(incoming.delete())
            keys = Cells(dialect.wire, [self.keys[position] for position in part])
            cells = [keys, *(self.batch.values[column].take(part) for column in sql.columns)]
            dialect.bulk(connection, incoming.name, names, cells)
            if at_once:
                nonlocal changed
                changed += self.images.counted(sql.update_with_images)
                return
            changing = connection.execute(sql.remember, execution_options={"preserve_rowcount": True}).rowcount
            if changing:
                connection.execute(sql.update_all if changing == len(part) else sql.update_some)

        self.batch.isolating(positions, write, self.refused)
        if not at_once:
            changed = self.images.note_updates()
            dialect.drop_temporary(connection, before)
        dialect.drop_temporary(connection, incoming)
        return changed
