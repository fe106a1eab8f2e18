"""What lint looks for in a standard.yaml beyond unknown names: rules that cannot work or contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.document import nearest_or_all
from crmmigrate.model.lint import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Place
    from crmmigrate.model.standard import ColumnStandard, DataStandard, ObjectStandard

CODES: dict[str, Message] = {
    "standard.no-objects": Message("the standard describes no object"),
    "standard.no-columns": Message("the object describes no column"),
    "standard.key-unknown": Message("the key is no column of the object"),
    "standard.owner-unknown": Message("the owner, or what a record is known by, is no column of the object"),
    "standard.part-unknown": Message("a part goes to a column that the object does not describe"),
    "standard.part-twice": Message("two columns fill the same column with a part"),
    "standard.fill-unknown": Message("a reference fills or asks by a column that the object does not describe"),
    "standard.fill-by-nothing": Message("a reference has no key to ask by"),
    "standard.value-too-long": Message("an allowed value is longer than the column may be"),
    "standard.word-twice": Message("one spelling stands for two allowed values"),
    "standard.unique-picklist": Message("a picklist cannot be different in every record"),
}
"""The rules with their titles."""


def find(standard: DataStandard) -> Iterator[Problem]:
    """Yield everything that cannot work, with its place in the file."""
    if not standard.objects:
        yield Problem(CODES["standard.no-objects"], ("objects",), code="standard.no-objects")
    for name, spec in standard.objects.items():
        at: Place = ("objects", name)
        if not spec.columns:
            yield Problem(CODES["standard.no-columns"], at, key=True, code="standard.no-columns")
            continue
        if spec.key and spec.key not in spec.columns:
            message = Message("the key '{key}' is no column of '{object}'", key=spec.key, object=name)
            yield Problem(message, (*at, "key"), nearest_or_all(spec.key, spec.columns), code="standard.key-unknown")
        for path, column in (
            ((*at, "owner"), spec.owner),
            *(((*at, "known_by", i), c) for i, c in enumerate(spec.known_by)),
        ):
            if column and column not in spec.columns:
                message = Message("'{column}' is no column of the object", column=column)
                yield Problem(message, path, nearest_or_all(column, spec.columns), code="standard.owner-unknown")
        yield from _parts(spec, at)
        yield from _fills(spec, at)
        for column, rules in spec.columns.items():
            yield from _values(rules, (*at, "columns", column))


def _parts(spec: ObjectStandard, at: Place) -> Iterator[Problem]:
    filled: dict[str, str] = {}
    for column, rules in spec.columns.items():
        for target in rules.parts.values():
            place = (*at, "columns", column, "parts")
            if target not in spec.columns:
                message = Message(
                    "'{target}' is no column of the object: what is filled in is not checked", target=target
                )
                yield Problem(message, place, nearest_or_all(target, spec.columns), code="standard.part-unknown")
            if target in filled:
                message = Message("'{target}' is filled by '{other}' too", target=target, other=filled[target])
                yield Problem(message, place, code="standard.part-twice")
            filled.setdefault(target, column)


def _fills(spec: ObjectStandard, at: Place) -> Iterator[Problem]:
    for index, reference in enumerate(spec.fill):
        place = (*at, "fill", index)
        if not any(reference.by):
            yield Problem(CODES["standard.fill-by-nothing"], (*place, "by"), code="standard.fill-by-nothing")
        asked = [((*place, "by", number, column), column) for number, key in enumerate(reference.by) for column in key]
        filled = [((*place, "columns", column), column) for column in reference.columns]
        for path, column in (*asked, *filled):
            if column not in spec.columns:
                message = Message("'{column}' is no column of the object", column=column)
                yield Problem(
                    message, path, nearest_or_all(column, spec.columns), key=True, code="standard.fill-unknown"
                )


def _values(rules: ColumnStandard, at: Place) -> Iterator[Problem]:
    if rules.values is None or isinstance(rules.values, str):
        return
    if rules.unique:
        yield Problem(CODES["standard.unique-picklist"], (*at, "unique"), code="standard.unique-picklist")
    spelt: dict[str, str] = {}
    for value in map(str, rules.values):
        others = str(rules.values[value] or "") if isinstance(rules.values, dict) else ""
        if rules.max_length and len(value) > rules.max_length:
            message = Message(
                "the value '{value}' has more than {count} characters", value=value, count=rules.max_length
            )
            yield Problem(message, (*at, "max_length"), code="standard.value-too-long")
        for word in (value, *filter(None, (part.strip() for part in others.split("|")))):
            owner = spelt.setdefault(word, value)
            if owner != value:
                message = Message("'{word}' stands for '{one}' and for '{other}'", word=word, one=owner, other=value)
                yield Problem(message, (*at, "values"), code="standard.word-twice")
