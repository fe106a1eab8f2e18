"""Whether the batches of a load may be undone in any order, and so beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.targets.naming import fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import ChildLink, LiveTable


def any_order(
    connection: sa.Connection, journal: Journal, table: LiveTable, object_name: str, run: str, batches: Sequence[int],
    children: Sequence[ChildLink],
) -> bool:  # fmt: skip
    """Return whether some batches of one object, from one to another without a gap, may be undone in any order.

    Not where rows of the table refer to each other, for a row is kept that another one refers to; where triggers, say, may tie them; where a row was changed by several of
    the batches; or where one gives back a unique value that another may have taken.

    Args:
        connection: to the target.
        journal: of it.
        table: that was loaded.
        object_name: whose rows these are.
        run: the load.
        batches: their numbers.
        children: the foreign keys that point to the table.
    """
    import sqlalchemy as sa

    if any(link.table == table.name for link in children) or not journal.dialect.keys_tie(connection, table.name):
        return False
    batch, first, last = journal.table("batch"), min(batches), max(batches)
    mine = (batch.c.run == run, batch.c.batch.between(first, last))
    others = sa.func.coalesce(sa.func.sum(batch.c.rows - batch.c.inserted - batch.c.unchanged - batch.c.rejected), 0)
    if not connection.execute(sa.select(others).where(*mine)).scalar_one():
        return True  # each row was inserted, and that once
    image = journal.image(table, object_name)
    among = (image.c.run == run, image.c.batch.between(first, last))
    keys = {column for columns in (*table.unique.values(), *table.firm) for column in columns}
    unique = sorted(keys & {*table.stored} - {table.key})  # the images know none that the table has gained since
    moved = [
        journal.dialect.exact(image.c[fitting(f"b_{name}")], table.columns[name]).is_distinct_from(
            journal.dialect.exact(image.c[fitting(f"a_{name}")], table.columns[name])
        )
        for name in unique
    ]
    changed = sa.select(sa.literal(1)).where(*among, image.c.action == "update", sa.or_(*moved)).limit(1)
    if moved and connection.execute(changed).first() is not None:
        return False
    again = sa.select(image.c.target_key).where(*among).group_by(image.c.target_key).having(sa.func.count() > 1)
    return connection.execute(again.limit(1)).first() is None
