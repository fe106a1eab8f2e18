"""Which rows of a load are written, where not all of them are: rejects fed in again, a wave, a delta."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from crmmigrate.model.table import content_digest
from crmmigrate.model.target import LoadPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.delta import Deletes
    from crmmigrate.model.table import Table
    from crmmigrate.model.target import Change, ObjectLoad


@dataclass(frozen=True)
class LoadPart:
    """The rows of a load that leaves alone what is in the target already.

    Args:
        only: object → the `_record` of the rows to write.
        held: object → of these, what must not be written: it has taken in records that are in the target.
        refill: object → rows in the target whose reference was left blank because its record was not there; it is filled
            where it still is blank, and nothing else of the row is touched.
        waiting: whether the rows that are neither in the target nor to be written wait for another wave.
        since: the load with which a delta compares; the others of a delta follow.
        deletes: what happens to rows whose records are gone.
        changed: object → rows of the target that get new values (`ROW_OF`, the object's columns, and beside each what was loaded, `WAS`).
        removed: object → rows of the target whose records are gone; with the columns to be written where they are archived.
        carried: rows (`ASIDE_COLUMNS`) that the load before set aside and that are the same still: they are not tried again.
    """

    only: Mapping[str, frozenset[str]]
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refill: Mapping[str, frozenset[str]] = field(default_factory=dict)
    waiting: bool = False
    since: str = ""
    deletes: Deletes = "keep"
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
        names += [f"{name}:{content_digest(table)}" for name, table in (*self.changed.items(), *self.removed.items())]
        return hashlib.sha256(
            "\n".join([*names, self.since, self.deletes] if self.since else names).encode()
        ).hexdigest()

    def of(self, name: str) -> frozenset[str]:
        """Return the records of an object to write."""
        return self.only.get(name, frozenset()) - self.held.get(name, frozenset())

    def changes(self, step: ObjectLoad) -> Table:
        """Return the rows of a step that changes, or takes out, what was loaded before."""
        return self.changed[step.object] if step.change == "update" else self.removed[step.object]

    def extend(self, plan: LoadPlan) -> LoadPlan:
        """Return the plan with its further steps: first what is new, then what changed, last, children before parents, what is gone."""
        steps = []
        for name in self.refill:
            load = next(step for step in plan.objects if step.object == name)
            columns = tuple(load.references)
            steps.append(replace(load, columns=columns, policy=dict.fromkeys(columns, "fill_empty"), deferred=True))
        steps += [changing(plan, name, "update") for name in self.changed]
        ordered = [step.object for step in plan.objects if not step.deferred and step.object in self.removed]
        for name in reversed(ordered if self.deletes != "keep" else []):
            way: Change = "delete" if self.deletes == "delete" else "archive"
            step = changing(plan, name, way)
            columns = tuple(column for column in self.removed[name].columns if not column.startswith("_"))
            steps.append(replace(step, columns=columns if way == "archive" else step.columns))
        return LoadPlan((*plan.objects, *steps), plan.batch_rows)


def changing(plan: LoadPlan, name: str, change: Change) -> ObjectLoad:
    """Return the step that changes rows of an object: all its columns at once, those that a load fills later too."""
    first, *later = [step for step in plan.objects if step.object == name and not step.change]
    for step in later:
        first = replace(
            first, columns=(*first.columns, *(c for c in step.columns if c not in first.columns)),
            references=first.references | step.references, policy=step.policy | first.policy,
        )  # fmt: skip
    return replace(first, change=change)
