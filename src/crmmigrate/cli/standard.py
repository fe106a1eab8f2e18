"""`crmmigrate standard`: lint a data standard, let business people change and sign it, hand it to other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.drafts import unwritable
from crmmigrate.cli.lint import FORMATS, show
from crmmigrate.cli.options import Answer, by_whom, command_of, group_of
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message, shell_line, spoken
from crmmigrate.model.document import Document

if TYPE_CHECKING:
    from crmmigrate.reports.standard_sheet import Change

_FILE = click.Argument(["standard"], type=click.Path(path_type=Path, exists=True, dir_okay=False))


def command(name: str) -> click.Group:
    """Return the group `standard`."""
    group = group_of(name, Message("Lint the data standard, let the business sign it, export it."))
    for made in (_lint_command(), _sheet_command(), _collect_command(), _export_command()):
        group.add_command(made)
    return group


def _lint_command() -> click.Command:
    paths = click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path))
    return command_of("lint", Message("Find mistakes in data standards."), _lint, [paths],
                      "crmmigrate standard lint standard.yaml", formats=FORMATS)  # fmt: skip


def _lint(paths: tuple[Path, ...], work: Path | None, format_: str) -> int:
    from crmmigrate.model.missing import refuse_missing
    from crmmigrate.runner.standard_lint import findings

    del work
    refuse_missing(paths)
    return show([finding for path in paths for finding in findings(path)], [str(path) for path in paths], format_)


def _sheet_command() -> click.Command:
    output = click.Option(["-o", "--output"], type=click.Path(path_type=Path, dir_okay=False), default=None,
                          help=Message("The workbook; by default beside the standard.").text())  # fmt: skip
    about = Message("Write the standard as a workbook for business people to change and sign.")
    return command_of("sheet", about, _sheet, [_FILE, output], "crmmigrate standard sheet standard.yaml")


def _sheet(standard: Path, output: Path | None, work: Path | None, format_: str) -> int:
    del work
    from crmmigrate.reports.administrator import duties
    from crmmigrate.reports.standard_sheet import NAME, columns_of, holds_more, write_standard_sheet
    from crmmigrate.reports.untouched import refuse_changed
    from crmmigrate.standards import NAMES, check_standard, load

    data = check_standard(standard)
    document = Document.load(standard)
    explained = {name: load(name).title for name in NAMES}
    path = output or standard.with_name(NAME)
    refuse_changed(
        path,
        Message("collect it with '{command}' and move it away, or name another with -o", command="standard collect"),
        lambda: holds_more(path, document, NAMES),
    )
    try:
        write_standard_sheet(path, spoken(), document.value, explained, list(duties(data, explained)))
    except OSError as error:
        raise unwritable(path, error) from error
    count = sum(1 for _ in columns_of(document.value))
    step = shell_line("crmmigrate", "standard", "collect", path, standard)
    return Answer(counts={}, files=[str(path)], facts={"columns": count}, next_step=step).show(format_)


def _collect_command() -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["workbook"], type=click.Path(path_type=Path, exists=True, dir_okay=False)), _FILE,
        click.Option(["--plan"], is_flag=True, help=Message("Say what would change; write nothing.").text()),
    ]  # fmt: skip
    about = Message("Take over what people changed in the workbook of a standard.")
    return command_of(
        "collect", about, _collect, params, "crmmigrate standard collect 数据标准表.xlsx standard.yaml --plan"
    )


def _collect(workbook: Path, standard: Path, plan: bool, work: Path | None, format_: str) -> int:
    del work
    from crmmigrate.model.rewriting import rewritten
    from crmmigrate.reports.standard_sheet import collect
    from crmmigrate.standards import NAMES

    collected = collect(workbook, Document.load(standard), NAMES)
    lines = [_told(change) for change in collected.changes]
    remarks = [Message("{place}: remark: {text}", place=place, text=text).text() for place, text in collected.remarks]
    if collected.changes and not plan:
        text = standard.read_bytes().decode("utf-8")
        _replace(standard, rewritten(text, collected.value), workbook)
    answer = Answer(result=lines, lines=remarks, facts={"changes": len(lines), "remarks": len(remarks)})
    if not lines:
        answer.lines.insert(0, Message("nothing was changed in the workbook").text())
    elif plan:
        answer.next_step = Message(
            "to do it: {command}", command=shell_line("crmmigrate", "standard", "collect", workbook, standard)
        ).text()
    else:
        answer.files = [str(standard)]
    answer.lines += by_whom(change.by for change in collected.changes)
    return answer.show(format_)


def _told(change: Change) -> str:
    """Say one change in a line."""
    from crmmigrate.reports.standard_sheet import FIELDS

    given = {"place": change.place, "object": change.object, "column": change.column}
    if not change.field:
        new = Message("{place}: new column {object}.{column}", **given)
        return (new if change.after else Message("{place}: column {object}.{column} is taken out", **given)).text()
    return Message(
        "{place}: {object}.{column}, {field}: {before} → {after}", field=FIELDS[change.field], before=change.before or "–",
        after=change.after or "–", **given,
    ).text()  # fmt: skip


def _replace(standard: Path, text: str, workbook: Path) -> None:
    """Put the new text in the place of the file, if it is a standard that works.

    Raises:
        Findings: it does not; the file stays as it was.
        LocationError: it cannot be written.
    """
    from crmmigrate.standards import check_standard

    draft = standard.with_name(f".{standard.name}.draft")
    try:
        draft.write_bytes(text.encode())
        check_standard(draft)
        draft.replace(standard)
    except OSError as error:
        raise unwritable(standard, error) from error
    except Findings as errors:
        told = [ConfigurationError(e.code, e.message, str(workbook), e.hint) for e in errors.errors]
        raise Findings(told) from errors
    finally:
        draft.unlink(missing_ok=True)


def _export_command() -> click.Command:
    params: list[click.Parameter] = [
        _FILE,
        click.Option(["--object"], required=True, help=Message("The object of the standard.").text()),
        click.Option(["-o", "--output"], required=True, type=click.Path(path_type=Path, dir_okay=False),
                     help=Message("The file of the schema, YAML.").text()),
    ]  # fmt: skip
    about = Message("Write the standard of an object as a pandera schema.")
    return command_of("export", about, _export, params, "crmmigrate standard export standard.yaml --object account -o account.pandera.yaml")  # fmt: skip


def _export(standard: Path, object: str, output: Path, work: Path | None, format_: str) -> int:
    del work
    from crmmigrate.model.standard import object_standards
    from crmmigrate.standards import check_standard, pandera_schema

    data = check_standard(standard)
    spec = object_standards(data, [object], object)[object]
    try:
        output.write_text(pandera_schema(spec, data.folder).to_yaml(), encoding="utf-8")
    except OSError as error:
        raise unwritable(output, error) from error
    line = Message(
        "in Python: crmmigrate.standards.load_pandera_schema('{file}').validate(table, lazy=True)", file=output
    )
    return Answer(files=[str(output)], lines=[line.text()], facts={"columns": len(spec.columns)}).show(format_)
