"""`crmmigrate golive`: the checklist before the button is pressed, the runbook of the cutover, the register of risks, the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import Answer, command_of, group_of, project_argument
from crmmigrate.cli.project import open_pipeline
from crmmigrate.errors import WAITING
from crmmigrate.messages import Message, shell_line

if TYPE_CHECKING:
    from crmmigrate.model.golive import Decision


def command(name: str) -> click.Group:
    """Return the group `golive`."""
    group = group_of(name, Message("Decide on going live by evidence and by named people."))
    book = click.Option(["--book", "books"], multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
                        help=Message("A checklist in which people answered; it is kept for later checks.").text())  # fmt: skip
    output = click.Option(["-o", "--output"], type=click.Path(path_type=Path, file_okay=False),
                          help=Message("Folder of the workbooks; by default beside the migration.yaml.").text())  # fmt: skip
    check = Message("Say go or no-go: go only when every item of the checklist is ticked (exit code 0).")
    build = Message("Write the checklist, the runbook of the cutover and the register of risks for people to fill in.")
    bundle = click.Option(
        ["-o", "--output"], type=click.Path(path_type=Path, dir_okay=False), help=Message("The .zip file.").text()
    )
    evidence = Message("Pack manifests, log and reports without personal data into one file, with their digests.")
    group.add_command(command_of("check", check, _check, [project_argument(), book], "crmmigrate golive check\ncrmmigrate golive check --book 上线检查清单.xlsx"))  # fmt: skip
    group.add_command(command_of("build", build, _build, [project_argument(), output], "crmmigrate golive build"))
    group.add_command(
        command_of(
            "evidence", evidence, _evidence, [project_argument(), bundle], "crmmigrate golive evidence -o 验收证据.zip"
        )
    )
    return group


def _check(project: Path, books: tuple[Path, ...], work: Path | None, format_: str) -> int:
    from crmmigrate.runner.golive import check

    with open_pipeline(project, work) as pipeline:
        run, decision = check(pipeline, books)
    answer = Answer(run.manifest.run, {}, facts=dict(run.manifest.facts), result=_lines(decision))
    answer.findings = [
        Message("no-go: {item} ({state}) {step}", item=one.item.title, state=_state(one.state), step=one.step).text().strip()
        for one in decision.open
    ]  # fmt: skip
    answer.files = [str(run.folder / "reports" / name) for name in run.manifest.reports]
    code = answer.show(format_)
    return WAITING if code and decision.only_people else code


def _state(state: str) -> Message:
    from crmmigrate.model.golive import STATES

    return STATES[state]  # type: ignore[index]


def _lines(decision: Decision) -> list[str]:
    from crmmigrate.model.golive import GROUPS

    lines = []
    for group, title in GROUPS.items():
        own = [one for one in decision.items if one.item.group == group]
        done = sum(one.state == "ticked" for one in own)
        lines.append(Message("{group}: {done} of {total} ticked", group=title, done=done, total=len(own)).text())
    return [*lines, (Message("GO") if decision.go else Message("NO-GO")).text()]


def _build(project: Path, output: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.reports.golive_sheet import NAME
    from crmmigrate.runner.golive_books import build

    with open_pipeline(project, work) as pipeline:
        folder = output or pipeline.project.file(".")
        made, left = build(pipeline, folder)
    answer = Answer(files=[str(path) for path in made])
    answer.lines = [Message("{file} is left as it is: people wrote in it; move it away to have it made anew", file=path).text() for path in left]  # fmt: skip
    command_line = f"crmmigrate golive check {pipeline.named} {shell_line('--book', folder / NAME)}"
    answer.next_step = Message("when it comes back: {command}", command=command_line).text()
    return answer.show(format_)


def _evidence(project: Path, output: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.runner.golive_books import bundle

    with open_pipeline(project, work) as pipeline:
        path, count, left_out = bundle(pipeline, output or pipeline.project.file("验收证据.zip"))
    lines = [Message("{count} files packed; {left_out} reports that hold personal data are named with their digests only", count=count, left_out=left_out).text()]  # fmt: skip
    return Answer(lines=lines, files=[str(path)], facts={"files": count, "left_out": left_out}).show(format_)
