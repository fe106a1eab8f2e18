"""Commands over a whole project: run, load, reconcile, trial."""

from __future__ import annotations

import gc
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli import interrupt
from crmmigrate.cli.equation import reconciled_lines
from crmmigrate.cli.options import (
    Answer,
    Place,
    command_of,
    hints_naming,
    named_project,
    project_argument,
    project_file,
)
from crmmigrate.cli.permission import (
    all_waves_option,
    check_begun,
    check_confirmed,
    check_mappings,
    check_waves,
    guard,
    load_options,
    overwrite_option,
    told_all_waves,
    told_overwritten,
)
from crmmigrate.cli.root import COMMANDS
from crmmigrate.cli.steps import steps_answer
from crmmigrate.cli.unfinished import counted, tell_unfinished
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.engine import ENGINES
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from crmmigrate.runner.pipeline import Pipeline, Step
    from crmmigrate.runner.trial import Trial


def command(name: str) -> click.Command:
    """Return the command called `name`."""
    made: dict[str, Callable[[], tuple[Callable[..., int], list[click.Parameter], str]]] = {
        "run": _run_command, "load": _load_command, "reconcile": _reconcile_command,
        "trial": _trial_command,
    }  # fmt: skip
    callback, params, example = made[name]()
    return command_of(name, COMMANDS[name][1], callback, params, example)


def _run_command() -> tuple[Callable[..., int], list[click.Parameter], str]:
    params: list[click.Parameter] = [
        project_argument(),
        click.Option(["--from", "first"], default="", help=Message("Run this stage and those after it again.").text()),
        click.Option(["--to", "last"], default="reconcile", show_default=True,
                     help=Message("The last stage to run.").text()),
        click.Option(["--plan"], is_flag=True, help=Message("Say what would be run; do nothing.").text()),
        click.Option(["--decisions"], type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help=Message("A review workbook in which people decided; it is kept for later runs.").text()),
        all_waves_option(),
        overwrite_option(),
        *_engine_options(),
        *load_options(),
    ]  # fmt: skip
    return _run, params, "crmmigrate run migration.yaml --to dedupe\ncrmmigrate run migration.yaml --plan"


def _engine_options() -> list[click.Parameter]:
    return [
        click.Option(["--engine"], type=click.Choice(ENGINES),
                     help=Message("Where rows are worked on: this machine, or a Spark cluster; migration.yaml says it too.").text()),
        click.Option(["--spark-master"], default="", help=Message("Of the cluster, as spark://HOST:7077.").text()),
    ]  # fmt: skip


def _asked_engine(kind: str | None, master: str) -> dict[str, str]:
    """Return what a command line says of the engine, by the names of `EngineSpec`."""
    asked = {"kind": kind or ("spark" if master else ""), "master": master}
    return {name: value for name, value in asked.items() if value}


def _run(
    project: Path, first: str, last: str, plan: bool, decisions: Path | None, all_waves: bool, overwrite_edits: bool, engine: str | None, spark_master: str,
    confirm: str | None, ignore_window: bool, take_over: bool, work: Path | None, format_: str,
) -> int:  # fmt: skip
    from crmmigrate.runner.decisions import check, remembered
    from crmmigrate.runner.pipeline import STEPS
    from crmmigrate.runner.standing import unfinished_load

    with open_pipeline(project, work, _asked_engine(engine, spark_master)) as pipeline:
        if decisions:
            check(pipeline.project, decisions)
        if plan:
            return _show_plan(pipeline, first, last, format_, changed="dedupe" if decisions else "")
        resume = ""
        if last in STEPS and STEPS.index(last) >= STEPS.index("load"):
            guard(pipeline, confirm, ignore_window=ignore_window, take_over=take_over)
            pipeline.edits.meant = overwrite_edits
            pipeline.open_target()  # nine stages are not run first, to say then that there is no target
            resume = unfinished_load(pipeline)
            if not resume:  # a load goes on by the files, and with the rows, that it began with
                begun_later = first in STEPS and STEPS.index(first) > STEPS.index("load")
                check_waves(pipeline, every=all_waves or begun_later)
                check_mappings(pipeline.project)
        with counted(pipeline), remembered(pipeline.project, decisions):
            steps = pipeline.run(first, last, resume=resume)
        return _loaded(steps, pipeline, whole=not resume).show(format_)


