"""load: write the target rows, batch by batch, journalled in the target."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.checks.load_answers import carried_rows, held_rows, origins_of, rejected_rows, unfilled
from crmmigrate.checks.strangers import Owner, taken_for_own
from crmmigrate.errors import AccountingError, ConfigurationError, CrmMigrateError, LimitReached, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.batch import living
from crmmigrate.model.content_digest import content_digest
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.left_out import LEFT_OUT, told_left_out
from crmmigrate.model.load_batches import ahead, load_batches, there
from crmmigrate.model.load_limits import Breaker, LoadLimits, reasons
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.load_partitions import cuts, partitions, ties
from crmmigrate.model.load_plan import BATCH_ROWS, LoadPlan, load_plan
from crmmigrate.model.mapping import Mapping, read_mappings
from crmmigrate.model.stage import PROJECT, Job, Query, Report, StageResult, option, stage
from crmmigrate.model.table import quoted
from crmmigrate.targets.shared_load import SharedLoad

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.project import Project
    from crmmigrate.model.stage import Cluster
    from crmmigrate.model.table import Tables
    from crmmigrate.model.target import Committed, Target


LOADED = (RECORD, ORIGIN, "target_key")
SHARES = 4
"""Of one writer: more than one, so that the last to end is not far behind the others."""
MEMORY = "512MB"
"""Of the answer for every row; beyond that DuckDB spills."""


@dataclass(frozen=True)
class LoadOptions:
    """How to load.

    Args:
        mappings: in load order.
        batch_rows: rows of one transaction.
        max_reject_ratio: the largest part of an object's rows that the target may refuse before the load stops itself.
        max_rejects: rows of the whole load that the target may refuse; `max_update` rows there before that may be changed,
            `max_delete` rows that a delta may delete or archive.
        closes: when the load window ends, in seconds since the epoch.
        part: which rows are to be written, where not all of them are: the others are in the target, or stay out of it.
        owner: who loads; rows of anybody are taken for its own where it is None.
    """

    mappings: tuple[Mapping, ...] = option(
        "--mapping", Message("A mapping file, or a folder of them."), multiple=True, required=True,
        read=lambda path: path,
    )  # fmt: skip
    batch_rows: int = option("--batch-rows", Message("Rows of one transaction."), default=BATCH_ROWS)
    max_reject_ratio: float = option(
        "--max-reject-ratio", Message("Stop when more than this part of an object's rows is refused."), default=0.05
    )
    max_rejects: int | None = None
    max_update: int | None = None
    max_delete: int | None = None
    closes: float | None = None
    part: LoadPart | None = None
    owner: Owner | None = None

    def __post_init__(self) -> None:
        """Read mapping files given as paths, all together, so that all mistakes come at once."""
        if any(not isinstance(mapping, Mapping) for mapping in self.mappings):
            paths: tuple[Any, ...] = self.mappings
            object.__setattr__(self, "mappings", read_mappings(paths))

    @classmethod
    def from_project(cls, project: Project) -> LoadOptions:
        """Read the mapping files, the batch size and the limit of a project."""
        batch_rows = project.target.batch_rows if project.target else BATCH_ROWS
        limits = project.limits
        return cls(
            read_mappings([project.file(project.mappings)]), batch_rows, project.gates.max_reject_ratio,
            limits.max_rejects, limits.max_update, limits.max_delete,
        )  # fmt: skip


@stage(title=Message("Write the rows to the target"), options=LoadOptions, writes=("rejects",), needs_target=True)
def load(job: Job) -> StageResult:
    """Write each object's rows to its table; go on where this run was stopped or killed, if it was.

    The output table of an object has its `_record`, `_origin` and the key of its row in the target. A row the target
    refuses is set aside as `rejected`.

    Raises:
        LocationError: the target lacks something, or is lost in the middle; what is committed stays.
        LimitReached: `target.busy`; `load.too-many-rejects`, `load.too-many-updates`, after the batch that made it so. `--resume` goes on.
        ConfigurationError: `load.plan-changed`: this run began with other mapping files or other rows; `load.other-project`.
    """
    options: LoadOptions = job.options
    target: Target = job.target
    plan = load_plan([mapping for mapping in options.mappings if mapping.object in job.tables], options.batch_rows)
    _check_tables(plan, job.tables)
    plan = options.part.extend(plan) if options.part else plan
    target.check(plan)
    started = time.perf_counter()
    begun = _begin(target, job, plan)
    if begun != "done":
        try:
            _write_all(job, plan)
            target.close_run(job.run, "done")
        except LocationError as error:
            _stop(target, job.run)
            raise _resumable(error) from error
        except LimitReached as error:
            if error.code == "load.too-many-rejects":
                error.hint = reasons(target.rejects(job.run))
            _stop(target, job.run)
            raise
        except BaseException:
            _stop(target, job.run)
            raise
    result = StageResult(flows={name: (name,) for name in job.tables})
    _report(job, plan, result)
    if job.cluster is not None and not target.shared:
        result.notes.append(
            Message("this kind of target takes one writer: the rows were loaded from this machine alone")
        )
    seconds = time.perf_counter() - started
    result.facts |= {"run": job.run, "resumed": begun != "new", "seconds": round(seconds, 2), "target": target.place}
    result.next_step = Message(
        "crmmigrate reconcile {project}; to undo: crmmigrate rollback {run} --project {project}",
        project=PROJECT,
        run=job.run,
    )
    return result


def _resumable(error: LocationError) -> LocationError:
    """Return the loss of a target with the way on: whole batches are there, and the load can be taken up again."""
    way = Message("go on with crmmigrate load {project} --resume; what is committed stays", project=PROJECT)
    hint = Message("{hint}; then {next}", hint=error.hint, next=way) if error.hint else way
    return LocationError(error.code, error.message, error.place, hint)


def _check_tables(plan: LoadPlan, tables: Tables) -> None:
    for name in tables:
        if all(step.object != name for step in plan.objects):
            raise ConfigurationError("load.no-mapping", Message("no mapping file maps the object '{name}'", name=name))
    for step in plan.objects:
        missing = [column for column in step.columns if column not in tables[step.object].columns]
        if missing:
            raise ConfigurationError(
                "load.column-missing", Message("the rows have no column '{column}'", column=missing[0]), step.object,
                Message("run map and validate again"),
            )  # fmt: skip


def limits_of(options: LoadOptions) -> LoadLimits:
    """Return how much of a load may go wrong; a mapping file may allow less than the project."""
    ratios = {m.object: min(options.max_reject_ratio, m.gates.max_reject_ratio) for m in options.mappings}
    return LoadLimits(ratios, options.max_rejects, options.max_update, options.max_delete, options.closes)


def _begin(target: Target, job: Job, plan: LoadPlan) -> Literal["new", "resumed", "done"]:
    """Begin the run, or take it up again where the target knows it.

    A run may be done in the target and not in the workspace: its process was killed in between. Then only the report is missing.
    """
    inputs = [f"{name}:{content_digest(table)}" for name, table in job.tables.items()]
    part: LoadPart | None = job.options.part
    digest = plan.digest(*inputs, *([part.digest()] if part else []))
    known = next((known for known in target.runs() if known.run == job.run), None)
    if known is None:
        owner: Owner | None = job.options.owner
        if owner and (wrong := taken_for_own(target, dict(job.tables.items()), part, owner)):
            raise wrong
        target.begin_run("load", job.run, plan, plan_digest=digest, project=owner.project if owner else "")
        return "new"
    if known.state == "done" and known.plan_digest == digest:
        return "done"
    target.resume_run(job.run, digest)
    return "resumed"


def _write_all(job: Job, plan: LoadPlan) -> None:
    """Write every step, one after the other, because rows refer to those of steps before; what is committed is left out."""
    target: Target = job.target
    done = target.committed(job.run)
    breaker = Breaker(limits_of(job.options), target.totals(job.run), updated=0)  # adds up as batches are passed
    number = 0
    for step in plan.objects:
        few = job.tables[step.object].rows <= SHARES * plan.batch_rows
        if few or job.cluster is None or not target.shared or step.deferred or step.change:
            number = _write_in_turn(job, plan, step, number, done, breaker)
        else:
            number = _write_at_once(job, job.cluster, plan, step, number, done, breaker)


def _write_in_turn(
    job: Job, plan: LoadPlan, step: ObjectLoad, number: int, done: MappingOf[int, Committed], breaker: Breaker
) -> int:
    """Write the batches of a step behind the batch `number`; return the number of the last one."""
    table = job.tables[step.object]
    part: LoadPart | None = job.options.part
    known = partial(living, job.tables, step.object)
    past = [] if part else there(done, number, table.rows)  # their rows need not even be read
    skip = sum(done[batch].rows for batch in past)
    breaker.count_updated(step, sum(done[batch].updated for batch in past))
    number += len(past)
    if skip and not step.deferred:
        job.progress(skip)
    whole = partial(load_batches, table, step.columns, plan.batch_rows, skip=skip)
    for rows in ahead(part.batches(step, table, plan.batch_rows) if part else whole()):
        if not len(rows):
            continue
        number += 1
        if number in done:
            breaker.count_updated(step, done[number].updated)
        else:
            breaker.check(step, table.rows)
            breaker.check_window(step)
            breaker.count(step, job.target.write_batch(job.run, number, step, rows, known))
            breaker.check(step, table.rows)
        if not (step.deferred or step.change):
            job.progress(len(rows))
    return number


def _write_at_once(
    job: Job, cluster: Cluster, plan: LoadPlan, step: ObjectLoad, number: int, done: MappingOf[int, Committed], breaker: Breaker
) -> int:  # fmt: skip
    """Have the same batches under the same numbers written by several machines; return the number of the last one.

    Raises:
        AccountingError: `accounting.batches`: a batch is not there although all were written.
    """
    target: Target = job.target
    part: LoadPart | None = job.options.part
    table, only = job.tables[step.object], part.of(step.object) if part else None
    ranges = dict(enumerate(cuts(table, step.columns, plan.batch_rows, only), number + 1))
    left = [place for place in ranges if place not in done]
    if left:
        every = (step.match_on, *target.unique_keys(step.table))
        keys = {tuple(column for column in key if column in step.columns) for key in every}
        tied = ties(job.tables, step.object, filter(None, keys), ranges)
        batches = partitions(left, tied, SHARES * cluster.width)
        shares = tuple(target.share(job.run, len(batches)))
        cluster.answers(
            SharedLoad(target.address, shares, tuple(batches), ranges, step, table, only, breaker.limits), len(shares)
        )
        done = target.committed(job.run)
        missing = set(left) - set(done)
        if missing:
            raise AccountingError(
                "accounting.batches", Message("of {count} batches of rows {answered} were answered", count=len(left), answered=len(left) - len(missing)),
                step.object, Message("this is a defect of crmmigrate; nothing was passed on. Please report it with the manifest of the run"),
            )  # fmt: skip
    breaker.refresh(target.totals(job.run))
    breaker.count_updated(step, sum(done[place].updated for place in ranges))
    breaker.check(step, table.rows)
    job.progress(table.rows if only is None else len(only))
    return number + len(ranges)


def _stop(target: Target, run: str) -> None:
    """Give the lease back; where even that fails, the next run sees that this process is gone."""
    try:
        target.close_run(run, "stopped")
    except CrmMigrateError:
        return


def _report(job: Job, plan: LoadPlan, result: StageResult) -> None:
    """Answer for every input row: it is in the target, or it is set aside."""
    rejects = job.target.rejects(job.run)
    part: LoadPart | None = job.options.part
    totals = job.target.totals(job.run)
    for step in plan.objects:
        if step.deferred or step.change:
            continue
        name = step.object
        refused = rejects[rejects["object"] == name]
        later = refused["code"] == "load.deferred-refused"
        held = part.held.get(name, frozenset()) if part else frozenset()
        origins = partial(origins_of, job.tables, name)
        result.issues += unfilled(name, refused[later], origins)
        result.aside += rejected_rows(name, refused[~later], origins)
        result.aside += held_rows(name, origins(held))
        out = frozenset(refused.loc[~later, RECORD])
        result.tables[name] = _loaded(job.target, name, out)
        if part and part.carried is not None:
            result.aside += carried_rows(name, part.carried, origins)
    result.facts["objects"] = totals
    if refused_rows := sum(row[3] == "rejected" for row in result.aside):
        result.findings.append(Message("the target refused {count} rows", count=refused_rows))
    if part:
        result.facts["wave"] = part.wave
        left_out = result.facts["left_out"] = dict(Counter(str(row[4]) for row in result.aside if row[4] in LEFT_OUT))
        result.notes += told_left_out(left_out)
        if part.is_delta:
            _tell_delta(job, totals, result)
    if result.issues:
        result.findings.append(Message("{count} references could not be filled later", count=len(result.issues)))


def _tell_delta(job: Job, totals: MappingOf[str, MappingOf[str, int]], result: StageResult) -> None:
    """Say what a delta did, and hand its conflicts to people."""
    from crmmigrate.reports.conflicts import CONFLICT_BOOK, write_conflicts

    done = {
        word: sum(sums[word] for sums in totals.values())
        for word in ("inserted", "updated", "archived", "deleted", "withheld")
    }
    found = job.target.conflicts(job.run)
    result.facts["delta"] = {
        **done,
        "conflicts": len(found),
        "since": job.options.part.since,
        "deletes": job.options.part.deletes,
    }
    if len(found):
        result.findings.append(
            Message(
                "{count} conflicts with what people edited in the target: nothing was overwritten", count=len(found)
            )
        )
        origins = {
            name: dict(job.tables[name].frame([RECORD, ORIGIN]).itertuples(index=False, name=None))
            for name in job.tables
        }
        result.reports.append(
            Report(CONFLICT_BOOK, partial(write_conflicts, found=found, run=job.run, origins=origins))
        )


def _loaded(target: Target, name: str, refused: frozenset[str]) -> Query:
    """Return what makes the output table of an object, however many rows it has."""
    import pyarrow as pa

    empty = pa.table({RECORD: pa.array([], pa.string()), "key": pa.array([], pa.string())})
    linked = (walk.select([RECORD, "key"]) for walk in target.crosswalk(name))
    return Query(
        f"SELECT rows.{RECORD}, rows.{ORIGIN}, linked.key AS {LOADED[2]} FROM {quoted(name)} AS rows JOIN linked "
        f"ON linked.{RECORD} = rows.{RECORD} WHERE rows.{RECORD} NOT IN (SELECT {RECORD} FROM refused)",
        {"linked": chain([empty], linked), "refused": pa.table({RECORD: pa.array(sorted(refused), pa.string())})}, MEMORY,
    )  # fmt: skip
