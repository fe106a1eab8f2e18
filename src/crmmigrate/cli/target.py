"""`crmmigrate target create`: the tables of a schema.yaml in a database."""

from __future__ import annotations

from pathlib import Path

import click

from crmmigrate.cli.options import Answer, Place, command_of, group_of
from crmmigrate.cli.root import COMMANDS
from crmmigrate.messages import Message


def command(name: str) -> click.Command:
    """Return the group `target`."""
    params: list[click.Parameter] = [
        click.Argument(["url"], type=Place()),
        click.Option(["--schema"], type=click.Path(path_type=Path), required=True,
                     help=Message("The schema.yaml that describes the tables.").text()),
    ]  # fmt: skip
    example = "crmmigrate target create sqlite:///crm.db --schema schema.yaml"
    create = command_of("create", COMMANDS[name][1], _create, params, example)
    return group_of(name, COMMANDS[name][1], [create])


def _create(url: str, schema: Path, work: Path | None, format_: str) -> int:
    from crmmigrate.model.location import Location
    from crmmigrate.model.schema import read_target_schema
    from crmmigrate.targets import open_target

    del work  # nothing is kept
    described = read_target_schema(schema)
    location = Location.parse(url)
    if location.file is not None:
        location.file.parent.mkdir(parents=True, exist_ok=True)
    with open_target(location, schema=described) as target:
        target.create(described)
    line = Message("{count} tables are ready in {place}", count=len(described.tables), place=location.shown)
    return Answer(lines=[line.text()], facts={"tables": list(described.tables)}).show(format_)
