"""Whether a command may write into the target now: its window, the name of one marked as production, mapping files without errors."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from crmmigrate.errors import ConfigurationError, Findings, LimitReached
from crmmigrate.messages import Message, shell_line

if TYPE_CHECKING:
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
    """Refuse a load outside its window, or into a production target whose name was not given; one that may run knows whether the window ends it."""
    from crmmigrate.model.load_window import is_open

    project = pipeline.project
    pipeline.ignore_window, pipeline.take_over = ignore_window, take_over
    if not ignore_window and not is_open(project.window, datetime.now()):  # noqa: DTZ005  # the window is local time
        raise LimitReached(
            "load.window", Message("the load window is closed now"), str(project.folder),
            Message("wait for the window, or add --ignore-window"),
        )  # fmt: skip
    check_confirmed(project, confirm)


def check_confirmed(project: Project, confirm: str | None) -> None:
    """Ask for the name of a target marked as production."""
    if project.target and project.target.production:
        name = project.location(project.target.url).name
        if confirm != name:
            raise ConfigurationError(
                "load.confirm", Message("the target is marked as production"), name,
                Message("if that is meant, add --confirm {name}", name=shell_line(name)),
            )  # fmt: skip


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
