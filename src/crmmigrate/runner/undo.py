"""Undo a load: the rollback stage over the project's target."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.told_time import local_time
from crmmigrate.runner.execute import Outcome, execute
from crmmigrate.runner.kept_rows import source_rows
from crmmigrate.runner.standing import last_load, undone_since
from crmmigrate.runner.workspace import LAST
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crmmigrate.model.stage import Job, StageResult
    from crmmigrate.model.target import Target
    from crmmigrate.runner.pipeline import Pipeline


def undo(
    pipeline: Pipeline, run: str, *, apply: bool, part: Mapping[str, tuple[Any, ...]] | None = None, tell: Callable[[Message], None] = lambda _: None
) -> Outcome:  # fmt: skip
    """Roll a load back, or a rollback, or plan to.

    Args:
        pipeline: the project; its target is opened.
        run: the run's id, or a unique beginning or ending of it; `last` is the newest load that changed something and is not rolled back, completed or not.
            The target's journal knows it even where its folder is gone.
        apply: whether to write; without it the plan is made by the same code.
        part: `objects`, `batches`, `keys` of a load, where not all of it is meant.
        tell: is told which load `last` means, before anything is written.

    Raises:
        ConfigurationError: there is no such run; `rollback.which-load`.
        LocationError: the target cannot be reached, or a load is running in it.
    """
    stage = load_stage("rollback")
    with ExitStack() as stack:
        try:
            target = stack.enter_context(pipeline.open_target())
        except LocationError:
            if run != LAST or not pipeline.context.workspace.loads():
                pipeline.context.workspace.find(run)  # that nobody knows the run says more
            raise
        name = _named(pipeline, run, target)
        if run == LAST and apply:
            _sure_of_last(pipeline, name, target, tell)
        context = replace(pipeline.context, accounted=(), parent=name)
        return execute(stage, {}, _options(pipeline, name, apply=apply, **(part or {})), context, target=target)


def _sure_of_last(pipeline: Pipeline, name: str, target: Target, tell: Callable[[Message], None]) -> None:
    """Tell which load `last` means; right after a rollback, nobody who types it once more means the load before.

    Raises:
        ConfigurationError: `rollback.which-load`.
    """
    workspace, runs = pipeline.context.workspace, target.runs()
    if by := undone_since(workspace, runs, name):
        raise ConfigurationError(
            "rollback.which-load", Message("the last that was done here is the rollback {by} of {run}", by=by.run, run=by.parent), str(workspace.folder),
            Message("to undo the load before it too, name it: crmmigrate rollback {run} --apply --project {project}; to undo the rollback: crmmigrate rollback {by} --apply --project {project}",
                    run=name, by=by.run, project=PROJECT),
        )  # fmt: skip
    begun = next((known.since for known in runs if known.run == name), "")
    tell(Message("'last' is the load {run}, begun {time}", run=name, time=local_time(begun)))


def rehearse(pipeline: Pipeline, run: str) -> Outcome:
    """Roll a load back for real, batch by batch, in one transaction that is taken back at the end: how long it takes, and whether it proves.

    The manifest (stage `rehearsal`) is what a go-live check goes by. Nobody else sees anything of it; rows that the load wrote are
    locked meanwhile. `facts["unchanged"]` says whether the target is, by digest, as it was before the rehearsal.

    Raises:
        ConfigurationError: there is no such load, or nothing of it is left to undo.
        LocationError: the target cannot be reached.
    """
    stage = load_stage("rollback")
    with pipeline.open_target() as target:
        name = _named(pipeline, run, target)
        context = replace(pipeline.context, accounted=(), parent=name)
        known = next((one for one in target.runs() if one.run == name), None)
        tables = LoadPlan.from_text(known.plan).tables if known else ()
        before = target.digest(tables)

        def rehearsal(job: Job) -> StageResult:
            with target.rehearsing(name):
                result = stage.function(job)
            facts = result.facts
            facts |= {"rehearsed": True, "applied": False, "unchanged": target.digest(tables) == before}
            if not facts["unchanged"]:
                result.findings.append(
                    Message("the target is not as it was before the rehearsal; somebody may have written meanwhile")
                )
            result.next_step = Message(
                "if it comes to that: crmmigrate rollback {run} --apply --project {project}",
                run=name,
                project=pipeline.named,
            )
            return result

        rehearsed = replace(
            stage, name="rehearsal", title=Message("Rehearse the rollback of a load"), function=rehearsal
        )
        return execute(rehearsed, {}, _options(pipeline, name, apply=True), context, target=target)


def _options(pipeline: Pipeline, run: str, **chosen: Any) -> Any:
    """Return the options of the stage: what is undone, and what it needs to name rows and commands as people know them."""
    sources = partial(source_rows, pipeline)
    spec = pipeline.project.target
    writers = spec.writers if spec else None
    return load_stage("rollback").options(run=run, project=pipeline.named, sources=sources, writers=writers, **chosen)


def _named(pipeline: Pipeline, run: str, target: Target) -> str:
    """Return the id by which the target knows a run; a rollback that was resumed goes on under its first id there."""
    if run == LAST and (newest := last_load(pipeline.context.workspace, target)):
        return newest
    journalled = [known.run for known in target.runs()]
    try:
        manifest = pipeline.context.workspace.find(run)
    except ConfigurationError:
        found = [name for name in journalled if name == run] or [
            n for n in journalled if n.startswith(run) or n.endswith(run)
        ]
        if len(found) != 1:
            raise
        return found[0]
    return str(manifest.facts.get("rollback") or manifest.run)
