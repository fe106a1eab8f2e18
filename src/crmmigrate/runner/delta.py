"""Bring a target up to date: run the stages over the sources as they are now, compare with a load, and load what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE, RECORD
from crmmigrate.model.load_limits import too_many_deletes
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.stage import PROJECT, RUNS
from crmmigrate.model.table import Table
from crmmigrate.runner.conflicts import decided_rows
from crmmigrate.runner.execute import execute
from crmmigrate.runner.given_back import given_back
from crmmigrate.runner.kept_references import keep_references
from crmmigrate.runner.left_out import as_table, missing, told_by
from crmmigrate.runner.outstanding import owed
from crmmigrate.runner.standing import rows_loaded, since_whole, standing_loads
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.delta import Deletes, RolledBack
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.runner.execute import Outcome
    from crmmigrate.runner.pipeline import Pipeline, Step


@dataclass(frozen=True)
class Compared:
    """What a delta found.

    Args:
        outcome: of the stage that compared.
        since: the load compared with.
        steps: that were run; the load last, where something was written.
        waves: that were loaded before.
    """

    outcome: Outcome
    since: str
    steps: list[Step]
    waves: tuple[str, ...] = ()

    @property
    def work(self) -> int:
        """Rows that are to be inserted, changed or taken out."""
        return int(self.outcome.result.facts["work"])


def compare(
    pipeline: Pipeline, since: str = "", deletes: Deletes = "keep", rolled_back: RolledBack = "leave"
) -> Compared:
    """Run the stages up to validate and find what changed since a load; nothing is written to the target.

    Args:
        pipeline: the project.
        since: the run of a load, or a unique beginning or ending of it; by default the newest that stands in the target. What changed since
            an older one is told, and cannot be applied.
        deletes: what is to happen to rows whose records are gone.
        rolled_back: what is to happen to rows that a rollback took out, or of which it gave back what they held, because people chose them.

    Raises:
        ConfigurationError: there is no such load, or it does not stand any more; an object whose rows would be archived does not say how.
    """
    workspace = pipeline.context.workspace
    standing = _standing(pipeline, since)
    chain, loads = pipeline.chain_of(standing[-1]), since_whole(workspace, standing)
    load = chain[-1]
    steps = pipeline.run("", "validate")
    names = [name for name in pipeline.objects() if name in pipeline.by_step["validate"]]
    before = rows_loaded(workspace, loads, names)
    kept = keep_references(pipeline, chain, before, deletes)
    now = pipeline.by_step["validate"]
    given = {f"now.{name}": now[name] for name in names}
    given |= {f"before.{name}": table for name, table in before.items()}
    given |= {
        "aside": pipeline.aside(),
        "aside_before": _joined(pipeline, chain[:-1]),
        "set_aside": pipeline.aside_of(load),
    }
    stage = load_stage("delta")
    ours = [manifest.run for manifest in workspace.manifests() if manifest.stage == "load"]
    context = replace(pipeline.context, accounted=(), parent=steps[-1].manifest.run)
    tables = {name: Table(name, table.path) for name, table in given.items()}
    with pipeline.open_target() as target:
        newest = standing_loads(workspace, target.runs(), in_part=True, deltas_in_part=False)[-1]
        plans = newest.run == load.run
        out = missing(pipeline, target, back=rolled_back == "load") if plans else None
        options = replace(
            stage.options.from_project(pipeline.project), since=load.run, deletes=deletes, loads=frozenset(ours),  # type: ignore[attr-defined]
            plans=plans, again=rolled_back == "load",
        )  # fmt: skip
        tables["owed"] = owed(workspace, loads, target)
        tables["given_back"] = given_back(workspace, target, plans=plans)
        tables["left_out"] = as_table(pipeline, out.left_out if out else told_by(pipeline, load))
        outcome = execute(stage, tables, options, context, target=target)
    outcome.result.notes += kept
    _refuse_unarchived(outcome, options)
    return Compared(outcome, load.run, list(steps), out.waves if out else ())


def apply(pipeline: Pipeline, compared: Compared) -> Compared:
    """Load what was compared, as a part of a load that can be resumed and rolled back like any other; nothing where nothing changed.

    Raises:
        ConfigurationError: `delta.since-older`: newer loads have written to the target since.
        LimitReached: `load.too-many-deletes`: before anything is written.
    """
    facts = compared.outcome.result.facts
    if not facts["newest"]:
        raise ConfigurationError(
            "delta.since-older", Message("newer loads stand in the target since {run}: what they wrote would look like edits", run=compared.since),
            str(pipeline.context.workspace.folder), Message("leave --since out, so that the newest load is compared with"),
        )  # fmt: skip
    limit = pipeline.project.limits.max_delete
    if facts["deletes"] != "keep" and limit is not None and facts["removable"] > limit:
        raise too_many_deletes(facts["removable"], limit, "")
    if not compared.work:
        return compared
    return replace(compared, steps=pipeline.load_part(_part(compared)))


def _part(compared: Compared) -> LoadPart:
    made, facts = compared.outcome.tables, compared.outcome.result.facts
    only, refill = (
        {name: frozenset(table.frame([RECORD])[RECORD]) for name, table in _of(made, kind).items()}
        for kind in ("insert", "refill")
    )
    removed = _of(made, "remove") if facts["deletes"] != "keep" else {}
    return LoadPart(
        only, refill=refill, waves=compared.waves, since=compared.since, deletes=facts["deletes"], linked=_of(made, "link"), changed=_of(made, "update"),
        removed=removed, carried=made["carried"],
    )  # fmt: skip


def decide(pipeline: Pipeline, book: Path) -> list[Step]:
    """Write the fields for which people chose what the sources say, and let those rest for which they chose the target, as a part of a load.

    A field is written only while the target holds what people saw when they decided; else it is a conflict once more. Lines without a
    decision stay conflicts.

    Raises:
        ConfigurationError: the workbook is about another load than the newest one that stands, or decides nothing; the sources changed.
        Findings: decisions that cannot be taken.
    """
    from crmmigrate.reports.conflicts import KEPT, read_decided
    from crmmigrate.runner.decisions import keep_copy

    decided = read_decided(book)
    newest = _standing(pipeline, "")[-1].run
    for one in decided:
        if one.run != newest:
            raise ConfigurationError(
                "conflicts.stale", Message("the workbook is about {about}; the newest load is {load}", about=one.run, load=newest), one.place,
                Message("take the workbook of the newest delta"),
            )  # fmt: skip
    if not decided:
        raise ConfigurationError(
            "conflicts.nothing", Message("no line of the workbook holds a decision"), str(book), Message("choose in the column of decisions"),
        )  # fmt: skip
    compared = compare(pipeline, newest)
    figures = compared.outcome.result.facts["objects"].values()
    if any(counts[word] for counts in figures for word in ("new", "changed", "taken_over")):
        raise ConfigurationError(
            "conflicts.sources-changed", Message("the sources have changed since; bring the target up to date first"), str(book),
            Message("crmmigrate delta {project} --apply", project=PROJECT),
        )  # fmt: skip
    part = _part(compared)
    steps = pipeline.load_part(replace(part, changed={**part.changed, **decided_rows(pipeline, decided, part.changed)}))
    keep_copy(book, pipeline.project.file(KEPT))  # who decided what, and why
    return steps


def _of(made: dict[str, Table], kind: str) -> dict[str, Table]:
    return {name.partition(".")[2]: table for name, table in made.items() if name.startswith(f"{kind}.")}


def _standing(pipeline: Pipeline, since: str) -> list[Manifest]:
    """Return the loads that stand in the target, up to the one to compare with.

    Raises:
        ConfigurationError: `delta.no-load`, `delta.load-undone`, `run.folder-gone`.
    """
    workspace = pipeline.context.workspace
    asked = workspace.find(since) if since else None
    standing = pipeline.standing_loads(in_part=True, deltas_in_part=False)
    if asked is not None:
        if asked.run not in [load.run for load in standing]:
            with pipeline.open_target() as target:
                state = next((run.state for run in target.runs() if run.run == asked.run), "-")
            raise ConfigurationError(
                "delta.load-undone", Message("the run {run} is no load that stands in the target ({state})", run=asked.run, state=state),
                str(workspace.folder), Message("{runs} lists them", runs=RUNS),
            )  # fmt: skip
        return [load for load in standing if load.run <= asked.run]
    if not standing:
        raise ConfigurationError(
            "delta.no-load", Message("no load of this workspace stands in the target: there is nothing to compare with"), str(workspace.folder),
            Message("load first: crmmigrate run {project}", project=PROJECT),
        )  # fmt: skip
    return standing


def _refuse_unarchived(outcome: Outcome, options: Any) -> None:
    """See that every object whose rows are to be archived says how.

    Raises:
        ConfigurationError: `delta.no-archive`.
    """
    for mapping in options.mappings if options.deletes == "archive" else ():
        if f"remove.{mapping.object}" in outcome.tables and not mapping.write.archive:
            raise ConfigurationError(
                "delta.no-archive", Message("the mapping of '{name}' does not say how a row is archived", name=mapping.object), mapping.file,
                Message("for example: {names}", names="write: {archive: {status: inactive}}"),
            )  # fmt: skip


def _joined(pipeline: Pipeline, chain: list[Manifest]) -> Table:
    """Return all rows that the runs of an earlier load had set aside, as one table."""
    earlier = replace(pipeline, asides=[pipeline.aside_of(manifest) for manifest in chain])
    return earlier.aside(f"{ASIDE}_before")
