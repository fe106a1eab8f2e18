"""Whether a command may write into the target now: its window, the name of one marked as production, mapping files without errors."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from crmmigrate.errors import ConfigurationError, Findings, LimitReached
from crmmigrate.messages import Message, shell_line
from crmmigrate.model.rollback_hint import finish_rollback
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.project import Project
    from crmmigrate.runner.pipeline import Pipeline


def load_options() -> list[click.Parameter]:
    """Return the options of every command that loads."""
    return [
        click.Option(["--confirm"], help=Message("The name of a target marked 'production'.").text()),
        click.Option(["--ignore-window"], is_flag=True, help=Message("Load outside the load window too.").text()),
        click.Option(
            ["--take-over"],
            is_flag=True,
            help=Message(
                "Take rows of the target for this project's own that another one has loaded: it is the same one, which was moved."
            ).text(),
        ),
    ]


def guard(pipeline: Pipeline, confirm: str | None, *, ignore_window: bool, take_over: bool) -> None:
    """Refuse a load outside its window, into a production target whose name was not given, or beside a rollback that is half done; one that may run knows whether the window ends it."""
    from crmmigrate.model.load_window import is_open

    project = pipeline.project
    pipeline.ignore_window, pipeline.take_over = ignore_window, take_over
    if not ignore_window and not is_open(project.window, datetime.now()):  # noqa: DTZ005  # the window is local time
        raise LimitReached(
            "load.window", Message("the load window is closed now"), str(project.folder),
            Message("wait for the window, or add --ignore-window"),
        )  # fmt: skip
    check_confirmed(project, confirm)
    check_half_undone(pipeline)


def check_half_undone(pipeline: Pipeline) -> None:
    """Refuse to load beside rows of which a rollback has taken out some: nobody could tell afterwards what came when.

    Raises:
        ConfigurationError: `load.being-undone`.
    """
    from crmmigrate.runner.standing import half_undone

    workspace = pipeline.context.workspace
    if pipeline.project.target is None or not workspace.loads():
        return
    with pipeline.open_target() as target:
        undone = half_undone(workspace, target.runs())
    for load, by in undone.items():
        raise ConfigurationError(
            "load.being-undone", Message("the run {run} is being rolled back by {by}", run=load, by=by.run), str(workspace.folder),
            finish_rollback(by),
        )  # fmt: skip


def check_begun(pipeline: Pipeline) -> None:
    """Refuse to begin a load beside one that has written rows and did not come to its end: a rollback of the new one would leave these there.

    Raises:
        ConfigurationError: `load.unfinished`.
    """
    from crmmigrate.runner.standing import begun_loads, unfinished_load

    workspace = pipeline.context.workspace
    run = unfinished_load(pipeline)
    if not run:
        return
    with pipeline.open_target() as target:
        if run not in begun_loads(workspace, target.runs()):
            return
    raise ConfigurationError(
        "load.unfinished", Message("the load {run} was stopped and is not finished", run=run), str(workspace.folder),
        Message("go on with it: crmmigrate load {project} --resume; or take back what it wrote, then load again: crmmigrate rollback {run} --apply --project {project}", run=run, project=PROJECT),
    )  # fmt: skip


def check_confirmed(project: Project, confirm: str | None) -> None:
    """Ask for the name of a target marked as production."""
    if project.target and project.target.production:
        name = project.location(project.target.url).name
        if confirm != name:
            raise ConfigurationError(
                "load.confirm", Message("the target is marked as production"), name,
                Message("if that is meant, add --confirm {name}", name=shell_line(name)),
            )  # fmt: skip


def all_waves_option() -> click.Parameter:
    """Return the option of the commands that load everything."""
    return click.Option(["--all-waves"], is_flag=True, help=Message("Load the rows of all waves of migration.yaml, and of none, at once.").text())  # fmt: skip


def overwrite_option() -> click.Parameter:
    """Return the option of the commands that load all rows."""
    return click.Option(["--overwrite-edits"], is_flag=True, help=Message("Write over what people edited in the target since it was loaded, and bring back what they deleted.").text())  # fmt: skip


def told_overwritten(pipeline: Pipeline) -> tuple[list[str], list[str]]:
    """Return what a load wrote over and brought back because it was meant to, and the workbook that lists it; nothing where there was nothing."""
    from crmmigrate.runner.overwriting import told_edits

    edits = pipeline.edits
    return ([told_edits(edits, done=True).text()], [str(edits.book)]) if edits.found else ([], [])


def check_waves(pipeline: Pipeline, *, every: bool) -> None:
    """Refuse to load all rows where migration.yaml has waves and the target is marked as production, or loads of single waves stand in it, unless that is asked for.

    Raises:
        ConfigurationError: `load.which-wave`.
    """
    from crmmigrate.runner.history import loads_told, since_whole_told

    project = pipeline.project
    if every or not project.waves:
        return
    told = since_whole_told(loads_told(pipeline.context.workspace))
    loaded = list(dict.fromkeys(load.wave for load in told if load.wave and load.stands))
    if not (loaded or (project.target and project.target.production)):
        return
    raise ConfigurationError(
        "load.which-wave",
        Message("migration.yaml has waves ({waves}), of which were loaded so far: {loaded}; this would load all rows, whichever wave they belong to",
                waves=", ".join(project.waves), loaded=", ".join(loaded) or "-"),
        pipeline.named, _ways(list(project.waves), loaded),
    )  # fmt: skip


def _ways(waves: Sequence[str], loaded: Sequence[str]) -> Message:
    """Return what may be meant instead of a load of all rows."""
    changes = Message("crmmigrate delta {project} --apply", project=PROJECT)
    left = [name for name in waves if name not in loaded]
    if not left:
        return Message("what changed since: {changes}; all rows once more: add --all-waves", changes=changes)
    one = Message("crmmigrate load {project} {wave}", project=PROJECT, wave=shell_line("--wave", left[0]))
    if not loaded:
        return Message("one wave: {one}; all at once: add --all-waves", one=one)
    return Message("one wave: {one}; what changed in those that are loaded: {changes}; all at once: add --all-waves", one=one, changes=changes)  # fmt: skip


def told_all_waves(pipeline: Pipeline) -> list[str]:
    """Say that a load wrote the rows of all waves, where there are some."""
    waves = pipeline.project.waves
    if not waves:
        return []
    return [
        Message("all rows were loaded, of all waves ({waves}) and of none; one alone: crmmigrate load {project} --wave NAME",
                waves=", ".join(waves), project=pipeline.named).text()
    ]  # fmt: skip


def check_mappings(project: Project) -> None:
    """Refuse to begin a load by mapping files in which lint finds errors; how severe a rule is says `lint:` of the migration.yaml.

    Raises:
        Findings: the errors, and last what to do about them (`load.lint-errors`).
    """
    from crmmigrate.cli.lint import files_of, find, ordered

    if not project.mappings:
        return
    found = [one for one in ordered(find(files_of([project.file(project.mappings)]))) if one.severity == "error"]
    if found:
        errors = [ConfigurationError(f.code, f.message, f"{f.file}:{f.line}:{f.column}", f.hint) for f in found]
        told = ConfigurationError(
            "load.lint-errors", Message("lint finds {count} errors in the mapping files: nothing was loaded", count=len(found)), str(project.folder),
            Message("mend them; or say in migration.yaml that one is none here: {example}", example=f"lint: {{{found[0].code}: warning}}"),
        )  # fmt: skip
        raise Findings([*errors, told])
