"""字段映射确认表, 取值映射表, 未映射字段决定表: a mapping file as a workbook that business people read, change and confirm.

What a row said when the workbook was made is hidden in it, so that a change made in the workbook is told from one made in the
file meanwhile. `mapping_returned` takes it back.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.profile import MEANINGS
from crmmigrate.model.rewriting import written
from crmmigrate.model.valuemap import as_text, meanings_of, read_value_map
from crmmigrate.reports.returned import KEEP, NO, REMOVE, YES
from crmmigrate.reports.seal import batch_of
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crmmigrate.model.document import Document
    from crmmigrate.model.mapping import Mapping as MappingFile
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.suggestion import SourceColumn

NAME = "字段映射确认表.xlsx"
LEAVE_OUT, MIGRATE = Message("leave out"), Message("bring over")
FIELDS, VALUES, DECISIONS = Message("Fields"), Message("Values"), Message("Unmapped columns")
FIELD_KEY, VALUE_KEY, COLUMN_KEY, WAS = "_field", "_value", "_column", "_was"
OF = "of"
"""In what is hidden of a row: the mapping that the workbook was made of."""
TITLES: dict[str, Message | str] = {
    "target": Message("Target field"), "title": Message("Its title"), "kind": Message("What it takes"), "from": Message("Source columns"),
    "steps": Message("What is done"), "default": Message("Where empty"), "required": Message("Required"), "note": Message("Explanation"),
    "decision": Message("Decision"), "by": Message("Confirmed by"), "remark": Message("Remarks"),
    "value": Message("Source value"), "count": Message("Rows"), "meaning": Message("Business meaning"), "code": Message("Target value"),
    "column": Message("Source column"), "holds": Message("What it holds"), "filled": Message("Filled rows"), "to": Message("Goes to"),
    FIELD_KEY: FIELD_KEY, VALUE_KEY: VALUE_KEY, COLUMN_KEY: COLUMN_KEY, WAS: WAS,
}  # fmt: skip
"""Meaning of a column → its header."""

JOINED = " + "
_NOTES = (
    Message("How the data of the old system gets into the new one. Change the tinted cells where the business wants it otherwise, and put your name into 'Confirmed by'."),
    Message("Fields: several source columns are joined by ' + '. The decision 'take out' leaves the field empty in the new system."),
    Message("Values: what each value of the old system is called in the new one. A value without a target value is not brought over, or its row is rejected."),
    Message("Unmapped columns: what is not brought over. To bring a column over, choose so and name the target field."),
    Message("Then: crmmigrate mapping collect WORKBOOK FILE"),
)  # fmt: skip
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL = 32_000


@dataclass(frozen=True)
class Around:
    """What is known besides the mapping file.

    Args:
        schema: the target's tables.
        columns: of the source, by name; empty without data.
    """

    schema: TargetSchema | None = None
    columns: Mapping[str, SourceColumn] = field(default_factory=dict)


def settled(text: str) -> str:
    """Return a text as it comes back from a cell: without what a workbook cannot hold, one kind of line end, no blanks around."""
    plain = _UNWRITABLE.sub("\ufffd", re.sub(r"\r\n?", "\n", text)[:_CELL])
    return plain.strip()


def field_cells(spec: Any) -> dict[str, str]:
    """Return what the file says about a target column, as the texts of the cells that people may change."""
    rules = spec if isinstance(spec, dict) else {"from": spec}
    sources = rules.get("from")
    names = sources if isinstance(sources, list) else [] if sources is None else [sources]
    return {
        "from": settled(JOINED.join(map(str, names))), "default": settled(as_text(rules.get("default")) or ""),
        "required": "true" if rules.get("required") is True else "false" if rules.get("required") is False else "",
        "note": settled(str(rules.get("note") or "")),
    }  # fmt: skip


def value_maps(document: Document, mapping: MappingFile) -> dict[str, dict[str, str | None]]:
    """Return target column → its value map, from the file or the CSV it names; those that cannot be read are left out."""
    found: dict[str, dict[str, str | None]] = {}
    for name, spec in (document.value.get("fields") or {}).items():
        values = spec.get("values") if isinstance(spec, dict) else None
        if isinstance(values, dict):
            found[name] = {word: as_text(value) for word, value in values.items()}
        elif isinstance(values, str):
            try:
                found[name] = read_value_map(mapping.value_file(values), "")
            except ConfigurationError:
                continue  # lint says what is wrong with it
    return found


def write_mapping_sheet(
    path: Path, language: str, document: Document, mapping: MappingFile, around: Around
) -> dict[str, int]:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        document: the mapping file.
        mapping: the same, built.
        around: schema and data, where there are any.

    Returns:
        Sheet → number of its rows.

    Raises:
        OSError: it cannot be written.
    """
    fields = list(_field_rows(document, mapping, around, language))
    values = list(_value_rows(document, mapping, around))
    decisions = list(_decision_rows(mapping, around, language))
    batch = batch_of(document.value)
    sheets = [
        Sheet(FIELDS, _columns("target", "title", "kind", "from*", "steps", "default*", "required*", "note*", "decision*", "by*", "remark*", FIELD_KEY, WAS,
                               choices={"required": (YES, NO), "decision": (KEEP, REMOVE)}), fields, locked=True, batch=batch),
        Sheet(VALUES, _columns("target", "value", "count", "meaning*", "code*", "title", "by*", "remark*", VALUE_KEY, WAS), values, locked=True, batch=batch),
        Sheet(DECISIONS, _columns("column", "holds", "filled", "decision*", "to*", "by*", "remark*", COLUMN_KEY, WAS,
                                  choices={"decision": (LEAVE_OUT, MIGRATE)}), decisions, locked=True, batch=batch),
    ]  # fmt: skip
    roles = [Message("Owner of the data"), Message("IT"), Message("Project lead")]
    title = Message("Mapping of {object}", object=mapping.object)
    write_workbook(path, language, sheets, title=title, notes=_NOTES, signatures=roles)
    return {"fields": len(fields), "values": len(values), "unmapped": len(decisions)}


