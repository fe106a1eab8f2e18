"""`crmmigrate audit`: take stock of any number of places."""

from __future__ import annotations

import gc
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import Answer, Place, command_of, refuse_twice
from crmmigrate.cli.root import COMMANDS
from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.location import Location
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from crmmigrate.runner.execute import Context, Outcome


IN_PLACE = 1_000_000
"""Rows from which on a database table is counted where it lies; smaller ones are read as quickly, and every check sees their rows."""


def command(name: str) -> click.Command:
    """Return `audit`."""
    params: list[click.Parameter] = [
        click.Argument(["locations"], nargs=-1, type=Place(), required=True),
        click.Option(["-o", "--output"], type=click.Path(path_type=Path, file_okay=False), default=Path("audit"),
                     show_default=True, help=Message("Folder of the reports.").text()),
        click.Option(["--gate", "gates"], multiple=True, metavar="RULE",
                     help=Message("A figure that must hold, e.g. {example}; may be given several times.", example="'score>=80'").text()),
        click.Option(["--assume", "assumptions"], multiple=True, metavar="NAME=NUMBER",
                     help=Message("An assumption of the effort estimate, e.g. {example}.", example="pairs_hour=80").text()),
        click.Option(["--compare"], metavar="RUN", help=Message("An earlier audit to compare with: its run or its audit.json.").text()),
        click.Option(["--in-place"], metavar="ROWS", type=click.IntRange(min=0), default=IN_PLACE, show_default=True,
                     help=Message("From so many rows on, columns of a database table whose values repeat are counted by the server instead of being read.").text()),
        click.Option(["--encoding"], default="", help=Message("Encoding of a text file; found out if not given.").text()),
    ]  # fmt: skip
    examples = "crmmigrate audit 旧系统导出/ 工单.db -o audit/\ncrmmigrate audit 旧系统导出/ --gate 'score>=80' --gate 'orphans=0' --compare audit/audit.json -o audit2/"
    return command_of(name, COMMANDS[name][1], _audit, params, examples)


def _audit(
    locations: tuple[str, ...], output: Path, gates: tuple[str, ...], assumptions: tuple[str, ...], compare: str | None,
    in_place: int, encoding: str, work: Path | None, format_: str,
) -> int:  # fmt: skip
    from crmmigrate.checks.profile_compare import read_audit
    from crmmigrate.checks.profile_counted import needs_rows
    from crmmigrate.checks.profile_effort import read_rates
    from crmmigrate.checks.profile_scores import check_gates
    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.model.source import InPlace
    from crmmigrate.reports.inventory import NAME as INVENTORY
    from crmmigrate.reports.untouched import refuse_changed
    from crmmigrate.runner.execute import execute
    from crmmigrate.runner.single import read_tables
    from crmmigrate.stages import load_stage

    # To look for garbage at every 700 objects takes a twentieth of a small audit, which makes hardly any.
    gc.set_threshold(20_000)
    check_gates(gates)
    refuse_twice("--assume", assumptions)
    read_rates(assumptions)
    refuse_changed(output / INVENTORY, Message("move it away, or name another folder with -o"))
    with context_for(work) as context:
        stage = load_stage("audit")
        earlier = read_audit(_earlier(compare, context)) if compare else None
        counting = InPlace(in_place, needs_rows)
        read = read_tables([Location.parse(text) for text in locations], context, encoding, output, counting)
        given = {"compare": earlier, "compared": compare} if earlier else {}
        options = stage.options(gates=gates, assumptions=assumptions, **given)
        outcome = execute(stage, read.tables, options, replace(context, accounted=()))
        files = copy_reports(outcome, output)
        answer = Answer.of(outcome)
        answer.findings[:0] = [finding.text() for finding in read.result.findings]
        answer.files = files
        return answer.show(format_)


def _earlier(text: str, context: Context) -> Path:
    """Return the audit.json that `--compare` names: a file, a folder of reports, or a run of this workspace."""
    path = Path(text)
    if path.is_dir():
        return path / "audit.json"
    if path.is_file() or path.suffix == ".json":
        return path
    run = context.workspace.find(text).run
    return context.workspace.runs_folder / run / "reports" / "audit.json"


def copy_reports(outcome: Outcome, folder: Path) -> list[str]:
    """Copy the reports of a run to a folder and return where they are.

    Raises:
        LocationError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in outcome.run.manifest.reports:
            shutil.copyfile(outcome.run.folder / "reports" / name, folder / name)
    except OSError as error:
        raise LocationError(
            "report.not-writable",
            Message("the report cannot be written: {why}", why=os_reason(error)),
            str(folder),
        ) from error
    return [str(folder / name) for name in outcome.run.manifest.reports]
