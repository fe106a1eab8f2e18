"""Lint rules against the target's tables; they are silent without a schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest, nearest_or_all
from crmmigrate.model.lint import LintRule, Problem
from crmmigrate.model.target_value import fits
from crmmigrate.model.valuemap import as_text, read_value_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Place, Subject
    from crmmigrate.model.mapping import FieldMapping
    from crmmigrate.model.schema import TargetColumn


def _both(subject: Subject) -> Iterator[tuple[str, FieldMapping, TargetColumn]]:
    columns = subject.target_columns()
    for name, spec in subject.mapping.fields.items():
        if name in columns:
            yield name, spec, columns[name]


def _table(subject: Subject) -> Iterator[Problem]:
    if subject.schema and subject.mapping.target.table not in subject.schema.tables:
        name = subject.mapping.target.table
        yield Problem(
            Message("the target has no table '{name}'", name=name),
            ("target", "table"),
            nearest_or_all(name, subject.schema.tables),
        )


def _checks(subject: Subject) -> Iterator[Problem]:
    table = subject.schema.tables.get(subject.mapping.target.table) if subject.schema else None
    for name, text in table.checks.items() if table else ():
        words = set(re.findall(r"\w+", text.lower()))
        if not any(words.issuperset(re.findall(r"\w+", column.lower())) for column in subject.mapping.fields):
            continue  # none of its columns is written
        yield Problem(
            Message("the target looks at each row itself ({name}): {check}", name=name, check=text), ("target", "table"),
            Message("nobody else can before the load, which sets rows aside that break it; a rule under rules: finds them earlier"),
        )  # fmt: skip


def _unknown(subject: Subject) -> Iterator[Problem]:
    columns = subject.target_columns()
    for name in subject.mapping.fields:
        if columns and name not in columns:
            yield Problem(
                Message("the target's table has no column '{column}'", column=name), ("fields", name), nearest_or_all(name, columns),
                key=True,
            )  # fmt: skip


def _required(subject: Subject) -> Iterator[Problem]:
    for name, column in subject.target_columns().items():
        if column.must_be_mapped and name not in subject.mapping.fields:
            yield Problem(
                Message("the target requires '{name}', and it is not mapped", name=name), ("fields",),
                Message("add it under fields:, with from: or const:"), key=True,
            )  # fmt: skip


def _may_be_blank(subject: Subject) -> Iterator[Problem]:
    for name, spec, column in _both(subject):
        if column.required and not spec.required and spec.const is None and spec.default is None:
            yield Problem(
                Message("the target requires '{name}', and the mapping may leave it empty", name=name), ("fields", name),
                Message("say required: true, or give a default"), key=True,
            )  # fmt: skip


def _identity(subject: Subject) -> Iterator[Problem]:
    for name, _, column in _both(subject):
        if column.identity:
            yield Problem(
                Message("'{name}' is numbered by the database", name=name), ("fields", name),
                Message("take the field out; rows are matched on another key"), key=True,
            )  # fmt: skip


def _reference(subject: Subject) -> Iterator[Problem]:
    for name, spec, column in _both(subject):
        path = ("fields", name)
        if column.references and spec.lookup is None:
            yield Problem(
                Message("'{name}' holds the identity of a row of '{table}' and needs a lookup", name=name, table=column.references),
                path, Message("add lookup: {example}", example="{object: …}"), key=True,
            )  # fmt: skip
        elif spec.lookup and column.references:
            table = subject.tables.get(spec.lookup.object)
            if table and table != column.references:
                right = [name for name, goes in subject.tables.items() if goes == column.references]
                yield Problem(
                    Message("'{name}' refers to '{table}', but '{object}' goes to '{other}'", name=name,
                            table=column.references, object=spec.lookup.object, other=table),
                    (*path, "lookup", "object"),
                    Message("did you mean '{name}'?", name=right[0]) if right else Message("name the object that goes to '{table}'", table=column.references),
                    code="mapping.wrong-object",
                )  # fmt: skip
            for index, other in enumerate(spec.lookup.others):
                if subject.tables.get(other, column.references) != column.references:
                    yield Problem(
                        Message("'{name}' refers to '{table}', but '{object}' goes to '{other}'", name=name,
                                table=column.references, object=other, other=subject.tables[other]),
                        (*path, "lookup", "or", index), code="mapping.wrong-object",
                    )  # fmt: skip
        elif spec.lookup and not spec.lookup.others:
            yield Problem(
                Message("'{name}' is no reference in the target, and has a lookup", name=name), (*path, "lookup"),
                Message("take the lookup out"), key=True, code="mapping.wrong-object",
            )  # fmt: skip


def _picklist(subject: Subject) -> Iterator[Problem]:
    for name, spec, column in _both(subject):
        if not column.picklist or subject.schema is None:
            continue
        codes = subject.schema.picklists.get(column.picklist, {})
        for key, word in (("const", spec.const), ("default", spec.default)):
            if word is not None and as_text(word) not in codes:
                yield _not_in(column.picklist, str(as_text(word)), codes, ("fields", name, key))
        if isinstance(spec.values, dict):
            for source, word in spec.values.items():
                if word is not None and as_text(word) not in codes:
                    yield _not_in(column.picklist, str(as_text(word)), codes, ("fields", name, "values", source))
        elif isinstance(spec.values, str):
            for target in _targets_of(subject, spec.values):
                if target not in codes:
                    yield _not_in(column.picklist, target, codes, ("fields", name, "values"))


def _targets_of(subject: Subject, name: str) -> list[str]:
    try:
        mapped = read_value_map(subject.mapping.value_file(name), "")
    except ConfigurationError:
        return []
    return list(dict.fromkeys(target for target in mapped.values() if target is not None))


def _not_in(picklist: str, word: str, codes: dict[str, str], path: tuple[str | int, ...]) -> Problem:
    return Problem(
        Message("the picklist '{picklist}' has no code '{word}'", picklist=picklist, word=word), path,
        nearest(word, codes) or Message("known are: {words}", words=", ".join(codes)),
    )  # fmt: skip


def _picklist_without_values(subject: Subject) -> Iterator[Problem]:
    """A default says that its author knows the codes and takes the source's words for some; `--data` tells those that are none."""
    for name, spec, column in _both(subject):
        if column.picklist and spec.values is None and spec.const is None and spec.default is None and not spec.sql:
            yield Problem(
                Message("'{name}' takes codes of the picklist '{picklist}', and no values are mapped", name=name,
                        picklist=column.picklist),
                ("fields", name), Message("add values:"), key=True,
            )  # fmt: skip


