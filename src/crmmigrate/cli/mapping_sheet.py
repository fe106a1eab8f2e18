"""`crmmigrate mapping sheet` and `mapping collect`: a mapping file as a workbook for business people, and its way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.drafts import unwritable, write_text
from crmmigrate.cli.options import EXISTING_FILE, Answer, by_whom, command_of, output_option
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message, shell_line, spoken
from crmmigrate.model.document import Document

if TYPE_CHECKING:
    from crmmigrate.model.mapping import Mapping
    from crmmigrate.reports.mapping_returned import Edit, Returned
    from crmmigrate.reports.mapping_sheet import Around

_FILE = click.Argument(["mapping"], type=EXISTING_FILE)


def commands() -> list[click.Command]:
    """Return `sheet` and `collect`."""
    sheet: list[click.Parameter] = [
        _FILE,
        output_option(Message("The workbook; by default beside the mapping file.")),
        click.Option(["--schema"], type=EXISTING_FILE,
                     help=Message("The target's tables: titles, kinds, picklists, and what is not filled.").text()),
        click.Option(["--data"], help=Message("Source data: how often each value stands there, and which columns nobody decided on.").text()),
    ]  # fmt: skip
    collect: list[click.Parameter] = [
        click.Argument(["workbook"], type=EXISTING_FILE), _FILE,
        click.Option(["--plan"], is_flag=True, help=Message("Say what would change; write nothing.").text()),
        click.Option(["--approve"], default="", help=Message("Who approves the mapping file as it is then; every row must be confirmed.").text()),
    ]  # fmt: skip
    return [
        command_of("sheet", Message("Write a mapping file as a workbook for business people to change and confirm."), _sheet, sheet,
                   "crmmigrate mapping sheet account.crmmap.yaml --schema schema.yaml --data 客户.xlsx"),
        command_of("collect", Message("Take over what people changed in the workbook of a mapping file."), _collect, collect,
                   "crmmigrate mapping collect 字段映射确认表.xlsx account.crmmap.yaml --plan\n"
                   "crmmigrate mapping collect 字段映射确认表.xlsx account.crmmap.yaml --approve 王敏"),
    ]  # fmt: skip


def _read(path: Path) -> tuple[Document, Mapping]:
    from crmmigrate.model.mapping import build_mapping

    document = Document.load(path)
    mapping = build_mapping(document)
    document.check()
    return document, mapping


def _sheet(
    mapping: Path, output: Path | None, schema: Path | None, data: str | None, work: Path | None, format_: str
) -> int:
    from crmmigrate.reports.mapping_returned import holds_more
    from crmmigrate.reports.mapping_sheet import NAME, write_mapping_sheet
    from crmmigrate.reports.untouched import refuse_changed

    document, built = _read(mapping)
    path = output or mapping.with_name(f"{built.object}_{NAME}")
    if path.suffix.lower() != ".xlsx":
        raise ConfigurationError(
            "usage.workbook-file", Message("the workbook is an .xlsx file"), str(path),
            Message("name it for example {example}", example=path.with_suffix(".xlsx").name),
        )  # fmt: skip
    refuse_changed(
        path,
        Message("collect it with '{command}' and move it away, or name another with -o", command="mapping collect"),
        lambda: holds_more(path, document, built),
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        counts = write_mapping_sheet(path, spoken(), document, built, _around(schema, data, work, built.source.table))
    except OSError as error:
        raise unwritable(path, error) from error
    step = shell_line("crmmigrate", "mapping", "collect", path, mapping)
    return Answer(files=[str(path)], facts=dict(counts), next_step=step).show(format_)


def _around(schema: Path | None, data: str | None, work: Path | None, table: str) -> Around:
    from crmmigrate.reports.mapping_sheet import Around

    target, columns = None, {}
    if schema is not None:
        from crmmigrate.model.schema import read_target_schema

        target = read_target_schema(schema)
    if data:
        from crmmigrate.cli.workspaces import table_at
        from crmmigrate.runner.suggesting import look_at

        with table_at(data, work, table) as read:
            columns = {column.name: column for column in look_at(read)}
    return Around(target, columns)


def _collect(workbook: Path, mapping: Path, plan: bool, approve: str, work: Path | None, format_: str) -> int:
    del work
    from crmmigrate.reports.mapping_returned import collect

    document, built = _read(mapping)
    returned = collect(workbook, document, built)
    if approve and returned.unconfirmed:
        raise ConfigurationError(
            "mapping.unconfirmed", Message("{count} rows of the workbook are not confirmed by anybody", count=returned.unconfirmed),
            str(workbook), Message("fill in 'Confirmed by' in every row, or collect without --approve"),
        )  # fmt: skip
    if approve and returned.unseen:
        raise ConfigurationError(
            "mapping.unseen", Message("the workbook does not show what the file says of: {names}", names="; ".join(returned.unseen[:5]) + (" …" if len(returned.unseen) > 5 else "")),
            str(workbook), Message("write the workbook anew with 'mapping sheet' and have it confirmed"),
        )  # fmt: skip
    changed = [] if plan else _write(mapping, built, returned, workbook, approve)
    lines = [Message("{place}: remark: {text}", place=place, text=text).text() for place, text in returned.remarks]
    told = [_told(edit) for edit in returned.edits]
    facts = {
        "changes": len(told),
        "remarks": len(lines),
        "confirmed_by": returned.confirmed,
        "unconfirmed": returned.unconfirmed,
    }
    answer = Answer(result=told, lines=lines, files=[str(path) for path in changed], facts=facts)
    if not told:
        answer.lines.insert(0, Message("nothing was changed in the workbook").text())
    elif plan:
        answer.next_step = Message(
            "to do it: {command}", command=shell_line("crmmigrate", "mapping", "collect", workbook, mapping)
        ).text()
    else:
        answer.next_step = shell_line("crmmigrate", "mapping", "lint", mapping)
    answer.lines += by_whom(edit.by for edit in returned.edits)
    return answer.show(format_)


def _told(edit: Edit) -> str:
    return Message(
        "{place}: {what}: {before} → {after}",
        place=edit.place,
        what=edit.what,
        before=edit.before or "–",
        after=edit.after or "–",
    ).text()


def _write(mapping: Path, built: Mapping, returned: Returned, workbook: Path, approve: str) -> list[Path]:
    """Write the changed files, all of them or none that would not be read again.

    Raises:
        Findings: the mapping file would not work; everything stays as it was.
        LocationError: one cannot be written.
    """
    from crmmigrate.model.approval import digest, value_map_texts
    from crmmigrate.model.mapping import build_mapping
    from crmmigrate.model.rewriting import rewritten
    from crmmigrate.model.valuemap import rewritten_value_map

    before = mapping.read_bytes().decode("utf-8")
    text = rewritten(before, returned.value) if returned.edits else before
    value_maps: dict[str, str] = {}
    for name in dict.fromkeys([*returned.csv, *returned.meanings]):
        old = built.value_file(name).read_bytes().decode("utf-8")
        value_maps[name] = rewritten_value_map(old, returned.csv.get(name, {}), returned.meanings.get(name))
    if approve:
        plain = {name: new.removeprefix("\ufeff") for name, new in value_maps.items()}
        wanted = Document.parse(text, str(mapping))
        texts_then = {name: plain.get(name, old) for name, old in value_map_texts(build_mapping(wanted)).items()}
        approved = digest(wanted, texts_then)
        text = rewritten(before, {**returned.value, "approved": {"by": approve, "on": _today(), "digest": approved}})
    document = Document.parse(text, str(mapping))
    build_mapping(document)
    if document.errors:
        raise Findings([ConfigurationError(e.code, e.message, str(workbook), e.hint) for e in document.errors])
    texts = {mapping: text} if text != before else {}
    texts |= {built.value_file(name): new for name, new in value_maps.items()}
    for path, new in texts.items():
        write_text(path, new)
    return list(texts)


def _today() -> str:
    from datetime import datetime

    return f"{datetime.now().astimezone():%Y-%m-%d}"
