"""`crmmigrate schema`: the JSON Schemas of the files that people write."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crmmigrate.cli.drafts import write_text
from crmmigrate.cli.options import Answer, command_of
from crmmigrate.cli.root import COMMANDS
from crmmigrate.messages import Message
from crmmigrate.model.text_width import padded


def command(name: str) -> click.Command:
    """Return `schema`."""
    from crmmigrate.runner.file_kinds import KINDS

    params: list[click.Parameter] = [
        click.Argument(["kind"], type=click.Choice(list(KINDS)), required=False, metavar="[KIND]"),
        click.Option(["-o", "--output"], type=click.Path(path_type=Path, file_okay=False),
                     help=Message("A folder for the schemas of all kinds, or of the one that is named.").text()),
    ]  # fmt: skip
    example = "crmmigrate schema\ncrmmigrate schema mapping > mapping.schema.json\ncrmmigrate schema -o .schemas"
    return command_of(name, COMMANDS[name][1], _schema, params, example)


def _schema(kind: str | None, output: Path | None, work: Path | None, format_: str) -> int:
    from crmmigrate.runner.file_kinds import KINDS, json_schema, schema_file

    del work
    if output is None and kind is not None:  # it is JSON whatever the format
        click.echo(_text(json_schema(kind)))
        return 0
    if output is None:
        lines = [f"{padded(name, 12)}{padded(one.pattern, 20)}{one.title.text()}" for name, one in KINDS.items()]
        facts = {"kinds": {name: {"pattern": one.pattern, "title": one.title.text()} for name, one in KINDS.items()}}
        return Answer(result=lines, facts=facts).show(format_)
    answer = Answer()
    for name in KINDS if kind is None else [kind]:
        path = output / schema_file(name)
        write_text(path, _text(json_schema(name)) + "\n")
        answer.files.append(str(path))
    return answer.show(format_)


def _text(schema: object) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1)