def _loaded(steps: list[Step], pipeline: Pipeline, *, whole: bool) -> Answer:
    """Tell of the steps, and that all waves were loaded where a load was given all rows."""
    answer = steps_answer(steps, pipeline)
    if any(step.name == "load" for step in steps):
        answer.result += told_all_waves(pipeline) if whole else []
        lines, books = told_overwritten(pipeline)
        answer.result += lines
        answer.files += books
    return answer


def _load_command() -> tuple[Callable[..., int], list[click.Parameter], str]:
    params: list[click.Parameter] = [
        project_argument(),
        click.Option(["--resume"], is_flag=True, help=Message("Go on with the load that was stopped or killed.").text()),
        click.Option(["--rejects"], type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help=Message("The workbook of rows to be corrected; what is in the target is not touched.").text()),
        click.Option(["--wave"], default="", help=Message("Only the rows of this wave of migration.yaml.").text()),
        all_waves_option(),
        overwrite_option(),
        click.Option(["--check"], is_flag=True,
                     help=Message("Say what could stop the load: rights, room, changes of the target, rows without parents; write nothing.").text()),
        click.Option(["--probe"], is_flag=True,
                     help=Message("With --check, for a target behind an API: make rows there and take them out at once, to learn which fields it demands.").text()),
        *_engine_options(),
        *load_options(),
    ]  # fmt: skip
    example = "crmmigrate load migration.yaml\ncrmmigrate load migration.yaml --resume\ncrmmigrate load migration.yaml --rejects 待修正数据.xlsx"
    return _load, params, example


def _load(
    project: Path, resume: bool, rejects: Path | None, wave: str, all_waves: bool, overwrite_edits: bool, check: bool, probe: bool, engine: str | None, spark_master: str,
    confirm: str | None, ignore_window: bool, take_over: bool, work: Path | None, format_: str,
) -> int:  # fmt: skip
    from crmmigrate.runner.standing import unfinished_load

    if bool(resume) + bool(rejects) + bool(wave) + bool(all_waves) + bool(check) > 1:
        raise ConfigurationError(
            "usage.rejects", Message("--resume, --rejects, --wave, --all-waves and --check exclude each other"),
            hint=Message("resume first; the load knows its rows"),
        )  # fmt: skip
    if overwrite_edits and (resume or rejects or wave):
        raise ConfigurationError(
            "usage.overwrites", Message("--overwrite-edits goes with a load of all rows"), hint=Message("leave it out: a part of the rows leaves alone what people edited"),
        )  # fmt: skip
    if probe and not check:
        raise ConfigurationError("usage.probe", Message("--probe goes with --check"), hint=Message("add --check"))
    with open_pipeline(project, work, _asked_engine(engine, spark_master)) as pipeline:
        if check:
            from crmmigrate.cli.check import check_load

            if probe:
                check_confirmed(pipeline.project, confirm)
            return check_load(pipeline, probe=probe).show(format_)
        guard(pipeline, confirm, ignore_window=ignore_window, take_over=take_over)
        pipeline.edits.meant = overwrite_edits
        run = unfinished_load(pipeline) if resume else ""
        if resume and not run:
            raise ConfigurationError(
                "load.nothing-to-resume", Message("no load was stopped here"), str(pipeline.context.workspace.folder),
                Message("start one with: crmmigrate load {project}", project=PROJECT),
            )  # fmt: skip
        if not resume:
            if not rejects:  # which say it with the workbook's name
                check_begun(pipeline)
            check_waves(pipeline, every=bool(all_waves or wave or rejects))
            check_mappings(pipeline.project)
        if rejects:
            return _refed(pipeline, rejects).show(format_)
        with counted(pipeline):
            if wave:
                from crmmigrate.runner.wave_load import load_wave

                steps = load_wave(pipeline, wave)
            else:
                steps = pipeline.run("", "load", resume=run)
        return _loaded(steps, pipeline, whole=not (wave or run)).show(format_)


