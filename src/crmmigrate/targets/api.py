"""A CRM behind an API as target: whatever its connector, it is loaded, resumed, reconciled and rolled back like a database.

The journal lies in a SQLite file beside the runs, with copies of the models that are written (`mirror.py`); what changes in a copy is
delivered (`delivery.py`) inside the transaction that journals it. What a batch has sent that was cut off is found out about
before anything else is sent; until its batch is done, nothing of it counts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.target import EVERYTHING, Selection
from crmmigrate.targets.database import DatabaseTarget
from crmmigrate.targets.delivery import Delivery
from crmmigrate.targets.intents import Intents
from crmmigrate.targets.live import ChildLink, LiveTable, reflect
from crmmigrate.targets.mirror import Mirror
from crmmigrate.targets.naming import PREFIX
from crmmigrate.targets.probing import Probe, ProbedFile, of_probe
from crmmigrate.targets.rejects import UNCLEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    import pandas as pd
    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.batch import Living
    from crmmigrate.model.connector import Connector
    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.row_digest import Buckets
    from crmmigrate.model.schema import TargetSchema, TargetTable
    from crmmigrate.model.target import BatchOutcome, RunKind, UndoOutcome
    from crmmigrate.targets.probing import Sample

_DESCRIBED = PREFIX + "described"


class ApiTarget(DatabaseTarget):
    """An open system behind an API; see `model.target.Target` for what its methods promise.

    Args:
        connector: to the system.
        folder: where the journal lies; made where it is missing.
        schema: what the target should look like, where that is known.
    """

    def __init__(self, connector: Connector, folder: Path, schema: TargetSchema | None = None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = hashlib.sha256(connector.place.encode()).hexdigest()[:12]
        path = folder / f"{name}.db"
        path.touch(mode=0o600)
        self._probed = ProbedFile(folder / f"{name}.probed.json")
        self.connector = connector
        self.intents = Intents(folder / f"{name}.intents.db")
        self.mirror = Mirror(Delivery(connector, self.intents))
        super().__init__(self.mirror, f"sqlite:///{path.as_posix()}", connector.place, schema)
        self._described: dict[str, TargetTable] = {}
        self._filled: set[str] = set()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.intents.close()
        self.connector.close()

    # ------------------------------------------------------------------------------------------------ models

    def described(self, models: Iterable[str]) -> TargetSchema:
        """Return what the system says of models, and what a probe has found of them since; one that is not there is left out."""
        declared = self.connector.describe(list(models))
        return replace(declared, tables={name: self._probed.told(name, spec) for name, spec in declared.tables.items()})

    def probe(self, samples: Sequence[Sample]) -> list[LocationError]:
        """Find out what the system demands of rows like these, parents first, and return what kept some from being tried.

        Raises:
            ConfigurationError: `target.unfinished`: a load was cut off in the middle of a batch.
            LocationError: `target.probe-left`.
        """
        if not samples:
            return []
        self._end_probe()
        with self.session.beginning() as connection:
            if self.journal.exists(connection):
                self.journal.refuse_if_busy(connection)
            for sample in samples:
                self._table(connection, sample.table)
            if self.mirror.is_unfinished(connection):
                raise ConfigurationError(
                    "target.unfinished", Message("a load was cut off in the middle of a batch"), self.place,
                    Message("take it up with crmmigrate load --resume, or roll it back"),
                )  # fmt: skip
            self.intents.begin()
            probe = Probe(self.mirror.delivery, self._live.__getitem__)
            try:
                for sample in samples:
                    probe.probe(sample)
            finally:
                found = probe.taken_out()
        for model, demands in found.demands.items():
            self._probed.note(model, self.connector.describe([model]).tables[model], demands)
        self._live.clear()
        return found.faults

    def _end_probe(self) -> None:
        """Take out what a probe has made that was killed."""
        if of_probe(self.mirror.delivery):
            self.mirror.delivery.take_back()

    def _table(self, connection: sa.Connection, name: str) -> LiveTable:
        """Return a model as the system describes it, and make its copy where there is none.

        Raises:
            LocationError: `target.table-missing`.
        """
        if name not in self._live:
            schema = self.described([name])
            if name not in schema.tables:
                raise LocationError(
                    "target.table-missing", Message("the target has no table '{table}'", table=name), self.place,
                    Message("name one of its models in the mapping file, or give the user the right to read it"),
                )  # fmt: skip
            spec = self._described[name] = schema.tables[name]
            self.mirror.delivery.demanded[name] = self._probed.demanded(name)
            self.mirror.make(connection, schema)
            copy = reflect(connection, name)
            columns = {title: copy.columns[title] for title in spec.columns}
            self._live[name] = self.mirror.tables[name] = replace(
                copy, columns=columns, key=spec.identity, numbered=True, unique={}, parents=(), firm=frozenset()
            )
            self.mirror.references[name] = {
                title: column.references for title, column in spec.columns.items() if column.references
            }
        return self._live[name]

    def _children_of(self, connection: sa.Connection, table: str) -> list[ChildLink]:
        """Return the fields that refer to a model: those of the models written, and those whose rows the system would let go with it."""
        key = self._table(connection, table).key
        own = [
            (name, field)
            for name, fields in self.mirror.references.items()
            for field, to in fields.items()
            if to == table
        ]
        told = [(self._table(connection, link.model).name, link.field) for link in self.connector.links(table)]
        return [ChildLink(None, name, (field,), (key,)) for name, field in dict.fromkeys([*own, *told])]

    def create(self, schema: TargetSchema) -> None:
        """See that every model of `schema` is there: models are made in the system itself.

        Raises:
            LocationError: `target.table-missing`.
        """
        there = self.described(schema.tables).tables
        for name in schema.tables:
            if name not in there:
                raise LocationError(
                    "target.table-missing", Message("the target has no table '{table}'", table=name), self.place,
                    nearest(name, there) or Message("models of a system behind an API are made in the system itself"),
                )  # fmt: skip

    def _fill(self, tables: Iterable[str], *, again: bool = True) -> None:
        """Copy all rows of models, as they are now."""
        for name in dict.fromkeys(tables):
            if again or name not in self._filled:
                with self.session.transaction() as connection:
                    self.mirror.fill(connection, self._table(connection, name))
                self._filled.add(name)

    # ------------------------------------------------------------------------------------------------ reading

    def population(self, table: str) -> tuple[int, int | None]:
        """Return how many rows a model has, and how many of them are archived."""
        archived = self.connector.archived(table)
        return self.connector.count(table), self.connector.count(table, archived) if archived else None

    def digest(self, tables: Sequence[str] | None = None) -> dict[str, str]:
        """Return model → digest over all its rows and fields; by default of the models that were ever written."""
        import sqlalchemy as sa

        if tables is None:
            with self.session.transaction(write=False) as connection:
                names = sa.inspect(connection).get_table_names()
            tables = [name for name in names if not name.startswith(PREFIX)]
        self._fill(tables)
        return super().digest(tables)

    def arrow_rows(
        self, table: str, columns: Sequence[str] | None = None, part: Buckets | None = None
    ) -> Iterator[pa.Table]:
        """Yield the rows of a model as Arrow tables of text, as they are now; what a load knew by its name is called so."""
        import pyarrow as pa

        self._fill([table])
        with self.session.transaction(write=False) as connection:
            live = self._table(connection, table)
            names = {column: self.mirror.names(connection, live, column) for column in columns or live.columns}
        for rows in super().arrow_rows(table, columns, part):
            named = rows
            for place, column in enumerate(rows.column_names):
                if known := names[column]:
                    shown = [known.get(key, key) for key in rows[column].to_pylist()]
                    named = named.set_column(place, column, pa.array(shown, pa.string()))
            yield named

    def loaded(self, object_name: str) -> Iterator[pd.DataFrame]:
        """Yield the crosswalk of an object as `LOADED_COLUMNS`."""
        with self.session.transaction(write=False) as connection:
            loads = self._loads_of(connection, object_name)
        self._fill([step.table for _, step in loads[-1:]], again=False)
        yield from super().loaded(object_name)

    def edited(self, object_name: str, keys: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return key → the columns that people have changed since loads last went over the row, as far as its images tell."""
        with self.session.transaction(write=False) as connection:
            loads = self._loads_of(connection, object_name) if keys else []
        self._fill([step.table for _, step in loads[-1:]], again=False)
        return super().edited(object_name, keys)

    def unfit(self, table: str, column: str, texts: Sequence[str]) -> dict[str, str]:
        """Return text → the code of why the load would not put it into a field: its kind, its length, its bounds, what a picklist allows, a name that is unclear."""
        schema = self.described([table])
        spec = schema.tables[table].columns[column]
        if spec.references:
            names = [text for text in texts if not text.isdigit()]
            found = self.connector.resolve(spec.references, names) if names else {}
            return {text: UNCLEAR for text in names if len(found.get(text, ())) != 1}
        unfit = super().unfit(table, column, texts)
        if spec.picklist:
            unfit |= {text: "load.refused-check" for text in texts if text not in schema.picklists[spec.picklist]}
        if spec.type in ("integer", "decimal"):
            numbers = [text for text in texts if text not in unfit]
            unfit |= {
                text: "load.refused-check" for text in numbers if not self.connector.suits(table, column, Decimal(text))
            }
        return unfit

    # ------------------------------------------------------------------------------------------------ runs

    def settle(self, *, apply: bool) -> int:
        """Return how many rows a batch that was cut off has sent; with `apply` they are taken back."""
        with self.session.beginning() as connection:
            if not self.journal.exists(connection):
                return 0
            self.journal.refuse_if_busy(connection)
            if not self.mirror.is_unfinished(connection):
                return 0
        if not apply:
            return sum(intent.state != "refused" for intent in self.intents.all())
        self._filled.clear()
        return self.mirror.delivery.take_back()

    def begin_run(
        self, kind: RunKind, run: str, plan: LoadPlan, *, parent: str = "", plan_digest: str = "",
        selection: Selection = EVERYTHING, project: str = "",
    ) -> None:  # fmt: skip
        """Begin a run, with the models copied as they are now; what another run left unfinished is taken back first.

        Raises:
            ConfigurationError: `target.no-redo`.
        """
        if kind == "redo":
            raise ConfigurationError(
                "target.no-redo", Message("a rollback cannot be undone here: the system numbers rows itself, and what was deleted cannot come back under its key"),
                self.place, Message("load again"),
            )  # fmt: skip
        self._end_probe()
        self.settle(apply=True)
        if parent:
            self._refuse_drift(parent)
        self._fill(plan.tables)
        super().begin_run(kind, run, plan, parent=parent, plan_digest=plan_digest, selection=selection, project=project)
        self._note_description(run, plan)

    def resume_run(self, run: str, plan_digest: str = "") -> None:
        """Take up a run that stopped or was killed."""
        self._end_probe()
        self._refuse_drift(run)
        super().resume_run(run, plan_digest)

    def _note_description(self, run: str, plan: LoadPlan) -> None:
        with self.session.transaction() as connection:
            connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {_DESCRIBED} (run TEXT, model TEXT, spec TEXT)")
            for name in plan.tables:
                self._table(connection, name)
                connection.exec_driver_sql(
                    f"INSERT INTO {_DESCRIBED} VALUES (?, ?, ?)", (run, name, json.dumps(_kinds(self._described[name])))
                )

    def _refuse_drift(self, run: str) -> None:
        """Stop where a field that the run wrote is no longer what it was when the run began; fields that came later do not matter.

        Raises:
            LocationError: `target.drift`.
        """
        with self.session.transaction() as connection:
            connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {_DESCRIBED} (run TEXT, model TEXT, spec TEXT)")
            noted = connection.exec_driver_sql(f"SELECT model, spec FROM {_DESCRIBED} WHERE run = ?", (run,)).all()
            for model, spec in noted:
                self._table(connection, model)
                now = _kinds(self._described[model])
                for field, kind in json.loads(spec).items():
                    if now.get(field) != kind:
                        raise LocationError(
                            "target.drift", Message("the field '{field}' is no longer what it was when the run {run} began", field=field, run=run),
                            f"{self.place}#{model}", Message("put the field back, then run the command again"),
                        )  # fmt: skip

    def purge(self, run: str) -> int:
        """Delete the images of a run and the copies of all rows, and return how many images there were."""
        purged = super().purge(run)
        with self.session.transaction() as connection:
            self.mirror.empty(connection)
        self._filled.clear()
        return purged

    # ------------------------------------------------------------------------------------------------ batches

    def write_batch(
        self, run: str, number: int, load: ObjectLoad, rows: pd.DataFrame, living: Living | None = None
    ) -> BatchOutcome:
        """Write one batch; when this returns it is in the system and in the journal."""
        from crmmigrate.targets.writing import Outlook

        # The crosswalk is asked at once: to insert first and look closer afterwards would be calls in vain.
        self._outlooks.setdefault((run, load.object, load.deferred), Outlook(linked=True))
        outcome = super().write_batch(run, number, load, rows, living)
        self._finish()
        return outcome

    def undo_batch(
        self, run: str, number: int, undone: str, batch: int, *, apply: bool, selection: Selection = EVERYTHING
    ) -> UndoOutcome:  # fmt: skip
        """Undo one batch, or say what undoing it would do."""
        if not apply and number == 1:
            with self.session.transaction(write=False) as connection:
                plan = LoadPlan.from_text(self.journal.run(connection, undone).plan)
            self._fill(plan.tables)
        outcome = super().undo_batch(run, number, undone, batch, apply=apply, selection=selection)
        if apply:
            self._finish()
        return outcome

    def _finish(self) -> None:
        """The batch is committed: its intents have served."""
        if self.intents.all():
            self.intents.begin()

    def undo_agrees(self, run: str) -> bool:
        """Whether the system is as before the undone run, as it shows itself now."""
        with self.session.transaction(write=False) as connection:
            plan = LoadPlan.from_text(self.journal.run(connection, run).plan)
        self._fill(plan.tables)
        return super().undo_agrees(run)

    def rehearsing(self, run: str) -> NoReturn:
        """Refuse: nothing that was sent to a system behind an API can be taken back by ending a transaction.

        Raises:
            ConfigurationError: `target.no-rehearsal`.
        """
        del run
        raise ConfigurationError(
            "target.no-rehearsal", Message("a rollback cannot be rehearsed in a system behind an API"), self.place,
            Message("rehearse it in a copy of the system: load there, and roll back"),
        )  # fmt: skip


def _kinds(spec: TargetTable) -> dict[str, str]:
    """Return field → what decides whether values written to it are still understood."""
    return {
        name: json.dumps([asdict(column)[part] for part in ("type", "references")])
        for name, column in spec.columns.items()
    }
