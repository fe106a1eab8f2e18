"""`crmmigrate uat`: hand customers out to the people who know them, and take their verdicts back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import Answer, Number, command_of, group_of, project_and_files, project_argument
from crmmigrate.cli.root import COMMANDS
from crmmigrate.errors import WAITING
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from crmmigrate.model.acceptance import Conclusion, UserResult


def command(name: str) -> click.Group:
    """Return the group `uat`."""
    group = group_of(name, COMMANDS[name][1])
    build: list[click.Parameter] = [
        project_argument(),
        click.Option(["--by"], default="", help=Message("Column of the customers that names the key user; by default their owner.").text()),
        click.Option(["--share"], type=Number(0, 1, min_open=True), default=0.2, show_default=True,
                     help=Message("Part of everyone's customers that is drawn; 1 for all.").text()),
        click.Option(["--prove"], type=Number(0, 1, min_open=True),
                     help=Message("Draw enough to prove this error rate if no error is found, e.g. 0.01.").text()),
        click.Option(["-o", "--output"], type=click.Path(path_type=Path, file_okay=False),
                     help=Message("Folder of the workbooks; by default 用户验收 beside the migration.yaml.").text()),
    ]  # fmt: skip
    books = click.Argument(["books"], nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
    wanted = click.Option(
        ["--prove"], type=Number(0, 1, min_open=True),
        help=Message("The error rate to be proven; by default the one the workbooks were made for.").text(),
    )  # fmt: skip
    group.add_command(
        command_of(
            "build", Message("Write a workbook for every key user: their customers, the old value beside the new one."), _build, build,
            "crmmigrate uat build migration.yaml\ncrmmigrate uat build migration.yaml --prove 0.01",
        )
    )  # fmt: skip
    group.add_command(
        command_of(
            "collect", Message("Keep the verdicts that came back and say what they prove."), _collect, [project_argument(), books, wanted],
            "crmmigrate uat collect migration.yaml 用户验收/*.xlsx",
        )
    )  # fmt: skip
    return group


def _build(
    project: Path, by: str, share: float, prove: float | None, output: Path | None, work: Path | None, format_: str
) -> int:
    from crmmigrate.cli.project import open_pipeline
    from crmmigrate.reports.acceptance_sheet import FOLDER
    from crmmigrate.runner.acceptance import build

    with open_pipeline(project, work) as pipeline:
        folder = output or pipeline.project.file(FOLDER)
        made = build(pipeline, folder, by=by, share=share, prove=prove)
        lines = [
            Message("{user}: {drawn} of {count} customers", user=user or Message("nobody named"), drawn=f"{drawn:,}", count=f"{count:,}").text()
            for user, (_, drawn, count) in made.books.items()
        ]  # fmt: skip
        told = Message(
            "{drawn} customers drawn; {needed} without an error prove an error rate of at most {wanted} (95 %)",
            drawn=f"{made.drawn:,}", needed=f"{made.needed:,}", wanted=f"{made.wanted:.2%}",
        )  # fmt: skip
        answer = Answer(made.run, result=[*lines, told.text()], files=[str(book) for book, _, _ in made.books.values()])
        answer.facts = {
            "users": {user: {"drawn": drawn, "customers": count} for user, (_, drawn, count) in made.books.items()},
            "drawn": made.drawn, "needed": made.needed, "wanted": made.wanted,
        }  # fmt: skip
        if made.unowned:
            answer.lines.append(
                Message(
                    "nothing says whose customers these are: one workbook for everybody; write 'owner:' with the column under '{object}' in {standard}, or give --by COLUMN",
                    object=made.unowned, standard=pipeline.project.standard or "standard.yaml",
                ).text()
            )  # fmt: skip
        if made.dropped:
            answer.findings.append(
                Message(
                    "other customers or values are handed out than before: the verdicts on {count} customers collected so far count no more",
                    count=f"{made.dropped:,}",
                ).text()
            )
        answer.next_step = Message(
            "when they come back: {command}", command=f"crmmigrate uat collect {pipeline.named} BOOK…"
        ).text()
        return answer.show(format_)


def _collect(project: Path, books: tuple[Path, ...], prove: float | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.project import open_pipeline
    from crmmigrate.cli.steps import judge_gates
    from crmmigrate.reports.acceptance_report import sentences
    from crmmigrate.runner.acceptance_collect import collect

    project, books = project_and_files(project, books, "books", some=False)
    with open_pipeline(project, work) as pipeline:
        got = collect(pipeline, books, prove)
        found = got.conclusion
        answer = Answer(got.run, result=[sentence.text() for sentence in sentences(found)], files=got.reports)
        errors = found.count("wrong") + found.count("unsure")
        if errors:
            answer.findings.append(Message("{count} customers have an error or a doubt", count=errors).text())
        answer.findings += [
            Message("{user}: does not agree", user=_name(user)).text() for user in found.owing()["refused"]
        ]
        answer.findings += [_undated(user) for user in found.undated()]
        waiting = _waiting(found)
        answer.lines += waiting
        answer.facts = {
            "judged": found.judged, "drawn": found.drawn, "population": found.population, "wrong": found.count("wrong"),
            "unsure": found.count("unsure"), "open": found.count("open"), "void": found.count("void"), "bound": found.bound,
            "needed": found.needed, "signed_share": found.signed_share, "complete": found.complete,
        }  # fmt: skip
        if {pipeline.project.gates.acceptance_error_rate, pipeline.project.gates.acceptance_share} != {"off"}:
            judge_gates(pipeline, answer, pipeline.steps)
        code = answer.show(format_)
        return code or (WAITING if waiting else 0)


def _name(user: UserResult) -> str:
    return user.user or Message("nobody named").text()


def _undated(user: UserResult) -> str:
    """Return why the day beside a signature is none on which it counts."""
    signature = user.signature
    if signature is None:
        return ""
    why = (
        Message("{place}: '{text}' lies before the load or after the workbook came back, so the workbook of {user} counts as not signed; write the day of the signature and collect it again",
                place=signature.place, text=signature.undated, user=_name(user))
        if signature.impossible else
        Message("{place}: '{text}' is no day that can be told for certain, so the workbook of {user} counts as not signed; write the day like 2026-11-28 and collect it again",
                place=signature.place, text=signature.undated, user=_name(user))
    )  # fmt: skip
    return why.text()


def _waiting(found: Conclusion) -> list[str]:
    """Return what people still owe."""
    owing = found.owing()
    told = [Message("{user}: the workbook did not come back yet", user=_name(user)).text() for user in owing["waiting"]]
    told += [Message("{user}: the workbook is not signed", user=_name(user)).text() for user in owing["unsigned"]]
    if left := found.count("open") + found.count("void"):
        told.append(Message("{count} customers wait for a verdict", count=left).text())
    return told
