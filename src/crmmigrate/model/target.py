"""The target of a migration: what is to be loaded, what an open target can do, and what its journal remembers.

A target keeps its own journal, so that it alone knows how far a run came and how to undo it (docs/architecture.md,
"Target, journal, rollback"). The shelf `targets/` holds one file per kind of target; `targets.open_target` picks it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, Protocol, Self

from crmmigrate.messages import Message
from crmmigrate.model.batch import BatchOutcome, Committed, Conflict, Reject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.errors import LocationError
    from crmmigrate.model.batch import Living
    from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
    from crmmigrate.model.row_digest import Buckets, TableDigests
    from crmmigrate.model.schema import TargetSchema

__all__ = ["BatchOutcome", "Committed", "Conflict", "Reject"]  # they are of this module for all who use a target

RunKind = Literal["load", "rollback", "redo"]
RunState = Literal["running", "stopped", "done", "rolled_back", "rolled_back_in_part", "closed"]
Outcome = Literal["undone", "undone_in_part", "kept_edited", "kept_referenced", "gone", "error"]

OUTCOMES: tuple[Outcome, ...] = ("undone", "undone_in_part", "kept_edited", "kept_referenced", "gone", "error")
"""What can become of one change when its run is rolled back; together they add up to the changes.

undone: the row is as before the load. undone_in_part: some fields were edited since and kept. kept_edited: edited since, or under another key.
kept_referenced: other rows depend on it. gone: somebody deleted it. error: the database refused.
"""

OUTCOME_TITLES: dict[Outcome, Message] = {
    "undone": Message("undone"),
    "undone_in_part": Message("undone but for fields that were edited since"),
    "kept_edited": Message("kept: edited since"),
    "kept_referenced": Message("kept: other rows depend on it"),
    "gone": Message("gone: deleted since"),
    "error": Message("refused by the database"),
}
PLANNED_TITLES: dict[Outcome, Message] = {
    "undone": Message("would be undone"),
    "undone_in_part": Message("would be undone but for fields that were edited since"),
    "kept_edited": Message("would be kept: edited since"),
    "kept_referenced": Message("would be kept: other rows depend on it"),
    "gone": Message("gone: deleted since"),
    "error": Message("would be refused by the database"),
}
"""What is said of a change that was only planned."""

LOADED_COLUMNS = ("_record", "key", "present", "run", "since")
REJECT_COLUMNS = ("object", "batch", "_record", "code", "column")
STAYED: dict[Outcome, Message] = {
    "undone_in_part": Message("{count} in part, because people edited some of their fields since"),
    "kept_edited": Message("{count} because people edited them since"),
    "kept_referenced": Message("{count} because other rows depend on them"),
    "error": Message("{count} because the database refuses"),
}
"""Why changes of a load stay in the target."""
KEPT_COLUMNS = ("object", "key", "outcome", "columns")


@dataclass(frozen=True)
class SourceRow:
    """What the sources call a row of the target.

    Args:
        record: its `_record`.
        origin: where a person finds it; may be empty.
        name: by which people recognise it, masked; may be empty.
    """

    record: str
    origin: str = ""
    name: str = ""


CONFLICT_COLUMNS = ("object", "batch", "_record", "key", "column", "kind", "base", "ours", "theirs")
ROW_OF, WAS = "_row_of", "_was."
"""In rows of a change: the record whose row in the target is meant; before a column's name, the value that was loaded before."""


