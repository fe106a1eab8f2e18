"""Undo the rows of a batch at once where nothing stands in the way: none was edited, deleted or has got children since.

One statement deletes or restores the rows that are as the load left them, and that must be all; else it is taken back, and the batch
is undone row by row (`undoing.py`). Where other tables refer to the rows, these are locked and looked at before they are deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.targets.naming import fitting

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crmmigrate.targets.undoing import BatchUndo


class _NotAllError(Exception):
    """The server changed fewer rows than it was asked to; a trigger may do that."""


def swept(undo: BatchUndo, run: str, batch: int, action: str, made: int) -> int | None:
    """Undo all changes of one kind of a batch.

    Args:
        undo: of the batch.
        run: whose batch it is.
        batch: its number.
        action: `update`, or what is undone by taking rows out.
        made: how many such changes the batch made.

    Returns:
        How many changes were undone; None where they are to be looked at one by one, and nothing was done.
    """
    import sqlalchemy as sa

    dialect, image = undo.journal.dialect, undo.image
    if undo.planned is not None or dialect.is_copy:
        return None
    mine = sa.and_(
        image.c.run == run, image.c.batch == batch, image.c.action == action, *undo.scope.of(image, undo.object)
    )
    if not undo.scope.whole:
        made = int(undo.connection.execute(sa.select(sa.func.count()).select_from(image).where(mine)).scalar_one())
    if not made:
        return 0
    taken = action == undo.takes
    named = image.c[fitting(f"a_{undo.table.key}")]
    untouched = sa.and_(*_untouched(undo, action))
    where = sa.and_(undo.table.sql.c[undo.table.key] == named, untouched)
    if taken and undo.children and not _stand_alone(undo, sa.and_(mine, where), made):
        return None
    try:
        with undo.connection.begin_nested():
            if taken:
                done = dialect.delete_joined(undo.connection, undo.table, image, named, mine, where)
                if undo.triggered:
                    undo.triggered.forget(sa.select(image.c.target_key).where(mine))
            else:
                done = dialect.update_joined(undo.connection, undo.table, image, named, mine, untouched, _former(undo))
                undo.note_left(mine)
            if done != made:
                raise _NotAllError  # noqa: TRY301  # takes the savepoint back
    except _NotAllError:
        return None
    except dialect.errors as error:
        if dialect.refusal(error, undo.table) is None:
            raise
        return None
    return made


def _stand_alone(undo: BatchUndo, where: sa.ColumnElement[bool], made: int) -> bool:
    """Lock the rows, whose foreign keys might delete others with them; whether they are all and no other row points to any of them."""
    locked = undo.journal.dialect.lock(undo.connection, undo.table.sql, undo.image, where)
    return locked == made and not _has_children(undo, where)


def _untouched(undo: BatchUndo, action: str) -> list[sa.ColumnElement[bool]]:
    """Return what holds for a row that is as the load left it, or in part as it was before."""
    import sqlalchemy as sa

    stored = undo.table.stored
    later = map(undo.is_filled, undo.later) if action == undo.takes else ()
    edited = sa.or_(*(undo.is_edited(name, action) for name in stored), *later)
    return [sa.not_(edited), *([sa.or_(*map(undo.is_moved, stored))] if action == "update" else [])]


def _has_children(undo: BatchUndo, where: sa.ColumnElement[bool]) -> bool:
    """Whether other rows point to any of the rows."""
    import sqlalchemy as sa

    table = undo.table.sql
    for link in undo.children:
        child = sa.table(link.table, *map(sa.column, link.columns), schema=link.schema).alias("child")
        pairs = zip(link.columns, link.parent_columns, strict=True)
        rows = undo.image.join(table, where).join(child, sa.and_(*(child.c[own] == table.c[of] for own, of in pairs)))
        query = undo.journal.dialect.in_order(sa.select(sa.literal(1)).select_from(rows)).limit(1)
        if undo.connection.execute(query).first() is not None:
            return True
    return False


def _former(undo: BatchUndo) -> dict[str, sa.ColumnElement[Any]]:
    """Return what each column held before; none holds anything else than that or what the load left."""
    return {name: undo.image.c[fitting(f"{undo.found}_{name}")] for name in undo.table.stored if name != undo.table.key}