def _length(subject: Subject) -> Iterator[Problem]:
    for name, spec, column in _both(subject):
        if column.type != "text" or column.references:
            continue
        for index, step in enumerate(spec.do):
            length = step.options.get("length", step.value) if step.name == "truncate" else None
            if isinstance(length, int) and length > column.length:
                yield Problem(
                    Message("the target's column holds {length} characters", length=column.length),
                    ("fields", name, "do", index, "name"),
                    Message("write {example}", example=f"{{truncate: {column.length}}}"),
                )
        for word, path in () if column.picklist else _words(subject, name, spec):
            if len(word) > column.length:
                yield Problem(
                    Message("the target's column holds {length} characters", length=column.length), path,
                    Message("shorten it"),
                )  # fmt: skip


def _words(subject: Subject, name: str, spec: FieldMapping) -> Iterator[tuple[str, Place]]:
    """Yield the values that the mapping itself writes into a column, with their places."""
    at: Place = ("fields", name)
    for key, word in (("const", spec.const), ("default", spec.default)):
        if word is not None:
            yield as_text(word) or "", (*at, key)
    if isinstance(spec.values, dict):
        for source, word in spec.values.items():
            if as_text(word) is not None:
                yield str(as_text(word)), (*at, "values", source)
    elif isinstance(spec.values, str):
        for target in _targets_of(subject, spec.values):
            yield target, (*at, "values")


