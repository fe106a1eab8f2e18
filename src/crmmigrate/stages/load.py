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
from crmmigrate.errors import ConfigurationError, CrmMigrateError, LimitReached, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.content_digest import content_digest
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.left_out import LEFT_OUT, told_left_out
from crmmigrate.model.load_limits import LoadLimits, reasons
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.load_plan import BATCH_ROWS, LoadPlan, load_plan
from crmmigrate.model.mapping import Mapping, read_mappings
from crmmigrate.model.stage import PROJECT, Job, Query, Report, StageResult, option, stage
from crmmigrate.model.table import quoted
from crmmigrate.targets.loading import Loading

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Tables
    from crmmigrate.model.target import Target


LOADED = (RECORD, ORIGIN, "target_key")
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
        writers: over how many connections to PostgreSQL batches are written at a time; None for as many as pay.
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
    writers: int | None = option(
        "--writers",
        Message("Connections to PostgreSQL over which batches are written at a time; 1: one batch after the other."),
        default=None,
    )

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
            limits.max_rejects, limits.max_update, limits.max_delete, writers=project.target.writers if project.target else None,
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
            Loading(job, plan, limits_of(options), options.part, options.writers).write()
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
