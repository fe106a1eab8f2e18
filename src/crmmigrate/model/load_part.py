"""Which rows of a load are written, where not all of them are: rejects fed in again, a wave, a delta."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from crmmigrate.model.content_digest import content_digest
from crmmigrate.model.load_batches import load_batches
from crmmigrate.model.load_plan import LoadPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from crmmigrate.model.delta import Deletes
    from crmmigrate.model.load_plan import Change, ObjectLoad
    from crmmigrate.model.table import Table


@dataclass(frozen=True)
class LoadPart:
    """The rows of a load that leaves alone what is in the target already.

    Args:
        only: object → the `_record` of the rows to write.
        held: object → of these, what must not be written: it has taken in records that are in the target.
        refill: object → rows in the target whose reference was left blank because its record was not there; it is filled
            where it still is blank, and nothing else of the row is touched.
        wave: of migration.yaml, whose rows these are.
        waves: those that had been loaded when a delta, or rejects fed in, was added to them.
        since: the load with which a delta compares; the others of a delta follow.
        deletes: what happens to rows whose records are gone.
        linked: object → records that take over the row of another (`ROW_OF`).
        changed: object → rows of the target that get new values (`ROW_OF`, the object's columns, and beside each what was loaded, `WAS`).
        removed: object → rows of the target whose records are gone; with the columns to be written where they are archived.
        carried: rows (`ASIDE_COLUMNS`) that have no row of their own in the target and get none: people have to settle that, they wait for
            another wave, or a rollback took them out.
    """

    only: Mapping[str, frozenset[str]]
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refill: Mapping[str, frozenset[str]] = field(default_factory=dict)
    wave: str = ""
    waves: tuple[str, ...] = ()
    since: str = ""
    deletes: Deletes = "keep"
    linked: Mapping[str, Table] = field(default_factory=dict)
    changed: Mapping[str, Table] = field(default_factory=dict)
    removed: Mapping[str, Table] = field(default_factory=dict)
    carried: Table | None = None

    @property
    def is_delta(self) -> bool:
        """Whether rows that were loaded before are changed."""
        return bool(self.since)

    def digest(self) -> str:
        """Return a digest of the rows to write; a resume has to show the same."""
        both = [(name, self.of(name)) for name in self.only] + list(self.refill.items())
        names = [f"{name}:{record}" for name, records in sorted(both, key=itemgetter(0)) for record in sorted(records)]
        given = (*self.linked.items(), *self.changed.items(), *self.removed.items())
        names += [f"{name}:{content_digest(table)}" for name, table in given]
        return hashlib.sha256(
            "\n".join([*names, self.since, self.deletes] if self.since else names).encode()
        ).hexdigest()

    def of(self, name: str) -> frozenset[str]:
        """Return the records of an object to write."""
        return self.only.get(name, frozenset()) - self.held.get(name, frozenset())

    def batches(self, step: ObjectLoad, table: Table, size: int) -> Iterator[pd.DataFrame]:
        """Yield the rows of a step, cut as those of any load; `table` holds all rows of its object."""
        if step.change == "refill":
            return load_batches(table, step.columns, size, self.refill[step.object])
        if not step.change:
            return load_batches(table, step.columns, size, self.of(step.object))
        given = {"link": self.linked, "update": self.changed}.get(step.change, self.removed)[step.object]
        return load_batches(given, given.columns, size)

    def extend(self, plan: LoadPlan) -> LoadPlan:
        """Return the plan with its further steps."""
        archived = {name: _own(table.columns) for name, table in self.removed.items()}
        plan = replace(plan, objects=tuple(replace(step, partial=True) for step in plan.objects))
        return steps_of(plan, self.refill, self.linked, self.changed, archived, self.deletes, delta=self.is_delta)


def steps_of(
    plan: LoadPlan, refill: Iterable[str], linked: Iterable[str], changed: Iterable[str], removed: Mapping[str, Sequence[str]],
    deletes: Deletes, *, delta: bool,
) -> LoadPlan:  # fmt: skip
    """Return a plan with the steps of a part, in the order in which they are possible.

    Rows are handed on first, because children may refer to them; then comes what is new, references still to be filled, what changed,
    and at last, children before parents, what is gone.

    Args:
        plan: of a whole load.
        refill: objects whose references are to be filled.
        linked: objects whose rows are handed on.
        changed: objects whose rows change.
        removed: object → columns that are written where its rows are archived.
        deletes: what happens to these.
        delta: whether rows that stand in the target for other records are left alone.
    """
    first = [replace(changing(plan, name, "link"), columns=(), references={}, policy={}) for name in linked]
    then = [_refilling(plan, name) for name in refill]
    then += [changing(plan, name, "update") for name in changed]
    if deletes != "keep":
        way: Change = "delete" if deletes == "delete" else "archive"
        for name in reversed([step.object for step in plan.objects if not step.deferred and step.object in removed]):
            step = changing(plan, name, way)
            then.append(replace(step, columns=tuple(removed[name])) if way == "archive" else step)
    own = (replace(step, unclaimed_only=delta) for step in plan.objects)
    return LoadPlan((*first, *own, *then), plan.batch_rows)


def _own(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for column in columns if not column.startswith("_"))


def _refilling(plan: LoadPlan, name: str) -> ObjectLoad:
    """Return the step that fills references of an object that are blank still."""
    step = changing(plan, name, "refill")
    columns = tuple(step.references)
    return replace(step, columns=columns, policy=dict.fromkeys(columns, "fill_empty"), deferred=True)


def changing(plan: LoadPlan, name: str, change: Change) -> ObjectLoad:
    """Return the step that changes rows of an object: all its columns at once, those that a load fills later too."""
    first, *later = [step for step in plan.objects if step.object == name and not step.change]
    for step in later:
        first = replace(
            first, columns=(*first.columns, *(c for c in step.columns if c not in first.columns)),
            references=first.references | step.references, policy=step.policy | first.policy,
        )  # fmt: skip
    return replace(first, change=change)
