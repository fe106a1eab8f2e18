"""Builds the command of a stage from its declaration: `crmmigrate standardise LOCATION … -o OUT`."""

from __future__ import annotations

import shutil
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import Answer, command_of
from crmmigrate.cli.root import COMMANDS
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.location import Location
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from dataclasses import Field

    from crmmigrate.model.stage import Stage
    from crmmigrate.model.table import Table
    from crmmigrate.runner.execute import Context, Outcome

_SIDE_OUTPUTS = {
    "issues": Message("Where every change and doubt is written."),
    "rejects": Message("Where the rows set aside are written, with their reasons."),
    "crosswalk": Message("Where every input record and its survivor are written."),
    "pairs": Message("Where the compared pairs are written, scored and explained."),
    "review": Message("Where the review workbook is written."),
}
_EXAMPLES = {
    "standardise": "crmmigrate standardise 客户.xlsx --column 手机=phone --column 客户名称=company_name -o clean.csv\n"
    "crmmigrate standardise 客户.xlsx#联系人 --standard standard.yaml --object contact -o clean.parquet",
    "dedupe": "crmmigrate dedupe clean.parquet --object account -o golden.xlsx --pairs pairs.csv --review review.xlsx",
    "map": "crmmigrate map golden.parquet --mapping account.crmmap.yaml -o accounts.csv --rejects rejects.csv",
    "validate": "crmmigrate validate clean.parquet --standard standard.yaml --object account --rejects rejects.xlsx",
    "fill": "crmmigrate fill clean.parquet --standard standard.yaml --reference registry=工商登记.csv -o filled.csv",
    "scope": "crmmigrate scope 客户.xlsx --rules scope.yaml --object account -o kept.csv --rejects excluded.csv",
}


def command(name: str) -> click.Command:
    """Return the command of the stage called `name`."""
    stage = load_stage(name)
    declared = [f for f in fields(stage.options) if "flag" in f.metadata]
    params: list[click.Parameter] = [
        click.Argument(["location"]),
        click.Option(["-o", "--output"], help=Message("Where the result is written: a file, a database#table, or - .").text()),
        click.Option(["--encoding"], default="", help=Message("Encoding of a text file; found out if not given.").text()),
    ]  # fmt: skip
    if not any(f.metadata["flag"] == "--object" for f in declared):
        params.append(click.Option(["--object"], help=Message("The business object the table holds.").text()))
    params += [_parameter(f) for f in declared]
    params += [click.Option([f"--{side}"], help=_SIDE_OUTPUTS[side].text()) for side in stage.writes]

    def callback(**given: Any) -> int:
        return _run(stage, declared, given)

    return command_of(name, COMMANDS[name][1], callback, params, _EXAMPLES.get(name, ""))


def _parameter(declared: Field[Any]) -> click.Option:
    meta = declared.metadata
    kind: Any = click.Choice(meta["choices"]) if meta["choices"] else None
    if meta["read"]:
        kind = click.Path(path_type=Path)
    flag = isinstance(declared.default, bool)
    return click.Option(
        [meta["flag"], declared.name], type=None if flag else kind, is_flag=flag, multiple=meta["multiple"],
        required=meta["required"], help=meta["help"].text(),
        default=None if declared.default in (MISSING, ()) else declared.default,
    )  # fmt: skip


def options_from(stage: Stage, declared: list[Field[Any]], given: dict[str, Any]) -> Any:
    """Turn what the command line gave into an instance of the stage's options class."""
    values = {}
    for f in declared:
        value = given.get(f.name)
        if value is None or value == ():
            continue
        read = f.metadata["read"]
        if read is not None:
            value = tuple(read(path) for path in value) if f.metadata["multiple"] else read(value)
        values[f.name] = value
    return stage.options(**values)


def _run(stage: Stage, declared: list[Field[Any]], given: dict[str, Any]) -> int:
    options = options_from(stage, declared, given)
    location = Location.parse(given["location"])
    output = Location.parse(given["output"]) if given["output"] else None
    if output is None and stage.name != "validate":
        raise ConfigurationError(
            "usage.no-output",
            Message("say where the result goes with -o"),
            hint=Message("-o - writes CSV to standard output"),
        )
    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.runner.single import read_one, run_single, write_out

    with context_for(given["work"]) as context:
        table = read_one(location, context, given["encoding"])
        beside = _references(given.get("reference") or (), context)
        name = given.get("object") or table.name.rpartition(".")[2]
        outcome, main = run_single(stage, name, table, options, context, beside=beside)
        if output is not None and main is not None:
            write_out(main, output)
        files = _side_outputs(stage, outcome, given)
        answer = Answer.of(outcome)
        answer.files = [*([output.shown] if output and not output.is_stream else []), *files]
        return answer.show(given["format_"] if not (output and output.is_stream) else "text")


def _references(named: tuple[str, ...], context: Context) -> dict[str, Table]:
    """Open `name=LOCATION` tables; each is known by its name and, as in a project, by `name.table`."""
    from crmmigrate.runner.single import read_one

    tables: dict[str, Table] = {}
    for text in named:
        name, _, where = text.partition("=")
        if not where:
            raise ConfigurationError("usage.reference", Message("a reference is given as NAME=LOCATION"), text)
        tables[name] = read_one(Location.parse(where), context)
    return tables


def _side_outputs(stage: Stage, outcome: Outcome, given: dict[str, Any]) -> list[str]:
    from crmmigrate.runner.single import write_out

    written = []
    for side in stage.writes:
        if not given.get(side):
            continue
        location = Location.parse(given[side])
        written.append(location.shown)
        if side == "review":
            if not outcome.run.manifest.reports:
                written.pop()
                continue
            shutil.copyfile(outcome.run.folder / "reports" / outcome.run.manifest.reports[0], location.path)
        else:
            tables = {**outcome.tables, "issues": outcome.issues, "rejects": outcome.aside}
            write_out(tables[side], location)
    return written
