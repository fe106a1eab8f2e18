"""`crmmigrate purge`: destroy the personal data of a finished migration, and keep a record of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import Answer, command_of, project_argument, project_file
from crmmigrate.cli.permission import check_confirmed
from crmmigrate.cli.project import open_pipeline
from crmmigrate.cli.root import COMMANDS
from crmmigrate.cli.workspaces import existing_workspace
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from crmmigrate.model.destruction import Destruction


def command(name: str) -> click.Command:
    """Return `purge`."""
    params: list[click.Parameter] = [
        project_argument(),
        click.Option(["--yes"], is_flag=True, help=Message("Do it; without this the plan is printed. It cannot be undone.").text()),
        click.Option(["--without-target"], is_flag=True,
                     help=Message("Pass over a target that is gone for good; the record says so.").text()),
        click.Option(["--confirm"], help=Message("The name of a target marked 'production'.").text()),
    ]  # fmt: skip
    return command_of(name, COMMANDS[name][1], _purge, params, "crmmigrate purge\ncrmmigrate purge --yes")


def _purge(project: Path, yes: bool, without_target: bool, confirm: str | None, work: Path | None, format_: str) -> int:
    from crmmigrate.runner.purging import destroy, planned

    existing_workspace(work or project_file(project).parent / "work")  # a mistyped one has nothing to end
    with open_pipeline(project, work) as pipeline:
        plan = planned(pipeline, without_target=without_target)
        answer = Answer(facts={"planned": _figures(plan)}, result=_lines(plan), findings=_unreached(plan))
        if plan.empty:
            answer.result = [Message("there is no personal data left to destroy").text()]
            return answer.show(format_)
        if not yes:
            answer.lines = [
                Message("nothing was destroyed yet; after it no load can be undone, resumed or corrected").text()
            ]
            more = " --without-target" if without_target else ""
            answer.next_step = Message(
                "to do it: {command}", command=f"crmmigrate purge {pipeline.named} --yes{more}"
            ).text()
            return answer.show(format_)
        check_confirmed(pipeline.project, confirm)
        run, done = destroy(pipeline, plan)
    answer = Answer(run.manifest.run, {}, facts=dict(run.manifest.facts), result=_lines(done))
    answer.findings = _unreached(done)
    answer.findings += [Message("{file} could not be deleted: {why}", file=file, why=why).text() for file, why in done.remaining.items()]  # fmt: skip
    answer.files = [str(run.folder / "reports" / name) for name in run.manifest.reports]
    return answer.show(format_)


def _unreached(found: Destruction) -> list[str]:
    return [Message("images in {place} are not destroyed: {why}", place=place, why=why).text() for place, why in found.unreached.items()]  # fmt: skip


def _figures(found: Destruction) -> dict[str, object]:
    return {
        "files": {what: list(figures) for what, figures in found.by_what().items()},
        "images": found.images,
        "scratch": found.scratch,
    }


def _lines(found: Destruction) -> list[str]:
    from crmmigrate.model.destruction import WHAT

    lines = [
        Message("{what}: {count} files, {size} MB", what=WHAT[what], count=f"{count:,}", size=f"{size / 1e6:,.1f}").text()
        for what, (count, size) in found.by_what().items()
    ]  # fmt: skip
    return (
        lines
        + [
            Message("images of the load {run} in the target", run=run).text() + (f": {count:,}" if count else "")
            for run, count in found.images.items()
        ]
        + [
            Message("images of the trial {run} in its scratch database", run=run).text()
            + (f": {count:,}" if count else "")
            for run, count in found.scratch.items()
        ]
    )
