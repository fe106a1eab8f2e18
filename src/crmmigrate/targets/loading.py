"""Writes the steps of a load one after the other; the batches of a step in turn, over several connections, or from several machines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from crmmigrate.errors import AccountingError
from crmmigrate.messages import Message
from crmmigrate.model.batch import living
from crmmigrate.model.held_rows import Held, TooManyRowsError
from crmmigrate.model.issue import RECORD
from crmmigrate.model.load_batches import ahead, load_batches, there
from crmmigrate.model.load_limits import Breaker
from crmmigrate.model.load_partitions import cuts, partitions, sharing, ties
from crmmigrate.targets.shared_load import SharedLoad
from crmmigrate.targets.writers import Task, Writers, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from crmmigrate.model.batch import BatchOutcome
    from crmmigrate.model.load_limits import LoadLimits
    from crmmigrate.model.load_part import LoadPart
    from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
    from crmmigrate.model.stage import Cluster, Job
    from crmmigrate.model.target import Share, Target

SHARES = 4
"""Of one machine: more than one, so that the last to end is not far behind the others."""

FEW = 3
"""Connections below which it takes longer to read what rows of the target hold than is gained: two hardly write faster what is there already, but for the new rows of a wave."""
HELD = 4
"""Rows of the target, for each that is to be written, that are read to see which values they may give up; to read more takes longer than it helps."""


@dataclass(frozen=True)
class Tying:
    """By what rows of a step depend on each other.

    Args:
        keys: of which no two rows may share a value.
        held: the rows that are in the target, where these may give values up.
    """

    keys: list[tuple[str, ...]]
    held: Held | None = None


class Loading:
    """Writes what is not committed yet of a load whose lease this process holds.

    Args:
        job: with the rows of each object, and the target.
        plan: of the load.
        limits: beyond which it stops itself.
        part: which rows are to be written, where not all of them are.
        writers: over how many connections batches are written at a time; None for as many as pay.
    """

    def __init__(
        self, job: Job, plan: LoadPlan, limits: LoadLimits, part: LoadPart | None, writers: int | None
    ) -> None:
        self.job = job
        self.target: Target = job.target
        self.plan = plan
        self.part = part
        self.writers = writers
        self.done = self.target.committed(job.run)
        self.breaker = Breaker(limits, self.target.totals(job.run), updated=0)  # adds up as batches are passed
        self.number = 0
        """Of the batch before the next one."""

    def write(self) -> None:
        """Write every step, one after the other, because rows refer to those of steps before; what is committed is left out.

        Raises:
            LocationError: the target is lost; what is committed stays.
            LimitReached: a limit is exceeded, after the batch that made it so.
        """
        for step in self.plan.objects:
            rows = self.job.tables[step.object].rows
            own = not (step.deferred or step.change)  # rows that refer to each other are locked across batches
            if own and self.job.cluster is not None and self.target.shared and rows > SHARES * self.plan.batch_rows:
                tying = self._tying(step)
                if tying is not None and self._from_machines(self.job.cluster, step, tying):
                    continue
            count = width(self.target, rows, self.writers) if own else 1
            tied = self.tied(step, count) if count > 1 else None
            if tied is None:
                self._in_turn(step)
            else:
                self._beside(step, count, tied)

    def _keys(self, step: ObjectLoad) -> list[tuple[str, ...]]:
        """Return the columns of keys whose values tie rows to each other."""
        every = (step.match_on, *self.target.unique_keys(step.table))
        return [key for key in {tuple(column for column in key if column in step.columns) for key in every} if key]

    def tied(self, step: ObjectLoad, count: int) -> frozenset[str] | None:
        """Return the records whose order matters where `count` connections write; None where that of all may, or it takes too long to find out."""
        tying = self._tying(step)
        if tying is None or (tying.held and count < FEW and not step.partial):
            return None
        try:
            return sharing(self.job.tables, step.object, tying.keys, held=tying.held)
        except TooManyRowsError:
            return None

    def _tying(self, step: ObjectLoad) -> Tying | None:
        """Return by what rows of a step depend on each other; None where that cannot be told before they are written."""
        if not self.target.keys_tie(step.table):
            return None
        keys = self._keys(step)
        if not self._gives_up(step, keys):
            return Tying(keys)
        keys = [tuple(column for column in key if column not in step.references) for key in keys]
        if not all(keys):  # the target holds keys where the rows name records
            return None
        columns = tuple(dict.fromkeys(column for key in keys for column in key))
        rows = self.target.held(step.object, step.table, columns)
        on = tuple(column for column in step.match_on if column not in step.references)
        return Tying(keys, Held(columns, rows, on, HELD * self.job.tables[step.object].rows))

    def _gives_up(self, step: ObjectLoad, keys: Sequence[Sequence[str]]) -> bool:
        """Whether a row of the target may give up a value of a key: one found by its link, or by another key."""
        if step.mode == "insert":
            return False
        if next(self.target.crosswalk(step.object)).num_rows:
            return True
        return len(keys) > 1 and next(self.target.arrow_rows(step.table, step.columns[:1])).num_rows > 0

    def _in_turn(self, step: ObjectLoad) -> None:
        known = partial(living, self.job.tables, step.object)
        for number, rows in self._batches(step):
            self._count(step, len(rows), self.target.write_batch(self.job.run, number, step, rows, known))

    def _beside(self, step: ObjectLoad, count: int, tied: frozenset[str]) -> None:
        """Write the batches of a step over several connections; those with a record of `tied` in their order."""
        run, asking = self.job.run, Lock()

        def known(records: Sequence[str]) -> frozenset[str]:
            with asking:  # all ask over one connection
                return living(self.job.tables, step.object, records)

        def task(number: int, rows: pd.DataFrame) -> Task[tuple[int, BatchOutcome | None]]:
            def beside(other: Target, share: Share) -> tuple[int, BatchOutcome | None]:
                return len(rows), other.write_shared(share, number, step, rows, known)

            def alone() -> tuple[int, BatchOutcome | None]:
                return len(rows), self.target.write_batch(run, number, step, rows, known)

            return Task(beside, alone, bool(tied) and bool(rows[RECORD].isin(tied).any()))

        with Writers(self.target, run, count) as writers:
            for rows, outcome in writers.each(task(*batch) for batch in self._batches(step)):
                self._count(step, rows, outcome)

    def _batches(self, step: ObjectLoad) -> Iterator[tuple[int, pd.DataFrame]]:
        """Yield number and rows of the batches of a step that are to be written."""
        table, part, done = self.job.tables[step.object], self.part, self.done
        past = [] if part else there(done, self.number, table.rows)  # their rows need not even be read
        skip = sum(done[batch].rows for batch in past)
        self.breaker.count_updated(step, sum(done[batch].updated for batch in past))
        self.number += len(past)
        if skip and not step.deferred:
            self.job.progress(skip)
        size = self.plan.batch_rows
        cut = part.batches(step, table, size) if part else load_batches(table, step.columns, size, skip=skip)
        for rows in ahead(cut):
            if not len(rows):
                continue
            self.number += 1
            if self.number in done:
                self.breaker.count_updated(step, done[self.number].updated)
                self._progress(step, len(rows))
            else:
                self.breaker.check(step, table.rows)
                self.breaker.check_window(step)
                yield self.number, rows

    def _count(self, step: ObjectLoad, rows: int, outcome: BatchOutcome | None) -> None:
        """Add what a batch did, and stop where that is too much."""
        if outcome is not None:
            self.breaker.count(step, outcome)
        self.breaker.check(step, self.job.tables[step.object].rows)
        self._progress(step, rows)

    def _progress(self, step: ObjectLoad, rows: int) -> None:
        if not (step.deferred or step.change):
            self.job.progress(rows)

    def _from_machines(self, cluster: Cluster, step: ObjectLoad, tying: Tying) -> bool:
        """Have the same batches under the same numbers written by several machines; return False, and write nothing, where it takes too long to find out which depend on each other.

        Raises:
            AccountingError: `accounting.batches`: a batch is not there although all were written.
        """
        target, run = self.target, self.job.run
        table, only = self.job.tables[step.object], self.part.of(step.object) if self.part else None
        ranges = dict(enumerate(cuts(table, step.columns, self.plan.batch_rows, only), self.number + 1))
        left = [place for place in ranges if place not in self.done]
        done = self.done
        if left:
            try:
                tied = ties(self.job.tables, step.object, tying.keys, ranges, tying.held)
            except TooManyRowsError:
                return False
            batches = partitions(left, tied, SHARES * cluster.width)
            shares = tuple(target.share(run, len(batches)))
            writing = SharedLoad(target.address, shares, tuple(batches), ranges, step, table, only, self.breaker.limits)
            cluster.answers(writing, len(shares))
            done = target.committed(run)
            missing = set(left) - set(done)
            if missing:
                raise AccountingError(
                    "accounting.batches", Message("of {count} batches of rows {answered} were answered", count=len(left), answered=len(left) - len(missing)),
                    step.object, Message("this is a defect of crmmigrate; nothing was passed on. Please report it with the manifest of the run"),
                )  # fmt: skip
        self.breaker.refresh(target.totals(run))
        self.breaker.count_updated(step, sum(done[place].updated for place in ranges))
        self.breaker.check(step, table.rows)
        self.job.progress(table.rows if only is None else len(only))
        self.number += len(ranges)
        return True
