"""Lint rules about single fields: where the value comes from, and options that contradict each other or do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.expression import stays_in_its_row, unbalanced
from crmmigrate.model.lint import LintRule, Problem, Repair
from crmmigrate.model.total import decimal, grouping
from crmmigrate.model.valuemap import as_text, folded_word, read_value_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmmigrate.model.lint import Place, Subject
    from crmmigrate.model.mapping import FieldMapping, Lookup


def _known(words: Iterable[str]) -> Message:
    return Message("known are: {words}", words=", ".join(words) or "–")


def _sources(spec: FieldMapping) -> list[str]:
    given = [
        ("from", bool(spec.columns)), ("const", spec.const is not None), ("sql", bool(spec.sql)), ("kind_of", bool(spec.kind_of)),
    ]  # fmt: skip
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
    if subject.mapping.write.mode == "insert":
        yield from _dead_policies(subject)
    for name, spec, given in subject.fields():
        at = ("fields", name)
        if len(_sources(spec)) > 1:
            continue  # which of them is meant, nobody knows yet
        if spec.const is not None:
            for key in ("do", "values", "meanings", "default", "unmapped", "on_error"):
                if key in given:
                    yield _no_effect(Message("'{key}' has no effect beside const", key=key), (*at, key))
            continue
        if "meanings" in given and spec.values is None:
            yield _no_effect(Message("'meanings' has no effect without values"), (*at, "meanings"))
        if "unmapped" in given and spec.values is None:
            yield _no_effect(Message("'unmapped' has no effect without values"), (*at, "unmapped"))
        if "on_error" in given and not spec.do:
            yield _no_effect(Message("'on_error' has no effect without do"), (*at, "on_error"))
        if spec.lookup:
            yield from _dead_lookup(spec.lookup, (*at, "lookup"))


def _no_effect(message: Message, path: Place) -> Problem:
    return Problem(message, path, Message("take it out"), key=True, repair=Repair("remove", path))


def _dead_policies(subject: Subject) -> Iterator[Problem]:
    write = subject.document.value.get("write")
    if isinstance(write, dict) and "policy" in write:
        yield _no_effect(
            Message("'policy' has no effect: rows that are there already are never touched"), ("write", "policy")
        )
    for name, _, given in subject.fields():
        if "policy" in given:
            yield _no_effect(
                Message("'policy' has no effect: rows that are there already are never touched"),
                ("fields", name, "policy"),
            )


def _dead_lookup(lookup: Lookup, at: Place) -> Iterator[Problem]:
    if lookup.follow and not lookup.active:
        yield _no_effect(
            Message("'follow' has no effect without active: every record is taken as active"), (*at, "follow")
        )
    if not lookup.by and (lookup.follow or lookup.active or lookup.default):
        yield Problem(Message("'follow', 'active' and 'default' have no effect without by"), at, key=True)
    if lookup.default and lookup.missing != "default":
        yield _no_effect(Message("the default has no effect unless missing is default"), (*at, "default"))
    asked: set[str] = {lookup.object}
    for index, other in enumerate(lookup.others):
        if other in asked:
            yield Problem(
                Message("'{name}' is asked already", name=other), (*at, "or", index), Message("take it out"),
                repair=Repair("remove", (*at, "or", index)),
            )  # fmt: skip
        asked.add(other)


_CHOOSE = Message("say reject, or take required: out")


def _contradiction(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        if not spec.required or spec.default is not None:
            continue
        at = ("fields", name)
        if spec.values is not None and spec.unmapped == "blank":
            yield Problem(
                Message("the column is required, and 'unmapped: blank' empties it"), (*at, "unmapped"), _CHOOSE
            )
        if spec.on_error == "blank":
            yield Problem(
                Message("the column is required, and 'on_error: blank' empties it"), (*at, "on_error"), _CHOOSE
            )
        if spec.lookup and spec.lookup.missing in ("blank", "defer"):
            yield Problem(
                Message("the column is required, and the lookup may leave it empty"),
                (*at, "lookup", "missing"),
                _CHOOSE,
            )


def _values(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        path = ("fields", name, "values")
        if isinstance(spec.values, str):
            try:
                read_value_map(subject.mapping.value_file(spec.values), "")
            except ConfigurationError as error:
                hint = error.hint or Message("keep one of the lines")
                yield Problem(error.message, path, hint, code=error.code)
        elif spec.values is not None and not spec.values:
            yield Problem(Message("the value map is empty"), path, code="mapping.value-file")


def _alike(subject: Subject) -> Iterator[Problem]:
    """Words that differ in case or width alone are one word to a reader of the target, and two to this map."""
    for name, spec, _ in subject.fields():
        if not isinstance(spec.values, dict):
            continue
        first: dict[str, str] = {}
        for word in spec.values:
            before = first.setdefault(folded_word(word), word)
            if before == word:
                continue
            path = ("fields", name, "values", word)
            if as_text(spec.values[before]) == as_text(spec.values[word]):
                yield Problem(
                    Message("'{word}' is found by '{other}' already: case and width make no difference", word=word, other=before),
                    path, Message("take it out"), key=True, code="mapping.dead-rule", repair=Repair("remove", path),
                )  # fmt: skip
            else:
                yield Problem(
                    Message("'{word}' and '{other}' differ only in case or width and mean different things", word=word, other=before),
                    path, Message("is one of them a slip? other spellings of the word are found by neither"), key=True,
                )  # fmt: skip


def _meanings(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        if not spec.meanings or spec.values is None:
            continue
        try:
            known = (
                read_value_map(subject.mapping.value_file(spec.values), "")
                if isinstance(spec.values, str) else spec.values
            )  # fmt: skip
        except ConfigurationError:
            continue  # another rule says what is wrong with it
        folded = {folded_word(word) for word in known}
        for word in spec.meanings:
            if folded_word(word) not in folded:
                yield Problem(
                    Message("what '{word}' means is said, and the value map does not name it", word=word), ("fields", name, "meanings", word),
                    nearest(word, known) or Message("decide what it becomes and add it to the value map"), key=True,
                )  # fmt: skip


def _lookup_columns(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        by = spec.lookup.by if spec.lookup else ()
        at = ("fields", name, "lookup", "by")
        if len(by) > 1 and len(by) != len(spec.columns):
            yield Problem(
                Message("a name of {wanted} columns cannot be made of {given}", wanted=len(by), given=len(spec.columns)), at,
                Message("read as many columns in from: as by: names"),
            )  # fmt: skip
        if len(by) > 1 and spec.lookup and (spec.lookup.follow or spec.lookup.default):
            yield Problem(
                Message("'follow' and 'default' need a name of one column"),
                at,
                Message("take them out, or look up by one column"),
            )


def _kind_of(subject: Subject) -> Iterator[Problem]:
    fields = subject.mapping.fields
    for name, spec, _ in subject.fields():
        if spec.kind_of and (spec.kind_of not in fields or fields[spec.kind_of].lookup is None):
            known = [other for other, its in fields.items() if its.lookup]
            yield Problem(
                Message("'{name}' is no field with a lookup", name=spec.kind_of), ("fields", name, "kind_of"),
                nearest(spec.kind_of, known) or _known(known),
            )  # fmt: skip


def _sql(subject: Subject) -> Iterator[Problem]:
    given: list[tuple[Place, str]] = [
        (("fields", name, "sql"), spec.sql) for name, spec, _ in subject.fields() if spec.sql
    ]
    given += [(("source", "where"), subject.mapping.source.where)] if subject.mapping.source.where else []
    for path, sql in given:
        wrong, at = unbalanced(sql)
        if wrong:
            yield Problem(
                Message("the SQL expression has a '{sign}' without its partner", sign=wrong),
                path,
                Message("texts stand in single quotes, names of columns in double ones"),
                within=(sql, at),
            )
        elif not stays_in_its_row(sql):
            yield Problem(
                Message("the SQL expression looks at more than its own row"), path,
                Message("no aggregates, windows, subqueries, unnest or random values: a row must not depend on its batch"),
            )  # fmt: skip


def _ratio(subject: Subject) -> Iterator[Problem]:
    if not 0 <= subject.mapping.gates.max_reject_ratio <= 1:
        yield Problem(
            Message("a ratio is a number from 0 to 1"),
            ("gates", "max_reject_ratio"),
            Message("0.05 means five of a hundred"),
        )


def _match(subject: Subject) -> Iterator[Problem]:
    mapping = subject.mapping
    for index, column in enumerate(mapping.match.on):
        if column not in mapping.fields:
            yield Problem(
                Message("rows are matched on '{name}', which is not mapped", name=column), ("match", "on", index),
                nearest(column, mapping.fields) or _known(mapping.fields),
            )  # fmt: skip
    if not mapping.match.on:
        yield Problem(
            Message("no column is named to match rows on"),
            ("match",),
            Message("for example: {names}", names="match: {on: [external_id]}"),
        )


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
        problem = _no_effect(Message("'newer_by' has no effect: no policy is newer"), ("write", "newer_by"))
        yield problem._replace(code="mapping.dead-rule")


def _version(subject: Subject) -> Iterator[Problem]:
    if subject.mapping.version != 1:
        yield Problem(Message("this program reads version 1"), ("version",), Message("write version: 1"))


def _totals(subject: Subject) -> Iterator[Problem]:
    mapping = subject.mapping
    for index, total in enumerate(mapping.gates.totals):
        path = ("gates", "totals", index)
        named: list[tuple[Place, str]] = [(("to",), total.to)] if total.to or total.sum else []
        named += [(("by", place), grouping(word)[0]) for place, word in enumerate(total.by)]
        for place, name in named:
            if name not in mapping.fields:
                yield Problem(
                    Message("no field is called '{name}'", name=name),
                    (*path, *place),
                    nearest(name, mapping.fields) or _known(mapping.fields),
                )
        spec = mapping.fields.get(total.to)
        if spec and total.sum and total.sum not in spec.columns and total.sum not in spec.sql:
            yield Problem(
                Message("'{name}' is not what '{field}' is made from", name=total.sum, field=total.to), (*path, "sum"),
                nearest(total.sum, spec.columns) or _known(spec.columns),
            )  # fmt: skip
        for below, text in total.numbers():
            if decimal(text) is None:
                yield Problem(
                    Message("'{value}' is not a number", value=text), (*path, *below),
                    Message("for example: {names}", names="0.01"),
                )  # fmt: skip


def _lookup_object(subject: Subject) -> Iterator[Problem]:
    for name, spec, _ in subject.fields():
        for index, wanted in enumerate(spec.lookup.objects if spec.lookup else ()):
            if subject.tables and wanted not in subject.tables:
                at = ("object",) if index == 0 else ("or", index - 1)
                yield Problem(
                    Message("no mapping file has 'object: {name}'", name=wanted), ("fields", name, "lookup", *at),
                    nearest(wanted, subject.tables) or _known(subject.tables),
                )  # fmt: skip


RULES = (
    LintRule("mapping.no-source", Message("a field must have exactly one source"), _source),
    LintRule("mapping.no-default", Message("a default is asked for and not given"), _default_missing),
    LintRule("mapping.dead-rule", Message("an entry that has no effect"), _dead, "warning"),
    LintRule("mapping.contradiction", Message("required, and allowed to be empty"), _contradiction, "warning"),
    LintRule(
        "mapping.value-file-missing",
        Message("a value map that cannot be read"),
        _values,
        others=(
            ("mapping.value-file", Message("a value map that is none")),
            ("mapping.value-twice", Message("a value map that gives one word two targets")),
        ),
    ),
    LintRule(
        "mapping.values-alike",
        Message("words that differ in case or width and mean different things"),
        _alike,
        "warning",
    ),
    LintRule(
        "mapping.meaning-unmapped",
        Message("a value whose meaning is known and whose target is not"),
        _meanings,
        "warning",
    ),
    LintRule("mapping.lookup-columns", Message("a lookup by other columns than the field reads"), _lookup_columns),
    LintRule("mapping.kind-of", Message("the kind of something that is no reference"), _kind_of),
    LintRule("mapping.sql", Message("an SQL expression that cannot work"), _sql),
    LintRule("mapping.ratio", Message("a ratio that is none"), _ratio),
    LintRule("mapping.match-unmapped", Message("rows are matched on a column that is not mapped"), _match),
    LintRule("mapping.newer-without-date", Message("the policy newer without a date that decides"), _newer),
    LintRule("mapping.version", Message("a version this program does not read"), _version),
    LintRule("mapping.total-unknown", Message("a total of something that is not mapped"), _totals),
    LintRule("mapping.unknown-object", Message("a lookup in an object that is not mapped"), _lookup_object),
)
