"""`crmmigrate mapping suggest`: a first mapping file from a source table and the target's schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.drafts import write_text
from crmmigrate.cli.options import EXISTING_FILE, Answer, Place, command_of, output_option
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, clauses, shell_line, spoken

if TYPE_CHECKING:
    from crmmigrate.model.suggestion import Pair, Suggestion


def commands() -> list[click.Command]:
    """Return `suggest`."""
    params: list[click.Parameter] = [
        click.Argument(["source"], type=Place()),
        click.Argument(["schema"], type=EXISTING_FILE),
        output_option(Message("The mapping file (*.crmmap.yaml); by default standard output.")),
        click.Option(["--table"], default="", help=Message("The target's table; by default the one that fits best.").text()),
        click.Option(["--object"], default="", help=Message("The name of the business object; by default from the table's name.").text()),
        click.Option(["--force"], is_flag=True, help=Message("Write over an existing mapping file.").text()),
    ]  # fmt: skip
    return [command_of(
        "suggest", Message("Suggest a mapping file from a source table and the target's schema."), _suggest, params,
        "crmmigrate mapping suggest 旧CRM导出.xlsx#客户 schema.yaml -o mappings/account.crmmap.yaml",
    )]  # fmt: skip


def _suggest(
    source: str,
    schema: Path,
    output: Path | None,
    table: str,
    object: str,
    force: bool,
    work: Path | None,
    format_: str,
) -> int:
    from crmmigrate.cli.workspaces import table_at
    from crmmigrate.model.location import Location
    from crmmigrate.model.schema import read_target_schema
    from crmmigrate.reports.mapping_draft import draft_text
    from crmmigrate.runner.suggesting import draft_for, look_at

    if output is not None and output.exists() and not force:
        raise ConfigurationError(
            "suggest.exists", Message("this mapping file is there already"), str(output),
            Message("give another name with -o, or --force to write over it"),
        )  # fmt: skip
    described = read_target_schema(schema)
    with table_at(source, work) as read:
        beside = output.parent if output else Path()
        draft = draft_for(read, look_at(read), described, table, object, beside)
    text = draft_text(draft, spoken())
    answer = Answer(facts=_facts(draft.suggestion, draft.table))
    answer.lines = [_told(pair) for pair in draft.suggestion.pairs]
    if draft.suggestion.unmapped:
        answer.lines.append(Message("without a place: {columns}", columns=", ".join(draft.suggestion.unmapped)).text())
    if output is None:
        answer.facts["mapping"] = text
        answer.result = [text.rstrip()]
        return answer.show(format_)
    write_text(output, text)
    answer.files = [str(output)]
    data = Location.parse(source).shown
    answer.next_step = shell_line("crmmigrate", "mapping", "lint", output, "--schema", schema, "--data", data)
    return answer.show(format_)


def _told(pair: Pair) -> str:
    reasons = clauses(pair.reasons)
    return f"{pair.target} ← {pair.source}  {pair.confidence:.0%}  {reasons}".rstrip()


def _facts(suggestion: Suggestion, table: str) -> dict[str, Any]:
    return {
        "table": table,
        "pairs": [
            {"source": pair.source, "target": pair.target, "confidence": pair.confidence,
             "reasons": [reason.text() for reason in pair.reasons]}
            for pair in suggestion.pairs
        ],
        "unmapped": list(suggestion.unmapped), "open": list(suggestion.open),
    }  # fmt: skip
