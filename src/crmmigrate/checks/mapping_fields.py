"""Lint rules about single fields: where the value comes from, and options that contradict each other or do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.lint import LintRule, Problem
from crmmigrate.model.valuemap import read_value_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Subject
    from crmmigrate.model.mapping import FieldMapping


def _sources(spec: FieldMapping) -> list[str]:
    given = [("from", bool(spec.columns)), ("const", spec.const is not None), ("sql", bool(spec.sql))]
    return [name for name, there in given if there]


def _source(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        found = _sources(spec)
        if len(found) > 1:
            yield Problem(
                Message("'{name}' gets its value from {words} at once", name=name, words=", ".join(found)),
                ("fields", name, found[1]), Message("keep one of them"), key=True,
            )  # fmt: skip
        if not found and not (spec.lookup and not spec.lookup.by):
            yield Problem(
                Message("'{name}' gets its value from nowhere", name=name), ("fields", name),
                Message("give it from:, const: or sql:"), key=True,
            )  # fmt: skip


def _default_missing(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        if spec.unmapped == "default" and spec.default is None:
            yield Problem(Message("there is no default to take"), ("fields", name, "unmapped"), Message("add default:"))
        lookup = spec.lookup
        if lookup and lookup.missing == "default" and not lookup.default:
            yield Problem(
                Message("there is no default to take"), ("fields", name, "lookup", "missing"), Message("add default:")
            )


def _dead(subject: Subject) -> Iterator[Problem]:
    for name, spec, given in subject.fields():
        at = ("fields", name)
        if spec.const is not None:
            for key in ("do", "values", "default", "unmapped", "on_error"):
                if key in given:
                    yield Problem(Message("'{key}' has no effect beside const", key=key), (*at, key), key=True)
            continue
        if "unmapped" in given and spec.values is None:
            yield Problem(Message("'unmapped' has no effect without values"), (*at, "unmapped"), key=True)
        if "on_error" in given and not spec.do:
            yield Problem(Message("'on_error' has no effect without do"), (*at, "on_error"), key=True)
        lookup = spec.lookup
        if lookup and lookup.follow and not lookup.active:
            yield Problem(
                Message("'follow' has no effect without active: every record is taken as active"),
                (*at, "lookup", "follow"), key=True,
            )  # fmt: skip
        if lookup and not lookup.by and (lookup.follow or lookup.active or lookup.default):
            yield Problem(
                Message("'follow', 'active' and 'default' have no effect without by"), (*at, "lookup"), key=True
            )
        if lookup and lookup.default and lookup.missing != "default":
            yield Problem(
                Message("the default has no effect unless missing is default"), (*at, "lookup", "default"), key=True
            )


def _contradiction(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        if not spec.required or spec.default is not None:
            continue
        at = ("fields", name)
        if spec.values is not None and spec.unmapped == "blank":
            yield Problem(Message("the column is required, and 'unmapped: blank' empties it"), (*at, "unmapped"))
        if spec.on_error == "blank":
            yield Problem(Message("the column is required, and 'on_error: blank' empties it"), (*at, "on_error"))
        if spec.lookup and spec.lookup.missing in ("blank", "defer"):
            yield Problem(
                Message("the column is required, and the lookup may leave it empty"), (*at, "lookup", "missing")
            )


def _values(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        path = ("fields", name, "values")
        if isinstance(spec.values, str):
            try:
                read_value_map(subject.mapping.value_file(spec.values), "")
            except ConfigurationError as error:
                yield Problem(error.message, path, error.hint, code=error.code)
        elif spec.values is not None and not spec.values:
            yield Problem(Message("the value map is empty"), path, code="mapping.value-file")


def _match(subject: Subject) -> Iterator[Problem]:
    mapping = subject.mapping
    for index, column in enumerate(mapping.match.on):
        if column not in mapping.fields:
            yield Problem(
                Message("rows are matched on '{name}', which is not mapped", name=column), ("match", "on", index),
                nearest(column, mapping.fields),
            )  # fmt: skip
    if not mapping.match.on:
        yield Problem(Message("no column is named to match rows on"), ("match",))


def _newer(subject: Subject) -> Iterator[Problem]:
    mapping = subject.mapping
    newer = [name for name, spec in mapping.fields.items() if spec.policy == "newer"]
    if mapping.write.policy == "newer" or newer:
        path = ("write", "policy") if mapping.write.policy == "newer" else ("fields", newer[0], "policy")
        if mapping.write.newer_by not in mapping.fields:
            yield Problem(
                Message("the policy 'newer' needs a mapped date column that decides"), path,
                Message("name it in write: newer_by"),
            )  # fmt: skip
    elif mapping.write.newer_by:
        yield Problem(
            Message("'newer_by' has no effect: no policy is newer"),
            ("write", "newer_by"),
            key=True,
            code="mapping.dead-rule",
        )


def _version(subject: Subject) -> Iterator[Problem]:
    if subject.mapping.version != 1:
        yield Problem(Message("this program reads version 1"), ("version",))


def _totals(subject: Subject) -> Iterator[Problem]:
    mapping = subject.mapping
    for index, total in enumerate(mapping.gates.totals):
        path = ("gates", "totals", index)
        if total.to not in mapping.fields:
            yield Problem(
                Message("no field is called '{name}'", name=total.to), (*path, "to"), nearest(total.to, mapping.fields)
            )
        elif total.sum not in mapping.fields[total.to].columns and total.sum not in mapping.fields[total.to].sql:
            yield Problem(
                Message("'{name}' is not what '{field}' is made from", name=total.sum, field=total.to), (*path, "sum"),
                nearest(total.sum, mapping.fields[total.to].columns),
            )  # fmt: skip


def _lookup_object(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        if spec.lookup and subject.tables and spec.lookup.object not in subject.tables:
            yield Problem(
                Message("no mapping file has 'object: {name}'", name=spec.lookup.object), ("fields", name, "lookup", "object"),
                nearest(spec.lookup.object, subject.tables),
            )  # fmt: skip


RULES = (
    LintRule("mapping.no-source", Message("a field must have exactly one source"), _source),
    LintRule("mapping.no-default", Message("a default is asked for and not given"), _default_missing),
    LintRule("mapping.dead-rule", Message("an entry that has no effect"), _dead, "warning"),
    LintRule("mapping.contradiction", Message("required, and allowed to be empty"), _contradiction, "warning"),
    LintRule("mapping.value-file-missing", Message("a value map that cannot be used"), _values),
    LintRule("mapping.match-unmapped", Message("rows are matched on a column that is not mapped"), _match),
    LintRule("mapping.newer-without-date", Message("the policy newer without a date that decides"), _newer),
    LintRule("mapping.version", Message("a version this program does not read"), _version),
    LintRule("mapping.total-unknown", Message("a total of something that is not mapped"), _totals),
    LintRule("mapping.unknown-object", Message("a lookup in an object that is not mapped"), _lookup_object),
)
