"""回滚保留清单: what a rollback left in the target because people have worked with it since, for the business to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

WORKBOOK = "回滚保留清单.xlsx"
_OUTCOMES = {
    "undone_in_part": Message("undone but for fields that were edited since"),
    "kept_edited": Message("kept: edited since"),
    "kept_referenced": Message("kept: other rows depend on it"),
    "gone": Message("gone: deleted since"),
    "error": Message("refused by the database"),
}


def write_kept(path: Path, language: str, *, kept: pd.DataFrame, run: str, applied: bool) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        kept: `KEPT_COLUMNS`.
        run: the load that is undone.
        applied: whether it was undone, or only planned.

    Raises:
        OSError: it cannot be written.
    """
    columns = [
        Column(Message("Object")), Column(Message("Key in the target")), Column(Message("What became of it")),
        Column(Message("Edited fields"), width=40), Column(Message("Remarks"), entry=True, width=30),
    ]  # fmt: skip
    state = (
        Message("The load {run} was undone; these rows were not, or not wholly.", run=run)
        if applied
        else Message("The load {run} was not undone yet; when it is, these rows will not be, or not wholly.", run=run)
    )
    notes = [
        state,
        Message("Nothing that people did in the target was overwritten or deleted. Settle each row there by hand; then the rollback can be run again."),
    ]  # fmt: skip
    write_workbook(
        path, language, [Sheet(Message("Kept"), columns, _rows(kept), locked=True)], title=Message("Kept by the rollback"), notes=notes
    )  # fmt: skip


def _rows(kept: pd.DataFrame) -> Iterator[list[Any]]:
    for row in kept.fillna("").to_dict("records"):
        yield [
            object_title(row["object"]), row["key"], _OUTCOMES.get(row["outcome"], row["outcome"]), row["columns"], None,
        ]  # fmt: skip
