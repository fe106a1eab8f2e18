"""Lint rules about drift: the target is no longer as the committed snapshot says. They are silent without `--live`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.lint import LintRule, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Subject
    from crmmigrate.model.schema import TargetColumn


def _columns(subject: Subject) -> dict[str, TargetColumn] | None:
    return subject.live.get(subject.mapping.target.table) if subject.live is not None else None


def _table(subject: Subject) -> Iterator[Problem]:
    if subject.live is not None and _columns(subject) is None:
        yield Problem(
            Message("the target itself has no table '{name}'", name=subject.mapping.target.table), ("target", "table"),
            Message("was it renamed? take a new snapshot"),
        )  # fmt: skip


def _gone(subject: Subject) -> Iterator[Problem]:
    live = _columns(subject)
    for name in subject.mapping.fields if live is not None else ():
        if live is not None and name not in live:
            yield Problem(
                Message("the target itself has no column '{column}'", column=name), ("fields", name),
                Message("was it renamed? take a new snapshot"), key=True,
            )  # fmt: skip


def _required(subject: Subject) -> Iterator[Problem]:
    """A column that became required, or is new and required."""
    known = subject.target_columns()
    for name, column in (_columns(subject) or {}).items():
        was = known.get(name)
        if not column.required or column.identity or (was is not None and was.required):
            continue
        spec = subject.mapping.fields.get(name)
        if spec is None and column.must_be_mapped:
            yield Problem(
                Message("the target itself requires '{name}', and it is not mapped", name=name), ("fields",),
                Message("add it under fields:, with from: or const:"), key=True,
            )  # fmt: skip
        elif spec is not None and not spec.required and spec.const is None and spec.default is None:
            yield Problem(
                Message("the target itself requires '{name}', and the mapping may leave it empty", name=name), ("fields", name),
                Message("say required: true, or give a default"), key=True,
            )  # fmt: skip


def _changed(subject: Subject) -> Iterator[Problem]:
    live = _columns(subject) or {}
    for name, was in subject.target_columns().items():
        if name not in live or name not in subject.mapping.fields:
            continue
        now = live[name]
        if now.type != was.type:
            what = Message(
                "'{name}' is {now} in the target itself, and {was} in the snapshot",
                name=name,
                now=now.type,
                was=was.type,
            )
        elif was.type == "text" and not was.picklist and now.length < was.length:
            what = Message(
                "'{name}' holds {now} characters in the target itself, and {was} in the snapshot",
                name=name,
                now=now.length,
                was=was.length,
            )
        elif was.references and now.references and was.references != now.references:
            what = Message(
                "'{name}' refers to {now} in the target itself, and to {was} in the snapshot",
                name=name,
                now=now.references,
                was=was.references,
            )
        elif was.unique and not (now.unique or now.identity):
            what = Message("'{name}' is not unique in the target itself, though the snapshot says so", name=name)
        else:
            continue
        yield Problem(what, ("fields", name), Message("take a new snapshot and look at the field again"), key=True)


RULES = (
    LintRule("mapping.live-no-table", Message("a table that the target itself does not have"), _table, level="live"),
    LintRule("mapping.live-no-column", Message("a column that the target itself does not have"), _gone, level="live"),
    LintRule("mapping.live-required", Message("a column that the target itself requires by now"), _required, level="live"),
    LintRule("mapping.live-changed", Message("a column that is otherwise in the target itself"), _changed, "warning", "live"),
)  # fmt: skip
