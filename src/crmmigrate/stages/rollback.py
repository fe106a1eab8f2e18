"""rollback: undo a load from its images, field by field; edits made since are kept and listed."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.checks.other_rows import later_runs, other_rows_differ, set_by_database
from crmmigrate.errors import AccountingError, ConfigurationError, CrmMigrateError
from crmmigrate.messages import Message, joined
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import RECORD, text_frame
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.rollback_hint import finish_rollback
from crmmigrate.model.stage import PROJECT, RUNS, Job, Report, StageResult, option, stage
from crmmigrate.model.target import KEPT_COLUMNS, OUTCOMES, STAYED, Selection
from crmmigrate.targets.unloading import steps_of, undo_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crmmigrate.model.target import Outcome, RunKind, SourceRow, Target, TargetRun

LISTED = (*KEPT_COLUMNS, RECORD)
"""Columns of the table `kept`."""
KEEPS: tuple[Outcome, ...] = ("undone_in_part", "kept_edited", "kept_referenced", "error")
"""Outcomes that leave something of the load in the target."""


@dataclass(frozen=True)
class RollbackOptions:
    """What to undo.

    Args:
        run: the id of a load; or of a rollback, which then is undone itself.
        apply: whether to write; otherwise the plan is made by the same code and nothing is changed.
        objects: only these objects of a load.
        batches: only these batches.
        keys: only these rows, named by their `_record` or their key in the target; together with one object.
        project: the project, as a command line names it.
        sources: tells of a load, an object and keys of the target which rows of the sources are behind them; of some it may not know.
        writers: as of a load.
    """

    run: str = option("--run", Message("The load to undo."), required=True, default="")
    apply: bool = option("--apply", Message("Undo it; without this the plan is printed."), default=False)
    objects: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    project: str = PROJECT
    sources: Callable[[str, str, Sequence[str]], Mapping[str, SourceRow]] | None = None
    writers: int | None = None


@stage(title=Message("Undo a load"), options=RollbackOptions, writes=("kept",), needs_target=True)
def rollback(job: Job) -> StageResult:
    """Undo a load, finished or not, or a part of it, in reverse order; go on where an earlier rollback of it was killed.

    What an earlier rollback kept can be undone by another one, when people have settled it. A rollback is undone in its turn:
    what it deleted comes back under the same keys.

    The output table `kept` lists each change that was not undone, with the fields that were edited since and, where it is known, its `_record`.
    `facts["kept"]` counts those that leave something of the load in the target.

    Raises:
        LocationError: `target.unknown-run`; the target is lost in the middle.
        LimitReached: `target.busy`.
        ConfigurationError: the run is none that can be undone, changed nothing, or is undone already; nothing is selected.
    """
    options: RollbackOptions = job.options
    target: Target = job.target
    unfinished = 0 if _unfinished_undo(target, options.run) else target.settle(apply=options.apply)
    if unfinished and _changed_nothing(target, options.run):
        return _only_unfinished(options, unfinished)
    undone = _load_of(target, options.run)
    selection = _selection(target, undone, options)
    started = time.perf_counter()
    expected = _expected(target, undone, selection, apply=options.apply)
    done = (_apply if options.apply else _plan)(job, undone, selection, expected)
    undone = _load_of(target, options.run, after=True)
    counts = _counts(done.totals)
    behind = _behind(options, undone, done.kept)
    listed = [(*row, behind[row[:2]].record if row[:2] in behind else None) for row in done.kept]
    result = StageResult(flows={}, tables={"kept": text_frame(listed, LISTED)})
    result.facts = {
        "undoes": undone.run, "rollback": done.run, "applied": options.apply, "changes": sum(counts.values()),
        "redo": undone.kind == "rollback",
        "selection": {k: list(v) for k, v in vars(selection).items()} if selection else {},
        "kept": sum(counts[word] for word in KEEPS), "digest_equal": done.equal,
        "foreign": done.foreign, "later": done.later, "unfinished": unfinished, "set": {name: told[0] for name, told in done.by_database.items()},
        "objects": {name: {word: sums[word] for word in OUTCOMES} for name, sums in done.totals.items()},
        "seconds": round(time.perf_counter() - started, 2),
    }  # fmt: skip
    result.facts.update({str(word): count for word, count in counts.items()})
    _conclude(result, undone)
    result.notes += [*set_by_database(done.by_database), *_unfinished(unfinished, apply=options.apply)]
    result.reports += [_kept_report(result, behind, options.project)] if done.kept else []
    return result


def _behind(
    options: RollbackOptions, undone: TargetRun, kept: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], SourceRow]:
    """Return (object, key) → the row of the sources, of what was kept."""
    load, asked = undone.run if undone.kind == "load" else undone.parent, options.sources
    keys = {name: [row[1] for row in kept if row[0] == name] for name in {row[0] for row in kept}}
    return {(name, key): row for name in keys if asked for key, row in asked(load, name, keys[name]).items()}


def _kept_report(result: StageResult, behind: Mapping[tuple[str, ...], SourceRow], project: str) -> Report:
    """Return the workbook of what was kept; a rehearsal says later that nothing of it stays, and is written then."""
    from crmmigrate.reports.kept import WORKBOOK, write_kept

    write = partial(write_kept, kept=result.tables["kept"], facts=result.facts, behind=behind, project=project)
    return Report(WORKBOOK, write, names_codes=False)


def _unfinished_undo(target: Target, run: str) -> TargetRun | None:
    """Return the rollback of a run (or the redo of a rollback) that was stopped or killed and will be taken up again."""
    undoing = (known for known in target.runs() if known.kind != "load" and known.parent == run)
    return next((known for known in undoing if known.state in ("running", "stopped")), None)


def _changed_nothing(target: Target, run: str) -> bool:
    return any(known.run == run and known.changes == 0 for known in target.runs())


def _only_unfinished(options: RollbackOptions, count: int) -> StageResult:
    """Return what is said of a load whose first batch was cut off: what it had sent is all there is to take back."""
    result = StageResult(flows={}, tables={"kept": text_frame([], LISTED)})
    result.facts = {
        "undoes": options.run, "rollback": "", "applied": options.apply, "changes": 0, "redo": False, "selection": {}, "kept": 0,
        "digest_equal": None, "foreign": {}, "later": [], "unfinished": count, "objects": {}, "seconds": 0.0, **dict.fromkeys(OUTCOMES, 0),
    }  # fmt: skip
    result.notes += _unfinished(count, apply=options.apply)
    if not options.apply:
        result.next_step = Message(
            "to do it: crmmigrate rollback {run} --apply --project {project}", run=options.run, project=PROJECT
        )
    return result


def _unfinished(count: int, *, apply: bool) -> list[Message]:
    if not count:
        return []
    if apply:
        return [Message("{count} rows of a batch that was cut off were taken back", count=count)]
    return [Message("{count} rows were sent by a batch that was cut off; they are taken back too", count=count)]


def _counts(totals: dict[str, dict[str, int]]) -> dict[Outcome, int]:
    return {word: sum(sums[word] for sums in totals.values()) for word in OUTCOMES}


def _check_sum(target: Target, expected: int, totals: dict[str, dict[str, int]]) -> None:
    """See that every change that is to be undone was met once.

    Raises:
        AccountingError: `rollback.unequal`.
    """
    met = sum(_counts(totals).values())
    if expected != met:
        raise AccountingError(
            "rollback.unequal", Message("the load made {made} changes and the rollback met {met}", made=expected, met=met),
            target.place,
        )  # fmt: skip


def _expected(target: Target, undone: TargetRun, selection: Selection, *, apply: bool) -> int:
    """Return how many changes have to be met: of a whole load by its own count, else by the images that are left.

    Raises:
        ConfigurationError: there are none.
    """
    known, running = target.runs(), _unfinished_undo(target, undone.run)
    images = target.undo_changes(running.run if running else "", undone.run, selection)
    if images == 0:
        earlier_one = any(run.parent == undone.run and run.kind != "load" for run in known)
        raise ConfigurationError(
            "rollback.nothing-left", Message("nothing that was selected of the run {run} is left to undo", run=undone.run), target.place,
            Message("see what was kept in the reports of the earlier rollback") if earlier_one
            else Message("no row fits all of --object, --batch and --key: give fewer of them"),
        )  # fmt: skip
    earlier = any(
        r.parent == undone.run and r.kind == "rollback" and r.state not in ("running", "stopped", "rolled_back")
        for r in known
    )
    whole = undone.kind == "load" and not selection and not earlier
    return undone.changes if whole and apply else images


def _selection(target: Target, undone: TargetRun, options: RollbackOptions) -> Selection:
    """Return what of the load is meant, keys of the target in place of records.

    Raises:
        ConfigurationError: an object, a batch or a key is not of this load.
    """
    asked = Selection(options.objects, options.batches, options.keys)
    if not asked:
        return asked
    place = target.place
    if undone.kind != "load":
        raise ConfigurationError("rollback.no-part", Message("a rollback is undone as a whole"), place)
    batches = target.batches(undone.run)
    known = {name for _, name in batches}
    for name in options.objects:
        if name not in known:
            raise ConfigurationError(
                "rollback.unknown-object", Message("the load has no object '{name}'", name=name), place,
                nearest(name, known) or Message("one of: {words}", words=", ".join(sorted(known))),
            )  # fmt: skip
    if missing := set(options.batches) - {batch for batch, _ in batches}:
        raise ConfigurationError(
            "rollback.unknown-batch", Message("the load has no batch {number}", number=min(missing)), place,
            Message("its batches are 1 to {last}", last=max((batch for batch, _ in batches), default=0)),
        )  # fmt: skip
    if not options.keys:
        return asked
    if len(options.objects) != 1:
        raise ConfigurationError(
            "rollback.key-of-what",
            Message("say of which object the keys are"),
            place,
            Message("add --object NAME, once"),
        )
    keys = target.undo_keys(undone.run, options.objects[0], options.keys)
    for position, name in enumerate(options.keys, 1):
        if name not in keys:
            raise ConfigurationError(
                "rollback.unknown-key", Message("the load changed no row that the {position}. key names", position=position), place,
                Message("give the record (source/table/key) or the row's key in the target"),
            )  # fmt: skip
    return replace(asked, keys=tuple(dict.fromkeys(keys.values())))


@dataclass(frozen=True)
class Applied:
    """What a rollback did, or would do.

    Args:
        totals: object → outcome → number.
        kept: rows of `KEPT_COLUMNS`.
        run: the rollback's id in the target's journal; empty for a plan.
        equal: whether the target is as before, apart from what was kept and what is foreign; None for a plan.
        foreign: table → rows more than before, where rows that the load never touched differ.
        later: the runs since the load that wrote something too, where there are such rows.
        by_database: table → how many rows were given back in which the database then set columns by itself, and which.
    """

    totals: dict[str, dict[str, int]]
    kept: list[tuple[str, ...]]
    run: str = ""
    equal: bool | None = None
    foreign: dict[str, int] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)
    by_database: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)


def _load_of(target: Target, run: str, *, after: bool = False) -> TargetRun:
    known = {known.run: known for known in target.runs()}
    if run not in known:
        raise ConfigurationError(
            "rollback.unknown-run", Message("the target's journal knows no run '{run}'", run=run), target.place,
            Message("{runs} lists them; this may be another target", runs=RUNS),
        )  # fmt: skip
    undone = known[run]
    if after:
        return undone
    place = target.place
    if undone.kind == "redo" or (undone.kind == "rollback" and undone.state in ("running", "stopped")):
        raise ConfigurationError(
            "rollback.not-a-load", Message("the run {run} is neither a load nor a finished rollback", run=run), place,
            Message("name the load: crmmigrate rollback {load} --project {project}", load=_load_behind(known, undone), project=PROJECT),
        )  # fmt: skip
    if undone.state == "rolled_back" or (undone.kind == "rollback" and undone.state == "rolled_back_in_part"):
        standing = [one.run for one in known.values() if one.state in ("done", "rolled_back_in_part")]
        by = next((name for name in standing if known[name].parent == run), "")
        raise ConfigurationError(
            "rollback.already", Message("the run {run} has been rolled back already, by {by}", run=run, by=by), place,
            Message("to bring the data back: crmmigrate rollback {run} --apply --project {project}", run=by, project=PROJECT) if by and undone.kind == "load"
            else Message("to bring the data back, load again"),
        )  # fmt: skip
    if undone.state == "closed":
        raise ConfigurationError(
            "rollback.closed", Message("the run {run} is closed: what it changed is no longer kept", run=run), place
        )
    if undone.changes == 0:
        raise ConfigurationError(
            "rollback.nothing", Message("the run {run} changed nothing: there is nothing to undo", run=run), place,
            _earlier(list(known.values()), run),
        )  # fmt: skip
    if undone.kind == "load" and (later := target.undo_hindrance(run)):
        raise ConfigurationError(
            "rollback.later-load", Message("the later load {later} changed rows that {run} changed too", later=later, run=run),
            place, Message("undo that first: crmmigrate rollback {later} --project {project}", later=later, project=PROJECT),
        )  # fmt: skip
    return undone


def _earlier(runs: list[TargetRun], run: str) -> Message | None:
    """Name the newest load before a run that changed something and stands; nothing where there is none."""
    names = [known.run for known in runs]
    before = runs[: names.index(run)]
    standing = ("stopped", "running", "done", "rolled_back_in_part")
    for load in reversed(before):
        if load.kind == "load" and load.changes and load.state in standing:
            return Message(
                "the load before it did change rows: crmmigrate rollback {run} --project {project}",
                run=load.run,
                project=PROJECT,
            )
    return None


def _load_behind(known: dict[str, TargetRun], run: TargetRun) -> str:
    while run.kind != "load" and run.parent in known:
        run = known[run.parent]
    return run.run


def _plan(job: Job, undone: TargetRun, selection: Selection, expected: int) -> Applied:
    """Ask batch by batch what undoing it would do."""
    totals: dict[str, dict[str, int]] = {}
    kept: list[tuple[str, ...]] = []
    for number, (batch, name) in enumerate(steps_of(job.target, undone, selection), 1):
        outcome = job.target.undo_batch(job.run, number, undone.run, batch, apply=False, selection=selection)
        sums = totals.setdefault(name, dict.fromkeys(OUTCOMES, 0))
        for word in OUTCOMES:
            sums[word] += outcome.counts[word]
        kept += outcome.kept
        job.progress(sum(outcome.counts.values()))
    _check_sum(job.target, expected, totals)
    return Applied(totals, kept)


def _apply(job: Job, undone: TargetRun, selection: Selection, expected: int) -> Applied:
    """Undo batch by batch."""
    target: Target = job.target
    run = _begin(job, undone, selection)
    try:
        done = {batch for batch, _ in target.batches(run)}
        left = [step for step in steps_of(target, undone, selection) if step[0] not in done]
        for changes in undo_steps(target, run, undone, left, job.options.writers):
            job.progress(changes)
        _check_sum(target, expected, target.totals(run))
        equal, foreign = target.undo_agrees(run), target.undo_foreign(run)
        target.close_run(run, "done")
    except BaseException:
        with suppress(CrmMigrateError):  # else the next rollback sees that this process is gone
            target.close_run(run, "stopped")
        raise
    kept = list(target.kept(run).itertuples(index=False, name=None))
    return Applied(
        target.totals(run), kept, run, equal, foreign, later_runs(target.runs(), undone, run) if foreign else [], target.undo_set(run)
    )  # fmt: skip


def _begin(job: Job, undone: TargetRun, selection: Selection) -> str:
    """Begin a rollback, or take up the one that was stopped or killed; return its id.

    Raises:
        ConfigurationError: `rollback.unfinished`: the one that was stopped is about something else.
    """
    target: Target = job.target
    if known := _unfinished_undo(target, undone.run):
        if known.selection != selection:
            raise ConfigurationError(
                "rollback.unfinished", Message("the rollback {run} was stopped and is about other rows", run=known.run), target.place,
                finish_rollback(known),
            )  # fmt: skip
        target.resume_run(known.run)
        return known.run
    kind: RunKind = "rollback" if undone.kind == "load" else "redo"
    target.begin_run(kind, job.run, LoadPlan.from_text(undone.plan), parent=undone.run, selection=selection)
    return job.run


def _conclude(result: StageResult, undone: TargetRun) -> None:
    """Say in words what the figures mean."""
    facts = result.facts
    counts = {word: facts[word] for word in OUTCOMES}
    if not facts["applied"]:
        result.next_step = Message(
            "to do it: crmmigrate rollback {run} --apply --project {project}", run=undone.run, project=PROJECT
        )
    elif not facts["digest_equal"]:
        result.findings.append(
            Message("the target is not as it was after the load, beyond what was kept; compare it with a backup") if facts["redo"]
            else Message("the target is not as it was before the load, beyond what was kept; compare it with a backup")
        )  # fmt: skip
    result.findings += other_rows_differ(facts["foreign"], facts["later"])
    if facts["kept"]:
        why = [Message.again(STAYED[word].template, {"count": f"{counts[word]:,}"}) for word in KEEPS if counts[word]]
        result.findings.append(Message("changes that stay: {reasons}", reasons=joined(why)))
    if counts["undone"] + counts["undone_in_part"] == 0:
        result.findings.append(Message("nothing could be undone"))
