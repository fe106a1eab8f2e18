"""Commands over one run: rollback, which also undoes a rollback, and close."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import Answer, command_of, project_file, undo_line
from crmmigrate.cli.permission import check_confirmed
from crmmigrate.cli.project import open_pipeline
from crmmigrate.cli.root import COMMANDS
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.workspace import Workspace

KEPT_EDITS = 6


def command(name: str) -> click.Command:
    """Return the command called `name`."""
    callback, params, example = _rollback_command() if name == "rollback" else _close_command()
    return command_of(name, COMMANDS[name][1], callback, params, example)


def project_of(workspace: Workspace) -> Path:
    """Return the migration.yaml beside a workspace.

    Raises:
        ConfigurationError: there is none.
    """
    path = workspace.folder.parent / "migration.yaml"
    if not path.exists():
        raise ConfigurationError(
            "project.not-found", Message("no migration.yaml lies beside the workspace"), str(workspace.folder),
            Message("name it with --project"),
        )  # fmt: skip
    return path


def _rollback_command() -> tuple[Callable[..., int], list[click.Parameter], str]:
    params: list[click.Parameter] = [
        click.Argument(["run"]),
        click.Option(["--apply"], is_flag=True, help=Message("Do it; without this the plan is printed.").text()),
        click.Option(["--rehearse"], is_flag=True,
                     help=Message("Do it in one transaction that is taken back at the end, and file how long it took.").text()),
        click.Option(["--object", "objects"], multiple=True, help=Message("Only this object; may be repeated.").text()),
        click.Option(["--batch", "batches"], multiple=True, type=int, help=Message("Only this batch; may be repeated.").text()),
        click.Option(["--key", "keys"], multiple=True,
                     help=Message("Only this row, by its record or its key in the target; with one --object.").text()),
        click.Option(["--project"], type=click.Path(path_type=Path), help=Message("The migration.yaml of the load.").text()),
        click.Option(["--confirm"], help=Message("The name of a target marked 'production'.").text()),
    ]  # fmt: skip
    example = "crmmigrate rollback last\ncrmmigrate rollback RUN\ncrmmigrate rollback RUN --rehearse\ncrmmigrate rollback RUN --apply\ncrmmigrate rollback RUN --object account --key crm/客户/C00012"
    return _rollback, params, example


def _rollback(
    run: str, apply: bool, rehearse: bool, objects: tuple[str, ...], batches: tuple[int, ...], keys: tuple[str, ...], project: Path | None,
    confirm: str | None, work: Path | None, format_: str,
) -> int:  # fmt: skip
    from crmmigrate.cli.workspaces import existing_workspace
    from crmmigrate.runner.undo import undo

    workspace = existing_workspace(work or (project_file(project).parent / "work" if project else None))
    if rehearse and (apply or objects or batches or keys):
        raise ConfigurationError(
            "usage.rehearse", Message("--rehearse is about a whole load, and goes without --apply"), run,
            Message("crmmigrate rollback {run} --rehearse", run=run),
        )  # fmt: skip
    with open_pipeline(project or project_of(workspace), workspace.folder) as pipeline:
        if rehearse:
            check_confirmed(pipeline.project, confirm)  # rows are locked meanwhile
            return _rehearsed(pipeline, run).show(format_, quiet_counts=True)
        if apply:
            check_confirmed(pipeline.project, confirm)
        part = {"objects": objects, "batches": batches, "keys": keys}
        outcome = undo(pipeline, run, apply=apply, part=part, tell=lambda said: click.echo(said.text(), err=True))
        answer = Answer.of(outcome)
        answer.result = undo_lines(outcome.result.facts)
        if outcome.tables["kept"].rows:
            answer.files.append(str(outcome.tables["kept"].path))
        if not apply:
            named = {"--object": objects, "--batch": batches, "--key": keys}
            chosen = [word for flag, values in named.items() for value in values for word in (flag, value)]
            undoes = outcome.result.facts["undoes"]
            command_line = undo_line(pipeline.named, workspace.folder, undoes, *map(str, chosen), "--apply")
            answer.next_step = Message("to do it: {command}", command=command_line).text()
        code = answer.show(format_, quiet_counts=True)
        return KEPT_EDITS if apply and outcome.result.facts.get("kept") else code


def _rehearsed(pipeline: Pipeline, run: str) -> Answer:
    from crmmigrate.model.told_time import lasting
    from crmmigrate.runner.undo import rehearse

    outcome = rehearse(pipeline, run)
    answer = Answer.of(outcome)
    facts = outcome.result.facts
    answer.result = [
        *undo_lines(facts), Message("rehearsed: the rollback takes {time}; nothing was changed", time=lasting(facts["seconds"])).text(),
    ]  # fmt: skip
    return answer


def undo_lines(facts: dict[str, Any]) -> list[str]:
    """Tell what becomes of the changes, and whether the target is as before."""
    from crmmigrate.model.target import OUTCOME_TITLES, PLANNED_TITLES

    titles = OUTCOME_TITLES if facts["applied"] or facts.get("rehearsed") else PLANNED_TITLES
    lines = [Message("{count} changes of {run}:", count=f"{facts['changes']:,}", run=facts["undoes"]).text()]
    lines += [f"  {facts[word]:>9,} {title.text()}" for word, title in titles.items() if facts[word]]
    if facts["digest_equal"] is True and facts["redo"]:
        lines.append(
            Message("what the rollback took away is there again, but for what was kept: the digests agree").text()
        )
    elif facts["digest_equal"] is True:
        lines.append(
            Message("the target is as it was before the load, but for what was kept: the digests agree").text()
        )
    elif facts["digest_equal"] is False and not facts["redo"]:
        lines.append(Message("the target is NOT as it was before the load: the digests differ").text())
    return lines


def _close_command() -> tuple[Callable[..., int], list[click.Parameter], str]:
    params: list[click.Parameter] = [
        click.Argument(["run"]),
        click.Option(["--confirm"], help=Message("The run's id once more: what is purged cannot be undone.").text()),
        click.Option(["--project"], type=click.Path(path_type=Path), help=Message("The migration.yaml of the load.").text()),
    ]  # fmt: skip
    return _close, params, "crmmigrate close RUN --confirm RUN"


def _close(run: str, confirm: str | None, project: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import existing_workspace, hints_beside

    workspace = existing_workspace(work or (project_file(project).parent / "work" if project else None))
    with hints_beside(workspace, project):
        manifest = workspace.find(run)
        if confirm != manifest.run:
            raise ConfigurationError(
                "usage.confirm", Message("after this the load cannot be undone any more"), manifest.run,
                Message("if that is meant, add --confirm {run}", run=manifest.run),
            )  # fmt: skip
    with (
        open_pipeline(project or project_of(workspace), workspace.folder) as pipeline,
        pipeline.open_target() as target,
    ):
        noted = pipeline.context.workspace.begin("close", parent=manifest.run)
        purged = target.purge(manifest.run)
        noted.manifest.facts = {"purged": purged}
        noted.end("done", 0)
    line = Message("{count} images purged", count=f"{purged:,}").text()
    return Answer(manifest.run, {}, lines=[line], facts={"purged": purged}).show(format_)
