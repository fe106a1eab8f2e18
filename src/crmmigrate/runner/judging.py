"""Look at the rules of a project on another day than its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.runner.execute import Outcome, execute
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from crmmigrate.runner.pipeline import Pipeline


def judge_on(pipeline: Pipeline, day: str) -> Outcome:
    """Run the rules on the tables taken so far as if it were `day` (2026-10-31).

    Its run is called `judging`: nothing is loaded from it, and gates do not go by it. They go by the day of the migration, which is that of
    `rules: as_of` or the one on which it is run.

    Raises:
        Findings: rules that could not be run.
    """
    stage = replace(load_stage("rules"), name="judging")
    context = replace(pipeline.context, accounted=pipeline.objects(), parent=pipeline.steps[-1].manifest.run)
    outcome = execute(stage, pipeline.inputs("rules"), replace(pipeline.options("rules"), as_of=day), context)
    outcome.result.next_step = None
    outcome.result.notes.append(
        Message("judged on {day}; the migration itself and its gates go by the day of migration.yaml", day=day)
    )
    return outcome
