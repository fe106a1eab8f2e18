"""`crmmigrate mapping diff`: two versions of a mapping file, in words, for the people who decide on changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import EXISTING_FILE, command_of
from crmmigrate.messages import Message, clauses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.difference import Difference
    from crmmigrate.model.mapping import Mapping


def commands() -> list[click.Command]:
    """Return `diff`."""
    params: list[click.Parameter] = [
        click.Argument(["old"], type=EXISTING_FILE), click.Argument(["new"], type=EXISTING_FILE),
        click.Option(["--data"], help=Message("Source data in which the rows that change are counted.").text()),
    ]  # fmt: skip
    return [command_of(
        "diff", Message("Say what changed between two versions of a mapping file, and what it puts at risk."), _diff, params,
        "crmmigrate mapping diff old/account.crmmap.yaml mappings/account.crmmap.yaml --data 客户.xlsx",
    )]  # fmt: skip


def _diff(old: Path, new: Path, data: str | None, work: Path | None, format_: str) -> int:
    from crmmigrate.checks.difference import compare
    from crmmigrate.model.mapping import read_mapping

    before, after = read_mapping(old), read_mapping(new)
    found = compare(before, after)
    touched = None
    if data:
        found, touched = _counted(before, after, found, data, work)
    risky = sum(one.risk is not None for one in found)
    if format_ == "json":
        _show_json(found, risky, touched)
    else:
        _show_text(found, risky, touched)
    return 1 if risky else 0


def _counted(
    old: Mapping, new: Mapping, found: list[Difference], data: str, work: Path | None
) -> tuple[list[Difference], int]:
    from crmmigrate.cli.workspaces import table_at
    from crmmigrate.runner.comparing import count_rows

    with table_at(data, work, new.source.table) as table:
        return count_rows(old, new, found, table)


def _show_text(found: Sequence[Difference], risky: int, touched: int | None) -> None:
    from crmmigrate.model.difference import KINDS

    for one in found:
        mark = "!" if one.risk else " "
        rows = "" if one.rows is None else "  " + Message("({rows} rows)", rows=f"{one.rows:,}").text()
        told = Message("{kind}: {what}", kind=KINDS[one.kind], what=one.message)
        click.echo(f"{mark} {told.text()}{rows}")
        if one.risk:
            click.echo("    " + Message("risk: {why}", why=one.risk).text())
        click.echo(f"    {one.place}")
    said = [
        Message("{count} differences, {risky} of them risky", count=len(found), risky=risky)
        if found else Message("the two say the same")
    ]  # fmt: skip
    if touched is not None:
        said.append(Message("{rows} rows get other values", rows=f"{touched:,}"))
    click.echo(clauses(said), err=True)


def _show_json(found: Sequence[Difference], risky: int, touched: int | None) -> None:
    differences = [
        {"kind": one.kind, "subject": one.subject, "message": one.message.text(), "risk": one.risk.text() if one.risk else None,
         "place": one.place, "rows": one.rows}
        for one in found
    ]  # fmt: skip
    body = {"status": "findings" if risky else "ok", "run": None,
            "counts": {"differences": len(found), "risky": risky, "rows": touched}, "differences": differences}  # fmt: skip
    click.echo(json.dumps(body, ensure_ascii=False))
