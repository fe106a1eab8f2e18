"""数据标准表: the data standard as a workbook that business people read, change and sign, and its way back into the YAML.

Each row is one column of one object. What a row said when the workbook was made is hidden in it, so that a change made in
the workbook is told from one made in the file meanwhile.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.document import Document, nearest
from crmmigrate.reports.returned import KEEP, NO, REMOVE, YES, or_unreadable, read_back, signed_by, signers
from crmmigrate.reports.seal import batch_of
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crmmigrate.reports.returned import Line

NAME = "数据标准表.xlsx"
_ANEW = Message("write the workbook anew with 'standard sheet' and change it there")
_OBJECT, _COLUMN, _KEY, _WAS = Message("Object"), Message("Column"), "_key", "_was"
_DECISION, _BY, _REMARK = Message("Decision"), Message("Confirmed by"), Message("Remarks")
_BLANK = 20
"""Rows for columns that the business wants to add."""
FIELDS: dict[str, Message] = {
    "standard": Message("Standard"), "required": Message("Required"), "wanted": Message("To be filled in"), "unique": Message("No two alike"),
    "max_length": Message("Longest"), "values": Message("Allowed values"), "parts": Message("Parts go to"),
    "options": Message("Other options"),
}  # fmt: skip
_TITLES: dict[str, Message | str] = {
    "object": _OBJECT, "column": _COLUMN, **FIELDS, "decision": _DECISION, "by": _BY, "remark": _REMARK, _KEY: _KEY, _WAS: _WAS,
}  # fmt: skip
_FLAGS = ("required", "wanted", "unique")
_OWN = frozenset(FIELDS) - {"options"}
_NOTES = (
    Message("What every column must look like before it goes into the new system. Change the tinted cells where the business wants it otherwise."),
    Message("Allowed values are separated by semicolons; a value's other spellings stand behind it: manufacturing=making|production. A list kept in a file is named by the file."),
    Message("A row filled in below the others, with object and column, adds a column; the decision 'take out' removes one. Write your name beside what you change, or on the sheet for signatures."),
    Message("Then: crmmigrate standard collect WORKBOOK standard.yaml"),
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One cell of the standard that people want otherwise; `field` is empty where a whole column comes or goes, `by` where nobody gave a name."""

    place: str
    object: str
    column: str
    field: str
    before: str
    after: str
    by: str = ""


@dataclass
class Collected:
    """What came back: the standard as it is wanted, the changes, and the remarks."""

    value: Any
    changes: list[Change] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    """Who put a name beside a row without changing it."""


def holds_more(path: Path, document: Document, standards: Sequence[str]) -> bool:
    """Whether people wrote into a workbook what the standard does not say yet; arguments as of `collect`."""

    def found() -> bool:
        back = collect(path, document, standards)
        return bool(back.changes or back.remarks or back.confirmed or signers(path, "standard"))

    return or_unreadable(found)


