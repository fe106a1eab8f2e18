"""The trial migration: a sample through mapping, validation, load, reconciliation and rollback, in a scratch database."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE, ISSUES, OF_A_FAULT, RECORD
from crmmigrate.model.location import Location
from crmmigrate.model.privacy import STAGE_PURGE
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.execute import Context, Outcome, execute
from crmmigrate.runner.pipeline import Pipeline, Step
from crmmigrate.runner.tables import TableWriter
from crmmigrate.runner.trial_statement import Statement, statement
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import load_stage
from crmmigrate.stages.trial import MAPPED, ODDITIES
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.target import Target

KEY = "mask.key"
"""The file of the workspace's masking secret."""
_ODD = ("standardise", "fill", "dedupe", "map", "validate")
"""Steps whose findings a sample has to meet."""


@dataclass(frozen=True)
class Trial:
    """What a trial did.

    Args:
        steps: trial, map, validate, load, reconcile, rollback.
        statement: what its random part says about all rows.
        proof: table → its digest before the load, after it, and after the rollback; None where it was not asked for.
        run: in which the proof is kept.
    """

    steps: list[Step]
    statement: Statement
    proof: dict[str, tuple[str, str, str]] | None = None
    run: str = ""

    @property
    def proven(self) -> bool:
        """Whether the scratch target is as before, although it was something else in between. Nothing loaded proves nothing."""
        proof = self.proof or {}
        changed = any(before != loaded for before, loaded, _ in proof.values())
        return changed and all(before == after for before, _, after in proof.values())


def rehearse(pipeline: Pipeline, *, prove: bool = False) -> Trial:
    """Run the trial of a project: trial, map, validate, load, reconcile, rollback.

    The stages before are run where they are not up to date, those up to validate too: they show what the sample has to meet.
    The scratch database is as empty after the trial as before: its rollback is part of what the trial proves.

    Args:
        pipeline: of the project.
        prove: whether digests of the scratch database are compared, table by table.

    Raises:
        ConfigurationError: the project has no schema for the scratch database, or the scratch database is the target.
    """
    pipeline.run(last="validate")
    # A workspace of its own: a later load or reconciliation must never take a trial's tables for the real ones.
    workspace = Workspace(pipeline.context.workspace.folder / "trial")
    context = replace(pipeline.context, workspace=workspace, accounted=pipeline.objects())
    steps: list[Step] = []
    given = {name: table for name, table in pipeline.by_step["dedupe"].items() if not name.startswith("_")}
    tables = given | _to_be_met(pipeline)
    asides: list[Table] = []
    for name in ("trial", "map", "validate"):
        options = pipeline.options(name)
        if name == "trial" and pipeline.project.trial.mask:
            options = replace(options, key=masking_key(pipeline.context.workspace))
        outcome = execute(load_stage(name), tables, options, context)
        steps.append(Step(name, outcome.run.manifest, reused=False, outcome=outcome))
        tables = outcome.tables if name == "trial" else tables | outcome.tables
        if name != "trial":
            asides.append(outcome.aside)
    sample = steps[0].outcome
    if sample is None:  # for the type alone: it was run just now
        return Trial(steps, Statement("", 0, 0, 0))
    more, proof = _in_scratch(pipeline, context, sample.tables, tables, asides, prove=prove)
    steps += more
    return Trial(steps, statement(sample, steps), proof, _keep_proof(workspace, proof, steps[-1].manifest.run))


def _to_be_met(pipeline: Pipeline) -> dict[str, Table]:
    """Return what became of all rows in mapping, and all that was found about them, as tables of their own."""
    tables = {
        f"{MAPPED}{name}": pipeline.by_step["map"][name]
        for name in pipeline.objects()
        if name in pipeline.by_step["map"]
    }
    folder = pipeline.context.workspace.folder / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    writer = TableWriter(ODDITIES, folder / f"{ODDITIES}.parquet", ("object", RECORD, "column", "code"))
    for step in pipeline.steps:
        if step.name not in _ODD:
            continue
        of_run = pipeline.context.workspace.runs_folder / step.manifest.run / "tables"
        for name, condition in ((ISSUES, "code IS NOT NULL"), (ASIDE, OF_A_FAULT)):
            path = of_run / f"{name}.parquet"
            found = Tables({"t": Table("t", path)}, confined=False).frame(
                f'SELECT DISTINCT "table" AS object, {RECORD}, coalesce("column", \'\') AS "column", code FROM t WHERE {condition}'
            )
            writer.write(found)
    merged = pipeline.by_step["dedupe"].get("crosswalk")
    if merged is not None:
        query = f"SELECT DISTINCT object, survivor AS {RECORD}, '' AS \"column\", 'merged' AS code FROM t WHERE survivor <> {RECORD}"
        writer.write(Tables({"t": merged}, confined=False).frame(query))
    return tables | {ODDITIES: writer.close()}


def _in_scratch(
    pipeline: Pipeline, context: Context, sample: dict[str, Table], expected: dict[str, Table], asides: list[Table], *, prove: bool
) -> tuple[list[Step], dict[str, tuple[str, str, str]] | None]:  # fmt: skip
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
        before = target.digest(list(schema.tables)) if prove else {}
        load = execute(load_stage("load"), rows, pipeline.options("load"), context, target=target)
        given: dict[str, Table] = {"aside": _joined([*asides, load.aside], pipeline, context)}
        for prefix, made in (("source", sample), ("expected", expected), ("loaded", load.tables)):
            given |= {f"{prefix}.{o}": Table(f"{prefix}.{o}", made[o].path) for o in objects if o in made}
        reconcile = execute(
            load_stage("reconcile"), given, replace(pipeline.options("reconcile"), sample=True), context, target=target
        )
        loaded = target.digest(list(schema.tables)) if prove else {}
        rollback = load_stage("rollback")
        options = rollback.options(run=load.run.manifest.run, apply=True)
        undone = execute(rollback, {}, options, context, target=target)
        after = target.digest(list(schema.tables)) if prove else {}
    made_steps: list[tuple[str, Outcome]] = [("load", load), ("reconcile", reconcile), ("rollback", undone)]
    proof = {name: (before[name], loaded[name], after[name]) for name in before} if prove else None
    return [Step(name, outcome.run.manifest, reused=False, outcome=outcome) for name, outcome in made_steps], proof


def _keep_proof(workspace: Workspace, proof: dict[str, tuple[str, str, str]] | None, parent: str) -> str:
    """Keep the digests as a run of their own; return its id."""
    if proof is None:
        return ""
    run = workspace.begin("proof", parent=parent)
    proven = Trial([], Statement("", 0, 0, 0), proof).proven
    run.manifest.facts = {"proven": proven, "digests": {name: list(digests) for name, digests in proof.items()}}
    run.end("done", 0 if proven else 1)
    return run.manifest.run


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


def key_lost(workspace: Workspace) -> Message | None:
    """Return what to say where a new masking secret is about to take the place of one that a purge destroyed."""
    purge = workspace.latest(STAGE_PURGE)
    if purge is None or (workspace.folder / KEY).exists():
        return None
    return Message(
        "the key of the masking and of the tokens was destroyed on {day} (run {run}); a new one is made, so masked values and tokens are other ones than before",
        day=purge.ended, run=purge.run,
    )  # fmt: skip


def masking_key(workspace: Workspace) -> str:
    """Return the workspace's masking secret; made at first use, readable by its owner only."""
    path: Path = workspace.folder / KEY
    if not path.exists():
        workspace.folder.mkdir(parents=True, exist_ok=True)
        handle: Any = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")
