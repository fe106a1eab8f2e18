"""The trial migration: a sample through mapping, validation, load, reconciliation and rollback, in a scratch database."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.location import Location
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.table import Table
from crmmigrate.runner.execute import Context, Outcome, execute
from crmmigrate.runner.pipeline import Pipeline, Step
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.target import Target


def rehearse(pipeline: Pipeline) -> list[Step]:
    """Run the trial of a project and return its steps: trial, map, validate, load, reconcile, rollback.

    The stages before are run where they are not up to date. The scratch database is as empty after the trial as before:
    its rollback is part of what the trial proves.

    Raises:
        ConfigurationError: the project has no schema for the scratch database, or the scratch database is the target.
    """
    pipeline.run(last="rules")
    # A workspace of its own: a later load or reconciliation must never take a trial's tables for the real ones.
    workspace = Workspace(pipeline.context.workspace.folder / "trial")
    context = replace(pipeline.context, workspace=workspace, accounted=pipeline.objects())
    steps: list[Step] = []
    tables = dict(pipeline.tables)
    asides: list[Table] = []
    for name in ("trial", "map", "validate"):
        options = pipeline.options(name)
        if name == "trial" and pipeline.project.trial.mask:
            options = replace(options, key=masking_key(pipeline.context.workspace))
        outcome = execute(load_stage(name), tables, options, context)
        steps.append(Step(name, outcome.run.manifest, reused=False, outcome=outcome))
        tables |= outcome.tables
        if name != "trial":
            asides.append(outcome.aside)
    sample = steps[0].outcome
    if sample is not None:
        steps += _in_scratch(pipeline, context, sample.tables, tables, asides)
    return steps


def _in_scratch(
    pipeline: Pipeline, context: Context, sample: dict[str, Table], expected: dict[str, Table], asides: list[Table]
) -> list[Step]:
    spec = pipeline.project.target
    if spec is None or not spec.schema:
        raise ConfigurationError(
            "trial.no-schema", Message("the trial needs 'schema' under 'target', to create the scratch tables"),
            str(pipeline.project.file("migration.yaml")),
        )  # fmt: skip
    schema = read_target_schema(pipeline.project.file(spec.schema))
    objects = [name for name in pipeline.objects() if name in expected]
    with open_target(_scratch(pipeline), schema=schema) as target:
        _refuse_live(target, schema)
        rows = {name: expected[name] for name in objects}
        load = execute(load_stage("load"), rows, pipeline.options("load"), context, target=target)
        given: dict[str, Table] = {"aside": _joined([*asides, load.aside], pipeline, context)}
        for prefix, made in (("source", sample), ("expected", expected), ("loaded", load.tables)):
            given |= {f"{prefix}.{o}": Table(f"{prefix}.{o}", made[o].path) for o in objects if o in made}
        reconcile = execute(
            load_stage("reconcile"), given, replace(pipeline.options("reconcile"), sample=True), context, target=target
        )
        rollback = load_stage("rollback")
        options = rollback.options(run=load.run.manifest.run, apply=True)
        undone = execute(rollback, {}, options, context, target=target)
    made_steps: list[tuple[str, Outcome]] = [("load", load), ("reconcile", reconcile), ("rollback", undone)]
    return [Step(name, outcome.run.manifest, reused=False, outcome=outcome) for name, outcome in made_steps]


def _refuse_live(target: Target, schema: TargetSchema) -> None:
    """Refuse a scratch database that holds data, however its address is spelled: the trial would mask live rows."""
    target.create(schema)
    live = [run.run for run in target.runs() if run.kind == "load" and run.state != "rolled_back"]
    filled = [name for name in schema.tables if any(len(rows) for rows in target.rows(name))]
    if live or filled:
        raise ConfigurationError(
            "trial.is-target", Message("the scratch database of the trial holds data; it may be the target itself"),
            target.place, Message("name an empty one in trial.url, or leave it out"),
        )  # fmt: skip


def _joined(asides: list[Table], pipeline: Pipeline, context: Context) -> Table:
    return replace(pipeline, asides=asides, context=context).aside()


def _scratch(pipeline: Pipeline) -> Location:
    project = pipeline.project
    if project.trial.url:
        return project.location(project.trial.url)
    path = pipeline.context.workspace.folder / "trial" / "scratch.db"
    for leftover in path.parent.glob("scratch.db*"):
        leftover.unlink()
    return Location(f"sqlite:///{path.resolve()}")


def masking_key(workspace: Workspace) -> str:
    """Return the workspace's masking secret; made at first use, readable by its owner only."""
    path: Path = workspace.folder / "mask.key"
    if not path.exists():
        workspace.folder.mkdir(parents=True, exist_ok=True)
        handle: Any = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")
