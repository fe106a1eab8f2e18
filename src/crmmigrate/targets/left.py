"""What rows hold where the database did not leave what undoing gave them: a trigger that sets a time of change, say. It is no edit of people.

A load's own after-images are what triggers have made of its rows. What a rollback (or the redo of one) writes, the triggers see too: each value
that is not what was given back is noted in `crmm_left_<table>`, beside what it should have been. Whoever compares the row with an image takes the one
for the other. Of fields that people had edited, which stay, nothing is noted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.model.kept_property import kept_property
from crmmigrate.targets.creating import add_columns
from crmmigrate.targets.crosswalk import parts
from crmmigrate.targets.naming import PREFIX, fitting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import sqlalchemy as sa

    from crmmigrate.model.target import TargetRun
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable

WANTED, REALLY = "b", "a"
"""The sides: what a column was given back, and what it held afterwards."""


def left_name(table: str) -> str:
    """Return the name of the journal's table of what undoing left in the rows of a table."""
    return fitting(f"{PREFIX}left_{table}")


def make_left(connection: sa.Connection, journal: Journal, table: LiveTable) -> None:
    """Make the table, or give it the columns that its table has gained, where the database may set values by itself."""
    import sqlalchemy as sa

    there = sa.inspect(connection).has_table(left_name(table.name))
    if not there and not journal.dialect.sets_values(connection, table.name):
        return
    short, image_type = journal.dialect.journal_text, journal.dialect.image_type
    columns = [sa.Column("target_key", short(255), primary_key=True), sa.Column("run", short(128), primary_key=True)]
    columns += [
        sa.Column(fitting(f"{side}_{name}"), image_type(table.columns[name]), nullable=True, autoincrement=False)
        for side in (WANTED, REALLY)
        for name in table.stored
    ]
    options: dict[str, Any] = journal.dialect.table_options()
    made = sa.Table(left_name(table.name), sa.MetaData(), *columns, **options)
    if there:
        add_columns(connection, made)
    else:
        made.create(connection)


def left_of(connection: sa.Connection, journal: Journal, table: LiveTable) -> Left | None:
    """Return what undoing left in the rows of a table; None where nothing was ever noted of it."""
    import sqlalchemy as sa

    name = left_name(table.name)
    inspector = sa.inspect(connection)
    if not inspector.has_table(name):
        return None
    there = {spec["name"] for spec in inspector.get_columns(name)}
    columns = tuple(column for column in table.stored if fitting(f"{REALLY}_{column}") in there)
    return Left(connection, journal, table, sa.table(name, *map(sa.column, sorted(there))), columns)


