"""Lint rules about source columns: every one is mapped or ignored, and every one mapped is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.document import nearest, nearest_header
from crmmigrate.model.lint import LintRule, Problem, Repair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Subject

_WILD = set("*?[")


def _matches(column: str, pattern: str) -> bool:
    """Whether a pattern with `*` and `?` names the column; the plain ones are compared without building an expression."""
    if not _WILD & set(pattern):
        return column == pattern
    if not _WILD & set(pattern[:-1]) and pattern[-1] == "*":
        return column.startswith(pattern[:-1])
    from fnmatch import fnmatchcase

    return fnmatchcase(column, pattern)


def _ignored_and_mapped(subject: Subject) -> Iterator[Problem]:
    for index, pattern in enumerate(subject.mapping.ignore):
        both = sorted(column for column in subject.columns_read() if _matches(column, pattern))
        if both:
            yield Problem(
                Message("'{name}' is ignored here and mapped above", name=both[0]), ("ignore", index),
                Message("take it out of ignore:"), repair=Repair("remove", ("ignore", index)),
            )  # fmt: skip


def _twice(subject: Subject) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, pattern in enumerate(subject.mapping.ignore):
        if pattern in seen:
            yield Problem(
                Message("'{name}' is ignored twice", name=pattern), ("ignore", index), Message("take it out"),
                repair=Repair("remove", ("ignore", index)),
            )  # fmt: skip
        seen.add(pattern)


def _no_table(subject: Subject) -> Iterator[Problem]:
    if subject.columns == ():
        yield Problem(
            Message("the data has no table '{table}'", table=subject.mapping.source.table or subject.mapping.object),
            ("source", "table"), Message("name it in source: table:, or give --data another location"),
        )  # fmt: skip


def _unknown(subject: Subject) -> Iterator[Problem]:
    if not subject.columns:
        return
    for name, spec, _ in subject.fields():
        for index, column in enumerate(spec.columns):
            if not column.startswith("_") and column not in subject.columns:
                yield Problem(
                    Message("the source has no column '{column}'", column=column), ("fields", name, "from", index),
                    nearest_header(column, subject.columns),
                )  # fmt: skip
    for index, column in enumerate(subject.mapping.source.key):
        if column not in subject.columns:
            yield Problem(
                Message("the source has no column '{column}'", column=column), ("source", "key", index),
                nearest_header(column, subject.columns),
            )  # fmt: skip


def _unmapped(subject: Subject) -> Iterator[Problem]:
    if not subject.columns:
        return
    read, sql = subject.columns_read() | set(subject.mapping.source.key), subject.sql_text()
    for column in subject.columns:
        known = column.startswith("_") or column in read or column in sql
        if not known and not any(_matches(column, pattern) for pattern in subject.mapping.ignore):
            yield Problem(
                Message("the source column '{column}' is neither mapped nor ignored", column=column), ("fields",),
                Message("map it, or name it under ignore:"), key=True,
            )  # fmt: skip


def _nothing(subject: Subject) -> Iterator[Problem]:
    if not subject.columns:
        return
    for index, pattern in enumerate(subject.mapping.ignore):
        if not any(_matches(column, pattern) for column in subject.columns):
            yield Problem(
                Message("the source has no column '{column}'", column=pattern), ("ignore", index),
                nearest(pattern, subject.columns) or Message("take it out"), repair=Repair("remove", ("ignore", index)),
            )  # fmt: skip


RULES = (
    LintRule("mapping.ignored-and-mapped", Message("a column that is mapped and ignored"), _ignored_and_mapped),
    LintRule("mapping.ignored-twice", Message("a column that is ignored twice"), _twice, "warning"),
    LintRule("mapping.no-data-table", Message("source data without the mapping's table"), _no_table, "warning", "data"),
    LintRule("mapping.unknown-column", Message("a column the source does not have"), _unknown, level="data"),
    LintRule(
        "mapping.unmapped-column",
        Message("a source column that is neither mapped nor ignored"),
        _unmapped,
        level="data",
    ),
    LintRule(
        "mapping.ignores-nothing", Message("an ignored column the source does not have"), _nothing, "warning", "data"
    ),
)
