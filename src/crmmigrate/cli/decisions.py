"""`crmmigrate decisions`: what people decided about duplicates, and how a merge is split again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import (
    Answer,
    command_of,
    group_of,
    hints_naming,
    named_project,
    project_argument,
    project_file,
)
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, shell_line
from crmmigrate.model.decision import Split
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from crmmigrate.model.decision import Told

_DONE = {"merge": Message("merge"), "separate": Message("keep apart")}


def command(name: str) -> click.Group:
    """Return the group `decisions`."""
    group = group_of(name, Message("Look at what people decided about duplicates, and split a merge again."))
    project = project_argument()
    listed = Message("List the decisions that hold: pair, verdict, who, why, and where it was read.")
    group.add_command(command_of("list", listed, _list, [project], "crmmigrate decisions list migration.yaml"))
    group.add_command(_undo_command())
    group.add_command(_remove_command())
    return group


def _list(project: Path, work: Path | None, format_: str) -> int:
    from crmmigrate.model.decision import latest
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.decisions import kept_decisions, removable

    path = project_file(project)
    opened = read_project(path)
    with hints_naming(path, work), removable(opened):
        held, contradictions = latest(kept_decisions(opened))
    lines = [
        "  ".join(filter(None, (_DONE[d.verdict].text(), d.object, *_named(d), d.reviewer, d.reason, d.place)))
        for d in held
    ]
    answer = Answer(result=lines, facts={"decisions": [_facts(d) for d in held]})
    taken_back = sum(later.verdict == "undecided" for _, later in contradictions)
    if count := len(contradictions) - taken_back:
        answer.lines.append(
            Message("{count} earlier decisions said the opposite; they no longer hold", count=count).text()
        )
    if taken_back:
        told = Message(
            "{count} earlier decisions were taken back by a later 'undecided'; they no longer hold", count=taken_back
        )
        answer.lines.append(told.text())
    if not held and not contradictions:
        answer.lines.append(Message("nobody decided anything yet").text())
    return answer.show(format_)


def _named(decision: Told) -> list[str]:
    """Return the two records, or the sides of a group that was taken apart."""
    if isinstance(decision, Split):
        return [" | ".join(" ".join(side) for side in decision.sides)]
    return [decision.record_a, decision.record_b]


def _facts(decision: Told) -> dict[str, Any]:
    if isinstance(decision, Split):
        about: dict[str, Any] = {"records": decision.records, "sides": [list(side) for side in decision.sides]}
        chosen: list[str] = []
    else:
        about = {"records": [decision.record_a, decision.record_b]}
        chosen = [choice.column for choice in decision.choices]
    return {
        "object": decision.object, **about, "verdict": decision.verdict, "reason": decision.reason, "reviewer": decision.reviewer,
        "place": decision.place, "chosen": chosen,
    }  # fmt: skip


def _project_option() -> click.Option:
    return click.Option(
        ["--project"], type=click.Path(path_type=Path), default=None,
        help=Message("The migration.yaml; by default the one here.").text(),
    )  # fmt: skip


def _undo_command() -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["group"]),
        click.Argument(["records"], nargs=-1),
        _project_option(),
        click.Option(["--reason"], default="", help=Message("Why; it is kept with the decision.").text()),
        click.Option(["--by"], default="", help=Message("Who decides.").text()),
        click.Option(["--crosswalk"], help=Message("Without a project: the crosswalk that dedupe wrote.").text()),
        click.Option(["-o", "--output"], type=click.Path(path_type=Path, dir_okay=False),
                     help=Message("Without a project: the workbook to give dedupe with --decisions (.xlsx).").text()),
    ]  # fmt: skip
    about = Message(
        "Split a merged group again, named by any record or key in it: all of it, or only the records named behind it. "
        "The decision is kept; the next run restores records, crosswalk and children."
    )
    example = (
        "crmmigrate decisions undo crm/客户/C00012 --reason 两家独立公司 --by 王敏\n"
        "crmmigrate decisions undo crm/客户/C00012 erp/ERP客户档案/K0077\n"
        "crmmigrate decisions undo C00012 --crosswalk crosswalk.csv -o undo.xlsx"
    )
    return command_of("undo", about, _undo, params, example)


def _undo(
    group: str, records: tuple[str, ...], project: Path | None, reason: str, by: str, crosswalk: str | None,
    output: Path | None, work: Path | None, format_: str,
) -> int:  # fmt: skip
    if bool(crosswalk) != bool(output) or (crosswalk and project):
        raise ConfigurationError(
            "usage.undo", Message("give a project, or --crosswalk and -o"),
            hint=Message("for example: {names}", names="crmmigrate decisions undo C00012 --crosswalk crosswalk.csv -o undo.xlsx"),
        )  # fmt: skip
    if crosswalk and output:
        if output.suffix.lower() != ".xlsx":
            raise ConfigurationError(
                "usage.undo-file", Message("the workbook of a decision is an .xlsx file"), str(output),
                Message("name it for example {example}", example=output.with_suffix(".xlsx")),
            )  # fmt: skip
        return _undo_alone(group, records, (reason, by), crosswalk, output, work).show(format_)
    from crmmigrate.cli.workspaces import project_workspace
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.decisions import removable, split

    path = project_file(project or Path(PROJECT))
    opened = read_project(path)
    with hints_naming(path, work), removable(opened):
        made = split(opened, project_workspace(path, work), group, records, reason=reason, by=by)
    answer = _told(made)
    answer.next_step = _by_next_run(path, work)
    return answer.show(format_)


def _by_next_run(path: Path, work: Path | None) -> str:
    return Message("to do it: {command}", command=f"crmmigrate run {named_project(path, work)} --to dedupe").text()


def _undo_alone(
    group: str, records: tuple[str, ...], why: tuple[str, str], crosswalk: str, output: Path, work: Path | None
) -> Answer:
    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.model.location import Location
    from crmmigrate.reports.untouched import refuse_changed
    from crmmigrate.runner.decisions import splitting, write_book
    from crmmigrate.runner.single import check_outputs, read_one

    place = Location.parse(crosswalk)
    check_outputs([place], [Location(str(output))])
    refuse_changed(output, Message("move it away, or name another with -o"))
    with context_for(work) as context:
        made = splitting(read_one(place, context), group, records, reason=why[0], by=why[1])
    write_book(output, made)
    answer = _told(made)
    answer.files = [str(output)]
    option = f"--decisions {shell_line(output)}"
    answer.next_step = Message(
        "run dedupe again as before, with every --decisions that it was given then and {option} behind them",
        option=option,
    ).text()
    return answer


def _told(made: Split) -> Answer:
    """Tell which records are kept apart from which: those of one side may stay merged."""
    records = made.records
    line = (
        Message("{count} records are kept apart from each other from the next run on:", count=len(records))
        if len(records) == len(made.sides)
        else Message("from the next run on the records of each line are kept apart from those of the others; what stands in one line may stay merged:")
    )  # fmt: skip
    sides = [f"  {', '.join(side)}" for side in made.sides]
    return Answer(
        result=[line.text(), *sides], facts={"records": records, "sides": len(made.sides), "apart": made.sides}
    )


def _remove_command() -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["book"]),
        _project_option(),
    ]
    about = Message(
        "Take back a workbook of decisions that a project keeps, named as `decisions list` names it or as it was given. "
        "It is put aside in decisions/removed; the next run is as if it had never come."
    )
    example = "crmmigrate decisions remove review.xlsx\ncrmmigrate decisions remove 20260102T080000000000Z-review.xlsx --project migration.yaml"
    return command_of("remove", about, _remove, params, example)


def _remove(book: str, project: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.decisions import remove

    path = project_file(project or Path(PROJECT))
    aside, count = remove(read_project(path), book)
    told = Message("decisions that no longer hold: {count}", count="?" if count < 0 else f"{count:,}").text()
    answer = Answer(result=[told], files=[str(aside)], facts={"removed": aside.name, "decisions": count})
    answer.next_step = _by_next_run(path, work)
    return answer.show(format_)
