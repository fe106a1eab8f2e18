"""A database as target: SQLite, PostgreSQL, MariaDB and MySQL share all of this; `dialect.py` says where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import text_frame
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.target import (
    CONFLICT_COLUMNS,
    EVERYTHING,
    KEPT_COLUMNS,
    REJECT_COLUMNS,
    Committed,
    Selection,
)
from crmmigrate.targets.collecting import uncollected
from crmmigrate.targets.journal import CONFLICT, PROJECT_KEY, SELECTION, Journal
from crmmigrate.targets.left import forget_runs, undoing_runs
from crmmigrate.targets.linking import Linking
from crmmigrate.targets.links import drop_batch_indexes, index_again, index_crosswalk, make_images
from crmmigrate.targets.live import ChildLink, LiveTable, reflect
from crmmigrate.targets.naming import PREFIX
from crmmigrate.targets.removing import change_writer
from crmmigrate.targets.scope import scope_of
from crmmigrate.targets.session import Session
from crmmigrate.targets.shape import note_shape
from crmmigrate.targets.sharing import Sharing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import pandas as pd
    import sqlalchemy as sa

    from crmmigrate.model.batch import Living
    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.target import BatchOutcome, RunKind, RunState, TargetRun
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.planned import Planned
    from crmmigrate.targets.writing import Outlook


class DatabaseTarget(Linking, Sharing):
    """An open database; see `model.target.Target` for what its methods promise.

    Args:
        dialect: how this kind of database does things.
        url: with its driver and secrets.
        place: the same for people, without the password.
        schema: what the target should look like, where that is known.
        address: the same with its secrets by name.
    """

    def __init__(
        self, dialect: Dialect, url: str, place: str, schema: TargetSchema | None = None, address: str = ""
    ) -> None:
        self.dialect = dialect
        self.place = place
        self.address = address
        self.schema = schema
        self.session = Session(dialect, url, place)
        self.journal = Journal(dialect, place)
        self._live: dict[str, LiveTable] = {}
        self._children: dict[str, list[ChildLink]] | None = None
        self._planned: Planned | None = None
        self._outlooks: dict[tuple[str, str, bool], Outlook] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()

    def _table(self, connection: sa.Connection, name: str) -> LiveTable:
        """Return a table as it is.

        Raises:
            LocationError: `target.table-missing`.
        """
        import sqlalchemy as sa

        if name not in self._live:
            try:
                self._live[name] = reflect(connection, name)
            except sa.exc.NoSuchTableError as error:
                known = self.schema is not None and name in self.schema.tables
                raise LocationError(
                    "target.table-missing", Message("the target has no table '{table}'", table=name), self.place,
                    Message("crmmigrate target create makes it from schema.yaml")
                    if known else Message("create it, or name an existing table in the mapping file"),
                ) from error  # fmt: skip
        return self._live[name]

    # ------------------------------------------------------------------------------------------------ tables

    def create(self, schema: TargetSchema) -> None:
        """Create what `schema` describes and is not there yet: tables, keys, picklist tables with their codes."""
        from crmmigrate.targets.creating import create_tables

        def work() -> None:
            with self.session.transaction(retried=True) as connection:
                create_tables(connection, self.dialect, schema)

        self.dialect.creating = True
        try:
            self.session.retried(work)
        finally:
            self.dialect.creating = False
        self._live.clear()
        self._children = None

    def check(self, plan: LoadPlan) -> None:
        """Look before the first row: tables and columns exist, have one key, keep transactions and may be written."""
        from crmmigrate.targets.preflight import check_table

        with self.session.transaction() as connection:
            for load in plan.objects:
                check_table(
                    connection, self.dialect, self._table(connection, load.table), load, f"{self.place}#{load.table}"
                )

    def shortcomings(self, plan: LoadPlan) -> list[LocationError]:
        """Return all that stands in the way of a load, where `check` stops at the first."""
        from crmmigrate.targets.preflight import table_faults

        found: dict[tuple[str, str, str], LocationError] = {}
        with self.session.transaction() as connection:
            faults = [] if self.journal.exists(connection) else [
                LocationError(
                    "target.no-journal-right", Message("the user lacks the right {right}, which the journal needs", right=right), self.place,
                    Message("the journal lies in the target: tables whose names begin with crmm_"),
                )
                for right in self.dialect.lacking(connection)
            ]  # fmt: skip
            for load in plan.objects:
                try:
                    table = self._table(connection, load.table)
                except LocationError as error:
                    faults.append(error)
                    continue
                faults += table_faults(connection, self.dialect, table, load, f"{self.place}#{load.table}")
        for fault in faults:
            found.setdefault((fault.code, fault.place, fault.message.text("en")), fault)
        return list(found.values())

    def unfit(self, table: str, column: str, texts: Sequence[str]) -> dict[str, str]:
        """Return text → the code of why the load would not put it into a column."""
        from crmmigrate.targets.preflight import unfit_texts

        with self.session.transaction() as connection:
            return unfit_texts(self._table(connection, table).columns[column], texts)

    def free_bytes(self) -> int | None:
        """Return how much room the database has left; None where it does not tell."""
        with self.session.transaction(write=False) as connection:
            return self.dialect.free_bytes(connection)

    def digest(self, tables: Sequence[str] | None = None) -> dict[str, str]:
        """Return table → digest over all its rows and columns, whatever their order; all but the journal by default."""
        import sqlalchemy as sa

        from crmmigrate.targets.proof import table_sum

        with self.session.transaction(write=False) as connection:
            names = sa.inspect(connection).get_table_names() if tables is None else tables
            kept = [name for name in sorted(names) if not name.startswith(PREFIX)]
            return {name: str(table_sum(connection, self.dialect, self._table(connection, name))) for name in kept}

    # ------------------------------------------------------------------------------------------------ journal, read

    def _listed(self, name: str, columns: Sequence[str], run: str) -> list[tuple[Any, ...]]:
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            table = self.journal.table(name)
            if not self.journal.exists(connection) or not sa.inspect(connection).has_table(table.name):
                return []
            query = sa.select(*(table.c[column] for column in columns)).where(table.c.run == run)
            return [
                tuple(row)
                for row in connection.execute(
                    query.order_by(table.c.batch, table.c.target_key if name == "kept" else table.c.source_key)
                )
            ]

    def rejects(self, run: str) -> pd.DataFrame:
        """Return what a run rejected in its committed batches, as `REJECT_COLUMNS`, in order."""
        rows = self._listed("reject", ("object", "batch", "source_key", "code", "column"), run)
        frame: pd.DataFrame = text_frame([[row[0], str(row[1]), *row[2:]] for row in rows], REJECT_COLUMNS)
        return frame

    def conflicts(self, run: str) -> pd.DataFrame:
        """Return what a delta left alone in its committed batches, as `CONFLICT_COLUMNS`, in order."""
        sides = ("column", "kind", "base", "ours", "theirs")
        rows = self._listed(CONFLICT, ("object", "batch", "source_key", "target_key", *sides), run)
        frame: pd.DataFrame = text_frame([[row[0], str(row[1]), *row[2:]] for row in rows], CONFLICT_COLUMNS)
        return frame

    def kept(self, run: str) -> pd.DataFrame:
        """Return what a rollback did not undo, as `KEPT_COLUMNS`, in order."""
        rows = self._listed("kept", ("object", "target_key", "outcome", "columns"), run)
        frame: pd.DataFrame = text_frame(rows, KEPT_COLUMNS)
        return frame

    def runs(self) -> list[TargetRun]:
        """Return every run of the journal, oldest first; none where there is no journal yet."""
        with self.session.transaction(write=False) as connection:
            return self.journal.runs(connection)

    def totals(self, run: str) -> dict[str, dict[str, int]]:
        """Return object → what the committed batches of a run add up to: rows, inserted, updated, …, or `OUTCOMES`; nothing where there is no journal yet."""
        with self.session.transaction(write=False) as connection:
            return self.journal.totals(connection, run) if self.journal.exists(connection) else {}

    def committed(self, run: str) -> dict[int, Committed]:
        """Return what is known of each committed batch of a run, by its number."""
        with self.session.transaction(write=False) as connection:
            batch = self.journal.table("batch")
            columns = (batch.c.batch, batch.c.rows, batch.c.updated)
            query = batch.select().with_only_columns(*columns).where(batch.c.run == run)
            return {
                int(number): Committed(int(rows or 0), int(updated or 0))
                for number, rows, updated in connection.execute(query)
            }

    # ------------------------------------------------------------------------------------------------ runs

    def settle(self, *, apply: bool) -> int:  # noqa: ARG002
        """Return 0: a database takes back by itself what a process left unfinished."""
        return 0

    def begin_run(
        self, kind: RunKind, run: str, plan: LoadPlan, *, parent: str = "", plan_digest: str = "",
        selection: Selection = EVERYTHING, project: str = "",
    ) -> None:  # fmt: skip
        """Take the lease, make the journal where there is none, and note the digests of the plan's tables."""
        from crmmigrate.targets.proof import table_sum, untouched

        self._outlooks.clear()
        with self.session.beginning() as connection:
            self.journal.make(connection)
            self.journal.refuse_if_busy(connection)
            for load in plan.objects:
                if kind != "load":
                    self._refuse_lost_columns(connection, parent, load)
                make_images(connection, self.journal, self._table(connection, load.table), load, kind)
            scope = None
            if kind != "load":
                scope = scope_of(self.journal, self.journal.runs(connection), run, parent, selection)
            sums = {
                name: untouched(connection, self.journal, self._table_of_run(connection, name, scope.load), scope, plan) if scope
                else table_sum(connection, self.dialect, self._table(connection, name))
                for name in plan.tables
            }  # fmt: skip
            index_crosswalk(connection, self.journal, scope, filled=any(found.rows for found in sums.values()))
            drop_batch_indexes(connection, self.journal, kind, plan)
            digests = {name: str(value) for name, value in sums.items()}
            digests |= {SELECTION: selection.as_text()} if selection else {}
            digests |= {PROJECT_KEY: project} if project else {}
            columns = {name: self._table(connection, name).stored for name in plan.tables}
            self.journal.add_run(connection, kind, run, plan, parent, plan_digest or plan.digest(), digests)
            note_shape(connection, self.journal, run, columns)

    def resume_run(self, run: str, plan_digest: str = "") -> None:
        """Take the lease of a run that stopped or was killed, and make room in its images for columns that tables gained meanwhile."""
        self._outlooks.clear()
        with self.session.beginning() as connection:
            self.journal.refuse_if_busy(connection, run)
            known = self.journal.run(connection, run)
            for load in LoadPlan.from_text(known.plan).objects:
                make_images(connection, self.journal, self._table(connection, load.table), load, known.kind)
            index_again(connection, self.journal, known)
            self.journal.take_lease(connection, known, plan_digest)

    def close_run(self, run: str, state: RunState) -> None:
        """Give the lease back and note how the run ended; a rollback also notes it on the run it undid."""
        with self.session.transaction() as connection:
            known = self.journal.run(connection, run)
            self.journal.end_run(connection, run, state)
            if known.kind != "load" and state == "done":
                self._note_on_parents(connection, known)

    def purge(self, run: str) -> int:
        """Delete the images of a run, which are personal data, and return how many; it can't be undone any more."""
        import sqlalchemy as sa

        deleted = 0
        with self.session.transaction() as connection:
            plan = LoadPlan.from_text(self.journal.run(connection, run).plan)
            undoing = undoing_runs(self.journal.runs(connection), run)
            for load in {load.object: load for load in plan.objects}.values():
                image = self.journal.image(self._table(connection, load.table), load.object)
                deleted += connection.execute(image.delete().where(image.c.run == run)).rowcount
                forget_runs(connection, self.journal, load.table, undoing)
            if sa.inspect(connection).has_table(PREFIX + CONFLICT):
                conflict = self.journal.table(CONFLICT)
                connection.execute(conflict.delete().where(conflict.c.run == run))
            table = self.journal.table("run")
            connection.execute(table.update().where(table.c.run == run).values(state="closed"))
        return deleted

    # ------------------------------------------------------------------------------------------------ load

    def write_batch(
        self, run: str, number: int, load: ObjectLoad, rows: pd.DataFrame, living: Living | None = None
    ) -> BatchOutcome:
        """Write one batch in one transaction: data, images, crosswalk, rejects and the batch row."""

        def work() -> BatchOutcome:
            with uncollected(), self.session.transaction(retried=True) as connection:
                self.dialect.begin_batch(connection)
                self.journal.hold_lease(connection, run)
                return self._write(connection, (run, number), load, rows, living)

        outcome: BatchOutcome = self.session.retried(work)
        return outcome

    def _write(
        self, connection: sa.Connection, batch: tuple[str, int], load: ObjectLoad, rows: pd.DataFrame, living: Living | None
    ) -> BatchOutcome:  # fmt: skip
        from crmmigrate.targets.writing import BatchWriter, Outlook

        table = self._table(connection, load.table)
        if load.change not in ("", "refill"):
            writer = change_writer(connection, self.journal, table, load, batch)
            writer.children = self._children_of(connection, load.table)
            return writer.write(rows)
        outlook = self._outlooks.setdefault((batch[0], load.object, load.deferred), Outlook())
        loading = BatchWriter(connection, self.journal, table, load, *batch, outlook)
        loading.living = living
        return loading.write(rows)

    def plan_batch(self, load: ObjectLoad, rows: pd.DataFrame, *, first: bool, edits: bool = False) -> BatchOutcome:
        """Say what `write_batch` would do with a batch of a delta; nothing is written and nothing locked."""
        from crmmigrate.targets.foretelling import Foretold
        from crmmigrate.targets.overwriting import Overwriting
        from crmmigrate.targets.planned import Planned
        from crmmigrate.targets.writing import Outlook

        with self.session.transaction(write=False) as connection:
            if first or self._planned is None:
                self._outlooks.clear()
                self._planned = Planned(journalled=self.journal.exists(connection))
            table = self._table(connection, load.table)
            if load.change in ("", "refill"):
                outlook = self._outlooks.setdefault(("", load.object, load.deferred), Outlook())
                way = Overwriting if edits else Foretold
                return way(connection, self.journal, table, load, outlook, self._planned).write(rows)
            writer = change_writer(connection, self.journal, table, load, ("", 0), self._planned)
            writer.children = self._children_of(connection, load.table)
            return writer.write(rows)
