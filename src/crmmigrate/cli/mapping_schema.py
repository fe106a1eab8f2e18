"""`crmmigrate mapping schema`: the target's tables as a file that mapping files are checked against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.drafts import write_text
from crmmigrate.cli.options import Answer, Place, command_of, output_option
from crmmigrate.messages import Message, shell_line

if TYPE_CHECKING:
    from crmmigrate.model.schema import TargetSchema


def commands() -> list[click.Command]:
    """Return `schema`."""
    params: list[click.Parameter] = [
        click.Argument(["target"], type=Place()),
        output_option(Message("The schema.yaml; by default standard output.")),
        click.Option(["--table"], multiple=True, help=Message("Only this table; may be given several times.").text()),
    ]  # fmt: skip
    return [command_of(
        "schema", Message("Describe the target's tables, from its database or from the import template of a CRM."), _schema, params,
        "crmmigrate mapping schema postgresql://crm@host/crm -o schema.yaml\n"
        "crmmigrate mapping schema 客户导入模板.xlsx -o schema.yaml\n"
        "crmmigrate mapping schema 'tryton+https://crm:${env:TRYTON_PASSWORD}@host/crm' --table party.party -o schema.yaml",
    )]  # fmt: skip


def _schema(target: str, output: Path | None, table: tuple[str, ...], work: Path | None, format_: str) -> int:
    from crmmigrate.model.location import Location
    from crmmigrate.model.schema_text import schema_text
    from crmmigrate.reports.untouched import marked_text, refuse_changed

    del work
    if output is not None:
        refuse_changed(output, Message("move it away, or name another with -o"))
    location = Location.parse(target)
    schema = _described(location, table)
    head = Message("The tables of {place}, as of {day}.", place=location.shown, day=_today())
    text = schema_text(schema, [head.text()])
    answer = Answer(facts={"tables": {name: len(spec.columns) for name, spec in schema.tables.items()}})
    answer.lines = [
        Message("{table}: {columns} columns, {required} of them required", table=name, columns=len(spec.columns),
                required=sum(column.must_be_mapped for column in spec.columns.values())).text()
        for name, spec in schema.tables.items()
    ]  # fmt: skip
    if output is None:
        answer.facts["schema"] = text
        answer.result = [text.rstrip()]
        return answer.show(format_)
    write_text(output, marked_text(text))
    answer.files = [str(output)]
    answer.next_step = f"crmmigrate mapping suggest SOURCE {shell_line(output)} -o mappings/…"
    return answer.show(format_)


def _described(location: object, wanted: tuple[str, ...]) -> TargetSchema:
    from dataclasses import replace

    from crmmigrate.errors import ConfigurationError
    from crmmigrate.model.document import nearest_or_all
    from crmmigrate.model.location import Location
    from crmmigrate.sources._detect import format_of

    assert isinstance(location, Location)  # noqa: S101
    if not location.is_database and location.path.is_file() and format_of(location.path) == "database":
        location = Location(f"sqlite:///{location.path.as_posix()}", location.table)
    if location.is_database:
        from crmmigrate.targets import APIS, described, open_target
        from crmmigrate.targets.database import DatabaseTarget
        from crmmigrate.targets.describing import describe

        if location.scheme in APIS:
            return described(Location(location.address), wanted or ((location.table,) if location.table else ()))
        with open_target(Location(location.address)) as target:
            assert isinstance(target, DatabaseTarget)  # noqa: S101
            return describe(target, wanted or ((location.table,) if location.table else ()))
    from crmmigrate.sources._template import read_template

    schema = read_template(location.path)
    names = wanted or ((location.table,) if location.table else ())
    for name in names:
        if name not in schema.tables:
            raise ConfigurationError(
                "schema.unknown-table", Message("no table is called '{name}'", name=name), str(location.path), nearest_or_all(name, schema.tables),
            )  # fmt: skip
    if not names:
        return schema
    tables = {name: schema.tables[name] for name in names}
    used = {column.picklist for spec in tables.values() for column in spec.columns.values()}
    return replace(
        schema, tables=tables, picklists={name: codes for name, codes in schema.picklists.items() if name in used}
    )


def _today() -> str:
    from datetime import datetime

    return f"{datetime.now().astimezone():%Y-%m-%d}"
