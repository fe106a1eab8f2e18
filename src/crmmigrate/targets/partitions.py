"""Several processes write batches of one run: each in a partition of its own, whose row in the journal it locks for as long as it writes one.

Whoever began the run offers the partitions under its own lease. A process that writes a batch renews the partition's row inside the batch's
transaction, so that two attempts at one partition take turns, and the second finds the batch committed. Where the run is taken over, stopped or
ended, the rows go; that waits for transactions that are under way, and what comes later is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import LimitReached
from crmmigrate.messages import Message
from crmmigrate.targets.naming import PREFIX

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crmmigrate.model.target import Share
    from crmmigrate.targets.dialect import Dialect


PARTITION = "partition"
"""What the journal calls the table."""


def partition_table(metadata: sa.MetaData, dialect: Dialect) -> None:
    """Add the table of partitions to those of a journal."""
    import sqlalchemy as sa

    short = dialect.journal_text
    sa.Table(
        PREFIX + PARTITION, metadata, sa.Column("run", short(128), primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False), sa.Column("lease", short(64)),
        sa.Column("heartbeat", sa.BigInteger), **dialect.table_options(),
    )  # fmt: skip


def offer(connection: sa.Connection, table: sa.Table, dialect: Dialect, run: str, lease: str, count: int) -> None:
    """Let the partitions of a run be written in, those numbered below `count`."""
    withdraw(connection, table, run)
    beat = dialect.epoch()
    for number in range(count):
        connection.execute(table.insert().values(run=run, partition=number, lease=lease, heartbeat=beat))


def withdraw(connection: sa.Connection, table: sa.Table, run: str) -> None:
    """Let nobody write in the partitions of a run any more; waits for batches that are being written."""
    if _is_there(connection, table):
        connection.execute(table.delete().where(table.c.run == run))


def hold(connection: sa.Connection, table: sa.Table, dialect: Dialect, share: Share, place: str) -> None:
    """Renew a partition inside a batch's transaction; another attempt at it waits until that has ended.

    Raises:
        LimitReached: `target.lease-lost`: it is not offered any more.
    """
    mine = (table.c.run == share.run, table.c.partition == share.partition, table.c.lease == share.lease)
    held = connection.execute(table.update().where(*mine).values(heartbeat=dialect.epoch()))
    if held.rowcount == 0:
        raise LimitReached(
            "target.lease-lost", Message("another process has taken over the run {run}", run=share.run), place
        )


def is_committed(connection: sa.Connection, batch: sa.Table, run: str, number: int) -> bool:
    """Whether the journal's table of batches has one of a run."""
    query = batch.select().where(batch.c.run == run, batch.c.batch == number)
    return connection.execute(query).first() is not None


def beats(connection: sa.Connection, table: sa.Table) -> dict[str, int]:
    """Return run → when one of its partitions was last written in, in seconds of the server's clock."""
    import sqlalchemy as sa

    if not _is_there(connection, table):
        return {}
    found = connection.execute(sa.select(table.c.run, sa.func.max(table.c.heartbeat)).group_by(table.c.run))
    return {run: int(beat) for run, beat in found}


def _is_there(connection: sa.Connection, table: sa.Table) -> bool:
    """Whether the journal has the table; one of an older version learns it when the next run begins."""
    import sqlalchemy as sa

    return table.name in sa.inspect(connection).get_table_names()  # MariaDB refuses to describe one that is being made
