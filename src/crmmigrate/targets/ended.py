"""Batches whose links have ended all at once: their rows stay in the crosswalk, and one row of a small table says that they count no more.

A batch of a load that is undone as a whole takes every link with it that it wrote, but for those of rows that stayed. To move each of them
would cost more than to undo the rows; so the rollback only notes the batch, and a link counts (`linked`) unless its batch is noted and its
row is none that this rollback kept. A load that brings the same records again writes links beside the ended ones, for its run is
part of their key. Where links of such a batch have to be told apart one by one, it is settled first: what has ended is moved to where
single links go.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from crmmigrate.targets.naming import PREFIX

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crmmigrate.targets.dialect import Dialect

ENDED = "ended"
"""What the journal calls the table."""

UNLINKED = "unlinked"
"""What a rollback took out of the crosswalk link by link, so that it can itself be undone."""

NOTED = ("run", "object", "source_key", "target_key", "load_run", "batch", "adopted")


class LinkTables(ABC):
    """The tables of a journal among which links move."""

    @abstractmethod
    def table(self, name: str) -> sa.Table:
        """Return one of the journal's tables."""

    @abstractmethod
    def knows(self, connection: sa.Connection, name: str) -> bool:
        """Whether the journal has a table that one of an older version learns when the next run begins."""


def ended_table(metadata: sa.MetaData, dialect: Dialect) -> None:
    """Add the table of batches whose links have ended to those of a journal; `run` is the rollback."""
    import sqlalchemy as sa

    short = dialect.journal_text
    sa.Table(
        PREFIX + ENDED, metadata, sa.Column("load_run", short(128), primary_key=True),
        sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False), sa.Column("run", short(128)),
        **dialect.table_options(),
    )  # fmt: skip


def linked(connection: sa.Connection, journal: LinkTables) -> list[sa.ColumnElement[bool]]:
    """Return what holds for rows of the crosswalk that count; all do where the journal is of a version that moved each link."""
    import sqlalchemy as sa

    return [sa.not_(has_ended(journal, journal.table("crosswalk")))] if journal.knows(connection, ENDED) else []


def has_ended(journal: LinkTables, walk: sa.FromClause, by: sa.Select[Any] | None = None) -> sa.ColumnElement[bool]:
    """Return whether a link of `walk`, the crosswalk or an alias of it, has ended with its batch; by one of some rollbacks where `by` selects them."""
    import sqlalchemy as sa

    ended = journal.table(ENDED)
    mine = [ended.c.load_run == walk.c.run, ended.c.batch == walk.c.batch, sa.not_(_stays(journal, walk))]
    mine += [] if by is None else [ended.c.run.in_(by)]
    return sa.select(sa.literal_column("1")).select_from(ended).where(*mine).correlate(walk).exists()


def _stays(journal: LinkTables, walk: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return whether the rollback that ended the batch of a link kept its row."""
    import sqlalchemy as sa

    ended, kept = journal.table(ENDED), journal.table("kept")
    mine = (
        kept.c.run == ended.c.run, kept.c.target_key == walk.c.target_key, kept.c.batch == walk.c.batch,
        kept.c.object == walk.c.object, kept.c.outcome != "gone",
    )  # fmt: skip
    return sa.select(sa.literal_column("1")).select_from(kept).where(*mine).correlate(walk, ended).exists()


def may_end(connection: sa.Connection, journal: LinkTables) -> bool:
    """Whether links that have ended may stay where they are; in the crosswalk of an earlier version a record can stand only once."""
    import sqlalchemy as sa

    name = journal.table("crosswalk").name
    return "run" in sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]


def end(connection: sa.Connection, journal: LinkTables, run: str, load: str, batch: int) -> None:
    """Note that the rollback `run` has undone a batch as a whole."""
    connection.execute(journal.table(ENDED).insert().values(load_run=load, batch=batch, run=run))


def ended_by(connection: sa.Connection, journal: LinkTables, load: str, batch: int) -> str:
    """Return the rollback by which the links of a batch have ended; nothing where they have not."""
    import sqlalchemy as sa

    if not journal.knows(connection, ENDED):
        return ""
    ended = journal.table(ENDED)
    query = sa.select(ended.c.run).where(ended.c.load_run == load, ended.c.batch == batch)
    return connection.execute(query).scalar() or ""


def revive(connection: sa.Connection, journal: LinkTables, load: str, batch: int) -> None:
    """Let the links of a batch count again."""
    ended = journal.table(ENDED)
    connection.execute(ended.delete().where(ended.c.load_run == load, ended.c.batch == batch))


def settle(connection: sa.Connection, journal: LinkTables, load: str, batch: int) -> None:
    """Move the links of a batch that have ended to where single links go, so that each can come back by itself."""
    import sqlalchemy as sa

    if not ended_by(connection, journal, load, batch):
        return
    walk, ended, gone = journal.table("crosswalk"), journal.table(ENDED), journal.table(UNLINKED)
    mine = (walk.c.run == load, walk.c.batch == batch)
    query = (
        sa.select(ended.c.run, walk.c.object, walk.c.source_key, walk.c.target_key, walk.c.run, walk.c.batch, walk.c.adopted)
        .select_from(walk.join(ended, sa.and_(ended.c.load_run == walk.c.run, ended.c.batch == walk.c.batch)))
        .where(*mine, sa.not_(_stays(journal, walk)))
    )  # fmt: skip
    connection.execute(gone.insert().from_select(NOTED, query))
    connection.execute(walk.delete().where(*mine, has_ended(journal, walk)))
    revive(connection, journal, load, batch)


def linked_again(connection: sa.Connection, journal: LinkTables, load: str, batch: int) -> set[str]:
    """Return the keys of rows whose link has ended with its batch and whose record is linked to another row now."""
    import sqlalchemy as sa

    if not ended_by(connection, journal, load, batch):
        return set()
    walk = journal.table("crosswalk")
    now = walk.alias("crmm_now")
    same = sa.and_(now.c.object == walk.c.object, now.c.source_key == walk.c.source_key, now.c.run != walk.c.run)
    query = (
        sa.select(walk.c.target_key).select_from(walk.join(now, same))
        .where(walk.c.run == load, walk.c.batch == batch, has_ended(journal, walk), sa.not_(has_ended(journal, now)))
    )  # fmt: skip
    return set(connection.execute(query).scalars())


def all_ended(connection: sa.Connection, journal: LinkTables, object_name: str, run: str) -> bool:
    """Whether all that other loads than `run` have linked of an object has ended, as the batches alone tell: of the links none is read."""
    import sqlalchemy as sa

    if not journal.knows(connection, ENDED):
        return False
    batch, ended, kept, runs = (journal.table(name) for name in ("batch", ENDED, "kept", "run"))
    noted = sa.and_(ended.c.load_run == batch.c.run, ended.c.batch == batch.c.batch)
    stays = sa.select(kept.c.run).where(kept.c.run == ended.c.run, kept.c.batch == ended.c.batch).exists()
    query = (
        sa.select(batch.c.run)
        .select_from(batch.join(runs, runs.c.run == batch.c.run).outerjoin(ended, noted))
        .where(batch.c.object == object_name, batch.c.run != run, runs.c.kind == "load", sa.or_(ended.c.run.is_(None), stays))
        .limit(1)
    )  # fmt: skip
    return connection.execute(query).first() is None