@dataclass(frozen=True)
class Selection:
    """Which changes of a load a rollback is about; an empty field leaves nothing out.

    Args:
        objects: business objects.
        batches: numbers of batches.
        keys: keys of rows in the target, as text; only together with one object.
    """

    objects: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.objects or self.batches or self.keys)

    def takes(self, batch: int, object_name: str) -> bool:
        """Whether anything of a batch may be meant."""
        return (not self.batches or batch in self.batches) and (not self.objects or object_name in self.objects)

    def as_text(self) -> str:
        """Return it as JSON, for the journal."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Selection:
        """Read what `as_text` wrote."""
        return cls(**{name: tuple(values) for name, values in json.loads(text or "{}").items()})


EVERYTHING = Selection()


@dataclass(frozen=True)
class TargetRun:
    """One run as the target's journal knows it.

    Args:
        run: its id; `parent` the run a rollback undoes, or empty.
        state: `running` may also mean killed: see `alive`.
        alive: whether its process still holds the lease.
        since: UTC, ISO 8601.
        plan: the plan as text (`LoadPlan.from_text`), `plan_digest` what a resume has to show.
        digests: table → digest before the run wrote anything.
        changes: rows inserted, updated and deleted (load) or undone (rollback) by committed batches.
        selection: what a rollback is about.
        project: whose load it is: machine and path of its folder; empty where the journal does not say.
    """

    run: str
    kind: RunKind
    parent: str
    state: RunState
    host: str
    pid: int
    alive: bool
    since: str
    ended: str
    plan: str
    plan_digest: str
    digests: dict[str, str]
    changes: int
    selection: Selection = EVERYTHING
    project: str = ""


@dataclass(frozen=True)
class Share:
    """The part of a run in which a process may write that does not hold the run's lease.

    Args:
        run: its id.
        partition: its number; one process at a time writes in it.
        lease: under which it was offered.
    """

    run: str
    partition: int
    lease: str


@dataclass(frozen=True)
class UndoOutcome:
    """What one batch of a rollback did, or would do: outcome → number of changes, and each change not undone.

    Args:
        counts: one entry per word of `OUTCOMES`.
        kept: rows of `KEPT_COLUMNS`; `columns` lists the edited fields.
    """

    counts: dict[str, int]
    kept: tuple[tuple[str, str, str, str], ...] = ()


class Target(Protocol):
    """An open target. Use it as a context manager.

    Every method raises `LocationError` where the target can't be reached or lacks something; `LimitReached` with code
    `target.busy` where another run holds the lease, `target.lease-lost` where another run has taken it over, or a share of it is not offered any more.
    """

    place: str
    """The location without its password."""

    address: str
    """The location with its secrets by name, by which another process opens it."""

    @property
    def shared(self) -> bool:
        """Whether several processes may write batches of one run."""

    @property
    def parallel(self) -> bool:
        """Whether it does much more at a time over several connections than over one."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...  # fmt: skip

    def create(self, schema: TargetSchema) -> None:
        """Create what `schema` describes and is not there yet: tables, keys, picklist tables with their codes."""

    def check(self, plan: LoadPlan) -> None:
        """Look before the first row: tables and columns exist, have one key, keep transactions and may be written.

        Raises:
            LocationError: with the table as place and what to do as hint.
        """

    def shortcomings(self, plan: LoadPlan) -> list[LocationError]:
        """Return all that stands in the way of a load, where `check` stops at the first."""

    def unfit(self, table: str, column: str, texts: Sequence[str]) -> dict[str, str]:
        """Return text → the code of why the load would not put it into a column, as far as what the target says of itself tells.

        Raises:
            LocationError: there is no such table, or it cannot be reached.
        """

    def free_bytes(self) -> int | None:
        """Return how much room the database has left; None where it does not tell."""

    def digest(self, tables: Sequence[str] | None = None) -> dict[str, str]:
        """Return table → digest over all its rows and columns, whatever their order; all but the journal by default."""

    def rows(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield a table's rows as text in standard form (dates ISO, `true`/`false`, decimals with the column's scale)."""

    def arrow_rows(
        self, table: str, columns: Sequence[str] | None = None, part: Buckets | None = None
    ) -> Iterator[pa.Table]:
        """Yield the same as Arrow tables of text; only the rows of some buckets where `part` is given."""

    def bucket_digests(self, table: str, columns: Sequence[str]) -> TableDigests | None:
        """Return digests of a table's rows by bucket, made where they lie; None where the target makes none that text can be held against."""

    def kinds(self, table: str) -> dict[str, str]:
        """Return column → what its values mean: text, integer, decimal, float, date, datetime, boolean or other."""

    def loaded(self, object_name: str) -> Iterator[pd.DataFrame]:
        """Yield the crosswalk of an object as `LOADED_COLUMNS`; `present` is `true` where the row is in its table, `since` when `run` began."""

    def crosswalk(self, object_name: str) -> Iterator[pa.Table]:
        """Yield the crosswalk of an object as Arrow tables of text, in no order: `_record`, `key`, and `adopted`: `true` where the row was there before, else nothing.

        A load that is given all rows of an object finds there those of the loads before it, too.
        """

    def held(self, object_name: str, table: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield the rows of a table as Arrow tables of text: the `_record` of an object that is linked to each (nothing where none is), and some columns."""

    def edited(self, object_name: str, keys: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return key → the columns that people have changed since loads last went over the row, as far as its images tell."""

    def taken_back(self, object_name: str, records: Sequence[str], by: Collection[str] | None = None) -> set[str]:
        """Return those of `records` whose link a rollback (one of `by`) has taken out: with its batch, or by itself."""

    def given_back(self, object_name: str, run: str) -> set[str]:
        """Return the records in whose rows rollbacks have undone, at least in part, what the load `run` had changed."""

    def rejects(self, run: str) -> pd.DataFrame:
        """Return what a run rejected in its committed batches, as `REJECT_COLUMNS`, in order."""

    def conflicts(self, run: str) -> pd.DataFrame:
        """Return what a delta left alone in its committed batches, as `CONFLICT_COLUMNS`, in order."""

    def kept(self, run: str) -> pd.DataFrame:
        """Return what a rollback did not undo, as `KEPT_COLUMNS`, in order."""

    def runs(self) -> list[TargetRun]:
        """Return every run of the journal, oldest first; none where there is no journal yet."""

    def begin_run(
        self, kind: RunKind, run: str, plan: LoadPlan, *, parent: str = "", plan_digest: str = "",
        selection: Selection = EVERYTHING, project: str = "",
    ) -> None:  # fmt: skip
        """Take the lease, make the journal where there is none, and note the digests of the plan's tables.

        Args:
            kind: a rollback undoes the load `parent`, a redo brings back what the rollback `parent` undid.
            run: its id.
            plan: of the load.
            parent: the run that is undone.
            plan_digest: what a resume has to show.
            selection: what a rollback is about.
            project: whose run it is; see `TargetRun`.
        """

    def resume_run(self, run: str, plan_digest: str = "") -> None:
        """Take the lease of a run that stopped or was killed.

        Raises:
            ConfigurationError: `load.plan-changed`: it is not the plan, or not the data, the run began with.
            LocationError: `target.unknown-run`; the run is done already.
        """

    def settle(self, *, apply: bool) -> int:
        """Return how many rows a batch wrote that was cut off; with `apply` they are taken back, as a database does by itself."""

    def write_batch(self, run: str, number: int, load: ObjectLoad, rows: pd.DataFrame, living: Living | None = None) -> BatchOutcome:  # fmt: skip
        """Write one batch in one transaction: data, images, crosswalk, rejects and the batch row.

        Args:
            run: a run of which this process holds the lease.
            number: of the batch in the run; its plan and rows decide it, whoever writes it.
            load: how to write.
            rows: text, with `_record` and the columns of `load`.
            living: says which of some records are to be loaded too: the row of one is not taken for that of another with the same match key.
        """

    def unique_keys(self, table: str) -> list[tuple[str, ...]]:
        """Return the columns of each key of a table that no two of its rows may share."""

    def keys_tie(self, table: str) -> bool:
        """Whether rows of a table depend on each other by the values of its unique columns alone, and not by triggers, say; only where `shared`."""

    def share(self, run: str, count: int) -> list[Share]:
        """Let other processes write batches of a run of which this process holds the lease, in so many shares, until it shares it anew or closes it; only where `shared`."""

    def write_shared(self, share: Share, number: int, load: ObjectLoad, rows: pd.DataFrame, living: Living | None = None) -> BatchOutcome | None:  # fmt: skip
        """Write one batch as `write_batch` does, in a share of its run; return None where another process has committed it already."""

    def plan_batch(self, load: ObjectLoad, rows: pd.DataFrame, *, first: bool, edits: bool = False) -> BatchOutcome:
        """Say what `write_batch` would do with a batch of a delta, but for what the database refuses; nothing is written and nothing locked.

        Args:
            load: as for `write_batch`, in the order in which it would be written.
            rows: as for `write_batch`.
            first: forget what earlier calls said would happen.
            edits: of a load that is given all rows, tell too, as `conflicts`, which fields people edited since a load wrote them, and which rows they
                deleted (no column), that it would write over or bring back.
        """

    def totals(self, run: str) -> dict[str, dict[str, int]]:
        """Return object → what the committed batches of a run add up to: rows, inserted, updated, …, or `OUTCOMES`."""

    def batches(self, run: str) -> list[tuple[int, str]]:
        """Return (batch, object) of the committed batches of a run, last first."""

    def committed(self, run: str) -> dict[int, Committed]:
        """Return what is known of each committed batch of a run, by its number."""

    def undo_batch(
        self, run: str, number: int, undone: str, batch: int, *, apply: bool, selection: Selection = EVERYTHING
    ) -> UndoOutcome:  # fmt: skip
        """Undo batch `batch` of the run `undone` in one transaction, as batch `number` of the rollback `run`.

        Of a load, what an earlier rollback undid is left out. Of a rollback, what it undid is done again.
        A rollback that numbers its batches like those it undoes can tell, when it is resumed, which of them are done.
        With `apply` False nothing is written: the answer says what would happen, given what earlier calls on this open
        target answered for later batches.
        """

    def any_order(self, run: str, object_name: str, batches: Sequence[int]) -> bool:
        """Whether some batches of a load, all of one object and one after the other, may be undone by the rollback `run` in any order."""

    def undo_shared(self, share: Share, undone: str, batch: int) -> UndoOutcome | None:
        """Undo one batch as `undo_batch` does, in a share of the rollback and under its own number; return None where another process has done so already."""

    def undo_changes(self, run: str, undone: str, selection: Selection = EVERYTHING) -> int:
        """Return how many changes of the load `undone` the rollback `run` (or a new one) has to meet."""

    def undo_keys(self, run: str, object_name: str, names: Sequence[str]) -> dict[str, str]:
        """Return name → key in the target, of those of `names` (keys or `_record`s) whose rows the load `run` changed."""

    def rehearsing(self, run: str) -> AbstractContextManager[None]:
        """Do everything meanwhile (a rollback of `run`) in one transaction that is taken back at the end."""

    def undo_agrees(self, run: str) -> bool:
        """Whether the target is as before the undone run, apart from what was kept and what others changed elsewhere."""

    def undo_hindrance(self, run: str) -> str:
        """Return a later load, not undone, that changed rows which the load `run` changed too; or nothing."""

    def undo_foreign(self, run: str) -> dict[str, int]:
        """Return table → rows more than before, of the tables whose rows the undone run never touched differ nevertheless."""

    def undo_set(self, run: str) -> dict[str, tuple[int, tuple[str, ...]]]:
        """Return table → how many rows the rollback `run` gave back in which the database then set columns by itself, and which."""

    def close_run(self, run: str, state: RunState) -> None:
        """Give the lease back and note how the run ended; a rollback also notes it on the run it undid."""

    def purge(self, run: str) -> int:
        """Delete the images of a run, which are personal data, and return how many; it can't be undone any more."""
