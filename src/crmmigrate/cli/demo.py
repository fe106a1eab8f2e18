"""`crmmigrate demo`: the main job on a made-up company, end to end."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.equation import equation_line
from crmmigrate.cli.options import Answer, Number, command_of
from crmmigrate.cli.report import write_report
from crmmigrate.cli.root import COMMANDS
from crmmigrate.cli.sample import SEED, make_sample
from crmmigrate.cli.steps import judge_gates
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, labelled, shell_line

if TYPE_CHECKING:
    from crmmigrate.model.project import Project
    from crmmigrate.runner.pipeline import Pipeline

_MARK = ".crmmigrate-demo"


def command(name: str) -> click.Command:
    """Return `demo`."""
    params: list[click.Parameter] = [
        click.Option(["--pack"], default="b2b", show_default=True, help=Message("The domain pack to show.").text()),
        click.Option(["--target"], default="", help=Message("Database URL in place of the embedded SQLite.").text()),
        click.Option(["--scale"], type=Number(min=0, min_open=True), default=1.0, show_default=True,
                     help=Message("Size of the sample; 1 is about 40,000 source rows.").text()),
        click.Option(["--seed"], type=int, default=SEED, show_default=True,
                     help=Message("Another seed makes another company.").text()),
    ]  # fmt: skip
    example = "crmmigrate demo\ncrmmigrate demo --work /tmp/demo --target postgresql://localhost/crm"
    return command_of(name, COMMANDS[name][1], _demo, params, example)


def _demo(pack: str, target: str, scale: float, seed: int, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.progress import Bars
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.execute import Context
    from crmmigrate.runner.packs import lay_out
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.workspace import Workspace

    folder = work or Path("demo-" + pack)
    _clear(folder)
    lay_out(folder, pack)
    (folder / _MARK).touch()
    bars = Bars()
    make_sample(folder, pack, scale, seed, bars)
    project = _with_target(read_project(folder / "migration.yaml"), target)
    pipeline = Pipeline(project, Context(Workspace(folder / "work"), bars))
    with pipeline.context.workspace.alone():
        _create_tables(pipeline)
        steps = pipeline.run()
    return _show(pipeline, steps, folder, format_)


def _clear(folder: Path) -> None:
    """Remove an earlier demo; anything else in the way is left alone."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / _MARK).exists():
        raise ConfigurationError(
            "demo.not-empty", Message("the folder is not empty, and no earlier demo made it"), str(folder),
            Message("choose another folder with --work"),
        )  # fmt: skip
    shutil.rmtree(folder)


def _with_target(project: Project, url: str) -> Project:
    """Point the project at another database, in its migration.yaml too, so that rollback finds it."""
    if not url or project.target is None:
        return project
    from crmmigrate.model.project import read_project

    path = project.file("migration.yaml")
    text = path.read_text(encoding="utf-8").replace(project.target.url, url)
    path.write_text(text, encoding="utf-8")
    return replace(read_project(path))


def _create_tables(pipeline: Pipeline) -> None:
    from crmmigrate.model.schema import read_target_schema

    spec = pipeline.project.target
    if spec is not None and spec.schema:
        with pipeline.open_target(to_create=True) as target:
            target.create(read_target_schema(pipeline.project.file(spec.schema)))


def _show(pipeline: Pipeline, steps: list[Any], folder: Path, format_: str) -> int:
    outcomes = {step.name: step.outcome for step in steps if step.outcome is not None}
    equation = outcomes["reconcile"].tables["equation"].frame()
    run = outcomes["load"].run.manifest.run
    answer = Answer(
        run, {row["object"]: {k: int(row[k]) for k in row if k != "object"} for row in equation.to_dict("records")}
    )
    answer.result = [equation_line(name, figures) for name, figures in answer.counts.items()]
    known = [labelled(name, found.text()) for name, outcome in outcomes.items() for found in outcome.result.findings]
    gates = Answer()
    judge_gates(pipeline, gates, steps)
    known += gates.findings
    answer.result += ["", *gates.result]
    if known:
        answer.lines += ["", Message("known findings of the sample:").text(), *(f"  {line}" for line in known)]
    page, _ = write_report(pipeline.project, pipeline.context.workspace)
    answer.files = [str(page)] + [
        str(step.run.folder / "reports" / name) for step in outcomes.values() for name in step.run.manifest.reports
    ]
    answer.facts = {"findings": known, "folder": str(folder)}
    different = any(figures["difference"] for figures in answer.counts.values())
    answer.next_step = Message("to undo the load: {command}",
                               command=shell_line("crmmigrate", "rollback", run, "--apply", "--work", folder / "work")).text()  # fmt: skip
    answer.show(format_, quiet_counts=True)
    return 1 if different else 0
