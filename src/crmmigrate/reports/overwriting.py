"""人工改动清单: what people edited or deleted in the target since it was loaded, and a load of all rows would write over or bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import RECORD
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

EDITS_BOOK = "人工改动清单.xlsx"
_DONE = {"edited": Message("edited in the target"), "gone": Message("deleted in the target")}


def write_edits(path: Path, language: str, *, found: pd.DataFrame, origins: Mapping[str, Mapping[str, str]]) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        found: `CONFLICT_COLUMNS`.
        origins: object → record → where a person finds it.

    Raises:
        OSError: it cannot be written.
    """
    columns = [
        Column(Message("Object")), Column(Message("Place")), Column(Message("Record")), Column(Message("Key in the target")),
        Column(Message("What people did")), Column(Message("Column")), Column(Message("Loaded before")), Column(Message("In the target now")),
        Column(Message("In the sources now")),
    ]  # fmt: skip
    notes = [
        Message("People edited these fields of the target, or deleted these rows, after they were loaded."),
        Message("A load of all rows writes over the fields and brings the rows back. A delta does not: it brings in only what changed in the sources."),
    ]  # fmt: skip
    sheet = Sheet(Message("Edits in the target"), columns, _rows(found, origins))
    write_workbook(path, language, [sheet], title=Message("Edits in the target"), notes=notes, personal=True)


def _rows(found: pd.DataFrame, origins: Mapping[str, Mapping[str, str]]) -> Iterator[list[Any]]:
    for row in found.to_dict("records"):
        name, record = row["object"], row[RECORD]
        place = origins.get(name, {}).get(record, record)
        yield [
            object_title(name),
            place,
            record,
            row["key"],
            _DONE[row["kind"]],
            row["column"],
            row["base"],
            row["theirs"],
            row["ours"],
        ]
