"""Undo a load: the rollback stage over the project's target."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.runner.execute import Outcome, execute
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.runner.pipeline import Pipeline


def undo(pipeline: Pipeline, run: str, *, apply: bool, part: Mapping[str, tuple[Any, ...]] | None = None) -> Outcome:
    """Roll a load back, or a rollback, or plan to.

    Args:
        pipeline: the project; its target is opened.
        run: the run's id, or a unique beginning or ending of it. The target's journal knows it even where its folder is gone.
        apply: whether to write; without it the plan is made by the same code.
        part: `objects`, `batches`, `keys` of a load, where not all of it is meant.

    Raises:
        ConfigurationError: there is no such run.
        LocationError: the target cannot be reached, or a load is running in it.
    """
    stage = load_stage("rollback")
    with ExitStack() as stack:
        try:
            target = stack.enter_context(pipeline.open_target())
        except LocationError:
            pipeline.context.workspace.find(run)  # that nobody knows the run says more
            raise
        name = _named(pipeline, run, [known.run for known in target.runs()])
        context = replace(pipeline.context, accounted=(), parent=name)
        return execute(stage, {}, stage.options(run=name, apply=apply, **(part or {})), context, target=target)


def _named(pipeline: Pipeline, run: str, journalled: list[str]) -> str:
    """Return the id by which the target knows a run; a rollback that was resumed goes on under its first id there."""
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