def _wrong_type(subject: Subject) -> Iterator[Problem]:
    for name, spec, column in _both(subject):
        if column.references or column.picklist or spec.lookup:
            continue
        for word, path in _words(subject, name, spec):
            if not fits(word, column):
                yield Problem(
                    Message("'{word}' is no value of the type {type}", word=word, type=column.type), path,
                    Message("write it as {example}", example=_EXAMPLES[column.type]),
                )  # fmt: skip


def _unchecked(subject: Subject) -> Iterator[Problem]:
    for name, spec, column in _both(subject):
        if (
            column.type in ("date", "datetime", "boolean")
            and spec.columns
            and not spec.do
            and spec.values is None
            and not spec.lookup
        ):
            standard = {"date": "date", "datetime": "datetime", "boolean": "bool"}[column.type]
            yield Problem(
                Message("'{name}' takes values of the type {type}, and no step makes sure of that", name=name, type=column.type),
                ("fields", name), Message("add do: {example}", example=f"[{standard}]"), key=True,
            )  # fmt: skip


def _unique_const(subject: Subject) -> Iterator[Problem]:
    for name, spec, column in _both(subject):
        if column.unique and (spec.const is not None or spec.default is not None):
            key = "const" if spec.const is not None else "default"
            yield Problem(
                Message("'{name}' is unique in the target, and every row would get the same value", name=name), ("fields", name, key),
                Message("read it from a column that names the row, for example _record"), key=True,
            )  # fmt: skip


def _not_unique(subject: Subject) -> Iterator[Problem]:
    columns = subject.target_columns()
    on = [name for name in subject.mapping.match.on if name in columns]
    if not on or any(columns[name].unique or columns[name].identity for name in on):
        return
    table = subject.schema.tables.get(subject.mapping.target.table) if subject.schema else None
    keys = table.unique if table else ()
    if any(set(key) <= set(on) for key in keys):
        return
    near = next((key for key in keys if set(key) & set(on)), None)
    yield Problem(
        Message("no column that rows are matched on is unique in the target, nor are they together: a row may match several"),
        ("match", "on"),
        Message("together these are unique: {names}", names=", ".join(near)) if near else Message("match on a column that names the row"),
    )  # fmt: skip


_EXAMPLES = {
    "integer": "12", "decimal": "1200.00", "date": "2023-05-01", "datetime": "2023-05-01T14:30:00", "boolean": "true, false", "text": "…",
}  # fmt: skip

RULES = (
    LintRule("mapping.unknown-table", Message("a table the target does not have"), _table, level="schema"),
    LintRule("mapping.target-check", Message("a condition of the target that the snapshot does not put into bounds, lengths or patterns"), _checks, "warning", "schema"),
    LintRule("mapping.unknown-target", Message("a column the target does not have"), _unknown, level="schema"),
    LintRule("mapping.required-unmapped", Message("a required target column that is not mapped"), _required, level="schema"),
    LintRule("mapping.required-blank", Message("a required target column that may stay empty"), _may_be_blank, "warning", "schema"),
    LintRule("mapping.identity", Message("a column that the database numbers"), _identity, level="schema"),
    LintRule(
        "mapping.needs-lookup", Message("a reference without a lookup"), _reference, level="schema",
        others=(("mapping.wrong-object", Message("a lookup in an object that goes to another table")),),
    ),
    LintRule("mapping.not-in-picklist", Message("a code that the target's picklist does not have"), _picklist, level="schema"),
    LintRule("mapping.picklist-unmapped", Message("a picklist column without mapped values"), _picklist_without_values, "warning", "schema"),
    LintRule("mapping.too-long", Message("longer than the target's column"), _length, level="schema"),
    LintRule("mapping.wrong-type", Message("a value of another type than the target's column"), _wrong_type, level="schema"),
    LintRule("mapping.type-unchecked", Message("a date or a yes/no that no step makes sure of"), _unchecked, "warning", "schema"),
    LintRule("mapping.unique-const", Message("one value for all rows in a unique column"), _unique_const, level="schema"),
    LintRule("mapping.match-not-unique", Message("matching columns that are not unique"), _not_unique, "warning", "schema"),
)  # fmt: skip