def _refed(pipeline: Pipeline, book: Path) -> Answer:
    """Feed a workbook of rejects in again and tell what came of it."""
    from crmmigrate.runner.refeeding import feed, places_line
    from crmmigrate.runner.standing import unfinished_load

    if unfinished := unfinished_load(pipeline):
        raise ConfigurationError(
            "rejects.unfinished-load", Message("the load {run} was stopped and is not finished", run=unfinished), str(book),
            Message("finish it first: crmmigrate load {project} --resume", project=PROJECT),
        )  # fmt: skip
    with counted(pipeline):
        fed = feed(pipeline, book)
    answer = steps_answer(fed.steps, pipeline)
    answer.facts["rejects"] = {
        "corrected": fed.corrected,
        "written": fed.written,
        "there": list(fed.there),
        "unlike": list(fed.unlike),
    }
    words = {"cells": fed.corrected, "rows": fed.written, "changed": fed.changed}
    told = (
        Message("{cells} cells corrected; {rows} rows were given to the load, of which {changed} change rows that are there: a delta had refused that", **words) if fed.changed
        else Message("{cells} cells corrected; {rows} rows go in beside what is there", **words)
    )  # fmt: skip
    answer.result.append(told.text())
    if fed.there:
        answer.lines.append(
            Message(
                "{count} rows corrected here were in the target already, and stay as they are: {places}", count=len(fed.there), places=places_line(fed.there)
            ).text()
        )  # fmt: skip
    if fed.unlike:
        answer.findings.append(
            Message(
                "{count} rows that are in the target already were corrected in another way here, which was not taken: {places}; edit them in the target, or in the sources and then: crmmigrate delta {project} --apply",
                count=len(fed.unlike), places=places_line(fed.unlike), project=pipeline.named,
            ).text()
        )  # fmt: skip
    if (
        fed.steps[-1].name != "load"
    ):  # what was corrected is wrong still; what comes after validation otherwise is a load of everything
        answer.next_step = ""
    return answer


def _reconcile_command() -> tuple[Callable[..., int], list[click.Parameter], str]:
    params: list[click.Parameter] = [
        click.Argument(["places"], nargs=-1, type=Place(), metavar="[migration.yaml | A B]"),
        click.Option(["--key"], multiple=True, help=Message("Key column of two tables; may be repeated.").text()),
        click.Option(["--column"], multiple=True, help=Message("Compare only this column; may be repeated.").text()),
        click.Option(["-o", "--output"], type=click.Path(path_type=Path, file_okay=False),
                     help=Message("Folder of the reports on two tables.").text()),
    ]  # fmt: skip
    example = (
        "crmmigrate reconcile migration.yaml\ncrmmigrate reconcile old.xlsx sqlite:///crm.db#accounts --key 客户编号"
    )
    return _reconcile, params, example


def _reconcile(
    places: tuple[str, ...], key: tuple[str, ...], column: tuple[str, ...], output: Path | None,
    work: Path | None, format_: str,
) -> int:  # fmt: skip
    if len(places) < 2:
        with open_pipeline(Path(places[0] if places else PROJECT), work) as pipeline:
            tell_unfinished(pipeline)
            pipeline.reopen_load()
            return steps_answer(pipeline.run_only("reconcile"), pipeline).show(format_)
    if len(places) != 2 or not key:
        raise ConfigurationError(
            "usage.reconcile", Message("give a migration.yaml, or two tables and --key"),
            hint=Message("crmmigrate reconcile A B --key COLUMN"),
        )  # fmt: skip
    return _compare(places, {"key": key, "column": column}, output, work, format_)


def _compare(
    places: tuple[str, ...], columns: dict[str, tuple[str, ...]], output: Path | None, work: Path | None, format_: str
) -> int:
    from crmmigrate.cli.audit import copy_reports
    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.model.location import Location
    from crmmigrate.runner.comparison import read_two
    from crmmigrate.runner.execute import execute
    from crmmigrate.stages import load_stage

    # To look for garbage at every 700 objects takes a fifteenth of the time, and there is hardly any.
    gc.set_threshold(20_000)
    left, right = (Location.parse(place) for place in places)
    with context_for(work) as context:
        sides = read_two(left, right, columns["key"], columns["column"], context)
        stage = load_stage("reconcile")  # which servers need not wait for
        options = stage.options(**columns, agreed=sides.agreed, kinds=sides.kinds)
        outcome = execute(stage, sides.tables, options, replace(context, accounted=()))
        answer = Answer.of(outcome)
        answer.result = reconciled_lines(answer.facts)
        if output is not None:
            answer.files = copy_reports(outcome, output)
        elif work is None:  # the workspace is gone when the command ends
            answer.files = []
            answer.next_step = Message("for the differences row by row add -o FOLDER").text() if answer.findings else ""
        return answer.show(format_)


