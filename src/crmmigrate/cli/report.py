"""`crmmigrate report`: the whole migration on one page, and a page of each newest run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import Answer, command_of, hints_naming, project_argument, project_file
from crmmigrate.cli.root import COMMANDS
from crmmigrate.errors import LocationError
from crmmigrate.messages import Message, shell_line, spoken
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.project import Project
    from crmmigrate.runner.workspace import Workspace


def command(name: str) -> click.Command:
    """Return `report`."""
    params: list[click.Parameter] = [
        project_argument(),
        click.Option(["--run"], default="", help=Message("Only the page of this run (its id, or a unique end of it).").text()),
        click.Option(["-o", "--output"], type=click.Path(path_type=Path, dir_okay=False),
                     help=Message("The .html file; by default in the workspace, where its links lead somewhere.").text()),
    ]  # fmt: skip
    example = "crmmigrate report migration.yaml\ncrmmigrate report migration.yaml --lang zh\ncrmmigrate report migration.yaml --run 216ceb"
    return command_of(name, COMMANDS[name][1], _report, params, example)


def _report(project: Path, run: str, output: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import project_workspace
    from crmmigrate.model.project import read_project

    path = project_file(project)
    opened = read_project(path)
    workspace = project_workspace(path, work)
    _declare_codes(opened)
    with hints_naming(path, work):
        if run:
            return Answer(files=[str(_run_page(workspace, workspace.find(run), output))]).show(format_)
        page, count = write_report(opened, workspace, output)
    return Answer(files=[str(page)], facts={"runs": count, "pages": count + 1}).show(format_)


def write_report(project: Project, workspace: Workspace, output: Path | None = None) -> tuple[Path, int]:
    """Write the page of the migration and those of the newest runs; return where it is, and how many these are.

    Raises:
        LocationError: nothing was run yet, or a page cannot be written.
    """
    from crmmigrate.reports.overview import NAME, write_overview
    from crmmigrate.runner.overview import newest, overview

    _declare_codes(project)
    page = output or workspace.folder / NAME
    runs = newest(workspace)
    if not runs:
        raise LocationError(
            "report.nothing-run", Message("nothing was run in this workspace yet"), str(workspace.folder),
            Message("run first: crmmigrate run {project} --to audit", project=shell_line(project.file("migration.yaml"))),
        )  # fmt: skip
    for manifest in runs:
        _run_page(workspace, manifest, None)
    found = overview(project, workspace, page)
    try:
        write_overview(page, spoken(), found)
    except OSError as error:
        raise _unwritable(page, error) from error
    return page, len(runs)


def _declare_codes(project: Project) -> None:
    from crmmigrate.model.rule import declare_rules, read_rules
    from crmmigrate.stages import declare_codes

    declare_codes(cells=True)
    if project.rules:
        declare_rules(read_rules([project.file(project.rules.files)]))


def _run_page(workspace: Workspace, manifest: Manifest, output: Path | None) -> Path:
    """Write the page of a run and return where it is."""
    from crmmigrate.reports.run_page import write_run_page
    from crmmigrate.runner.overview import RUN_PAGE, run_story

    page = output or workspace.runs_folder / manifest.run / "reports" / RUN_PAGE
    try:
        if output is None:
            page.parent.mkdir(exist_ok=True)
        write_run_page(page, spoken(), run_story(workspace, manifest, page))
    except OSError as error:
        raise _unwritable(page, error) from error
    return page


def _unwritable(page: Path, error: OSError) -> LocationError:
    return LocationError(
        "report.not-writable", Message("the file cannot be written: {why}", why=os_reason(error)), str(page),
        Message("is it open in another program, or is there no room?"),
    )  # fmt: skip
