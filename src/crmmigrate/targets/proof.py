"""Prove that a rollback has brought a table back: by digests over all its rows and over those the load touched.

Let *others* be the rows the load never touched. Before the load the table was others + what the load found of the rows
it later changed; after the rollback it must be others + the same, less the rows kept on both sides. Rows that other
people added, changed or deleted meanwhile are in the difference of *others* between load and rollback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.model.target import LoadPlan
from crmmigrate.targets.digests import RowSum, row_sum
from crmmigrate.targets.journal import fitting, untyped

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crmmigrate.model.target import TargetRun
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable

READ_ROWS = 20_000


def query_sum(connection: sa.Connection, query: sa.Select[Any]) -> RowSum:
    """Add up what `query` returns, streaming."""
    options = {"stream_results": True, "yield_per": READ_ROWS}
    return row_sum(tuple(row) for row in connection.execute(query, execution_options=options))


def table_sum(connection: sa.Connection, table: LiveTable) -> RowSum:
    """Add up all rows of a table."""
    import sqlalchemy as sa

    return query_sum(connection, sa.select(*(table.sql.c[name] for name in table.stored)))


def untouched(connection: sa.Connection, journal: Journal, table: LiveTable, run: str, plan: LoadPlan) -> RowSum:
    """Add up the rows that the load `run` never touched."""
    return table_sum(connection, table) - _touched(connection, journal, table, run, plan)


def agrees(connection: sa.Connection, journal: Journal, table: LiveTable, load: TargetRun, rollback: TargetRun) -> bool:
    """Whether `table` is as before `load`, apart from what `rollback` kept and what others changed elsewhere."""
    plan = LoadPlan.from_text(load.plan)
    before = RowSum.parse(load.digests[table.name])
    others_before = before - _found(connection, journal, table, load.run, plan)
    foreign = RowSum.parse(rollback.digests[table.name]) - others_before
    now = table_sum(connection, table) - _touched(connection, journal, table, load.run, plan, rollback.run)
    return now == before - _found(connection, journal, table, load.run, plan, rollback.run) + foreign


def _images(journal: Journal, table: LiveTable, plan: LoadPlan) -> list[tuple[str, sa.TableClause]]:
    names = dict.fromkeys(load.object for load in plan.objects if load.table == table.name)
    return [(name, untyped(journal.image(table, name))) for name in names]


def _is_kept(journal: Journal, image: sa.TableClause, rollback: str, names: list[str]) -> sa.ColumnElement[bool]:
    import sqlalchemy as sa

    kept = journal.table("kept")
    return sa.exists().where(
        kept.c.run == rollback, kept.c.target_key == image.c.target_key, kept.c.object.in_(names)
    )  # fmt: skip


def _touched(
    connection: sa.Connection, journal: Journal, table: LiveTable, run: str, plan: LoadPlan, kept_by: str = ""
) -> RowSum:
    """Add up the rows, as they are now, that the load touched (and that the rollback `kept_by` kept)."""
    import sqlalchemy as sa

    images = _images(journal, table, plan)
    key = table.sql.c[table.key]
    wanted = []
    for _, image in images:
        keys = sa.select(image.c[fitting(f"a_{table.key}")]).where(image.c.run == run)
        wanted.append(
            key.in_(keys.where(_is_kept(journal, image, kept_by, [name for name, _ in images])) if kept_by else keys)
        )
    return query_sum(connection, sa.select(*(table.sql.c[name] for name in table.stored)).where(sa.or_(*wanted)))


def _found(
    connection: sa.Connection, journal: Journal, table: LiveTable, run: str, plan: LoadPlan, kept_by: str = ""
) -> RowSum:
    """Add up the rows, as the load found them, that it changed (and that the rollback `kept_by` kept)."""
    import sqlalchemy as sa

    total = RowSum()
    images = _images(journal, table, plan)
    seen = sa.union_all(
        *(sa.select(image.c.target_key, image.c.batch).where(image.c.run == run) for _, image in images)
    )
    seen_rows = seen.subquery()
    earliest = (
        sa.select(seen_rows.c.target_key, sa.func.min(seen_rows.c.batch).label("batch"))
        .group_by(seen_rows.c.target_key).subquery()
    )  # fmt: skip
    for _, image in images:
        first = sa.and_(earliest.c.target_key == image.c.target_key, earliest.c.batch == image.c.batch)
        query = sa.select(*(image.c[fitting(f"b_{name}")] for name in table.stored))
        query = query.select_from(image.join(earliest, first)).where(image.c.run == run, image.c.action == "update")
        if kept_by:
            query = query.where(_is_kept(journal, image, kept_by, [name for name, _ in images]))
        total += query_sum(connection, query)
    return total