def _trial_command() -> tuple[Callable[..., int], list[click.Parameter], str]:
    proving = click.Option(
        ["--prove-rollback"], is_flag=True,
        help=Message("Compare digests of the scratch database before the load and after the rollback.").text(),
    )  # fmt: skip
    return _trial, [project_argument(), proving], "crmmigrate trial migration.yaml --prove-rollback"


def _trial(project: Path, prove_rollback: bool, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.rollback import undo_lines
    from crmmigrate.runner.trial import key_lost, rehearse

    with open_pipeline(project, work) as pipeline:
        lost = key_lost(pipeline.context.workspace)
        tried = rehearse(pipeline, prove=prove_rollback)
        answer = steps_answer(tried.steps, pipeline)
        answer.lines += [lost.text()] if lost else []
        covered = answer.facts["trial"]["coverage"]
        answer.result += undo_lines(answer.facts["rollback"])
        answer.result.append(
            Message(
                "the sample meets {met} of {all} things to be met", met=covered["met"], all=covered["traits"]
            ).text()
        )
        answer.result.append(tried.statement.sentence().text())
        answer.facts["statement"] = {**vars(tried.statement), "bound": tried.statement.bound}
        if tried.proof is not None:
            _tell_proof(tried, answer)
        answer.next_step = Message("look at the report; then: crmmigrate load {project}", project=pipeline.named).text()
        return answer.show(format_)


def _tell_proof(tried: Trial, answer: Answer) -> None:
    """Tell whether every table of the scratch database is as it was before the load."""
    proof = tried.proof or {}
    answer.facts["proof"] = {"proven": tried.proven, "digests": proof, "run": tried.run}
    if tried.proven:
        told = Message("proven: {count} tables of the scratch database are as before, by digest", count=len(proof))
        answer.result.append(told.text())
        return
    off = [name for name, (before, _, after) in proof.items() if before != after]
    why = (
        Message("not as before: {names}", names=", ".join(off))
        if off
        else Message("nothing was loaded, so nothing is proven")
    )
    answer.findings.append(Message("the rollback is NOT proven: {why}", why=why).text())


@contextmanager
def open_pipeline(project: Path, work: Path | None, engine: Mapping[str, Any] | None = None) -> Iterator[Pipeline]:
    """Open a project with its workspace, which no other command may write to meanwhile.

    Args:
        project: the migration.yaml.
        work: the folder of the workspace, where it is given.
        engine: what the command line says of the engine, by the names of `EngineSpec`.
    """
    from crmmigrate.cli.progress import Bars
    from crmmigrate.cli.workspaces import project_workspace
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.decisions import removable
    from crmmigrate.runner.engine import engine_of
    from crmmigrate.runner.execute import Context
    from crmmigrate.runner.pipeline import Pipeline

    path = project_file(project)
    opened = read_project(path)
    workspace = project_workspace(path, work)
    bars = Bars()
    place = engine_of(replace(opened.engine, **(engine or {})), bars.tell)
    named = named_project(path, work)
    interrupt.works_on(named)
    with workspace.alone(), closing(place), hints_naming(path, work), removable(opened):
        yield Pipeline(opened, Context(workspace, bars, engine=place), named=named)


def _show_plan(pipeline: Pipeline, first: str, last: str, format_: str, *, changed: str) -> int:
    planned = pipeline.plan(first, last, changed=changed)
    done, todo = Message("up to date"), Message("to be run")
    lines = [f"{name:<12} {(done if current else todo).text()}" for name, current in planned]
    facts = {"steps": [{"stage": name, "up_to_date": current} for name, current in planned]}
    return Answer(result=lines, facts=facts).show(format_)
