"""`crmmigrate tasks`: hand out what only people can settle, and take their answers back."""

from __future__ import annotations

from pathlib import Path

import click

from crmmigrate.cli.options import (
    Answer,
    by_whom,
    command_of,
    group_of,
    hints_naming,
    named_project,
    project_and_files,
    project_argument,
    project_file,
)
from crmmigrate.messages import Message, shell_line


def command(name: str) -> click.Group:
    """Return the group `tasks`."""
    group = group_of(name, Message("Hand out worklists to their owners, and collect them."))
    output = click.Option(["-o", "--output"], type=click.Path(path_type=Path, file_okay=False),
                          help=Message("Folder of the workbooks; by default 待处理清单 beside the migration.yaml.").text())  # fmt: skip
    books = click.Argument(
        ["books"], nargs=-1, metavar="BOOKS...", type=click.Path(path_type=Path, exists=True, dir_okay=False)
    )
    build = Message("Write a workbook of doubtful values and gaps for everyone who answers for some.")
    collect = Message("Keep what people decided and filled in; the next run applies it.")
    group.add_command(
        command_of("build", build, _build, [project_argument(), output], "crmmigrate tasks build migration.yaml")
    )
    group.add_command(
        command_of(
            "collect",
            collect,
            _collect,
            [project_argument(), books],
            "crmmigrate tasks collect migration.yaml 待处理清单/*.xlsx",
        )
    )
    return group


def _build(project: Path, output: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import project_workspace
    from crmmigrate.model.project import read_project
    from crmmigrate.reports.worklist import FOLDER
    from crmmigrate.runner.tasks import build

    path = project_file(project)
    opened = read_project(path)
    with hints_naming(path, work):
        made = build(opened, project_workspace(path, work), output or opened.file(FOLDER))
    lines = [
        Message("{owner}: {doubts} values to settle, {gaps} records to complete", owner=owner or Message("nobody named"),
                doubts=f"{doubts:,}", gaps=f"{gaps:,}").text()
        for owner, (_, doubts, gaps) in made.items()
    ]  # fmt: skip
    figures = {owner: {"doubts": doubts, "gaps": gaps} for owner, (_, doubts, gaps) in made.items()}
    answer = Answer(result=lines, files=[str(book) for book, _, _ in made.values()], facts={"owners": figures})
    if made:
        answer.next_step = Message(
            "when they come back: {command}", command=f"crmmigrate tasks collect {shell_line(path)} BOOK…"
        ).text()
    else:
        answer.lines = [Message("there is nothing for people to settle").text()]
    return answer.show(format_)


def _collect(project: Path, books: tuple[Path, ...], work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import project_workspace
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.history import loads_told
    from crmmigrate.runner.tasks import keep

    project, books = project_and_files(project, books, "books")
    path = project_file(project)
    settled = keep(read_project(path), books)
    line = Message("{count} cells are settled", count=f"{len(settled):,}").text()
    loaded = any(load.stands for load in loads_told(project_workspace(path, work)))
    step = f"crmmigrate {'delta' if loaded else 'run'} {named_project(path, work)}"  # a second load of all rows asks nobody
    lines = [line, *by_whom(one.by for one in settled)]
    return Answer(lines=lines, facts={"settled": len(settled)}, next_step=step).show(format_)
