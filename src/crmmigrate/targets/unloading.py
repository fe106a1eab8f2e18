"""Undoes the batches of a run one after the other, or over several connections where their order does not matter."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from crmmigrate.targets.writers import Task, Writers, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crmmigrate.model.target import Selection, Share, Target, TargetRun, UndoOutcome


def steps_of(target: Target, undone: TargetRun, selection: Selection) -> list[tuple[int, str]]:
    """Return batch and object of what is to be undone, last first; of a rollback first to last, parents before children."""
    batches = [step for step in target.batches(undone.run) if selection.takes(*step)]
    return batches if undone.kind == "load" else sorted(batches)


def undo_steps(
    target: Target, run: str, undone: TargetRun, steps: Iterable[tuple[int, str]], writers: int | None
) -> Iterator[int]:
    """Undo batches, each in a transaction of its own that is journalled under the undone batch's number; yield how many changes each had.

    Args:
        target: whose lease this process holds for the rollback `run`.
        run: the rollback, or the redo of one.
        undone: what is undone.
        steps: batch and object of what is left to be undone, in order.
        writers: over how many connections that is done at a time; None for as many as pay.
    """
    for name, group in groupby(steps, itemgetter(1)):
        batches = [batch for batch, _ in group]
        count = width(target, undone.changes, writers) if undone.kind == "load" and len(batches) > 1 else 1
        if count > 1 and target.any_order(run, name, batches):
            yield from _beside(target, run, undone.run, batches, count)
        else:
            for batch in batches:
                yield _changes(target.undo_batch(run, batch, undone.run, batch, apply=True))


def _beside(target: Target, run: str, undone: str, batches: Sequence[int], count: int) -> Iterator[int]:
    def task(batch: int) -> Task[UndoOutcome | None]:
        def beside(other: Target, share: Share) -> UndoOutcome | None:
            return other.undo_shared(share, undone, batch)

        def alone() -> UndoOutcome | None:
            return target.undo_batch(run, batch, undone, batch, apply=True)

        return Task(beside, alone)

    with Writers(target, run, count) as connections:
        for outcome in connections.each(map(task, batches)):
            yield _changes(outcome)


def _changes(outcome: UndoOutcome | None) -> int:
    return sum(outcome.counts.values()) if outcome else 0
