"""`crmmigrate mapping explain`: how one row becomes its target row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import EXISTING_FILE, Answer, command_of, refuse_twice
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from crmmigrate.model.explanation import Column, Explanation
    from crmmigrate.model.mapping import Mapping


def commands() -> list[click.Command]:
    """Return `explain`."""
    params: list[click.Parameter] = [
        click.Argument(["mapping"], type=EXISTING_FILE),
        click.Argument(["row"]),
        click.Option(["--data"], help=Message("The rows; by default those that the workspace holds for the stage map.").text()),
        click.Option(["--reference"], multiple=True,
                     help=Message("A table that values are looked up in, as OBJECT=LOCATION.").text()),
        click.Option(["--show-values"], is_flag=True, help=Message("Show values in full; they may be personal data.").text()),
    ]  # fmt: skip
    return [command_of(
        "explain", Message("Show how one row becomes its row in the target, step by step."), _explain, params,
        "crmmigrate mapping explain mappings/account.crmmap.yaml crm/客户/C00012\n"
        "crmmigrate mapping explain account.crmmap.yaml 12 --data 客户.xlsx --reference user=员工名单.xlsx --show-values",
    )]  # fmt: skip


def _explain(
    mapping: Path,
    row: str,
    data: str | None,
    reference: tuple[str, ...],
    show_values: bool,
    work: Path | None,
    format_: str,
) -> int:
    from crmmigrate.model.mapping import read_mapping
    from crmmigrate.runner.explaining import explain, tables_before_map

    read = read_mapping(mapping)
    if data is None:
        from crmmigrate.cli.workspaces import existing_workspace

        found = explain(read, tables_before_map(existing_workspace(work), read.object), row)
    else:
        found = _from_data(read, row, data, reference, work)
    said = [_said(column, found.record, show=show_values) for column in found.columns]
    answer = Answer(result=_lines(found, said), facts={
        "record": found.record, "origin": found.origin, "table": found.table, "rejected": found.reject, "columns": said,
    })  # fmt: skip
    if not show_values:
        answer.lines = [Message("values are masked; --show-values shows them").text()]
    return answer.show(format_)


def _from_data(mapping: Mapping, row: str, data: str, reference: tuple[str, ...], work: Path | None) -> Explanation:
    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.model.location import Location
    from crmmigrate.model.table import Table, Tables
    from crmmigrate.runner.explaining import explain
    from crmmigrate.runner.single import read_one

    refuse_twice("--reference", reference)
    with context_for(work) as context:
        tables: dict[str, Table] = {}
        wanted = {mapping.object: mapping.source.table}
        for given in (f"{mapping.object}={data}", *reference):
            name, equals, place = given.partition("=")
            if not (name and equals and place):
                raise ConfigurationError(
                    "explain.reference", Message("'{given}' does not say which object it is", given=given), "",
                    Message("for example: {example}", example="--reference user=员工名单.xlsx"),
                )  # fmt: skip
            tables[name] = Table(name, read_one(Location.parse(place), context, wanted=wanted.get(name, name)).path)
        return explain(mapping, Tables(tables), row)


def _said(column: Column, record: str, *, show: bool) -> dict[str, Any]:
    """Return what is told of a column; without `show` all values but the record's own name are masked."""
    from crmmigrate.checks.profile_meaning import hidden

    def shown(value: str | None) -> str | None:
        return value if show or value in (None, record) else hidden(value or "")

    steps = [
        {"what": step.what if isinstance(step.what, str) else step.what.text(), "value": shown(step.value), "codes": list(step.codes),
         "meaning": shown(step.meaning or None)}
        for step in column.steps
    ]  # fmt: skip
    return {"column": column.name, "steps": steps, "value": shown(column.value), "rejected": column.reject}


def _lines(found: Explanation, said: list[dict[str, Any]]) -> list[str]:
    from crmmigrate.model.issue import CODES

    def title(code: str) -> str:
        return CODES[code].text() if code in CODES else code

    origin = f" ({found.origin})" if found.origin else ""
    lines = [f"{found.record}{origin} → {found.table}"]
    for column in said:
        lines.append(column["column"])
        for step in column["steps"]:
            noted = "".join(f"  [{title(code)}]" for code in step["codes"])
            lines.append(f"    {step['what']}: {_quoted(step['value'])}{noted}")
            if step["meaning"]:
                lines.append("      " + Message("the business means by it: {meaning}", meaning=step["meaning"]).text())
        if column["rejected"]:
            lines.append("  ✗ " + Message("the row is rejected: {why}", why=title(column["rejected"])).text())
        else:
            lines.append(f"  = {_quoted(column['value'])}")
    if found.reject:
        lines.append(Message("the row does not arrive: {why}", why=title(found.reject)).text())
    return lines


def _quoted(value: str | None) -> str:
    return "–" if value is None else f"'{value}'"
