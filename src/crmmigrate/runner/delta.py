"""Bring a target up to date: run the stages over the sources as they are now, compare with a load, and load what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE, RECORD
from crmmigrate.model.load_limits import too_many_deletes
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.table import Table
from crmmigrate.runner.conflicts import decided_rows
from crmmigrate.runner.execute import execute, reopen
from crmmigrate.runner.outstanding import owed
from crmmigrate.runner.pipeline import STANDS
from crmmigrate.stages import load_stage
from crmmigrate.stages.load import OTHER_WAVE

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.delta import Deletes
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
    """

    outcome: Outcome
    since: str
    steps: list[Step]

    @property
    def work(self) -> int:
        """Rows that are to be inserted, changed or taken out."""
        return int(self.outcome.result.facts["work"])


def compare(pipeline: Pipeline, since: str = "", deletes: Deletes = "keep") -> Compared:
    """Run the stages up to validate and find what changed since a load; nothing is written to the target.

    Args:
        pipeline: the project.
        since: the run of a load, or a unique beginning or ending of it; by default the newest that stands in the target. What changed since
            an older one is told, and cannot be applied.
        deletes: what is to happen to rows whose records are gone.

    Raises:
        ConfigurationError: there is no such load, it does not stand any more, or it was a wave and others wait; an object whose rows
            would be archived does not say how.
    """
    chain = _chain(pipeline, since)
    load = chain[-1]
    before = {manifest.stage: reopen(pipeline.context.workspace, manifest.run) for manifest in chain}
    set_aside = pipeline.aside_of(load)
    _refuse_waves(set_aside, load.run)
    steps = pipeline.run("", "validate")
    now = pipeline.by_step["validate"]
    names = [name for name in pipeline.objects() if name in now]
    given = {f"now.{name}": now[name] for name in names}
    given |= {f"before.{name}": before["validate"][name] for name in names if name in before["validate"]}
    given |= {"aside": pipeline.aside(), "aside_before": _joined(pipeline, chain[:-1]), "set_aside": set_aside}
    stage = load_stage("delta")
    loads = [manifest.run for manifest in pipeline.context.workspace.manifests() if manifest.stage == "load"]
    newest = pipeline.standing_load()
    options = replace(
        stage.options.from_project(pipeline.project), since=load.run, deletes=deletes, loads=frozenset(loads),  # type: ignore[attr-defined]
        plans=newest is not None and newest.run == load.run,
    )  # fmt: skip
    context = replace(pipeline.context, accounted=(), parent=steps[-1].manifest.run)
    tables = {name: Table(name, table.path) for name, table in given.items()}
    with pipeline.open_target() as target:
        tables["owed"] = owed(pipeline.context.workspace, load.run, target)
        outcome = execute(stage, tables, options, context, target=target)
    _refuse_unarchived(outcome, options)
    return Compared(outcome, load.run, list(steps))


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
        only, refill=refill, since=compared.since, deletes=facts["deletes"], linked=_of(made, "link"), changed=_of(made, "update"),
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
    chain = _chain(pipeline, "")
    for one in decided:
        if one.run != chain[-1].run:
            raise ConfigurationError(
                "conflicts.stale", Message("the workbook is about {about}; the newest load is {load}", about=one.run, load=chain[-1].run), one.place,
                Message("take the workbook of the newest delta"),
            )  # fmt: skip
    if not decided:
        raise ConfigurationError(
            "conflicts.nothing", Message("no line of the workbook holds a decision"), str(book), Message("choose in the column of decisions"),
        )  # fmt: skip
    compared = compare(pipeline, chain[-1].run)
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


def _chain(pipeline: Pipeline, since: str) -> list[Manifest]:
    """Return a load that stands in the target behind the runs it came from.

    Raises:
        ConfigurationError: `delta.no-load`, `delta.load-undone`, `run.no-load`.
    """
    workspace = pipeline.context.workspace
    if since:
        with pipeline.open_target() as target:
            states = {run.run: run.state for run in target.runs() if run.kind == "load"}
        asked = workspace.find(since)
        if asked.stage != "load" or states.get(asked.run) not in STANDS:
            raise ConfigurationError(
                "delta.load-undone", Message("the run {run} is no load that stands in the target ({state})", run=asked.run, state=states.get(asked.run, "-")),
                str(workspace.folder), Message("crmmigrate runs lists them"),
            )  # fmt: skip
        return pipeline.chain_of(asked)
    standing = pipeline.standing_load()
    if standing is None:
        raise ConfigurationError(
            "delta.no-load", Message("no load of this workspace stands in the target: there is nothing to compare with"), str(workspace.folder),
            Message("load first: crmmigrate run {project}", project=PROJECT),
        )  # fmt: skip
    return pipeline.chain_of(standing)


def _refuse_waves(set_aside: Table, run: str) -> None:
    waiting = set_aside.frame(["code"])["code"]
    if (waiting == OTHER_WAVE).any():
        raise ConfigurationError(
            "delta.waves-open", Message("rows still wait for another wave since the load {run}", run=run), "",
            Message("load the other waves first: crmmigrate load {project} --wave NAME", project=PROJECT),
        )  # fmt: skip


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
