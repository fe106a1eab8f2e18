"""A database as target: SQLite, PostgreSQL, MariaDB and MySQL share all of this; `dialect.py` says where they differ."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import text_frame
from crmmigrate.model.table import to_text_frame
from crmmigrate.model.target import KEPT_COLUMNS, LOADED_COLUMNS, REJECT_COLUMNS, LoadPlan, Selection
from crmmigrate.targets.journal import PREFIX, SELECTION, Journal
from crmmigrate.targets.links import Links
from crmmigrate.targets.live import ChildLink, LiveTable, reflect
from crmmigrate.targets.scope import Scope, scope_of
from crmmigrate.targets.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    import pandas as pd
    import sqlalchemy as sa

    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.target import BatchOutcome, ObjectLoad, RunKind, RunState, TargetRun, UndoOutcome
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.undoing import Planned

READ_ROWS = 20_000


class DatabaseTarget:
    """An open database; see `model.target.Target` for what its methods promise.

    Args:
        dialect: how this kind of database does things.
        url: with its driver and secrets.
        place: the same for people, without the password.
        schema: what the target should look like, where that is known.
    """

    def __init__(self, dialect: Dialect, url: str, place: str, schema: TargetSchema | None = None) -> None:
        self.dialect = dialect
        self.place = place
        self.schema = schema
        self.session = Session(dialect, url, place)
        self.journal = Journal(dialect, place)
        self._live: dict[str, LiveTable] = {}
        self._children: dict[str, list[ChildLink]] | None = None
        self._planned: Planned | None = None

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

        with self.session.transaction(write=False) as connection:
            for load in plan.objects:
                check_table(
                    connection, self.dialect, self._table(connection, load.table), load, f"{self.place}#{load.table}"
                )

    def digest(self, tables: Sequence[str] | None = None) -> dict[str, str]:
        """Return table → digest over all its rows and columns, whatever their order; all but the journal by default."""
        import sqlalchemy as sa

        from crmmigrate.targets.proof import table_sum

        with self.session.transaction(write=False) as connection:
            names = sa.inspect(connection).get_table_names() if tables is None else tables
            return {
                name: str(table_sum(connection, self._table(connection, name)))
                for name in sorted(names) if not name.startswith(PREFIX)
            }  # fmt: skip

    def rows(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield a table's rows as text in standard form."""
        import pyarrow as pa
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            live = self._table(connection, table)
            names = list(columns or live.columns)
            query = sa.select(*(live.sql.c[name] for name in names))
            result = connection.execute(query, execution_options={"stream_results": True, "yield_per": READ_ROWS})
            seen = False
            for part in result.partitions(READ_ROWS):
                seen = True
                cells = zip(*part, strict=True)
                shown = [live.columns[name].shown(values) for name, values in zip(names, cells, strict=True)]
                yield to_text_frame(pa.table(shown, names))
            if not seen:
                yield text_frame([], names)

    def kinds(self, table: str) -> dict[str, str]:
        """Return column → what its values mean: text, integer, decimal, float, date, datetime, boolean or other."""
        with self.session.transaction(write=False) as connection:
            return {name: column.kind for name, column in self._table(connection, table).columns.items()}

    # ------------------------------------------------------------------------------------------------ journal, read

    def loaded(self, object_name: str) -> Iterator[pd.DataFrame]:
        """Yield the crosswalk of an object as `LOADED_COLUMNS`; `present` is `true` where the row really is there."""
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            run, table = self._table_of(connection, object_name)
            if not table:
                yield text_frame([], LOADED_COLUMNS)
                return
            live = self._table(connection, table)
            walk = self.journal.table("crosswalk")
            key = live.sql.c[live.key]
            link = key == self.dialect.key_cast(walk.c.target_key, live.key_column)
            query = (
                sa.select(walk.c.source_key, walk.c.target_key, sa.case((key.is_(None), "false"), else_="true"),
                          sa.case((sa.or_(walk.c.adopted == 1, walk.c.run != run), "true"), else_="false"))
                .select_from(walk.outerjoin(live.sql, link)).where(walk.c.object == object_name)
                .order_by(walk.c.source_key)
            )  # fmt: skip
            result = connection.execute(query, execution_options={"stream_results": True, "yield_per": READ_ROWS})
            seen = False
            for part in result.partitions(READ_ROWS):
                seen = True
                yield text_frame([tuple(row) for row in part], LOADED_COLUMNS)
            if not seen:
                yield text_frame([], LOADED_COLUMNS)

    def _table_of(self, connection: sa.Connection, object_name: str) -> tuple[str, str]:
        """Return the latest load of an object and the table that it wrote; two empty texts where there is none."""
        loads = [run for run in self.journal.runs(connection) if run.kind == "load"]
        for run in reversed(loads):
            for load in LoadPlan.from_text(run.plan).objects:
                if load.object == object_name:
                    return run.run, load.table
        return "", ""

    def _listed(self, name: str, columns: Sequence[str], run: str) -> list[tuple[Any, ...]]:
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            if not self.journal.exists(connection):
                return []
            table = self.journal.table(name)
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

    def kept(self, run: str) -> pd.DataFrame:
        """Return what a rollback did not undo, as `KEPT_COLUMNS`, in order."""
        rows = self._listed("kept", ("object", "target_key", "outcome", "columns"), run)
        frame: pd.DataFrame = text_frame(rows, KEPT_COLUMNS)
        return frame

    def runs(self) -> list[TargetRun]:
        """Return every run of the journal, oldest first; none where there is no journal yet."""
        with self.session.transaction(write=False) as connection:
            return self.journal.runs(connection)

    def last_batch(self, run: str) -> int:
        """Return the number of the run's last committed batch, 0 where there is none."""
        with self.session.transaction(write=False) as connection:
            return self.journal.last_batch(connection, run)

    def totals(self, run: str) -> dict[str, dict[str, int]]:
        """Return object → what the committed batches of a run add up to: rows, inserted, updated, …, or `OUTCOMES`."""
        with self.session.transaction(write=False) as connection:
            return self.journal.totals(connection, run)

    # ------------------------------------------------------------------------------------------------ runs

    def begin_run(
        self, kind: RunKind, run: str, plan: LoadPlan, *, parent: str = "", plan_digest: str = "",
        selection: Selection = Selection(),
    ) -> None:  # fmt: skip
        """Take the lease, make the journal where there is none, and note the digests of the plan's tables."""
        from crmmigrate.targets.proof import table_sum, untouched

        with self.session.beginning() as connection:
            self.journal.make(connection)
            self.journal.refuse_if_busy(connection)
            for load in plan.objects:
                self.journal.make_image(connection, self._table(connection, load.table), load.object)
            if kind != "load":
                scope = scope_of(self.journal, self.journal.runs(connection), run, parent, selection)
                sums = {
                    name: untouched(connection, self.journal, self._table(connection, name), scope, plan)
                    for name in plan.tables
                }
            else:
                sums = {name: table_sum(connection, self._table(connection, name)) for name in plan.tables}
            digests = {name: str(value) for name, value in sums.items()}
            digests |= {SELECTION: selection.as_text()} if selection else {}
            self.journal.add_run(connection, kind, run, plan, parent, plan_digest or plan.digest(), digests)

    def resume_run(self, run: str, plan_digest: str = "") -> None:
        """Take the lease of a run that stopped or was killed."""
        with self.session.beginning() as connection:
            self.journal.refuse_if_busy(connection, run)
            self.journal.take_lease(connection, self.journal.run(connection, run), plan_digest)

    def close_run(self, run: str, state: RunState) -> None:
        """Give the lease back and note how the run ended; a rollback also notes it on the run it undid."""
        with self.session.transaction() as connection:
            known = self.journal.run(connection, run)
            self.journal.end_run(connection, run, state)
            if known.kind != "load" and state == "done":
                self._note_on_parents(connection, known)

    def _note_on_parents(self, connection: sa.Connection, known: TargetRun) -> None:
        """Note on the run that was undone what is left of it; where that is a rollback, on its load too."""
        table = self.journal.table("run")
        runs = {run.run: run for run in self.journal.runs(connection)}
        undone = runs[known.parent]
        if undone.kind == "load":
            left = self._count(connection, scope_of(self.journal, list(runs.values()), "", undone.run, Selection(), after=True))
            states: dict[str, RunState] = {undone.run: "rolled_back_in_part" if left else "rolled_back"}
        else:
            kept = self.journal.table("kept")
            kept_any = connection.execute(kept.select().where(kept.c.run == known.run).limit(1)).first() is not None
            others = [run for run in runs.values() if run.kind == "rollback" and run.parent == undone.parent and run.run != undone.run]
            still = kept_any or any(run.state in ("done", "rolled_back_in_part") for run in others)
            states = {undone.run: "rolled_back_in_part" if kept_any else "rolled_back",
                      undone.parent: "rolled_back_in_part" if still else "done"}  # fmt: skip
        for name, state in states.items():
            connection.execute(table.update().where(table.c.run == name).values(state=state))

    def _count(self, connection: sa.Connection, scope: Scope) -> int:
        """Return how many changes are in `scope`."""
        import sqlalchemy as sa

        plan = LoadPlan.from_text(self.journal.run(connection, scope.load).plan)
        found = 0
        for load in {load.object: load for load in plan.objects}.values():
            image = self.journal.image(self._table(connection, load.table), load.object)
            query = sa.select(sa.func.count()).select_from(image).where(*scope.of(image, load.object))
            found += int(connection.execute(query).scalar_one())
        return found

    def purge(self, run: str) -> int:
        """Delete the images of a run, which are personal data, and return how many; it can't be undone any more."""
        deleted = 0
        with self.session.transaction() as connection:
            plan = LoadPlan.from_text(self.journal.run(connection, run).plan)
            for load in {load.object: load for load in plan.objects}.values():
                image = self.journal.image(self._table(connection, load.table), load.object)
                deleted += connection.execute(image.delete().where(image.c.run == run)).rowcount
            table = self.journal.table("run")
            connection.execute(table.update().where(table.c.run == run).values(state="closed"))
        return deleted

    # ------------------------------------------------------------------------------------------------ load

    def write_batch(self, run: str, number: int, load: ObjectLoad, rows: pd.DataFrame) -> BatchOutcome:
        """Write one batch in one transaction: data, images, crosswalk, rejects and the batch row."""
        from crmmigrate.targets.writing import BatchWriter

        def work() -> BatchOutcome:
            with self.session.transaction(retried=True) as connection:
                self.dialect.begin_batch(connection)
                self.journal.hold_lease(connection, run)
                table = self._table(connection, load.table)
                return BatchWriter(connection, self.journal, table, load, run, number).write(rows)

        outcome: BatchOutcome = self.session.retried(work)
        return outcome

    # ------------------------------------------------------------------------------------------------ rollback

    def undo_batches(self, run: str) -> list[tuple[int, str]]:
        """Return (batch, object) of the committed batches of a load, last first."""
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            batch = self.journal.table("batch")
            query = sa.select(batch.c.batch, batch.c.object).where(batch.c.run == run).order_by(batch.c.batch.desc())
            return [(int(number), str(name)) for number, name in connection.execute(query)]

    def undo_batch(
        self, run: str, number: int, undone: str, batch: int, *, apply: bool, selection: Selection = Selection()
    ) -> UndoOutcome:
        """Undo batch `batch` of the run `undone` in one transaction, as batch `number` of the rollback `run`."""

        def work() -> UndoOutcome:
            with self.session.transaction(write=apply, retried=True) as connection:
                return self._undo(connection, run, number, undone, batch, None if apply else selection)

        outcome: UndoOutcome = self.session.retried(work)
        return outcome

    def _undo(
        self, connection: sa.Connection, run: str, number: int, undone: str, batch: int, planned_for: Selection | None
    ) -> UndoOutcome:
        from crmmigrate.targets.redoing import BatchRedo
        from crmmigrate.targets.undoing import BatchUndo, Planned

        apply = planned_for is None
        if apply:
            self.dialect.begin_batch(connection)
            self.journal.hold_lease(connection, run)
        runs = self.journal.runs(connection)
        selection = next(known.selection for known in runs if known.run == run) if planned_for is None else planned_for
        scope = scope_of(self.journal, runs, run, undone, selection)
        name = dict(self._batch_objects(connection, scope.load))[batch]
        load = LoadPlan.from_text(self.journal.run(connection, scope.load).plan)[name]
        table = self._table(connection, load.table)
        children = self._children_of(connection, table.name)
        if number == 1 or self._planned is None:
            self._planned = Planned()
        planned = None if apply else self._planned
        work = (BatchRedo if scope.again else BatchUndo)(connection, self.journal, table, load, children, planned, scope)
        outcome = work.undo(scope.load, batch)
        if apply:
            self._note_undone(connection, run, number, scope, batch, name, outcome, table)
        return outcome

    def _batch_objects(self, connection: sa.Connection, run: str) -> list[tuple[int, str]]:
        import sqlalchemy as sa

        batch = self.journal.table("batch")
        rows = connection.execute(sa.select(batch.c.batch, batch.c.object).where(batch.c.run == run))
        return [(row[0], row[1]) for row in rows]

    def _note_undone(
        self, connection: sa.Connection, run: str, number: int, scope: Scope, batch: int, name: str,
        outcome: UndoOutcome, table: LiveTable,
    ) -> None:  # fmt: skip
        """Journal a batch of a rollback or redo: what was kept, the crosswalk of what was undone, the batch row."""
        kept = self.journal.table("kept")
        rows = [
            {"run": run, "batch": number, "target_key": key, "object": object_name, "outcome": word, "columns": columns}
            for object_name, key, word, columns in outcome.kept
        ]
        staying = [row["target_key"] for row in rows if row["outcome"] != "gone"]
        links = Links(connection, self.journal, name, batch)
        if scope.again:
            links.bring_back(scope.again, [row["target_key"] for row in rows if row["outcome"] != "undone_in_part"])
        else:
            links.take_out(run, scope, self.journal.image(table, name), staying)
        if rows:
            connection.execute(kept.insert(), rows)
        self.journal.add_batch(connection, run, number, name, {"rows": sum(outcome.counts.values()), **outcome.counts})

    def _children_of(self, connection: sa.Connection, table: str) -> list[ChildLink]:
        """Return the foreign keys that point to `table`, from whatever table and schema."""
        if self._children is None:
            self._children = {}
            for parent, link in self.dialect.child_links(connection):
                self._children.setdefault(parent, []).append(link)
        return self._children.get(table, [])

    def undo_changes(self, run: str, undone: str, selection: Selection = Selection()) -> int:
        """Return how many changes the rollback `run` (or a new one) has to meet."""
        with self.session.transaction(write=False) as connection:
            return self._count(connection, scope_of(self.journal, self.journal.runs(connection), run, undone, selection))

    def undo_keys(self, run: str, object_name: str, names: Sequence[str]) -> dict[str, str]:
        """Return name → key in the target, of those of `names` (keys or `_record`s) whose rows the load `run` changed."""
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            load = LoadPlan.from_text(self.journal.run(connection, run).plan)[object_name]
            image = self.journal.image(self._table(connection, load.table), object_name)
            linked = self.journal.keys_of(connection, object_name, names)
            keys = {name: linked[name][0] if name in linked else name for name in names}
            query = sa.select(image.c.target_key).where(image.c.run == run, image.c.target_key.in_(list(keys.values())))
            changed = set(connection.execute(query).scalars())
        return {name: key for name, key in keys.items() if key in changed}

    def undo_agrees(self, run: str) -> bool:
        """Whether the target is as before the undone run, apart from what was kept and what others changed elsewhere."""
        from crmmigrate.targets.proof import agrees

        with self.session.transaction(write=False) as connection:
            runs = self.journal.runs(connection)
            known = next(other for other in runs if other.run == run)
            scope = scope_of(self.journal, runs, run, known.parent, known.selection)
            return all(
                agrees(connection, self.journal, self._table(connection, name), scope, known)
                for name in LoadPlan.from_text(known.plan).tables
            )

    def undo_hindrance(self, run: str) -> str:
        """Return a later load, not undone, that changed rows which the load `run` changed too; or nothing."""
        from crmmigrate.targets.proof import later_load

        with self.session.transaction(write=False) as connection:
            runs = self.journal.runs(connection)
            return later_load(connection, self.journal, partial(self._table, connection), runs, run)

    def undo_foreign(self, run: str) -> dict[str, int]:
        """Return table → rows more than before, of the tables whose rows the undone run never touched differ nevertheless."""
        from crmmigrate.targets.digests import RowSum
        from crmmigrate.targets.proof import foreign_sum

        with self.session.transaction(write=False) as connection:
            runs = self.journal.runs(connection)
            known = next(other for other in runs if other.run == run)
            undone = self.journal.run(connection, known.parent)
            scope = scope_of(self.journal, runs, run, undone.run, known.selection)
            if undone.kind != "load" or scope.selection or scope.priors:
                return {}  # a part of a load says nothing about the rest
            sums = {
                name: foreign_sum(connection, self.journal, self._table(connection, name), undone, known)
                for name in LoadPlan.from_text(undone.plan).tables
            }
        return {name: found.rows for name, found in sums.items() if found != RowSum()}