@dataclass(frozen=True)
class Left:
    """The rows of one table in which undoing left something else than it gave back.

    Args:
        connection: in a transaction.
        journal: of the target.
        table: whose rows they are.
        sql: where they are noted, once for each row and run.
        columns: of the table, of which something can be noted.
    """

    connection: sa.Connection
    journal: Journal
    table: LiveTable
    sql: sa.TableClause
    columns: tuple[str, ...]

    @kept_property
    def any(self) -> bool:
        """Whether there are any, as of the first time that this is asked."""
        return self.connection.execute(self.sql.select().limit(1)).first() is not None

    @kept_property
    def is_noting(self) -> bool:
        """Whether the database may set values by itself at all."""
        return self.journal.dialect.sets_values(self.connection, self.table.name)

    def side(self, side: str, name: str) -> sa.ColumnElement[Any]:
        """Return one side of a column."""
        return self.sql.c[fitting(f"{side}_{name}")]

    def stands_for(
        self, key: sa.ColumnElement[Any], name: str, now: sa.ColumnElement[Any], wanted: Sequence[sa.ColumnElement[Any]]
    ) -> sa.ColumnElement[bool]:
        """Return whether what a column holds `now` is what undoing left there in the place of one of the values `wanted`.

        Args:
            key: of the row, as text.
            name: of the column.
            now: its value, to be compared exactly, like each of `wanted`.
            wanted: of images.
        """
        import sqlalchemy as sa

        if name not in self.columns:
            return sa.false()
        was, really = (self._exact(self.side(side, name), name) for side in (WANTED, REALLY))
        same = sa.or_(*(was.is_not_distinct_from(value) for value in wanted))
        where = (self.sql.c.target_key == key, really.is_not_distinct_from(now), same)
        return sa.exists(sa.select(sa.literal(1)).where(*where).correlate_except(self.sql))

    def _exact(self, value: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        return self.journal.dialect.exact(value, replace(self.table.columns[name], charset=""))

    def note(
        self, run: str, image: sa.FromClause, side: str, where: sa.ColumnElement[bool], edited: Collection[str] = ()
    ) -> None:
        """Note what rows hold that were just written, in which it is not what they were given.

        Args:
            run: the rollback, or redo, that wrote them.
            image: of the rows; `side` of it is what they were given.
            side: `a` or `b`.
            where: chooses images.
            edited: columns that people had edited in all of these rows: they keep what they hold.
        """
        import sqlalchemy as sa

        if not self.is_noting:
            return
        table = self.table.sql
        given = {name: image.c[fitting(f"{side}_{name}")] for name in self.columns if name not in edited}
        held = {name: table.c[name] for name in self.columns}
        differs = [
            self._exact(value, name).is_distinct_from(self.journal.dialect.exact(held[name], self.table.columns[name]))
            for name, value in given.items()
        ]
        key = image.c[fitting(f"a_{self.table.key}")]
        rows = image.join(table, table.c[self.table.key] == key)
        into = ["target_key", "run", *(fitting(f"{side}_{name}") for side in (WANTED, REALLY) for name in self.columns)]
        keys = sa.select(image.c.target_key).where(where)
        noted, mine = self.any, self.sql.c.run == run
        if noted:
            self.connection.execute(self.sql.delete().where(self.sql.c.target_key.in_(keys), mine))
        self.connection.execute(self.sql.insert().from_select(into, sa.select(
            image.c.target_key, sa.literal(run, sa.String(128)), *(given.get(name, held[name]) for name in self.columns), *held.values()
        ).select_from(rows).where(where, sa.or_(*differs))))  # fmt: skip
        if noted:
            self._hand_on(run, keys)

    def _hand_on(self, run: str, keys: sa.Select[Any]) -> None:
        """Have what earlier rollbacks left, and this one was to give back, stand as this one left it in its turn."""
        import sqlalchemy as sa

        new = self.sql.alias("crmm_new")
        old: Any = self.sql.alias("crmm_old")
        values: dict[str, sa.ColumnElement[Any]] = {}
        for name in self.columns:
            wanted, really = fitting(f"{WANTED}_{name}"), fitting(f"{REALLY}_{name}")
            same = self._exact(old.c[really], name).is_not_distinct_from(self._exact(new.c[wanted], name))
            values[really] = sa.case((same, new.c[really]), else_=old.c[really])
        where = (old.c.target_key == new.c.target_key, old.c.run != run, new.c.run == run, old.c.target_key.in_(keys))
        self.connection.execute(sa.update(old).where(*where).values(values))

    def forget(self, keys: sa.Select[Any]) -> None:
        """Forget rows that are gone."""
        self.connection.execute(self.sql.delete().where(self.sql.c.target_key.in_(keys)))

    def forget_keys(self, keys: Sequence[str]) -> None:
        """Forget rows named by their keys as text."""
        for part in parts(list(keys)):
            self.connection.execute(self.sql.delete().where(self.journal.dialect.among(self.sql.c.target_key, part)))

    def of(self, keys: Sequence[str]) -> dict[str, list[tuple[str, Any, Any]]]:
        """Return key → columns with what each was given back and what it held instead, as the driver gives them."""
        import sqlalchemy as sa

        found: dict[str, list[tuple[str, Any, Any]]] = {}
        sides = [self.side(side, name) for side in (WANTED, REALLY) for name in self.columns]
        for part in parts(list(keys)):
            query = sa.select(self.sql.c.target_key, *sides)
            for key, *values in self.connection.execute(
                query.where(self.journal.dialect.among(self.sql.c.target_key, part))
            ):
                pairs = zip(self.columns, values[: len(self.columns)], values[len(self.columns) :], strict=True)
                found.setdefault(key, []).extend((name, was, now) for name, was, now in pairs if was != now)
        return found

    def by(self, run: str, *names: str) -> sa.ColumnElement[bool]:
        """Return what holds for rows that a rollback left so, and of `names` none holds anything else than it was given."""
        import sqlalchemy as sa

        same = [
            self._exact(self.side(WANTED, name), name).is_not_distinct_from(self._exact(self.side(REALLY, name), name))
            for name in names
            if name in self.columns
        ]
        return sa.and_(self.sql.c.run == run, *same)

    def told(self, run: str) -> tuple[int, tuple[str, ...]]:
        """Return how many rows a rollback left so, and in which columns."""
        import sqlalchemy as sa

        counts = [
            sa.func.coalesce(sa.func.sum(sa.case((sa.not_(self.by(run, name)), 1), else_=0)), 0)
            for name in self.columns
        ]
        query = sa.select(sa.func.count(), *counts).select_from(self.sql).where(self.sql.c.run == run)
        rows, *differing = self.connection.execute(query).one()
        return int(rows), tuple(name for name, count in zip(self.columns, differing, strict=True) if count)


def forget_runs(connection: sa.Connection, journal: Journal, table: str, runs: Sequence[str]) -> None:
    """Delete what some rollbacks have noted of a table: values of rows are personal data."""
    import sqlalchemy as sa

    if runs and sa.inspect(connection).has_table(left_name(table)):
        left = sa.table(left_name(table), sa.column("run", sa.String()))
        connection.execute(left.delete().where(journal.dialect.among(left.c.run, list(runs))))


def undoing_runs(runs: Sequence[TargetRun], load: str) -> list[str]:
    """Return the rollbacks of a load, and the redos of these."""
    back = {run.run for run in runs if run.parent == load}
    return sorted(back | {run.run for run in runs if run.parent in back})
