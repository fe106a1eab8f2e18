"""`crmmigrate pii`: look for personal data where it does not belong, and find a value again by its token."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import Answer, Place, command_of, group_of, project_file
from crmmigrate.messages import Message
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from crmmigrate.model.privacy import Scanned
    from crmmigrate.model.project import Project
    from crmmigrate.runner.workspace import Workspace

_LISTED = 20


def command(name: str) -> click.Group:
    """Return the group `pii`."""
    group = group_of(name, Message("Look for personal data where it does not belong."))
    project = click.Option(["--project"], type=click.Path(path_type=Path), help=Message("The migration.yaml whose values are searched for.").text())  # fmt: skip
    places = click.Argument(["places"], nargs=-1, type=Place(), metavar="[PATH…]")
    group.add_command(
        command_of("scan", Message("Look through logs, reports and the data of a trial; nothing may be found."), _scan,
                   [places, project], "crmmigrate pii scan\ncrmmigrate pii scan logs/ 汇报材料.xlsx")
    )  # fmt: skip
    value = click.Argument(["values"], nargs=-1, required=True, metavar="VALUE…")
    group.add_command(
        command_of("token", Message("Show by which token a person or a number is named in the reports of scans."), _token,
                   [value], "crmmigrate pii token 13912340000")
    )  # fmt: skip
    return group


def _scan(places: tuple[str, ...], project: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import existing_workspace, hints_beside

    workspace = existing_workspace(work or (project_file(project).parent / "work" if project else None))
    with hints_beside(workspace, project):
        return _scanned(workspace, places, project, format_)


def _scanned(workspace: Workspace, places: tuple[str, ...], project: Path | None, format_: str) -> int:
    from crmmigrate.errors import LocationError
    from crmmigrate.runner.privacy import scan, summary
    from crmmigrate.runner.trial import key_lost

    for place in places:
        if "://" not in place and not Path(place).exists():
            raise LocationError("file.missing", Message("there is no such file or folder"), place)
    with workspace.alone():
        lost = key_lost(workspace)
        made = scan(workspace, _project(project, workspace.folder), places)
    found, manifest = made.found, made.run.manifest
    answer = Answer(manifest.run, {}, facts=dict(manifest.facts))
    answer.lines = [said.text() for said in (*([lost] if lost else []), *summary(found))]
    answer.findings = _findings(found)
    if found.blind and not places:
        told = Message(
            "no value of the sources was there to be searched for, so this is no scan of the whole workspace; run the stages, and name in the data standard which columns hold names and numbers"
        )
        answer.findings.append(told.text())
    answer.files = [str(made.run.folder / "reports" / name) for name in manifest.reports]
    if not answer.findings:
        answer.result = [Message("no personal data where it does not belong").text()]
    return answer.show(format_)


def _findings(found: Scanned) -> list[str]:
    from crmmigrate.model.privacy import KINDS

    lines = [
        Message("{file}: {place}: {kind}: {shown}, {times} times", file=leak.file, place=leak.place, kind=KINDS[leak.kind],
                shown=leak.shown, times=leak.times).text()
        for leak in found.leaks[:_LISTED]
    ]  # fmt: skip
    if len(found.leaks) > _LISTED:
        lines.append(Message("{count} more; the report lists them", count=f"{len(found.leaks) - _LISTED:,}").text())
    lines += [
        Message("{file} could not be looked through: {why}", file=name, why=why).text()
        for name, why in found.unread.items()
    ]
    return lines


def _project(named: Path | None, work: Path) -> Project | None:
    """Return the migration.yaml named, or the one beside the workspace; None where there is none."""
    from crmmigrate.model.project import read_project

    beside = work.parent / PROJECT
    if named is None and not beside.exists():
        return None
    return read_project(project_file(named) if named else beside)


def _token(values: tuple[str, ...], work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import existing_workspace, hints_beside
    from crmmigrate.runner.privacy_tokens import find_tokens

    workspace = existing_workspace(work)
    with hints_beside(workspace):
        found = find_tokens(workspace, values)
    answer = Answer(facts={"tokens": found})
    for name, places in found.items():
        answer.result.append(name)
        answer.result += [f"  {place}" for place in places]
    return answer.show(format_)
