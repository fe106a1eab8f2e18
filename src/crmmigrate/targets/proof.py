"""Prove that a rollback has brought a table back: by digests over all its rows and over those the load touched.

Let *others* be the rows the load never touched. Before the load the table was others + what the load found of the rows
it later changed; after the rollback it must be others + the same, less the rows kept on both sides. Rows that other
people added, changed or deleted meanwhile are in the difference of *others* between load and rollback.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.targets.digests import RowSum, row_sum
from crmmigrate.targets.naming import fitting, untyped
from crmmigrate.targets.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from crmmigrate.model.target import TargetRun
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable

READ_ROWS = 20_000
MOST_RANGES = 100
"""Of keys, in one condition."""


@dataclass(frozen=True)
class Adding:
    """Adds up rows of one table.

    Args:
        connection: in a transaction.
        dialect: of the database.
        table: whose columns, generated ones left out, the rows have.
        by: the hash with which the server does it; empty: the rows come to the client.
    """

    connection: sa.Connection
    dialect: Dialect
    table: LiveTable
    by: str

    def sum(self, query: sa.Select[Any]) -> RowSum:
        """Add up what `query` returns."""
        import sqlalchemy as sa

        if self.by:
            rows = query.subquery("rows_added")
            columns = [self.table.columns[name] for name in self.table.stored]
            number = self.dialect.hashed(list(rows.c), columns)
            count, total = self.connection.execute(
                sa.select(sa.func.count(), sa.func.sum(number)).select_from(rows)
            ).one()
            return RowSum.of(int(count), int(total or 0), self.by)
        options = {"stream_results": True, "yield_per": READ_ROWS}
        result = self.connection.execute(query, execution_options=options)
        return row_sum(tuple(row) for part in result.partitions() for row in part)

    def all(self) -> RowSum:
        """Add up all rows of the table."""
        import sqlalchemy as sa

        return self.sum(sa.select(*(self.table.sql.c[name] for name in self.table.stored)))


def table_sum(connection: sa.Connection, dialect: Dialect, table: LiveTable) -> RowSum:
    """Add up all rows of a table."""
    return Adding(connection, dialect, table, dialect.hashing(connection)).all()


def untouched(connection: sa.Connection, journal: Journal, table: LiveTable, scope: Scope, plan: LoadPlan) -> RowSum:
    """Add up the rows that the changes of `scope` are not about; of the others nothing leaves the server."""
    import sqlalchemy as sa

    key = table.sql.c[table.key]
    keys = [
        sa.select(image.c[fitting(f"a_{table.key}")].label("k")).where(*scope.of(image, name))
        for name, image in _images(journal, table, plan)
    ]
    ranges = _merged(_ranges(connection, journal, table, scope, plan))
    if ranges is None:
        rows, outside = journal.dialect.outside(table.sql, key, keys)
    else:
        rows, outside = table.sql, sa.and_(sa.true(), *(sa.not_(key.between(*ends)) for ends in ranges))
    stored = (table.sql.c[name] for name in table.stored)
    adding = Adding(connection, journal.dialect, table, journal.dialect.hashing(connection))
    return adding.sum(sa.select(*stored).select_from(rows).where(outside))


def _ranges(
    connection: sa.Connection, journal: Journal, table: LiveTable, scope: Scope, plan: LoadPlan
) -> list[tuple[int, int]] | None:
    """Return the keys of the rows that the changes of `scope` are about as ranges without a gap, one for each kind of change of a batch.

    MariaDB and MySQL look a million single keys up on the disk. A batch has a row only once for each kind of change.

    Returns:
        First and last key of each range, ascending; None where there are gaps, or the server needs no ranges.
    """
    import sqlalchemy as sa

    if not journal.dialect.keys_as_ranges or table.key_column.kind != "integer":
        return None
    found: list[tuple[int, int]] = []
    for name, image in _images(journal, table, plan):
        key = image.c[fitting(f"a_{table.key}")]
        ends = sa.select(sa.func.count(), sa.func.min(key), sa.func.max(key)).where(*scope.of(image, name))
        for rows, first, last in connection.execute(ends.group_by(image.c.batch, image.c.action)):
            if first is None or last - first + 1 != rows:
                return None
            found.append((int(first), int(last)))
    return sorted(found)


def _merged(ranges: list[tuple[int, int]] | None) -> list[tuple[int, int]] | None:
    """Return ranges of which none touches the next; None where they are too many for one condition."""
    if ranges is None:
        return None
    merged: list[tuple[int, int]] = []
    for first, last in ranges:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged if len(merged) <= MOST_RANGES else None


def agrees(connection: sa.Connection, journal: Journal, table: LiveTable, scope: Scope, rollback: TargetRun) -> bool:
    """Whether `table` is as before the changes of `scope` (a redo: as after them), apart from what `rollback` kept."""
    plan = LoadPlan.from_text(rollback.plan)
    others = RowSum.parse(rollback.digests[table.name])
    adding = Adding(connection, journal.dialect, table, others.by)
    now, brought = adding.all(), _found(adding, journal, scope, plan)
    if _has_kept(connection, journal, rollback.run):
        now -= _touched(adding, journal, scope, plan, rollback.run)
        brought -= _found(adding, journal, scope, plan, rollback.run)
    return now == others + brought


def foreign_sum(
    connection: sa.Connection, journal: Journal, table: LiveTable, load: TargetRun, rollback: TargetRun
) -> RowSum:
    """Return by how much the rows that `load` never touched differed when `rollback` began from what they were before `load`.

    Where the digests are by different hashes (a journal of an earlier version), only how many rows more or less there were.
    """
    before, began = RowSum.parse(load.digests[table.name]), RowSum.parse(rollback.digests[table.name])
    adding = Adding(connection, journal.dialect, table, before.by)
    found = _found(adding, journal, Scope(journal, load.run), LoadPlan.from_text(load.plan))
    differs = began - (before - found)
    return differs if began.by == before.by else RowSum(0, differs.rows)


def later_load(
    connection: sa.Connection, journal: Journal, table_of: Callable[[str], LiveTable], runs: list[TargetRun], run: str
) -> str:
    """Return the latest load behind `run`, not undone, that changed a row which `run` changed too; or nothing."""
    mine = next(known for known in runs if known.run == run)
    for other in reversed(runs):
        if other.kind == "load" and other.since > mine.since and other.state in ("running", "stopped", "done"):
            tables = LoadPlan.from_text(mine.plan).tables
            if any(_share_rows(connection, journal, table_of(name), mine, other) for name in tables):
                return other.run
    return ""


def _share_rows(
    connection: sa.Connection, journal: Journal, table: LiveTable, one: TargetRun, other: TargetRun
) -> bool:
    import sqlalchemy as sa

    for _, image in _images(journal, table, LoadPlan.from_text(one.plan)):
        for _, second in _images(journal, table, LoadPlan.from_text(other.plan)):
            later = second.alias("later")
            keys = sa.select(later.c.target_key).where(later.c.run == other.run)
            query = sa.select(image.c.run).where(image.c.run == one.run, image.c.target_key.in_(keys)).limit(1)
            if connection.execute(query).first() is not None:
                return True
    return False


def _images(journal: Journal, table: LiveTable, plan: LoadPlan) -> list[tuple[str, sa.TableClause]]:
    names = dict.fromkeys(load.object for load in plan.objects if load.table == table.name)
    return [(name, untyped(journal.image(table, name))) for name in names]


def _is_kept(journal: Journal, image: sa.TableClause, rollback: str, names: list[str]) -> sa.ColumnElement[bool]:
    import sqlalchemy as sa

    kept = journal.table("kept")
    return sa.exists().where(
        kept.c.run == rollback, kept.c.target_key == image.c.target_key, kept.c.object.in_(names)
    )  # fmt: skip


def _touched(adding: Adding, journal: Journal, scope: Scope, plan: LoadPlan, kept_by: str = "") -> RowSum:
    """Add up the rows, as they are now, that the changes of `scope` are about (and that the rollback `kept_by` kept)."""
    import sqlalchemy as sa

    table = adding.table
    images = _images(journal, table, plan)
    key = table.sql.c[table.key]
    wanted = []
    for name, image in images:
        keys = sa.select(image.c[fitting(f"a_{table.key}")]).where(*scope.of(image, name))
        wanted.append(
            key.in_(keys.where(_is_kept(journal, image, kept_by, [name for name, _ in images])) if kept_by else keys)
        )
    return adding.sum(sa.select(*(table.sql.c[name] for name in table.stored)).where(sa.or_(*wanted)))


def _has_kept(connection: sa.Connection, journal: Journal, rollback: str) -> bool:
    import sqlalchemy as sa

    kept = journal.table("kept")
    return connection.execute(sa.select(kept.c.run).where(kept.c.run == rollback).limit(1)).first() is not None


def _has_found(connection: sa.Connection, journal: Journal, load: str) -> bool:
    """Whether a load found any of the rows that it changed or took out."""
    import sqlalchemy as sa

    batch = journal.table("batch")
    found = sa.or_(batch.c.updated > 0, batch.c.archived > 0, batch.c.deleted > 0)
    query = sa.select(batch.c.run).where(batch.c.run == load, found).limit(1)
    return connection.execute(query).first() is not None


def _found(adding: Adding, journal: Journal, scope: Scope, plan: LoadPlan, kept_by: str = "") -> RowSum:
    """Add up the rows of `scope` as the load found them; of a redo, as the load left them (and that `kept_by` kept)."""
    import sqlalchemy as sa

    table = adding.table
    if not scope.again and not _has_found(adding.connection, journal, scope.load):
        return RowSum()
    images = _images(journal, table, plan)
    side = "a" if scope.again else "b"
    values = [f"v{index}" for index in range(len(table.stored))]
    parts = []
    for title, image in images:
        fields = (
            image.c[fitting(f"{side}_{name}")].label(value) for name, value in zip(table.stored, values, strict=True)
        )
        query = sa.select(image.c.target_key, image.c.batch, image.c.action, *fields).where(*scope.of(image, title))
        if kept_by:
            query = query.where(_is_kept(journal, image, kept_by, [name for name, _ in images]))
        parts.append(query)
    every = sa.union_all(*parts).subquery()
    absent = "delete" if scope.again else "insert"  # at that moment the row was not there
    if not _any_twice(adding, journal, scope, plan):
        return adding.sum(sa.select(*(every.c[value] for value in values)).where(every.c.action != absent))
    order = every.c.batch.desc() if scope.again else every.c.batch
    place = sa.func.row_number().over(partition_by=every.c.target_key, order_by=order).label("place")
    first = sa.select(every.c.action, place, *(every.c[value] for value in values)).subquery()
    found = sa.select(*(first.c[value] for value in values)).where(first.c.place == 1)
    return adding.sum(found.where(first.c.action != absent))


def _any_twice(adding: Adding, journal: Journal, scope: Scope, plan: LoadPlan) -> bool:
    """Whether a row was changed more than once: to see that takes the keys alone, to put its images in order all of them."""
    import sqlalchemy as sa

    ranges = _ranges(adding.connection, journal, adding.table, scope, plan)
    if ranges is not None:
        return any(following[0] <= before[1] for before, following in pairwise(ranges))
    images, name = _images(journal, adding.table, plan), fitting(f"a_{adding.table.key}")
    keys = sa.union_all(
        *(sa.select(image.c[name].label("k")).where(*scope.of(image, title)) for title, image in images)
    )
    key = keys.subquery().c.k
    query = sa.select(key).group_by(key).having(sa.func.count() > 1).limit(1)
    return adding.connection.execute(query).first() is not None
