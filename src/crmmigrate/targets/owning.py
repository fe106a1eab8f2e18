"""Who stands in a row of the target: several records may be linked to it, where one has taken it over from others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.targets.crosswalk import parts
from crmmigrate.targets.ended import linked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.journal import Journal


def owners(connection: sa.Connection, journal: Journal, object_name: str) -> dict[str, str]:
    """Return target key → record, of the rows to which several records are linked: the one linked last owns the row."""
    import sqlalchemy as sa

    walk, run = journal.table("crosswalk"), journal.table("run")
    mine = sa.and_(walk.c.object == object_name, *linked(connection, journal))
    shared = sa.select(walk.c.target_key).where(mine).group_by(walk.c.target_key).having(sa.func.count() > 1)
    query = (
        sa.select(walk.c.target_key, walk.c.source_key).select_from(walk.join(run, run.c.run == walk.c.run))
        .where(mine, walk.c.target_key.in_(shared)).order_by(run.c.since, walk.c.batch, walk.c.source_key)
    )  # fmt: skip
    return {key: record for key, record in connection.execute(query)}  # noqa: C416  (rows of a result are no pairs)


def standing_in(
    connection: sa.Connection, journal: Journal, table: str, keys: Sequence[str]
) -> dict[str, set[tuple[str, str]]]:
    """Return target key → (object, record) of all that are linked to a row of `table`, whatever object a load wrote there."""
    import sqlalchemy as sa

    plans = (LoadPlan.from_text(run.plan) for run in journal.runs(connection) if run.kind == "load")
    objects = sorted({load.object for plan in plans for load in plan.objects if load.table == table})
    walk = journal.table("crosswalk")
    mine = (walk.c.object.in_(objects), *linked(connection, journal))
    query = sa.select(walk.c.target_key, walk.c.object, walk.c.source_key).where(*mine)
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for part in parts(keys):
        for key, name, record in connection.execute(query.where(journal.dialect.among(walk.c.target_key, part))):
            found[key].add((name, record))
    return found
