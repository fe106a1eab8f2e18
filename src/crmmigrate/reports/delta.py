"""The workbook of a delta's plan: what is new, changed and gone in the sources, and what would become of it in the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.delta import GONE
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.conflicts import conflict_sheet
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

PLAN_BOOK = "增量计划.xlsx"
COUNT_TITLES = {
    "new": Message("new"),
    "changed": Message("changed"),
    "taken_over": Message("row taken over from another record"),
    "unchanged": Message("unchanged"),
    "again": Message("refused or left alone before, still the same: tried again"),
    "split": Message("without a row of its own, to be settled"),
    "waiting": Message("left out: waiting for another wave, or in none"),
    "taken_back": Message("left out: taken out by a rollback"),
    "given_back": Message("left as a rollback gave it back"),
    "deleted": Message("gone from the sources"),
    "merged": Message("become one with another"),
    "set_aside": Message("no longer to be migrated"),
    "fields": Message("fields changed"),
}
"""The figures of one object, in the order in which they are told."""
PLANNED_TITLES = {
    "inserted": Message("would be inserted"),
    "updated": Message("would be updated"),
    "archived": Message("would be archived"),
    "deleted": Message("would be deleted"),
    "withheld": Message("left alone: edited in the target"),
    "rejected": Message("would be refused"),
}


def write_delta(
    path: Path, language: str, *, changes: pd.DataFrame, conflicts: pd.DataFrame, facts: Mapping[str, Any], run: str
) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: of the titles.
        changes: `CHANGE_COLUMNS` of `checks.delta_rows`.
        conflicts: `CONFLICT_COLUMNS`.
        facts: of the stage.
        run: of the stage.
    """
    origins: dict[str, dict[str, str]] = {}
    for name, record, origin in changes[["object", "_record", "_origin"]].itertuples(index=False, name=None):
        if isinstance(origin, str):
            origins.setdefault(name, {})[record] = origin
    sheets = [
        _summary(facts), _records(Message("New"), changes, ("new", "again", "split")), _fields(changes),
        _records(Message("Left out"), changes, ("waiting", "taken_back", "given_back")),
        _records(Message("Gone from the sources"), changes, tuple(GONE)), conflict_sheet(conflicts, "", origins),
    ]  # fmt: skip
    notes = [
        Message("Compared with the load {run}. Nothing has been written by this plan.", run=facts["since"]),
        Message(
            "New: is inserted, or found by its match key. Changed: is written field by field, where the target still holds what was loaded."
        ),
        Message(
            "Left out: waits for its wave (load --wave), or was taken out, or given back what it held, by a rollback and stays so (unless --rolled-back load is given)."
        ),
        Message("Gone: stays in the target, unless --deletes archive or --deletes delete is given."),
        Message("Conflicts: people edited these in the target. They are never overwritten."),
        Message("What the database itself refuses shows only when it is written."),
        Message("made by run {run}", run=run),
    ]
    write_workbook(path, language, sheets, title=Message("What changed in the sources"), notes=notes, personal=True)


def _summary(facts: Mapping[str, Any]) -> Sheet:
    columns = [Column(Message("Object"))]
    columns += [Column(title, number=True) for title in (*COUNT_TITLES.values(), *PLANNED_TITLES.values())]
    rows = (
        [
            object_title(name),
            *(counts[word] for word in COUNT_TITLES),
            *(facts["planned"].get(name, {}).get(word) for word in PLANNED_TITLES),
        ]
        for name, counts in facts["objects"].items()
    )
    return Sheet(Message("Overview"), columns, rows)


def _records(title: Message, changes: pd.DataFrame, kinds: tuple[str, ...]) -> Sheet:
    columns = [Column(Message("Object")), Column(Message("What happened")), Column(Message("Record")), Column(Message("Place")),
               Column(Message("Other record"))]  # fmt: skip
    said = COUNT_TITLES | GONE
    rows = (
        [object_title(row["object"]), said[row["kind"]], row["_record"], row["_origin"], row["other"]]
        for row in changes[changes["kind"].isin(kinds) & ~changes["column"].astype(bool)].to_dict("records")
    )
    return Sheet(title, columns, rows)


def _fields(changes: pd.DataFrame) -> Sheet:
    columns = [Column(Message("Object")), Column(Message("What happened")), Column(Message("Record")), Column(Message("Place")),
               Column(Message("Other record")), Column(Message("Column")), Column(Message("Loaded before")),
               Column(Message("In the sources now"))]  # fmt: skip
    return Sheet(
        Message("Changed"), columns, _changed(changes[changes["kind"].isin(("changed", "taken_over", "again"))])
    )


def _changed(changes: pd.DataFrame) -> Iterator[list[Any]]:
    for row in changes.to_dict("records"):
        if row["column"] or row["kind"] == "taken_over":
            yield [object_title(row["object"]), COUNT_TITLES[row["kind"]], row["_record"], row["_origin"], row["other"], row["column"],
                   row["before"], row["after"]]  # fmt: skip
