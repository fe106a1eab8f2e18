"""Undo a load: the rollback stage over the project's target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.runner.execute import Outcome, execute
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from crmmigrate.runner.pipeline import Pipeline


def undo(pipeline: Pipeline, run: str, *, apply: bool) -> Outcome:
    """Roll a load back, or plan to.

    Args:
        pipeline: the project; its target is opened.
        run: the load's id, or a unique beginning or ending of it.
        apply: whether to write; without it the plan is made by the same code.

    Raises:
        ConfigurationError: there is no such run.
        LocationError: the target cannot be reached, or a load is running in it.
    """
    stage = load_stage("rollback")
    manifest = pipeline.context.workspace.find(run)
    options = stage.options(run=manifest.run, apply=apply)
    with pipeline.open_target() as target:
        context = replace(pipeline.context, accounted=(), parent=manifest.run)
        return execute(stage, {}, options, context, target=target)
