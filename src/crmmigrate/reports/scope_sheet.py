"""迁移范围确认单: what is migrated and what is not, by which rule, for the business to sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, ORIGIN, RECORD
from crmmigrate.model.object_title import object_title
from crmmigrate.model.table import quoted
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from crmmigrate.model.scope import KeepRule, ScopeRules
    from crmmigrate.model.table import Tables

WORKBOOK = "03_迁移范围确认单.xlsx"
_LISTED, _KNOWN_BY = 10_000, 4
"""Records listed of an object, and how many of its first columns people recognise them by."""


@dataclass(frozen=True)
class LeftOut:
    """The rows of an object that are left out.

    Args:
        code: of the reason.
        rows: whether a row is, in the order of the rows.
    """

    code: str
    rows: NDArray[np.bool_]


def write_scope(path: Path, language: str, rules: ScopeRules, tables: Tables, out: Mapping[str, LeftOut]) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        rules: the scope.
        tables: all records, by object.
        out: object with rules → what is left out of it.

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
        if name.startswith(
            "_"
        ):  # what stands beside the objects: the files read, records of which nobody knows the parent
            continue
        left = int(out[name].rows.sum()) if name in out else 0
        count = tables[name].rows
        rows.append([object_title(name), count, count - left, left, _in_words(rules, name), None, None])
    sheets = [Sheet(Message("Scope"), columns, rows, locked=True)]
    sheets += [_left_out(name, left, rules, tables) for name, left in out.items() if left.rows.any()]
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


def _left_out(name: str, left: LeftOut, rules: ScopeRules, tables: Tables) -> Sheet:
    there = list(tables[name].data_columns)
    judged = {rule.column for rule in rules.objects[name].keep if not rule.child}  # whoever signs sees what decided
    shown = there[:_KNOWN_BY] + [column for column in there[_KNOWN_BY:] if column in judged]
    columns = [
        Column(RECORD, hidden=True), Column(Message("Source row")), *map(Column, shown), Column(Message("Reason")),
        Column(Message("Needed after all?"), entry=True, choices=(Message("yes"), Message("no"))),
        Column(Message("Remarks"), entry=True, width=30), Column(Message("Confirmed by"), entry=True),
    ]  # fmt: skip
    title = Message("Out of scope: {object}", object=object_title(name))
    return Sheet(title, columns, _rows(name, shown, left, tables), locked=True)


def _rows(name: str, shown: Sequence[str], left: LeftOut, tables: Tables) -> Iterator[list[Any]]:
    import numpy as np

    chosen = ", ".join(quoted(column) for column in (RECORD, ORIGIN, *shown))
    numbered = f"SELECT *, row_number() OVER () - 1 AS _n FROM {quoted(name)}"
    query = f"SELECT {chosen} FROM ({numbered}) WHERE _n IN (SELECT unnest(?)) ORDER BY {RECORD}"
    for row in tables.sql(query, [np.flatnonzero(left.rows)[:_LISTED].tolist()]).to_pylist():
        told = CODES.get(left.code, left.code)
        yield [row[RECORD], row[ORIGIN], *(row[column] for column in shown), told, None, None, None]
