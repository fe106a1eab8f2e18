"""Stops a load that goes wrong, before it goes on going wrong."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.errors import LimitReached
from crmmigrate.messages import Message, clauses
from crmmigrate.model.issue import CODES
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crmmigrate.model.batch import BatchOutcome
    from crmmigrate.model.load_plan import ObjectLoad


@dataclass(frozen=True)
class LoadLimits:
    """How much of a load may go wrong; None for no limit.

    Args:
        ratios: object → the largest part of its rows that the target may refuse.
        rejects: rows of the whole load that it may refuse.
        updates: rows there before that may be changed.
        deletes: rows that a delta may delete or archive.
        closes: when the load window ends, in seconds since the epoch, which all machines count alike.
    """

    ratios: Mapping[str, float] = field(default_factory=dict)
    rejects: int | None = None
    updates: int | None = None
    deletes: int | None = None
    closes: float | None = None


class Breaker:
    """Adds up what a load did and stops it where that is too much.

    Filling a reference of a row that this load has inserted changes nothing of others: such updates are left out.

    Args:
        limits: of the load.
        totals: what the run's committed batches add up to.
        updated: what these have updated, such updates left out; None where there are none such among them.
    """

    def __init__(self, limits: LoadLimits, totals: Mapping[str, Mapping[str, int]], updated: int | None = None) -> None:
        self.limits = limits
        self.rejected: dict[str, int] = {}
        self.deleted = 0
        self.updated = sum(sums["updated"] for sums in totals.values()) if updated is None else updated
        self.refresh(totals)

    def refresh(self, totals: Mapping[str, Mapping[str, int]]) -> None:
        """Take what the run's committed batches add up to, but for what they updated."""
        self.rejected = {name: sums["rejected"] for name, sums in totals.items()}
        self.deleted = sum(sums["deleted"] + sums["archived"] for sums in totals.values())

    def count(self, step: ObjectLoad, outcome: BatchOutcome) -> None:
        """Add what a batch did."""
        self.rejected[step.object] = self.rejected.get(step.object, 0) + len(outcome.rejects)
        self.deleted += outcome.deleted + outcome.archived
        self.count_updated(step, outcome.updated)

    def count_updated(self, step: ObjectLoad, rows: int) -> None:
        """Add what a batch has updated."""
        self.updated += 0 if step.deferred else rows

    def check(self, step: ObjectLoad, rows: int) -> None:
        """Stop where a limit is exceeded.

        Raises:
            LimitReached: `load.too-many-rejects`, `load.too-many-updates`, `load.too-many-deletes`.
        """
        rejected, ratio = self.rejected.get(step.object, 0), self.limits.ratios.get(step.object, 1.0)
        every, most, changes = sum(self.rejected.values()), self.limits.rejects, self.limits.updates
        if rejected > ratio * rows:
            raise LimitReached(
                "load.too-many-rejects",
                Message("{count} of {rows} rows were refused, more than {limit} allow", count=rejected, rows=rows, limit=f"{ratio:.1%}"),
                step.object,
            )  # fmt: skip
        if most is not None and every > most:
            raise LimitReached(
                "load.too-many-rejects", Message("{count} rows were refused, more than the {limit} allowed", count=every, limit=most),
                step.object,
            )  # fmt: skip
        if changes is not None and self.updated > changes:
            raise LimitReached(
                "load.too-many-updates",
                Message("{count} rows of the target were changed, more than the {limit} allowed", count=self.updated, limit=changes),
                step.object, Message("look at what matched; then resume with a higher limit, or roll back"),
            )  # fmt: skip
        gone = self.limits.deletes
        if gone is not None and self.deleted > gone:
            raise too_many_deletes(self.deleted, gone, step.object)

    def check_window(self, step: ObjectLoad) -> None:
        """Stop before a batch that would be written when the load window has ended.

        Raises:
            LimitReached: `load.window-ended`.
        """
        if self.limits.closes is not None and time.time() >= self.limits.closes:
            raise LimitReached(
                "load.window-ended", Message("the load window has ended; what is committed stays"), step.object,
                Message("go on when it is open again: crmmigrate load {project} --resume; or at once, with --ignore-window", project=PROJECT),
            )  # fmt: skip


def too_many_deletes(count: int, limit: int, name: str) -> LimitReached:
    """Return what is said where a delta would take more rows out than it may."""
    return LimitReached(
        "load.too-many-deletes",
        Message("{count} rows of the target would be deleted or archived, more than the {limit} allowed", count=count, limit=limit),
        name, Message("see in the plan which; raise max_delete under limits in migration.yaml if that is meant"),
    )  # fmt: skip


def reasons(refused: pd.DataFrame) -> Message:
    """Return what to do about rows that were refused (`REJECT_COLUMNS`), with the commonest reasons why they were."""
    commonest = Counter(zip(refused["object"], refused["column"], refused["code"], strict=True)).most_common(5)
    told = [
        Message("{count} × {place}: {reason} [{code}]", count=f"{count:,}", place=".".join(filter(None, (name, column))), reason=CODES[code], code=code)
        for (name, column, code), count in commonest
    ]  # fmt: skip
    return Message(
        "{reasons}; mend the mapping or the rows, roll back and load again, or resume with a higher limit",
        reasons=clauses(told),
    )
