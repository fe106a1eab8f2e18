"""回滚保留清单: what a rollback left in the target because people have worked with it since, for the business to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.object_title import object_title
from crmmigrate.model.target import OUTCOME_TITLES, PLANNED_TITLES
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

WORKBOOK = "回滚保留清单.xlsx"


def write_kept(path: Path, language: str, *, kept: pd.DataFrame, facts: Mapping[str, Any]) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        kept: `KEPT_COLUMNS`.
        facts: of the rollback: the run that it `undoes`, and whether it was `applied`, which a rehearsal and a plan are not.

    Raises:
        OSError: it cannot be written.
    """
    columns = [
        Column(Message("Object")), Column(Message("Key in the target")), Column(Message("What became of it")),
        Column(Message("Edited fields"), width=40), Column(Message("Remarks"), entry=True, width=30),
    ]  # fmt: skip
    run = facts["undoes"]
    state = (
        Message("{run} was undone; these rows were not, or not wholly.", run=run)
        if facts["applied"]
        else Message("{run} was not undone yet; when it is, these rows will not be, or not wholly.", run=run)
    )
    titles = OUTCOME_TITLES if facts["applied"] else PLANNED_TITLES
    notes = [
        state,
        Message("Nothing that people did in the target was overwritten or deleted. Settle each row there by hand; then the rollback can be run again."),
    ]  # fmt: skip
    write_workbook(
        path, language, [Sheet(Message("Kept"), columns, _rows(kept, titles), locked=True)], title=Message("Kept by the rollback"), notes=notes
    )  # fmt: skip


def _rows(kept: pd.DataFrame, titles: Mapping[Any, Message]) -> Iterator[list[Any]]:
    for row in kept.fillna("").to_dict("records"):
        yield [
            object_title(row["object"]), row["key"], titles[row["outcome"]], row["columns"], None,
        ]  # fmt: skip
