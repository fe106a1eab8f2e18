"""Prove that a rollback has brought a table back: by digests over all its rows and over those the load touched.

Let *others* be the rows the load never touched. Before the load the table was others + what the load found of the rows
it later changed; after the rollback it must be others + the same, less the rows kept on both sides. Rows that other
people added, changed or deleted meanwhile are in the difference of *others* between load and rollback.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.targets.digests import RowSum, row_sum
from crmmigrate.targets.key_ranges import gaps, overlap, sorted_keys
from crmmigrate.targets.left import REALLY, WANTED, left_of
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
    adding = Adding(connection, journal.dialect, table, journal.dialect.hashing(connection))
    rows = sa.select(*(table.sql.c[name] for name in table.stored))
    told = _survey(adding, journal, scope, plan, anew=True)
    if told is not None and told.ranges is not None:
        parts = (rows.where(between) for between in gaps(key, told.ranges))
        return sum(map(adding.sum, parts), RowSum())
    keys = [
        sa.select(image.c[fitting(f"a_{table.key}")].label("k")).where(*scope.of(image, name))
        for name, image in _images(journal, table, plan)
    ]
    if told is not None:
        with sorted_keys(connection, journal.dialect, table, keys) as (found, count):
            journal.surveys[table.name] = replace(told, twice=count < told.changes)
            return adding.sum(rows.select_from(table.sql.outerjoin(found, key == found.c.k)).where(found.c.k.is_(None)))
    among, outside = journal.dialect.outside(table.sql, key, keys)
    return adding.sum(rows.select_from(among).where(outside))


@dataclass(frozen=True)
class Survey:
    """What one pass over the images of a table tells about the changes of a scope.

    Args:
        scope: whose changes they are.
        ranges: first and last key of the rows of each kind of change of each batch, ascending; None where any of these have gaps.
            A batch has a row only once for each kind of change.
        changes: how many they are.
        found: the sum of the rows as the load found them (of a redo, as it left them), right where no row was changed twice.
        twice: whether one was; None where nobody has looked.
    """

    scope: Scope
    ranges: tuple[tuple[int, int], ...] | None
    changes: int
    found: RowSum
    twice: bool | None = None


def _survey(adding: Adding, journal: Journal, scope: Scope, plan: LoadPlan, *, anew: bool = False) -> Survey | None:
    """Pass over the images once, for they are more than all else that a rollback reads; what they told is remembered until the next run.

    Args:
        adding: for the table.
        journal: of the target.
        scope: which changes are meant.
        plan: of the load.
        anew: whether the images may have become more since.

    Returns:
        None where the server needs no ranges of keys, or rows come to the client to be added up.
    """
    import sqlalchemy as sa

    table, dialect = adding.table, journal.dialect
    if not adding.by or not dialect.keys_as_ranges or table.key_column.kind != "integer":
        return None
    known = journal.surveys.get(table.name)
    if known is not None and known.scope == scope and not anew:
        return known
    side, absent = _before(scope)
    columns = [table.columns[name] for name in table.stored]
    ranges: list[tuple[int, int]] | None = []
    changes, found = 0, RowSum()
    for title, image in _images(journal, table, plan):
        key, there = image.c[fitting(f"a_{table.key}")], image.c.action != absent
        number = dialect.hashed([image.c[fitting(f"{side}_{name}")] for name in table.stored], columns)
        totals = sa.func.sum(sa.case((there, 1), else_=0)), sa.func.sum(sa.case((there, number)))  # no 0: it is signed
        query = sa.select(sa.func.count(), sa.func.min(key), sa.func.max(key), *totals)
        for rows, first, last, count, total in adding.connection.execute(
            query.where(*scope.of(image, title)).group_by(image.c.batch, image.c.action)
        ):
            changes += int(rows)
            found += RowSum.of(int(count), int(total or 0), adding.by)
            gapless = first is not None and last - first + 1 == rows
            ranges = [*ranges, (int(first), int(last))] if ranges is not None and gapless else None
    told = Survey(scope, None, changes, found)
    if ranges is not None:
        ranges.sort()
        told = replace(told, ranges=tuple(ranges), twice=overlap(ranges))
    journal.surveys[table.name] = told
    return told


def _before(scope: Scope) -> tuple[str, str]:
    """Return the side of the images that shows rows as a load found them (for a redo: left them), and for which kind of change there was no row."""
    return ("a", "delete") if scope.again else ("b", "insert")


def agrees(connection: sa.Connection, journal: Journal, table: LiveTable, scope: Scope, rollback: TargetRun) -> bool:
    """Whether `table` is as before the changes of `scope` (a redo: as after them), apart from what `rollback` kept."""
    plan = LoadPlan.from_text(rollback.plan)
    others = RowSum.parse(rollback.digests[table.name])
    adding = Adding(connection, journal.dialect, table, others.by)
    now, brought = adding.all(), _found(adding, journal, scope, plan)
    if _has_kept(connection, journal, rollback.run):
        now -= _touched(adding, journal, scope, plan, rollback.run)
        brought -= _found(adding, journal, scope, plan, rollback.run)
    wanted, really = _set_by_database(adding, journal, plan, rollback.run)
    return now == others + brought - wanted + really


def _set_by_database(adding: Adding, journal: Journal, plan: LoadPlan, rollback: str) -> tuple[RowSum, RowSum]:
    """Add up the rows that a rollback gave back, as they should be and as they are, where the database then set columns by itself that no load writes.

    A column that the load writes is to hold what it held, whatever a trigger thinks of it.
    """
    import sqlalchemy as sa

    left = left_of(adding.connection, journal, adding.table)
    if left is None or left.columns != tuple(adding.table.stored):
        return RowSum(), RowSum()
    steps = [load for load in plan.objects if load.table == adding.table.name]
    kept = journal.table("kept")
    is_kept = sa.exists().where(
        kept.c.run == rollback,
        kept.c.target_key == left.sql.c.target_key,
        kept.c.object.in_([load.object for load in steps]),
    )
    mine = (left.by(rollback, *sorted({column for load in steps for column in load.columns})), sa.not_(is_kept))
    wanted, really = (
        adding.sum(sa.select(*(left.side(side, name) for name in left.columns)).where(*mine))
        for side in (WANTED, REALLY)
    )
    return wanted, really


def foreign_sum(
    connection: sa.Connection, journal: Journal, table: LiveTable, load: TargetRun, rollback: TargetRun
) -> RowSum:
    """Return by how much the rows that `load` never touched differed when `rollback` began from what they were before `load`.

    Where the digests are by different hashes (a journal of an earlier version), only how many rows more or less there were.
    """
    before, began = RowSum.parse(load.digests[table.name]), RowSum.parse(rollback.digests[table.name])
    adding = Adding(connection, journal.dialect, table, before.by)
    found = _found(adding, journal, Scope(journal, load.run), LoadPlan.from_text(load.plan))
    wanted, really = _given_back_by_others(adding, journal, load)
    differs = began - really + wanted - (before - found)
    return differs if began.by == before.by else RowSum(0, differs.rows)


def _given_back_by_others(adding: Adding, journal: Journal, load: TargetRun) -> tuple[RowSum, RowSum]:
    """Add up rows that `load` never touched, as a rollback since was to give them back and as they are, where the database set columns by itself and nobody else has written them since.

    The first rollback since gave back what was there before the load.
    """
    import sqlalchemy as sa

    left = left_of(adding.connection, journal, adding.table)
    if left is None or left.columns != tuple(adding.table.stored) or not left.any:
        return RowSum(), RowSum()
    table, run = adding.table, journal.table("run")
    touched = [
        sa.select(image.c.target_key).where(image.c.run == load.run)
        for _, image in _images(journal, table, LoadPlan.from_text(load.plan))
    ]
    same = [
        adding.dialect.exact(table.sql.c[name], table.columns[name]).is_not_distinct_from(
            adding.dialect.exact(left.side(REALLY, name), replace(table.columns[name], charset=""))
        )
        for name in table.stored
    ]
    key = table.sql.c[table.key] == left.side(REALLY, table.key)
    place = sa.func.row_number().over(partition_by=left.sql.c.target_key, order_by=run.c.since)
    rows = (
        sa.select(*left.sql.c, place.label("crmm_place"))
        .select_from(left.sql.join(run, run.c.run == left.sql.c.run).join(table.sql, sa.and_(key, *same)))
        .where(run.c.since > load.since, *(left.sql.c.target_key.not_in(keys) for keys in touched)).subquery()
    )  # fmt: skip
    wanted, really = (
        adding.sum(
            sa.select(*(rows.c[fitting(f"{side}_{name}")] for name in table.stored)).where(rows.c.crmm_place == 1)
        )
        for side in (WANTED, REALLY)
    )
    return wanted, really


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
    twice = _any_twice(adding, journal, scope, plan)
    if not twice and not kept_by and (told := _survey(adding, journal, scope, plan)) is not None:
        return told.found
    side, absent = _before(scope)  # where absent, the row was not there at that moment
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
    if not twice:
        return adding.sum(sa.select(*(every.c[value] for value in values)).where(every.c.action != absent))
    order = every.c.batch.desc() if scope.again else every.c.batch
    place = sa.func.row_number().over(partition_by=every.c.target_key, order_by=order).label("place")
    first = sa.select(every.c.action, place, *(every.c[value] for value in values)).subquery()
    found = sa.select(*(first.c[value] for value in values)).where(first.c.place == 1)
    return adding.sum(found.where(first.c.action != absent))


def _any_twice(adding: Adding, journal: Journal, scope: Scope, plan: LoadPlan) -> bool:
    """Whether a row was changed more than once: to see that takes the keys alone, to put its images in order all of them."""
    import sqlalchemy as sa

    told = _survey(adding, journal, scope, plan)
    if told is not None and told.twice is not None:
        return told.twice
    images, name = _images(journal, adding.table, plan), fitting(f"a_{adding.table.key}")
    keys = sa.union_all(
        *(sa.select(image.c[name].label("k")).where(*scope.of(image, title)) for title, image in images)
    )
    key = keys.subquery().c.k
    query = sa.select(key).group_by(key).having(sa.func.count() > 1).limit(1)
    return adding.connection.execute(query).first() is not None