def _columns(*names: str, choices: dict[str, tuple[Message, ...]] | None = None) -> list[Column]:
    """Return columns by their meaning; `*` marks what people fill in, `_` what is hidden."""
    return [
        Column(TITLES[bare], number=bare in ("count", "filled"), hidden=bare.startswith("_"), entry=name.endswith("*"),
               choices=(choices or {}).get(bare, ()))
        for name in names if (bare := name.rstrip("*"))
    ]  # fmt: skip


def made_of(mapping: MappingFile) -> list[str]:
    """Return the object and the table of a mapping: hidden in every row, so that no other file takes the workbook's answers."""
    return [mapping.object, mapping.target.table]


def _hidden(mapping: MappingFile, key: Any, was: dict[str, Any]) -> list[str]:
    return [json.dumps(key, ensure_ascii=True), json.dumps(was | {OF: made_of(mapping)}, ensure_ascii=True)]


def _field_rows(document: Document, mapping: MappingFile, around: Around, language: str) -> Iterator[list[Any]]:
    specs = document.value.get("fields") or {}
    table = around.schema.tables.get(mapping.target.table) if around.schema else None
    columns = table.columns if table else {}
    unfilled = [name for name, column in columns.items() if name not in specs and not column.identity]
    for name in [*specs, *unfilled]:
        cells = (
            field_cells(specs[name]) if name in specs else dict.fromkeys(("from", "default", "required", "note"), "")
        )
        target = columns.get(name)
        kind = f"{target.type} {target.length}" if target and target.type == "text" else target.type if target else None
        flag = {"true": YES.text(language), "false": NO.text(language)}.get(cells["required"])
        yield [
            settled(name), target.title or None if target else None, kind, cells["from"], steps_of(specs.get(name)), cells["default"], flag, cells["note"],
            None, None, None, *_hidden(mapping, name, cells | {"steps": steps_of(specs.get(name)) or ""}),
        ]  # fmt: skip


def steps_of(spec: Any) -> str | None:
    """Return what happens to a field's value, as the file says it; for reading only."""
    if not isinstance(spec, dict):
        return None
    shown = [
        f"{key}: {written(spec[key])}" for key in ("const", "sql", "do", "lookup", "unmapped", "on_error", "policy") if key in spec
    ]  # fmt: skip
    return settled("\n".join(shown)) or None


def _value_rows(document: Document, mapping: MappingFile, around: Around) -> Iterator[list[Any]]:
    for name, known in value_maps(document, mapping).items():
        spec = mapping.fields.get(name)
        if spec is None:
            continue
        titles = _titles(mapping, around, name)
        counts = (
            around.columns[spec.columns[0]].values
            if len(spec.columns) == 1 and spec.columns[0] in around.columns
            else {}
        )
        meanings = meanings_of(mapping, spec)
        trimmed = {word.strip() for word in known}
        unmapped = [value for value in counts if value not in known and value.strip() not in trimmed and not spec.do]
        undecided = [value for value in meanings if value not in known and value not in unmapped]
        for value in [*known, *unmapped, *undecided]:
            code, meaning = settled(known.get(value) or ""), settled(meanings.get(value, ""))
            yield [
                settled(name), settled(value), counts.get(value) if counts else None, meaning, code, titles.get(code), None, None,
                *_hidden(mapping, [name, value], {"code": code, "mapped": value in known, "meaning": meaning}),
            ]  # fmt: skip


def _titles(mapping: MappingFile, around: Around, name: str) -> dict[str, str]:
    table = around.schema.tables.get(mapping.target.table) if around.schema else None
    column = table.columns.get(name) if table else None
    return dict(around.schema.picklists.get(column.picklist, {})) if around.schema and column else {}


def _decision_rows(mapping: MappingFile, around: Around, language: str) -> Iterator[list[Any]]:
    from fnmatch import fnmatchcase

    read = {column for spec in mapping.fields.values() for column in spec.reads}
    sql = "\n".join(spec.sql for spec in mapping.fields.values())
    patterns = list(mapping.ignore)
    for name in patterns:
        column = around.columns.get(name)
        yield _decision_row(mapping, name, column, "ignored", language)
    for name, column in around.columns.items():
        if name not in read and name not in sql and not any(fnmatchcase(name, pattern) for pattern in patterns):
            yield _decision_row(mapping, name, column, "open", language)


def _decision_row(mapping: MappingFile, name: str, column: SourceColumn | None, state: str, language: str) -> list[Any]:
    holds = MEANINGS[column.meaning].text(language) if column else None
    shown = LEAVE_OUT.text(language) if state == "ignored" else None
    return [
        settled(name),
        holds,
        column.filled if column else None,
        shown,
        None,
        None,
        None,
        *_hidden(mapping, name, {"state": state}),
    ]
