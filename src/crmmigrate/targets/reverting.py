"""What a database target does to take a load back, and to take that back: batch by batch, with its journal and its proof."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.target import EVERYTHING, Selection
from crmmigrate.targets.left import left_of
from crmmigrate.targets.links import Links, index_crosswalk, index_images, make_images
from crmmigrate.targets.scope import Scope, scope_of
from crmmigrate.targets.shape import later_columns, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.target import RunState, TargetRun, UndoOutcome
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import ChildLink, LiveTable
    from crmmigrate.targets.planned import Planned
    from crmmigrate.targets.session import Session
    from crmmigrate.targets.undoing import BatchUndo


class Reverting(ABC):
    """The part of a database target that undoes; see `model.target.Target` for what its methods promise."""

    place: str
    session: Session
    journal: Journal
    dialect: Dialect
    _children: dict[str, list[ChildLink]] | None
    _planned: Planned | None

    @abstractmethod
    def _table(self, connection: sa.Connection, name: str) -> LiveTable:
        """Return a table as it is."""

    def _table_of_run(self, connection: sa.Connection, name: str, run: str) -> LiveTable:
        """Return a table with the columns it had when the load `run` began: those that came later are none of its business."""
        table = self._table(connection, name)
        known = shape_of(connection, self.journal, run).get(name, frozenset(table.columns))
        there = {title: column for title, column in table.columns.items() if column.generated or title in known}
        return replace(table, columns=there)

    @contextmanager
    def rehearsing(self, run: str) -> Iterator[None]:
        """Do everything meanwhile in one transaction that is taken back at the end.

        What the journal lacks is made before: MariaDB and MySQL would end the transaction to make a table or an index.
        """
        with self.session.transaction() as connection:
            self.journal.make(connection)
            scope = scope_of(self.journal, self.journal.runs(connection), "", run, EVERYTHING)
            index_crosswalk(connection, self.journal, scope, filled=False)
            for load in LoadPlan.from_text(self.journal.run(connection, run).plan).objects:
                make_images(connection, self.journal, self._table(connection, load.table), load, "rollback")
        with self.session.rehearsing():
            yield

    def batches(self, run: str) -> list[tuple[int, str]]:
        """Return (batch, object) of the committed batches of a run, last first."""
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            batch = self.journal.table("batch")
            query = sa.select(batch.c.batch, batch.c.object).where(batch.c.run == run).order_by(batch.c.batch.desc())
            return [(int(number), str(name)) for number, name in connection.execute(query)]

    def undo_batch(
        self, run: str, number: int, undone: str, batch: int, *, apply: bool, selection: Selection = EVERYTHING
    ) -> UndoOutcome:
        """Undo batch `batch` of the run `undone` in one transaction, as batch `number` of the rollback `run`."""
        if number == 1 and not apply:
            self._index_images(undone)

        def work() -> UndoOutcome:
            with self.session.transaction(write=apply, retried=True) as connection:
                if apply:
                    self.dialect.begin_batch(connection)
                    self.journal.hold_lease(connection, run)
                return self._undo(connection, run, number, undone, batch, None if apply else selection)

        outcome: UndoOutcome = self.session.retried(work)
        return outcome

    def _index_images(self, run: str) -> None:
        """Index the images of a load for a plan, which else would read all of them for each batch; of the target nothing is changed."""
        with self.session.transaction() as connection:
            for load in LoadPlan.from_text(self.journal.run(connection, run).plan).objects:
                index_images(connection, self.journal, load.object)

    def _undo(
        self, connection: sa.Connection, run: str, number: int, undone: str, batch: int, planned_for: Selection | None
    ) -> UndoOutcome:
        from crmmigrate.targets.planned import Planned
        from crmmigrate.targets.redoing import BatchRedo
        from crmmigrate.targets.undoing import BatchUndo

        apply = planned_for is None
        runs = {known.run: known for known in self.journal.runs(connection)}
        selection = runs[run].selection if planned_for is None else planned_for
        scope = scope_of(self.journal, list(runs.values()), run, undone, selection)
        name = dict(self._batch_objects(connection, scope.load))[batch]
        load = LoadPlan.from_text(runs[scope.load].plan)[name]
        self._refuse_lost_columns(connection, scope.load, load)
        table = self._table_of_run(connection, load.table, scope.load)
        children = self._children_of(connection, table.name)
        if number == 1 or self._planned is None:
            self._planned = Planned()
        planned = None if apply else self._planned
        work = (BatchRedo if scope.again else BatchUndo)(
            connection, self.journal, table, load, children, planned, scope
        )
        work.by = run
        work.later = later_columns(connection, self._table(connection, load.table), table)
        outcome = work.undo(scope.load, batch)
        if apply:
            self._note_undone(work, run, number, batch, outcome)
        return outcome

    def _refuse_lost_columns(self, connection: sa.Connection, run: str, load: ObjectLoad) -> None:
        """Stop where a column that a load wrote is not there any more: what it held before could not be put back.

        Raises:
            LocationError: `target.drift`.
        """
        lost = [name for name in load.columns if name not in self._table(connection, load.table).columns]
        if lost:
            raise LocationError(
                "target.drift", Message("the field '{field}' is no longer what it was when the run {run} began", field=lost[0], run=run),
                f"{self.place}#{load.table}", Message("put the field back, then run the command again"),
            )  # fmt: skip

    def _batch_objects(self, connection: sa.Connection, run: str) -> list[tuple[int, str]]:
        import sqlalchemy as sa

        batch = self.journal.table("batch")
        rows = connection.execute(sa.select(batch.c.batch, batch.c.object).where(batch.c.run == run))
        return [(row[0], row[1]) for row in rows]

    def _note_undone(self, work: BatchUndo, run: str, number: int, batch: int, outcome: UndoOutcome) -> None:
        """Journal a batch of a rollback or redo: what was kept, the crosswalk of what was undone, the batch row."""
        connection, scope, name = work.connection, work.scope, work.object
        kept = self.journal.table("kept")
        rows: list[dict[str, Any]] = [
            {"run": run, "batch": number, "target_key": key, "object": object_name, "outcome": word, "columns": columns}
            for object_name, key, word, columns in outcome.kept
        ]
        staying = [row["target_key"] for row in rows if row["outcome"] != "gone"]
        links = Links(connection, self.journal, name, batch)
        if scope.again:
            absent = [row["target_key"] for row in rows if row["outcome"] != "undone_in_part"]
            links.bring_back(scope.again, scope.load, absent)
        else:
            image = self.journal.image(work.table, name)
            deleted = self.journal.made(connection, scope.load, batch)["delete"] > 0
            links.take_out(run, scope, image, staying, deleted=deleted)
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

    def undo_changes(self, run: str, undone: str, selection: Selection = EVERYTHING) -> int:
        """Return how many changes the rollback `run` (or a new one) has to meet."""
        with self.session.transaction(write=False) as connection:
            return self._count(
                connection, scope_of(self.journal, self.journal.runs(connection), run, undone, selection)
            )

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
                agrees(connection, self.journal, self._table_of_run(connection, name, scope.load), scope, known)
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
                name: foreign_sum(
                    connection, self.journal, self._table_of_run(connection, name, undone.run), undone, known
                )
                for name in LoadPlan.from_text(undone.plan).tables
            }
        return {name: found.rows for name, found in sums.items() if found != RowSum()}

    def undo_set(self, run: str) -> dict[str, tuple[int, tuple[str, ...]]]:
        """Return table → how many rows a rollback gave back in which the database then set columns by itself, and which."""
        found = {}
        with self.session.transaction(write=False) as connection:
            for name in LoadPlan.from_text(self.journal.run(connection, run).plan).tables:
                left = left_of(connection, self.journal, self._table(connection, name))
                if left and (told := left.told(run))[0]:
                    found[name] = told
        return found

    def _note_on_parents(self, connection: sa.Connection, known: TargetRun) -> None:
        """Note on the run that was undone what is left of it; where that is a rollback, on its load too."""
        table = self.journal.table("run")
        runs = {run.run: run for run in self.journal.runs(connection)}
        undone = runs[known.parent]
        if undone.kind == "load":
            left = self._count(
                connection, scope_of(self.journal, list(runs.values()), "", undone.run, Selection(), after=True)
            )
            states: dict[str, RunState] = {undone.run: "rolled_back_in_part" if left else "rolled_back"}
        else:
            kept = self.journal.table("kept")
            kept_any = connection.execute(kept.select().where(kept.c.run == known.run).limit(1)).first() is not None
            others = [
                run
                for run in runs.values()
                if run.kind == "rollback" and run.parent == undone.parent and run.run != undone.run
            ]
            still = kept_any or any(run.changes and run.state in ("done", "rolled_back_in_part") for run in others)
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
