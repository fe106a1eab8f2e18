"""迁移范围确认单: what is migrated and what is not, by which rule, for the business to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, ORIGIN, RECORD
from crmmigrate.model.object_title import object_title
from crmmigrate.model.table import quoted
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crmmigrate.model.scope import KeepRule, ScopeRules
    from crmmigrate.model.table import Tables

WORKBOOK = "03_迁移范围确认单.xlsx"
_LISTED, _KNOWN_BY = 10_000, 4
"""Records listed of an object, and how many of its first columns people recognise them by."""


def write_scope(
    path: Path, language: str, rules: ScopeRules, tables: Tables, out: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        rules: the scope.
        tables: all records, by object.
        out: object with rules → code of the reason → `_record`s that are left out.

    Raises:
        OSError: it cannot be written.
    """
    columns = [
        Column(Message("Object")), Column(Message("Rows"), number=True), Column(Message("In scope"), number=True),
        Column(Message("Out of scope"), number=True), Column(Message("What is kept")), Column(Message("Confirmed by"), entry=True),
        Column(Message("Remarks"), entry=True, width=30),
    ]  # fmt: skip
    rows = []
    for name in tables:
        left = sum(map(len, out.get(name, {}).values()))
        count = tables[name].rows
        rows.append([object_title(name), count, count - left, left, _in_words(rules, name), None, None])
    sheets = [Sheet(Message("Scope"), columns, rows, locked=True)]
    sheets += [_left_out(name, reasons, tables) for name, reasons in out.items() if any(reasons.values())]
    notes = (
        Message("What of the old data goes into the new system, and what stays behind. Nothing is deleted: what is out of scope stays in its source and is kept with its reason."),
        Message("Please look through the lists of what stays behind. Where a record is needed after all, say so beside it; the rules of the migration are changed then, and this form is made anew."),
        Message("Of each object at most {count} records are listed; all of them stand in the run's table of rows set aside.", count=f"{_LISTED:,}"),
    )  # fmt: skip
    roles = (Message("Head of the business"), Message("Owner of the data"), Message("IT"), Message("Project lead"))
    write_workbook(path, language, sheets, title=Message("Scope of the migration"), notes=notes, signatures=roles,
                   personal=True)  # fmt: skip


def _in_words(rules: ScopeRules, name: str) -> Message | tuple[Message, ...]:
    scope = rules.objects.get(name)
    if scope is None or not (scope.keep or scope.follow):
        return Message("everything")
    if scope.follow:
        return Message("what belongs to a kept record of '{object}'", object=object_title(scope.follow))
    return tuple(_rule(rule) for rule in scope.keep)


def _rule(rule: KeepRule) -> Message:
    if not rule.column:
        return (
            Message("with a record of '{object}'", object=object_title(rule.child))
            if rule.child
            else Message("from {sources}", sources=", ".join(rule.source))
        )
    column = f"{object_title(rule.child)}.{rule.column}" if rule.child else rule.column
    if rule.since:
        return Message("{column} since {day}", column=column, day=rule.since)
    return Message("{column} is {values}", column=column, values=", ".join(rule.values))


def _left_out(name: str, reasons: Mapping[str, Sequence[str]], tables: Tables) -> Sheet:
    shown = list(tables[name].data_columns)[:_KNOWN_BY]
    columns = [
        Column(RECORD, hidden=True), Column(Message("Source row")), *map(Column, shown), Column(Message("Reason")),
        Column(Message("Needed after all?"), entry=True, choices=(Message("yes"), Message("no"))),
        Column(Message("Remarks"), entry=True, width=30), Column(Message("Confirmed by"), entry=True),
    ]  # fmt: skip
    title = Message("Out of scope: {object}", object=object_title(name))
    return Sheet(title, columns, _rows(name, shown, reasons, tables), locked=True)


def _rows(name: str, shown: Sequence[str], reasons: Mapping[str, Sequence[str]], tables: Tables) -> Iterator[list[Any]]:
    chosen = ", ".join(quoted(column) for column in (RECORD, ORIGIN, *shown))
    for code, records in reasons.items():
        query = f"SELECT {chosen} FROM {quoted(name)} WHERE {RECORD} IN (SELECT unnest(?)) ORDER BY {RECORD}"
        for row in tables.sql(query, [list(records[:_LISTED])]).to_pylist():
            yield [
                row[RECORD],
                row[ORIGIN],
                *(row[column] for column in shown),
                CODES.get(code, code),
                None,
                None,
                None,
            ]
