"""rollback: undo a load from its images, field by field; edits made since are kept and listed."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.errors import AccountingError, ConfigurationError, CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.issue import text_frame
from crmmigrate.model.stage import Job, StageResult, option, stage
from crmmigrate.model.target import KEPT_COLUMNS, OUTCOMES, LoadPlan

if TYPE_CHECKING:
    from crmmigrate.model.target import Outcome, Target, TargetRun

KEEPS: tuple[Outcome, ...] = ("undone_in_part", "kept_edited", "kept_referenced", "error")
"""Outcomes that leave something of the load in the target."""


@dataclass(frozen=True)
class RollbackOptions:
    """What to undo.

    Args:
        run: the id of a load.
        apply: whether to write; otherwise the plan is made by the same code and nothing is changed.
    """

    run: str = option("--run", Message("The load to undo."), required=True, default="")
    apply: bool = option("--apply", Message("Undo it; without this the plan is printed."), default=False)


@stage(title=Message("Undo a load"), options=RollbackOptions, writes=("kept",), needs_target=True)
def rollback(job: Job) -> StageResult:
    """Undo a load, finished or not, in reverse order; go on where an earlier rollback of it was killed.

    The output table `kept` lists each change that was not undone, with the fields that were edited since.
    `facts["kept"]` counts those that leave something of the load in the target.

    Raises:
        LocationError: `target.unknown-run`; the target is lost in the middle.
        LimitReached: `target.busy`.
        ConfigurationError: the run is no load, changed nothing, or is undone already.
    """
    options: RollbackOptions = job.options
    target: Target = job.target
    undone = _load_of(target, options.run)
    started = time.perf_counter()
    done = _apply(job, undone) if options.apply else _plan(job, undone)
    undone = _load_of(target, options.run, after=True)
    counts = _counts(done.totals)
    result = StageResult(flows={}, tables={"kept": text_frame(done.kept, KEPT_COLUMNS)})
    result.facts = {
        "undoes": undone.run, "rollback": done.run, "applied": options.apply, "changes": undone.changes,
        "kept": sum(counts[word] for word in KEEPS), "digest_equal": done.equal,
        "foreign": done.foreign,
        "objects": {name: {word: sums[word] for word in OUTCOMES} for name, sums in done.totals.items()},
        "seconds": round(time.perf_counter() - started, 2),
    }  # fmt: skip
    result.facts.update({str(word): count for word, count in counts.items()})
    _conclude(result, undone)
    return result


def _counts(totals: dict[str, dict[str, int]]) -> dict[Outcome, int]:
    return {word: sum(sums[word] for sums in totals.values()) for word in OUTCOMES}


def _check_sum(target: Target, undone: TargetRun, totals: dict[str, dict[str, int]]) -> None:
    """See that every change of the load was met once.

    Raises:
        AccountingError: `rollback.unequal`.
    """
    made, met = _load_of(target, undone.run, after=True).changes, sum(_counts(totals).values())
    if made != met:
        raise AccountingError(
            "rollback.unequal", Message("the load made {made} changes and the rollback met {met}", made=made, met=met),
            target.place,
        )  # fmt: skip


@dataclass(frozen=True)
class Applied:
    """What a rollback did, or would do.

    Args:
        totals: object → outcome → number.
        kept: rows of `KEPT_COLUMNS`.
        run: the rollback's id in the target's journal; empty for a plan.
        equal: whether the target is as before, apart from what was kept and what is foreign; None for a plan.
        foreign: table → rows more than before, where rows that the load never touched differ.
    """

    totals: dict[str, dict[str, int]]
    kept: list[tuple[str, ...]]
    run: str = ""
    equal: bool | None = None
    foreign: dict[str, int] = field(default_factory=dict)


def _load_of(target: Target, run: str, *, after: bool = False) -> TargetRun:
    known = {known.run: known for known in target.runs()}
    if run not in known:
        raise ConfigurationError(
            "rollback.unknown-run", Message("the target's journal knows no run '{run}'", run=run), target.place,
            Message("`crmmigrate runs` lists them; this may be another target"),
        )  # fmt: skip
    undone = known[run]
    if after:
        return undone
    place = target.place
    if undone.kind != "load":
        raise ConfigurationError("rollback.not-a-load", Message("the run {run} is no load", run=run), place)
    if undone.state in ("rolled_back", "rolled_back_in_part"):
        by = next((other.run for other in known.values() if other.parent == run and other.state == "done"), "")
        raise ConfigurationError(
            "rollback.already", Message("the run {run} has been rolled back already, by {by}", run=run, by=by), place,
            Message("to bring the data back, load again"),
        )  # fmt: skip
    if undone.state == "closed":
        raise ConfigurationError(
            "rollback.closed", Message("the run {run} is closed: what it changed is no longer kept", run=run), place
        )
    if undone.changes == 0:
        raise ConfigurationError(
            "rollback.nothing", Message("the run {run} changed nothing: there is nothing to undo", run=run), place
        )
    if later := target.undo_hindrance(run):
        raise ConfigurationError(
            "rollback.later-load", Message("the later load {later} changed rows that {run} changed too", later=later, run=run),
            place, Message("undo that first: crmmigrate rollback {later}", later=later),
        )  # fmt: skip
    return undone


def _plan(job: Job, undone: TargetRun) -> Applied:
    """Ask batch by batch what undoing it would do."""
    totals: dict[str, dict[str, int]] = {}
    kept: list[tuple[str, ...]] = []
    for number, (batch, name) in enumerate(job.target.undo_batches(undone.run), 1):
        outcome = job.target.undo_batch(job.run, number, undone.run, batch, apply=False)
        sums = totals.setdefault(name, dict.fromkeys(OUTCOMES, 0))
        for word in OUTCOMES:
            sums[word] += outcome.counts[word]
        kept += outcome.kept
        job.progress(sum(outcome.counts.values()))
    _check_sum(job.target, undone, totals)
    return Applied(totals, kept)


def _apply(job: Job, undone: TargetRun) -> Applied:
    """Undo batch by batch, each in a transaction of its own that is journalled under the undone batch's number."""
    target: Target = job.target
    run = _begin(job, undone)
    try:
        done = {batch for batch, _ in target.undo_batches(run)}
        for batch, _ in target.undo_batches(undone.run):
            if batch not in done:
                outcome = target.undo_batch(run, batch, undone.run, batch, apply=True)
                job.progress(sum(outcome.counts.values()))
        _check_sum(target, undone, target.totals(run))
        equal, foreign = target.undo_agrees(run), target.undo_foreign(run)
        target.close_run(run, "done")
    except BaseException:
        with suppress(CrmMigrateError):  # else the next rollback sees that this process is gone
            target.close_run(run, "stopped")
        raise
    kept = list(target.kept(run).itertuples(index=False, name=None))
    return Applied(target.totals(run), kept, run, equal, foreign)


