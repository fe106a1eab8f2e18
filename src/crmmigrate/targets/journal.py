"""The journal of a target: its runs with their lease, batches, crosswalk, rejects and images, in the target itself."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LimitReached, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.kept_property import kept_property
from crmmigrate.model.rollback_hint import finish_rollback
from crmmigrate.model.stage import RUNS
from crmmigrate.model.target import OUTCOMES, Selection, TargetRun
from crmmigrate.targets import partitions
from crmmigrate.targets.creating import add_columns
from crmmigrate.targets.crosswalk import Crosswalk
from crmmigrate.targets.ended import ENDED, UNLINKED, ended_table
from crmmigrate.targets.naming import PREFIX, fitting, image_name
from crmmigrate.targets.processes import lives, own_signature

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crmmigrate.model.load_plan import LoadPlan
    from crmmigrate.model.target import RunKind, RunState
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.live import LiveTable
    from crmmigrate.targets.proof import Survey

HEARTBEAT_SECONDS = 120
"""A lease whose heartbeat is older may be taken over from another host."""

SELECTION = ""
"""The key, which no table has, under which the selection of a rollback stands among the digests of its run."""

PROJECT_KEY = " "
"""The key, which no table has, under which stands what made a run."""

CONFLICT = "conflict"
"""What a delta left alone; values of rows, which `purge` deletes."""
COUNTS = ("rows", "inserted", "updated", "unchanged", "rejected", *OUTCOMES, "deleted", "withheld", "archived")
_ACTIONS = {"inserted": "insert", "updated": "update", "archived": "update", "deleted": "delete"}
CHANGES = ("inserted", "updated", "archived", "deleted", "undone", "undone_in_part")
_LATER = (UNLINKED, CONFLICT, ENDED, partitions.PARTITION)
IMAGE_COLUMNS = ("run", "batch", "action", "target_key")


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Journal(Crosswalk):
    """The journal's tables and what is asked of them.

    Args:
        dialect: of the database.
        place: the location without its password, for errors.
    """

    def __init__(self, dialect: Dialect, place: str) -> None:
        self.dialect = dialect
        self.place = place
        self.token = f"{secrets.token_hex(8)}:{own_signature()}"
        """Marks the lease as this process's, and says which process that is."""
        self._known_counts: tuple[str, ...] = ()
        self._known: set[str] = set()
        self.surveys: dict[str, Survey] = {}
        """Table → what its images told when the rollback, or redo, of this process began."""

    @kept_property
    def metadata(self) -> sa.MetaData:
        """The tables that every journal has."""
        import sqlalchemy as sa

        metadata = sa.MetaData()
        options = self.dialect.table_options()
        short = self.dialect.journal_text
        text, number, long = short(64), sa.Integer, self.dialect.long_text()
        sa.Table(
            PREFIX + "run", metadata, sa.Column("run", short(128), primary_key=True), sa.Column("kind", text),
            sa.Column("parent", short(128)), sa.Column("state", text), sa.Column("host", short(255)),
            sa.Column("pid", number), sa.Column("lease", text), sa.Column("heartbeat", sa.BigInteger),
            sa.Column("since", text), sa.Column("ended", text), sa.Column("plan", long),
            sa.Column("plan_digest", text), sa.Column("digests", long), sa.Column("columns", long), **options,
        )  # fmt: skip
        sa.Table(
            PREFIX + "batch", metadata, sa.Column("run", short(128), primary_key=True),
            sa.Column("batch", number, primary_key=True, autoincrement=False), sa.Column("object", short(128)),
            sa.Column("ended", text), *(sa.Column(name, number, nullable=False, server_default="0") for name in COUNTS), **options,
        )  # fmt: skip
        sa.Table(
            PREFIX + "crosswalk", metadata, sa.Column("object", short(128), primary_key=True),
            sa.Column("source_key", short(400), primary_key=True), sa.Column("target_key", short(255)),
            sa.Column("run", short(128), primary_key=True), sa.Column("batch", number),
            sa.Column("adopted", sa.SmallInteger, nullable=False, server_default="0"), **options,
        )  # fmt: skip
        sa.Table(
            PREFIX + "reject", metadata, sa.Column("run", short(128), primary_key=True),
            sa.Column("batch", number, primary_key=True, autoincrement=False),
            sa.Column("source_key", short(400), primary_key=True), sa.Column("object", short(128)),
            sa.Column("code", text), sa.Column("column", short(128)), **options,
        )  # fmt: skip
        sa.Table(
            PREFIX + "kept", metadata, sa.Column("run", short(128), primary_key=True),
            sa.Column("target_key", short(255), primary_key=True),
            sa.Column("batch", number, primary_key=True, autoincrement=False), sa.Column("object", short(128)),
            sa.Column("outcome", text), sa.Column("columns", long), **options,
        )  # fmt: skip
        sa.Table(
            PREFIX + CONFLICT, metadata, sa.Column("run", short(128), primary_key=True),
            sa.Column("batch", number, primary_key=True, autoincrement=False),
            sa.Column("source_key", short(400), primary_key=True), sa.Column("column", short(128), primary_key=True),
            sa.Column("object", short(128)), sa.Column("target_key", short(255)), sa.Column("kind", text),
            *(sa.Column(side, long) for side in ("base", "ours", "theirs")), **options,
        )  # fmt: skip
        sa.Table(
            PREFIX + UNLINKED, metadata, sa.Column("run", short(128), primary_key=True),
            sa.Column("object", short(128), primary_key=True), sa.Column("source_key", short(400), primary_key=True),
            sa.Column("target_key", short(255)), sa.Column("load_run", short(128)), sa.Column("batch", number),
            sa.Column("adopted", sa.SmallInteger, nullable=False, server_default="0"), **options,
        )  # fmt: skip
        partitions.partition_table(metadata, self.dialect)
        ended_table(metadata, self.dialect)
        return metadata

    def table(self, name: str) -> sa.Table:
        """Return one of the journal's tables: run, batch, crosswalk, reject, kept, conflict, unlinked, ended or partition."""
        found: sa.Table = self.metadata.tables[PREFIX + name]
        return found

    def exists(self, connection: sa.Connection) -> bool:
        """Whether the target has a journal; one half made when its process was killed is none."""
        import sqlalchemy as sa

        needed = set(self.metadata.tables) - {PREFIX + name for name in _LATER}
        return needed <= set(sa.inspect(connection).get_table_names())

    def knows(self, connection: sa.Connection, name: str) -> bool:
        """Whether the journal has a table that one of an older version learns when the next run begins."""
        import sqlalchemy as sa

        if name not in self._known and PREFIX + name in sa.inspect(connection).get_table_names():
            self._known.add(name)
        return name in self._known

    def make(self, connection: sa.Connection) -> None:
        """Create the tables that are missing, and in those of an older version the columns."""
        self.metadata.create_all(connection)
        for table in self.metadata.tables.values():
            add_columns(connection, table)

    # ------------------------------------------------------------------------------------------------ images

    def image(self, table: LiveTable, object_name: str) -> sa.Table:
        """Return the image table of an object: `b_<column>` before, `a_<column>` after."""
        import sqlalchemy as sa

        short, key = self.dialect.journal_text, self.dialect.keyed_images
        columns: list[Any] = [sa.Column("run", short(128), primary_key=key),
                   sa.Column("batch", sa.Integer, primary_key=key, autoincrement=False),
                   sa.Column("action", short(8)), sa.Column("target_key", short(255), primary_key=key)]  # fmt: skip
        for side in "ba":
            columns += [
                sa.Column(fitting(f"{side}_{name}"), self.dialect.image_type(table.columns[name]), nullable=True)
                for name in table.stored
            ]
        options: dict[str, Any] = self.dialect.table_options()
        image: sa.Table = sa.Table(image_name(object_name), sa.MetaData(), *columns, **options)
        return image

    def make_image(self, connection: sa.Connection, table: LiveTable, object_name: str) -> None:
        """Create the image table of an object, or add the columns its table has gained since."""
        import sqlalchemy as sa

        image = self.image(table, object_name)
        if sa.inspect(connection).has_table(image.name):
            add_columns(connection, image)
        else:
            image.create(connection)

    # ------------------------------------------------------------------------------------------------ runs

    def runs(self, connection: sa.Connection) -> list[TargetRun]:
        """Return every run, oldest first."""
        import sqlalchemy as sa

        if not self.exists(connection):
            return []
        run, batch = self.table("run"), self.table("batch")
        changed = sum((batch.c[name] for name in self._counts(connection) if name in CHANGES), start=sa.literal(0))
        changes = dict(connection.execute(sa.select(batch.c.run, sa.func.sum(changed)).group_by(batch.c.run)).all())
        clock = connection.execute(sa.select(self.dialect.epoch())).scalar_one()
        beats, found = partitions.beats(connection, self.table(partitions.PARTITION)), []
        for row in connection.execute(
            sa.select(*(c for c in run.c if c.name != "columns")).order_by(run.c.since, run.c.run)
        ):
            digests: dict[str, str] = json.loads(row.digests or "{}")
            selection, project = Selection.from_text(digests.pop(SELECTION, "")), digests.pop(PROJECT_KEY, "")
            found.append(TargetRun(
                row.run, row.kind, row.parent, row.state, row.host, row.pid, self._alive(row, clock, beats.get(row.run, 0)), row.since, row.ended,
                row.plan, row.plan_digest, digests, int(changes.get(row.run, 0)), selection, project,
            ))  # fmt: skip
        return found

    def run(self, connection: sa.Connection, name: str) -> TargetRun:
        """Return one run.

        Raises:
            LocationError: the journal knows none of this name.
        """
        for run in self.runs(connection):
            if run.run == name:
                return run
        raise LocationError(
            "target.unknown-run", Message("the target's journal knows no run '{run}'", run=name), self.place,
            Message("{runs} lists them", runs=RUNS),
        )  # fmt: skip

    def _alive(self, row: Any, clock: int, beat: int) -> bool:
        if row.state != "running" or not row.lease:
            return False
        if row.lease == self.token:
            return True
        if row.host == socket.gethostname():
            known = lives(row.pid, row.lease.partition(":")[2])
            if known is not None:
                return known
        return bool(int(clock) - max(row.heartbeat, beat) <= HEARTBEAT_SECONDS)

    def refuse_if_busy(self, connection: sa.Connection, but: str = "") -> None:
        """Stop where another run holds the lease; a run whose process died is marked as stopped.

        Raises:
            LimitReached: `target.busy`.
        """
        run = self.table("run")
        for other in self.runs(connection):
            if other.state != "running" or other.run == but:
                continue
            if other.alive:
                raise LimitReached(
                    "target.busy",
                    Message("the run {run} writes to this target since {since} (process {pid} on {host})",
                            run=other.run, since=other.since, pid=other.pid, host=other.host),
                    self.place, Message("wait until it has ended, then run the command again"),
                )  # fmt: skip
            connection.execute(run.update().where(run.c.run == other.run).values(state="stopped", lease=""))
            partitions.withdraw(connection, self.table(partitions.PARTITION), other.run)

    def add_run(
        self, connection: sa.Connection, kind: RunKind, name: str, plan: LoadPlan, parent: str, plan_digest: str,
        digests: dict[str, str],
    ) -> None:  # fmt: skip
        """Write the row of a new run, with its lease; runs follow each other in time even where a clock was set back."""
        last = max((run.since for run in self.runs(connection)), default="")
        since = now()
        if since <= last:
            since = (datetime.fromisoformat(last) + timedelta(seconds=1)).isoformat(timespec="seconds")
        connection.execute(self.table("run").insert().values(
            run=name, kind=kind, parent=parent, state="running", since=since, ended="", plan=plan.as_text(),
            plan_digest=plan_digest, digests=json.dumps(digests), **self._lease(),
        ))  # fmt: skip

    def _lease(self) -> dict[str, Any]:
        return {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "lease": self.token,
            "heartbeat": self.dialect.epoch(),
        }

    def take_lease(self, connection: sa.Connection, known: TargetRun, plan_digest: str) -> None:
        """Make this process the one that writes the run; waits for a transaction of its former process to end."""
        if known.alive:
            self.refuse_if_busy(connection)
        by = next(
            (other for other in self.runs(connection) if known.kind == "load" and other.parent == known.run), None
        )
        if by:
            raise ConfigurationError(
                "load.being-undone", Message("the run {run} is being rolled back by {by}", run=known.run, by=by.run), self.place,
                finish_rollback(by),
            )  # fmt: skip
        if known.state not in ("running", "stopped"):
            raise LocationError(
                "target.run-ended", Message("the run {run} has ended ({state})", run=known.run, state=known.state), self.place,
                Message("start a new one"),
            )  # fmt: skip
        if plan_digest and plan_digest != known.plan_digest:
            raise ConfigurationError(
                "load.plan-changed",
                Message("the mapping files or the rows are not those with which the run {run} began", run=known.run), self.place,
                Message("put them back and resume, or roll the run back and load again"),
            )  # fmt: skip
        run = self.table("run")
        connection.execute(
            run.update().where(run.c.run == known.run).values(state="running", ended="", **self._lease())
        )
        partitions.withdraw(connection, self.table(partitions.PARTITION), known.run)

    def hold_lease(self, connection: sa.Connection, name: str) -> None:
        """Renew the lease inside a batch's transaction, so that nobody else can write the run meanwhile.

        Raises:
            LimitReached: `target.lease-lost`: another process has taken the run over.
        """
        run = self.table("run")
        held = connection.execute(
            run.update().where(run.c.run == name, run.c.lease == self.token).values(heartbeat=self.dialect.epoch())
        )
        if held.rowcount == 0:
            raise LimitReached(
                "target.lease-lost", Message("another process has taken over the run {run}", run=name), self.place
            )

    def end_run(self, connection: sa.Connection, name: str, state: RunState) -> None:
        """Give the lease back and note how the run ended."""
        run = self.table("run")
        values = {"state": state, "lease": "", "ended": now()}
        ended = connection.execute(run.update().where(run.c.run == name, run.c.lease == self.token).values(values))
        if ended.rowcount:
            partitions.withdraw(connection, self.table(partitions.PARTITION), name)

    # ------------------------------------------------------------------------------------------------ batches

    def add_batch(
        self, connection: sa.Connection, run: str, number: int, object_name: str, counts: dict[str, int]
    ) -> None:
        """Write the row that says a batch is done; the last statement of its transaction."""
        values = {name: counts.get(name, 0) for name in COUNTS}
        connection.execute(
            self.table("batch").insert().values(run=run, batch=number, object=object_name, ended=now(), **values)
        )

    def totals(self, connection: sa.Connection, run: str) -> dict[str, dict[str, int]]:
        """Return object → sums over the committed batches of a run."""
        import sqlalchemy as sa

        batch = self.table("batch")
        sums = [sa.func.sum(batch.c[name]).label(name) for name in self._counts(connection)]
        query = sa.select(batch.c.object, *sums).where(batch.c.run == run).group_by(batch.c.object)
        found = connection.execute(query.order_by(sa.func.min(batch.c.batch))).mappings()
        return {str(row["object"]): {name: int(row.get(name, 0)) for name in COUNTS} for row in found}

    def _counts(self, connection: sa.Connection) -> tuple[str, ...]:
        """Return the figures of a batch row; an older journal has fewer until the next run begins."""
        if not self._known_counts:
            import sqlalchemy as sa

            there = [spec["name"] for spec in sa.inspect(connection).get_columns(PREFIX + "batch")]
            found = tuple(name for name in COUNTS if name in there)
            self._known_counts = found if len(found) == len(COUNTS) else ()
        return self._known_counts or found

    def made(self, connection: sa.Connection, run: str, batch: int) -> Counter[str]:
        """Return how many rows a batch inserted, updated and deleted (`insert`, `update`, `delete`)."""
        import sqlalchemy as sa

        table = self.table("batch")
        did = [name for name in self._counts(connection) if name in _ACTIONS]
        query = sa.select(*(table.c[name] for name in did)).where(table.c.run == run, table.c.batch == batch)
        found: Counter[str] = Counter()
        for name, count in zip(did, connection.execute(query).one(), strict=True):
            found[_ACTIONS[name]] += int(count)
        return found
