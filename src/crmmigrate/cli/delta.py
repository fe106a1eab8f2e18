"""delta: bring the target up to date with the sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import Answer, command_of, project_argument
from crmmigrate.cli.permission import check_half_undone, check_mappings, guard, load_options
from crmmigrate.cli.project import open_pipeline
from crmmigrate.cli.root import COMMANDS
from crmmigrate.cli.steps import steps_answer
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, clauses, labelled, shell_line
from crmmigrate.model.delta import DELETES, ROLLED_BACK
from crmmigrate.model.left_out import told_given_back
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from crmmigrate.model.delta import Deletes, RolledBack
    from crmmigrate.runner.delta import Compared
    from crmmigrate.runner.pipeline import Pipeline

_DONE = {
    "inserted": Message("{count} inserted"), "updated": Message("{count} updated"), "archived": Message("{count} archived"),
    "deleted": Message("{count} deleted"), "withheld": Message("{count} left alone because people edited them"),
}  # fmt: skip


def command(name: str) -> click.Command:
    """Return the command."""
    params: list[click.Parameter] = [
        project_argument(),
        click.Option(["--since"], default="", help=Message("The load to compare with; the newest that stands by default. An older one only tells what changed since.").text()),
        click.Option(["--apply"], is_flag=True, help=Message("Do it; without this the plan is printed.").text()),
        click.Option(["--deletes"], type=click.Choice(DELETES), default="keep", show_default=True,
                     help=Message("What happens in the target to records that are gone from the sources.").text()),
        click.Option(["--rolled-back"], type=click.Choice(ROLLED_BACK), default="leave", show_default=True,
                     help=Message("What happens to rows that a rollback of chosen parts took out, or gave back what they held, though their load stands.").text()),
        click.Option(["--decided"], type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help=Message("A workbook of conflicts in which people decided; with --apply.").text()),
        *load_options(),
    ]  # fmt: skip
    example = "crmmigrate delta migration.yaml\ncrmmigrate delta migration.yaml --apply\ncrmmigrate delta migration.yaml --deletes archive --apply"
    return command_of(name, COMMANDS[name][1], _delta, params, example)


def _delta(
    project: Path, since: str, apply: bool, deletes: Deletes, rolled_back: RolledBack, decided: Path | None, confirm: str | None,
    ignore_window: bool, take_over: bool, work: Path | None, format_: str,
) -> int:  # fmt: skip
    from crmmigrate.runner import delta

    with open_pipeline(project, work) as pipeline:
        if apply:
            guard(pipeline, confirm, ignore_window=ignore_window, take_over=take_over)
            _refuse_unfinished(pipeline)
            check_mappings(pipeline.project)
        else:
            check_half_undone(pipeline)  # what it would compare with is there in part
        if decided:
            if not apply or since or deletes != "keep" or rolled_back != "leave":
                raise ConfigurationError(
                    "usage.decided",
                    Message("--decided goes with --apply and without --since, --deletes and --rolled-back"),
                    str(decided),
                )
            answer = steps_answer(delta.decide(pipeline, decided), pipeline)
            answer.next_step = _to_decide(answer, pipeline) or answer.next_step
            return answer.show(format_)
        compared = delta.compare(pipeline, since, deletes, rolled_back)
        lines = _lines(compared)
        if not apply:
            asked = {"--since": since, "--deletes": deletes, "--rolled-back": rolled_back}
            return _planned(compared, pipeline, lines, asked).show(format_)
        compared = delta.apply(pipeline, compared)
        wrote = compared.steps[-1].name == "load"
        answer = steps_answer(compared.steps, pipeline) if wrote else Answer.of(compared.outcome, pipeline.named)
        answer.facts["delta"] = dict(compared.outcome.result.facts)
        answer.result = [*lines, *(answer.result if wrote else [])]
        if wrote:
            answer.result += _done(compared)
            left = told_given_back(compared.outcome.result.facts["objects"].values(), pipeline.named)
            answer.result += [note.text() for note in left]
            reconcile = Message("crmmigrate reconcile {project}", project=pipeline.named).text()
            answer.next_step = _to_decide(answer, pipeline) or reconcile
        return answer.show(format_)


def _to_decide(answer: Answer, pipeline: Pipeline) -> str:
    """Return what people do about conflicts that the delta met; nothing where it met none."""
    from crmmigrate.reports.conflicts import CONFLICT_BOOK

    book = next((name for name in answer.files if Path(name).name == CONFLICT_BOOK), "")
    if not book:
        return ""
    return Message(
        "decide about the conflicts in {book}, then: crmmigrate delta {project} --decided {book} --apply; to look at the target as it is: crmmigrate reconcile {project}",
        book=shell_line(book), project=pipeline.named,
    ).text()  # fmt: skip


def _refuse_unfinished(pipeline: Pipeline) -> None:
    from crmmigrate.runner.standing import unfinished_load

    if unfinished := unfinished_load(pipeline):
        raise ConfigurationError(
            "delta.unfinished-load", Message("the load {run} was stopped and is not finished", run=unfinished), str(pipeline.project.folder),
            Message("finish it first: crmmigrate load {project} --resume", project=PROJECT),
        )  # fmt: skip


def _planned(compared: Compared, pipeline: Pipeline, lines: list[str], asked: dict[str, str]) -> Answer:
    answer = Answer.of(compared.outcome, pipeline.named)
    answer.result = [*lines, *_would(compared.outcome.result.facts["planned"])]
    if compared.work and compared.outcome.result.facts["newest"]:
        words = [f" {shell_line(flag, word)}" for flag, word in asked.items() if word not in ("", "keep", "leave")]
        line = f"crmmigrate delta {pipeline.named}{''.join(words)} --apply"
        answer.next_step = Message("to do it: {command}", command=line).text()
    return answer


def _lines(compared: Compared) -> list[str]:
    """Tell per object what is new, changed and gone."""
    from crmmigrate.reports.delta import COUNT_TITLES

    lines = [Message("compared with the load {run}:", run=compared.since).text()]
    for name, counts in compared.outcome.result.facts["objects"].items():
        told = [f"{counts[word]:,} {title.text()}" for word, title in COUNT_TITLES.items() if counts[word]]
        lines.append("  " + labelled(name, clauses(told)))
    return lines


def _would(planned: dict[str, dict[str, int]]) -> list[str]:
    from crmmigrate.reports.delta import PLANNED_TITLES

    sums = {word: sum(figures[word] for figures in planned.values()) for word in PLANNED_TITLES}
    return [f"  {sums[word]:>9,} {title.text()}" for word, title in PLANNED_TITLES.items() if sums[word]]


def _done(compared: Compared) -> list[str]:
    facts: dict[str, Any] = compared.steps[-1].manifest.facts["delta"]
    told = [
        Message.again(title.template, {"count": f"{facts[word]:,}"}) for word, title in _DONE.items() if facts[word]
    ]
    return [clauses(told) if told else Message("nothing was changed in the target").text()]