def _begin(job: Job, undone: TargetRun) -> str:
    """Begin a rollback, or take up the one that was stopped or killed; return its id."""
    target: Target = job.target
    for known in target.runs():
        if known.kind == "rollback" and known.parent == undone.run and known.state in ("running", "stopped"):
            target.resume_run(known.run)
            return known.run
    target.begin_run("rollback", job.run, LoadPlan.from_text(undone.plan), parent=undone.run)
    return job.run


def _conclude(result: StageResult, undone: TargetRun) -> None:
    """Say in words what the figures mean."""
    facts = result.facts
    counts = {word: facts[word] for word in OUTCOMES}
    if not facts["applied"]:
        result.next_step = Message("to do it: crmmigrate rollback {run} --apply", run=undone.run)
    elif not facts["digest_equal"]:
        result.findings.append(
            Message("the target is not as it was before the load, beyond what was kept; compare it with a backup")
        )
    for table, more in facts["foreign"].items():
        result.findings.append(Message(
            "other rows of {table} differ from before the load ({more} rows): changed by others or by triggers",
            table=table, more=f"{more:+d}",
        ))  # fmt: skip
    if facts["kept"]:
        result.findings.append(Message(
            "{edited} changes stay because people edited them since, {part} in part, {referenced} because other rows depend "
            "on them, {error} because the database refuses",
            edited=counts["kept_edited"], part=counts["undone_in_part"], referenced=counts["kept_referenced"],
            error=counts["error"],
        ))  # fmt: skip
    if counts["undone"] + counts["undone_in_part"] == 0:
        result.findings.append(Message("nothing could be undone"))