def write_standard_sheet(
    path: Path, language: str, value: Any, explained: Mapping[str, Message], duties: Sequence[Sequence[Any]]
) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        value: the standard.yaml as `Document.load` gives it.
        explained: name of each standard → what it asks for.
        duties: rows for the new system's administrator: object, column, what to set up, why.
    """
    admin = Sheet(
        Message("To set up in the new system"),
        [Column(_OBJECT), Column(_COLUMN), Column(Message("Rule")), Column(Message("What to set up")), Column(Message("Done by"), entry=True)],
        [[*duty, None] for duty in duties], locked=True,
    )  # fmt: skip
    known = Sheet(
        Message("Standards"), [Column(FIELDS["standard"]), Column(Message("What it asks for"))],
        [[name, explained[name]] for name in sorted(explained)], locked=True,
    )  # fmt: skip
    sheets = [
        Sheet(
            Message("Data standard"),
            _columns(),
            list(_rows(value, explained, language)),
            locked=True,
            batch=batch_of(value),
            blank=_BLANK,
        ),
        admin,
        known,
    ]
    roles = [Message("Owner of the data"), Message("IT"), Message("Project lead")]
    write_workbook(path, language, sheets, title=Message("Data standard"), notes=_NOTES, signatures=roles)


def _columns() -> list[Column]:
    choices = dict.fromkeys(_FLAGS, (YES, NO))
    entries = [Column(title, entry=True, choices=choices.get(name, ())) for name, title in FIELDS.items()]
    return [
        Column(_OBJECT), Column(_COLUMN), entries[0], Column(Message("What it asks for")), *entries[1:],
        Column(_DECISION, entry=True, choices=(KEEP, REMOVE)), Column(_BY, entry=True), Column(_REMARK, entry=True),
        Column(_KEY, hidden=True), Column(_WAS, hidden=True),
    ]  # fmt: skip


def _rows(value: Any, explained: Mapping[str, Message], language: str) -> Iterator[list[Any]]:
    for name, column, spec in columns_of(value):
        cells = rendered(spec)
        standard = cells["standard"] or ("enum" if cells["values"] else "text")
        shown = [_in_words(cells[key], language) if key in _FLAGS else cells[key] or None for key in FIELDS]
        yield [
            name, column, shown[0], explained.get(standard), *shown[1:], None, None, None,
            json.dumps([name, column], ensure_ascii=False), json.dumps(cells, ensure_ascii=False),
        ]  # fmt: skip


def _in_words(flag: str, language: str) -> str | None:
    return (YES if flag == "true" else NO).text(language) if flag else None


def columns_of(value: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield object, column and what the file says about it."""
    objects = value.get("objects") if isinstance(value, dict) else None
    for name, spec in (objects or {}).items():
        columns = spec.get("columns") if isinstance(spec, dict) else None
        for column, rules in (columns or {}).items():
            yield name, column, rules


def rendered(spec: Any) -> dict[str, str]:
    """Return what the file says about a column as the texts of the workbook's cells."""
    rules = spec if isinstance(spec, dict) else {}
    cells = {name: _cell(rules.get(name)) for name in _OWN}
    options = {name: rules[name] for name in rules if name not in _OWN}
    return {name: cells[name] if name in cells else _cell(options) for name in FIELDS}


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "; ".join(
            f"{key}={_cell(child)}" if child not in (None, "") else str(key) for key, child in value.items()
        )
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
    return str(value)


def collect(path: Path, document: Document, standards: Sequence[str]) -> Collected:
    """Read a workbook that came back and return the standard as it is wanted.

    Args:
        path: the workbook.
        document: the standard.yaml as it is now.
        standards: names of all standards there are.

    Raises:
        LocationError: the workbook cannot be read.
        ConfigurationError: it is none of ours.
        Findings: cells that cannot be read, and cells that were changed in the file meanwhile; nothing is taken over.
    """
    made_by = Message("give the workbook that 'standard sheet' wrote")
    errors: list[ConfigurationError] = []
    needed = ("object", "column", "standard", _KEY)
    lines = read_back(path, _TITLES, needed, code="standard", made_by=made_by, altered=errors)
    signer = signed_by(path, "standard")
    collected = Collected(deepcopy(document.value))
    for line in lines:
        try:
            _take(line, line["by"] or signer, collected, standards)
        except ConfigurationError as error:
            errors.append(error)
    if errors:
        raise Findings(errors)
    return collected


