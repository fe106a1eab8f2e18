"""Take back the workbook of a mapping file: what people changed, where it contradicts the file, and whether all is confirmed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.approval import digest, value_map_texts
from crmmigrate.model.document import nearest
from crmmigrate.model.valuemap import as_text, meanings_of
from crmmigrate.reports.mapping_sheet import (
    COLUMN_KEY,
    FIELD_KEY,
    JOINED,
    LEAVE_OUT,
    MIGRATE,
    OF,
    TITLES,
    VALUE_KEY,
    WAS,
    field_cells,
    made_of,
    settled,
    steps_of,
    value_maps,
)
from crmmigrate.reports.returned import KEEP, NO, REMOVE, YES, or_unreadable, read_back, signed_by, signers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from crmmigrate.model.document import Document
    from crmmigrate.model.mapping import Mapping as MappingFile
    from crmmigrate.reports.returned import Line

_ANEW = Message("write the workbook anew with 'mapping sheet' and change it there")
_FLAGS = {YES: "true", NO: "false"}


@dataclass(frozen=True)
class Edit:
    """One cell that people want otherwise.

    Args:
        place: `book.xlsx!sheet!12`.
        what: the target column, with the source value where one is meant; or the source column.
        before: what the file says; `after` what it shall say.
        by: who confirmed the row, else who signed the workbook; empty where nobody did.
    """

    place: str
    what: str
    before: str
    after: str
    by: str = ""


@dataclass
class Returned:
    """What a workbook asks for.

    Args:
        value: the mapping file as it is wanted.
        csv: name of a value map's file → source value → target, of what changes in it.
        meanings: the same → what the business means by the value.
        edits: what changes.
        remarks: place and text of what people wrote beside it.
        confirmed: who confirmed rows.
        unconfirmed: how many rows nobody confirmed.
        unseen: what the file says of fields and values, and the workbook did not show, so that nobody confirmed it.
    """

    value: Any
    csv: dict[str, dict[str, str | None]] = field(default_factory=dict)
    meanings: dict[str, dict[str, str]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    unconfirmed: int = 0
    unseen: list[str] = field(default_factory=list)


def collect(path: Path, document: Document, mapping: MappingFile) -> Returned:
    """Read a workbook that came back.

    Raises:
        LocationError: it cannot be read.
        ConfigurationError: it is none of ours, or was made of another mapping file.
        Findings: cells that cannot be read, and what was changed here and in the file; then nothing is taken over.
    """
    returned = Returned(deepcopy(document.value))
    errors: list[ConfigurationError] = []
    takers: tuple[tuple[str, Callable[[Line, Returned, _File], None]], ...] = (
        (FIELD_KEY, _take_field), (VALUE_KEY, _take_value), (COLUMN_KEY, _take_column),
    )  # fmt: skip
    maps = value_maps(document, mapping)
    file = _File(document, maps, {name: meanings_of(mapping, mapping.fields[name]) for name in maps})
    found = 0
    signer = signed_by(path, "mapping")
    for key, take in takers:
        for line in _lines(path, key, errors, optional=bool(found)):
            found += 1
            _refuse_other(line, path, mapping)
            before = len(returned.edits)
            _note(line, returned)
            try:
                take(line, returned, file)
            except ConfigurationError as error:
                errors.append(error)
            returned.edits[before:] = [replace(edit, by=line["by"] or signer) for edit in returned.edits[before:]]
    if errors:
        raise Findings(errors)
    returned.unseen += file.never_shown()
    if document.value.get("ignore") and not returned.value["ignore"]:
        del returned.value["ignore"]
    return returned


def holds_more(path: Path, document: Document, mapping: MappingFile) -> bool:
    """Whether people wrote into a workbook what the mapping file does not say yet; arguments as of `collect`."""

    def found() -> bool:
        back = collect(path, document, mapping)
        approved = mapping.approved.digest == digest(document, value_map_texts(mapping))
        signed = back.confirmed or signers(path, "mapping")
        return bool(back.edits or back.remarks or (signed and not approved))

    return or_unreadable(found)


@dataclass(frozen=True)
class _File:
    """The mapping file as it is now."""

    document: Document
    maps: Mapping[str, dict[str, str | None]]
    meanings: Mapping[str, dict[str, str]]
    shown: set[str | tuple[str, str]] = field(default_factory=set)
    """Fields, and values of fields, that the workbook has a row for."""

    @property
    def fields(self) -> dict[str, Any]:
        return self.document.value.get("fields") or {}

    def never_shown(self) -> list[str]:
        """Return the fields, and the values of fields, that the workbook has no row for."""
        fields = [name for name in self.fields if settled(name) not in self.shown]
        values = [(name, value) for name, known in self.maps.items() for value in known if name not in fields]
        return fields + [f"{name}, {value}" for name, value in values if (name, value) not in self.shown]


def _lines(path: Path, key: str, errors: list[ConfigurationError], *, optional: bool) -> Iterator[Line]:
    made_by = Message("give the workbook that 'mapping sheet' wrote")
    try:
        yield from read_back(path, TITLES, (key, WAS), code="mapping", made_by=made_by, altered=errors)
    except ConfigurationError as error:
        if not (
            optional and error.code == "mapping.no-sheet"
        ):  # people may have taken a sheet out that they had nothing to say about
            raise


def _refuse_other(line: Line, path: Path, mapping: MappingFile) -> None:
    """Refuse a workbook of another mapping: fields of the same name would be taken over, and the rest left alone without a word."""
    of = dict(line.hidden(WAS, _ANEW)).get(OF)
    if of and of != made_of(mapping):
        raise ConfigurationError(
            "mapping.other-file", Message("the workbook is of the mapping of '{object}' to the table '{table}'", object=of[0], table=of[1]),
            str(path), Message("give the mapping file it was made from"),
        )  # fmt: skip


def _note(line: Line, returned: Returned) -> None:
    if line["remark"]:
        returned.remarks.append((line.place, line["remark"]))
    if not line["by"]:
        returned.unconfirmed += 1
    elif line["by"] not in returned.confirmed:
        returned.confirmed.append(line["by"])


def _conflict(line: Line, what: str) -> ConfigurationError:
    return ConfigurationError(
        "mapping.conflict", Message("'{name}' was changed here and in the file", name=what), line.place, _ANEW
    )


def _take_field(line: Line, returned: Returned, file: _File) -> None:
    name, was = str(line.hidden(FIELD_KEY, _ANEW)), dict(line.hidden(WAS, _ANEW))
    steps = was.pop("steps", None)
    was.pop(OF, None)
    is_there = name in file.fields
    file.shown.add(settled(name))
    now = field_cells(file.fields[name]) if is_there else dict.fromkeys(was, "")
    wanted = {key: line.word(key, _FLAGS) if key == "required" else settled(line[key]) for key in was}
    if any(now[key] not in (was[key], wanted[key]) for key in was) or (
        is_there and steps is not None and steps != (steps_of(file.fields[name]) or "")
    ):
        returned.unseen.append(name)
    if line.word("decision", {KEEP: "keep", REMOVE: "remove"}) == "remove":
        if is_there:
            if now != was:
                raise _conflict(line, name)
            del returned.value["fields"][name]
            returned.edits.append(Edit(line.place, name, now["from"] or name, ""))
        return
    changed = {key: cell for key, cell in wanted.items() if cell not in (was[key], now[key])}
    if not changed:
        return
    if any(now[key] != was[key] for key in changed) or (not is_there and any(was.values())):
        raise _conflict(line, name)
    spec = returned.value["fields"].get(name)
    rules = deepcopy(spec) if isinstance(spec, dict) else {} if spec is None else {"from": spec}
    if not is_there and not changed.get("from"):
        raise ConfigurationError(
            "mapping.no-source", Message("'{name}' gets its value from nowhere", name=name), line.place,
            Message("name a source column, or empty the other cells"),
        )  # fmt: skip
    for key, cell in changed.items():
        _set(rules, key, cell)
        returned.edits.append(Edit(line.place, f"{name}, {_said(key)}", now[key], cell))
    returned.value["fields"][name] = rules


def _said(key: str) -> str:
    title = TITLES[key]
    return title.text() if isinstance(title, Message) else title


def _set(rules: dict[str, Any], key: str, cell: str) -> None:
    if not cell:
        rules.pop(key, None)
    elif key == "required":
        rules[key] = cell == "true"
    elif key == "from":
        names = (
            [name.strip() for name in cell.replace("＋", "+").split(JOINED.strip()) if name.strip()]
            if JOINED.strip() in cell.replace("＋", "+")
            else [cell]
        )
        rules[key] = names[0] if len(names) == 1 else names
    else:
        rules[key] = _like(rules.get(key), cell)


def _like(old: Any, cell: str) -> Any:
    """Return a cell as the kind of value that stood there; text where it is none of that kind."""
    if isinstance(old, bool) and cell in ("true", "false"):
        return cell == "true"
    if isinstance(old, int) and not isinstance(old, bool) and cell.isdecimal() and str(int(cell)) == cell:
        return int(cell)
    return cell


def _take_value(line: Line, returned: Returned, file: _File) -> None:
    (name, value), was = line.hidden(VALUE_KEY, _ANEW), line.hidden(WAS, _ANEW)
    file.shown.add((name, value))
    if name in file.fields and name not in returned.value["fields"]:
        return  # the field is taken out on the first sheet
    known = file.maps.get(name, {})
    cell, now = settled(line["code"]), settled(known.get(value) or "")
    what = f"{name}, {value}"
    _take_meaning(line, returned, file, what)
    if now not in (was["code"], cell):
        returned.unseen.append(what)
    if cell in (was["code"], now):
        return
    if now != was["code"] or (value in known) != was["mapped"]:
        raise _conflict(line, what)
    spec = file.fields[name]
    if isinstance(spec["values"], str):
        returned.csv.setdefault(spec["values"], {})[value] = cell or None
    else:
        values = returned.value["fields"][name]["values"]
        values[value] = _like(values.get(value), cell) if cell else None
    returned.edits.append(Edit(line.place, what, as_text(now) or "", cell))


def _take_meaning(line: Line, returned: Returned, file: _File, what: str) -> None:
    """Keep what the business means by a value: in the CSV of the value map, else in the `meanings` of the field.

    A value that the CSV does not name stays out of it: a line without a target would map the value to nothing.
    """
    (name, value), was = line.hidden(VALUE_KEY, _ANEW), line.hidden(WAS, _ANEW)
    cell = settled(line["meaning"])
    now = settled(file.meanings.get(name, {}).get(value, ""))
    if cell in (was.get("meaning", ""), now):
        return
    spec = file.fields.get(name)
    if now != was.get("meaning", "") or not isinstance(spec, dict):
        raise _conflict(line, what)
    values, beside = spec.get("values"), spec.get("meanings") or {}
    is_named = value in file.maps.get(name, {}) or bool(settled(line["code"]))
    if isinstance(values, str) and is_named and value not in beside:
        returned.meanings.setdefault(values, {})[value] = cell
    else:
        _set_meaning(returned.value["fields"][name], value, cell)
    returned.edits.append(Edit(line.place, f"{what}, {_said('meaning')}", now, cell))


def _set_meaning(spec: dict[str, Any], value: str, cell: str) -> None:
    meanings = spec.get("meanings") or {}
    if cell:
        meanings[value] = cell
    else:
        meanings.pop(value, None)
    if meanings:
        spec["meanings"] = meanings
    else:
        spec.pop("meanings", None)


def _take_column(line: Line, returned: Returned, file: _File) -> None:
    name, was = str(line.hidden(COLUMN_KEY, _ANEW)), line.hidden(WAS, _ANEW)
    decision = line.word("decision", {LEAVE_OUT: "leave", MIGRATE: "migrate"})
    before = file.document.value.get("ignore") or []
    ignored = before if isinstance(before, list) else [before]
    was_ignored = was["state"] == "ignored"
    if decision == "migrate":
        target = line["to"]
        if not target:
            raise ConfigurationError(
                "mapping.no-target", Message("'{name}' is to be brought over, and no target field is named", name=name), line.place,
                Message("fill in '{title}'", title=TITLES["to"]),
            )  # fmt: skip
        if target in file.fields:
            raise ConfigurationError(
                "mapping.conflict", Message("'{name}' is filled already", name=target), line.place,
                Message("change its source columns on the first sheet"),
            )  # fmt: skip
        if was_ignored and name not in ignored:
            raise _conflict(line, name)
        returned.value["fields"][target] = {"from": name}
        if name in ignored:
            _keep_list(returned)
            returned.value["ignore"].remove(name)
        returned.edits.append(Edit(line.place, name, "", target))
    elif decision == "leave" and not was_ignored and name not in ignored:
        _keep_list(returned)
        returned.value["ignore"].append(name)
        returned.edits.append(Edit(line.place, name, "", LEAVE_OUT.text()))
    elif not decision and was_ignored and name not in ignored:
        return  # the file no longer leaves it out; nor does the workbook ask for it
    elif line["to"] and not decision:
        hint = nearest(line["decision"] or "", [MIGRATE.text()])
        raise ConfigurationError("mapping.word", Message("a target field is named, and no decision"), line.place, hint)


def _keep_list(returned: Returned) -> None:
    ignored = returned.value.get("ignore") or []
    returned.value["ignore"] = ignored if isinstance(ignored, list) else [ignored]
