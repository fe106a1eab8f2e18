"""Lint rules about what a mapping makes of real data; they are silent without `--data`. None shows a value, but words of picklists."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.lint import LintRule, Problem
from crmmigrate.model.profile import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import FieldFigures, Place, Subject
    from crmmigrate.model.mapping import FieldMapping

_UNMAPPED, _CUT = "map.unmapped-value", "truncate.cut"
_NAMED = 5


def _fields(subject: Subject) -> Iterator[tuple[str, FieldMapping, FieldFigures]]:
    figures = subject.figures
    for name, spec in subject.mapping.fields.items() if figures else ():
        if figures and name in figures.fields:
            yield name, spec, figures.fields[name]


def _percent(part: int, whole: int) -> str:
    """Return a share in percent; what is not all is never rounded up to 100."""
    return f"{min(100 * part / whole, 99.9 if part < whole else 100.0):.1f} %" if whole else "–"


def _coverage(subject: Subject, *, rejecting: bool) -> Iterator[Problem]:
    for name, spec, found in _fields(subject):
        left = found.codes.get(_UNMAPPED, 0) + found.rejects.get(_UNMAPPED, 0)
        if spec.values is None or not left or (spec.unmapped == "reject") is not rejecting:
            continue
        words = ", ".join(f"{word} ({count})" for word, count in found.words[:_NAMED])
        yield Problem(
            Message("the value map names {share} of the values; {count} cells are left: {words}",
                    share=_percent(found.filled - left, found.filled), count=left, words=words or "…"),
            ("fields", name, "values"), Message("add them to the map"), key=True,
        )  # fmt: skip


def _unseen(subject: Subject) -> Iterator[Problem]:
    for name, words in subject.figures.unseen.items() if subject.figures else ():
        for word in words:
            yield Problem(
                Message("no cell says '{word}'", word=word), ("fields", name, "values", word),
                Message("is it written otherwise, or does another source have it?"), key=True,
            )  # fmt: skip


def _too_long(subject: Subject) -> Iterator[Problem]:
    for name, _, found in _fields(subject):
        if found.too_long:
            length = subject.target_columns()[name].length
            yield Problem(
                Message("{count} values are longer than the {length} characters of the target's column, the longest has {longest}",
                        count=found.too_long, length=length, longest=found.longest),
                ("fields", name), Message("add {example} to its do:, or make the column longer", example=f"{{truncate: {length}}}"), key=True,
            )  # fmt: skip


def _cut(subject: Subject) -> Iterator[Problem]:
    for name, spec, found in _fields(subject):
        if found.codes.get(_CUT):
            index = next((number for number, step in enumerate(spec.do) if step.name == "truncate"), 0)
            yield Problem(
                Message("{count} values are cut", count=found.codes[_CUT]), ("fields", name, "do", index, "name"),
                Message("is the end of them to be lost? the target may take a longer column"),
            )  # fmt: skip


def _keys(subject: Subject) -> Iterator[Problem]:
    if subject.figures and subject.figures.repeated_keys:
        yield Problem(
            Message("{count} rows have a key that is blank or was there before", count=subject.figures.repeated_keys),
            ("source", "key"), Message("name the columns that tell one row from another"), key=True,
        )  # fmt: skip


def _matches(subject: Subject) -> Iterator[Problem]:
    if subject.figures and subject.figures.repeated_matches:
        yield Problem(
            Message("{count} rows match on the same values as a row before them, and would be rejected", count=subject.figures.repeated_matches),
            ("match", "on"), Message("match on a column that names the row"), key=True,
        )  # fmt: skip


def _lookups(subject: Subject) -> Iterator[Problem]:
    for name, spec, found in _fields(subject):
        codes = ("map.lookup-missing", "map.lookup-inactive", "map.lookup-ambiguous", "map.lookup-deferred")
        missed = sum(found.codes.get(code, 0) + found.rejects.get(code, 0) for code in codes)
        if spec.lookup and missed:
            yield Problem(
                Message("the lookup finds {share} of the names; {count} rows have none",
                        share=_percent(found.filled - missed, found.filled), count=missed),
                ("fields", name, "lookup"), Message("map old names to new ones with values:, or say what is to be done with missing:"), key=True,
            )  # fmt: skip


def _unread(subject: Subject) -> Iterator[Problem]:
    for name, _, found in _fields(subject):
        if found.misfit and (picklist := subject.target_columns()[name].picklist):
            yield Problem(
                Message("{count} of {filled} values are no codes of the picklist '{picklist}'", count=found.misfit, filled=found.filled, picklist=picklist),
                ("fields", name), Message("map them with values:"), key=True,
            )  # fmt: skip
        elif found.misfit:
            column = subject.target_columns()[name]
            yield Problem(
                Message("{count} of {filled} values are not of the type {type}", count=found.misfit, filled=found.filled, type=column.type),
                ("fields", name), Message("add a step that reads them, or say on_error: blank or reject"), key=True,
            )  # fmt: skip
        elif found.unusable:
            yield Problem(
                Message("the steps cannot use {count} of {filled} values", count=found.unusable, filled=found.filled),
                ("fields", name, "do"), Message("does the column hold what its name says?"), key=True,
            )  # fmt: skip


def _missing(subject: Subject) -> Iterator[Problem]:
    for name, _, found in _fields(subject):
        count = found.rejects.get("map.required", 0) + found.rejects.get("map.reference-missing", 0)
        if count and subject.figures:
            yield Problem(
                Message("{count} of {rows} rows lack this required value and would be rejected", count=count, rows=subject.figures.rows),
                ("fields", name), Message("give a default:, or have the rows completed"), key=True,
            )  # fmt: skip


def _misfits(subject: Subject) -> Iterator[Problem]:
    for name, spec in subject.mapping.fields.items() if subject.figures else ():
        for index, column in enumerate(spec.columns):
            if subject.figures and column in subject.figures.misfits:
                said, held = subject.figures.misfits[column]
                path: Place = ("fields", name, "from", index)
                yield Problem(
                    Message("the column '{column}' is called {said} and holds {held}", column=column, said=MEANINGS[said], held=MEANINGS[held]),
                    path, Message("look at some cells: columns may be shifted"),
                )  # fmt: skip


def _sql(subject: Subject) -> Iterator[Problem]:
    for name, found in subject.figures.fields.items() if subject.figures else ():
        if found.sql:
            path: Place = ("source", "where") if name == "source" else ("fields", name, "sql")
            yield Problem(
                Message("DuckDB refuses the expression: {why}", why=found.sql),
                path,
                Message("all columns are text; use TRY_CAST for numbers and dates"),
                within=found.within,
            )


RULES = (
    LintRule(
        "mapping.values-rejected", Message("values that the value map does not name, whose rows are rejected"),
        partial(_coverage, rejecting=True), level="data",
    ),
    LintRule(
        "mapping.values-uncovered", Message("values that the value map does not name"), partial(_coverage, rejecting=False), "warning", "data",
    ),
    LintRule("mapping.values-unseen", Message("a word that no cell says"), _unseen, "warning", "data"),
    LintRule("mapping.overflow", Message("values that do not fit into the target's column"), _too_long, level="data"),
    LintRule("mapping.cut", Message("values that are cut"), _cut, "warning", "data"),
    LintRule("mapping.key-not-unique", Message("a key that does not name one row"), _keys, level="data"),
    LintRule("mapping.match-repeated", Message("rows that match on the same values"), _matches, "warning", "data"),
    LintRule("mapping.lookup-misses", Message("names that the lookup does not find"), _lookups, "warning", "data"),
    LintRule("mapping.unreadable", Message("values that are not of the target's type"), _unread, "warning", "data"),
    LintRule("mapping.required-missing", Message("rows without a required value"), _missing, "warning", "data"),
    LintRule("mapping.other-meaning", Message("a column that is called one thing and holds another"), _misfits, "warning", "data"),
    LintRule("mapping.sql-refused", Message("an SQL expression that fails on the data"), _sql, level="data"),
)  # fmt: skip