def _take(line: Line, by: str, collected: Collected, standards: Sequence[str]) -> None:
    name, column = _key_of(line)
    if line["remark"]:
        collected.remarks.append((line.place, line["remark"]))
    objects = collected.value.get("objects") or {}
    if name not in objects:
        raise ConfigurationError(
            "standard.unknown-object", Message("the standard has no object '{name}'", name=name), line.place,
            nearest(name, objects) or Message("known are: {words}", words=", ".join(objects)),
        )  # fmt: skip
    columns = objects[name].setdefault("columns", {})
    if line.word("decision", {KEEP: "keep", REMOVE: "remove"}) == "remove":
        if column in columns:
            del columns[column]
            collected.changes.append(Change(line.place, name, column, "", column, "", by))
        return
    is_new = column not in columns
    spec = columns.get(column)
    was = line.hidden(_WAS, _ANEW) if line[_WAS] else {}
    wanted = _wanted(line, spec, was, standards)
    if line["by"] and line[_WAS] and all(_returned_cell(line, name) == was.get(name, "") for name in FIELDS):
        collected.confirmed.append(line["by"])
    if is_new:
        collected.changes.append(Change(line.place, name, column, "", "", column, by))
    elif not wanted:
        return
    rules = dict(spec) if isinstance(spec, dict) else {}
    for what, (before, after) in wanted.items():
        collected.changes.append(Change(line.place, name, column, what, before, after, by))
        _set(rules, what, after, line.place)
    columns[column] = rules


def _key_of(line: Line) -> tuple[str, str]:
    if line[_KEY]:
        name, column = line.hidden(_KEY, _ANEW)
        return str(name), str(column)
    if not (line["object"] and line["column"]):
        raise ConfigurationError(
            "standard.row-without-column", Message("this row names no object or no column"), line.place,
            Message("write both, or take the row out"),
        )  # fmt: skip
    return line["object"], line["column"]


def _returned_cell(line: Line, name: str) -> str:
    return line.word(name, {YES: "true", NO: "false"}) if name in _FLAGS else line[name]


def _wanted(line: Line, spec: Any, was: dict[str, str], standards: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return field → (now, wanted) of the cells that people changed."""
    now = rendered(spec)
    wanted: dict[str, tuple[str, str]] = {}
    for name, title in FIELDS.items():
        cell = _returned_cell(line, name)
        if name == "standard" and cell and cell not in standards:
            raise ConfigurationError(
                "standard.unknown",
                Message("no standard is called '{name}'", name=cell),
                line.place,
                nearest(cell, standards),
            )
        if cell == was.get(name, "") or cell == now[name]:
            continue
        if now[name] != was.get(name, ""):
            raise ConfigurationError(
                "standard.conflict",
                Message("'{field}' of '{column}' was changed here and in the file", field=title, column=line["column"]),
                line.place, _ANEW,
            )  # fmt: skip
        wanted[name] = (now[name], cell)
    return wanted


def _set(rules: dict[str, Any], name: str, cell: str, place: str) -> None:
    """Write the text of a cell into what the file says about a column."""
    if name == "options":
        for key in [key for key in rules if key not in _OWN]:
            del rules[key]
        rules.update(_pairs(cell))
    elif not cell:
        rules.pop(name, None)
    elif name in _FLAGS:
        rules[name] = cell == "true"
    elif name == "max_length":
        if not cell.isdecimal():
            raise ConfigurationError("standard.word", Message("a whole number is expected here"), place)
        rules[name] = int(cell)
    elif name in ("values", "parts"):
        pairs = {key: "" if value is None else str(value) for key, value in _pairs(cell).items()}
        is_file = name == "values" and cell.lower().endswith(".csv")
        named = pairs if name == "values" else {key: value or key for key, value in pairs.items()}
        rules[name] = cell if is_file else named if any(pairs.values()) else list(pairs)
    else:
        rules[name] = cell


def _pairs(cell: str) -> dict[str, Any]:
    """Read `a=1; b; c=x|y`: text, numbers and true/false as in YAML; None where nothing stands behind the name."""
    pairs: dict[str, Any] = {}
    for piece in cell.replace("；", ";").replace("\n", ";").split(";"):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if name:
            pairs[name] = _scalar(value) if equals else None
    return pairs


def _scalar(text: str) -> str | int | bool:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() and str(int(text)) == text else text
