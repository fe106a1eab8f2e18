"""回滚保留清单: what a rollback left in the target because people have worked with it since, for the business to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message, shell_line
from crmmigrate.model.object_title import object_title
from crmmigrate.model.target import OUTCOME_TITLES, PLANNED_TITLES, SourceRow
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

WORKBOOK = "回滚保留清单.xlsx"


def write_kept(
    path: Path,
    language: str,
    *,
    kept: pd.DataFrame,
    facts: Mapping[str, Any],
    behind: Mapping[tuple[str, ...], SourceRow],
    project: str,
) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        kept: `KEPT_COLUMNS` and `_record`.
        facts: of the rollback: the run that it `undoes`, whether it was `applied`, which a rehearsal and a plan are not, and whether it is a `redo`.
        behind: (object, key in the target) → the row of the sources, as far as it is known.
        project: as a command line names it.

    Raises:
        OSError: it cannot be written.
    """
    columns = [
        Column(Message("Object")), Column(Message("Name")), Column(Message("Place")), Column(Message("Record")), Column(Message("Key in the target")),
        Column(Message("What became of it")), Column(Message("Edited fields"), width=40), Column(Message("Remarks"), entry=True, width=30),
    ]  # fmt: skip
    if not facts["redo"]:  # a rollback is undone as a whole only
        columns.append(Column(Message("Options of a rollback of this row"), width=50))
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
        Message("Names are shown by their first and last character."),
    ]  # fmt: skip
    if not facts["redo"]:
        command = Message(
            "To roll back single rows that are settled: crmmigrate rollback {run} --apply --project {project}, with the options behind them; --key may be repeated for rows of one object.",
            run=run,
            project=project,
        )
        notes.append(command)
    rows = _rows(kept, titles, behind, optional=not facts["redo"])
    write_workbook(
        path, language, [Sheet(Message("Kept"), columns, rows, locked=True)], title=Message("Kept by the rollback"), notes=notes
    )  # fmt: skip


def _rows(
    kept: pd.DataFrame, titles: Mapping[Any, Message], behind: Mapping[tuple[str, ...], SourceRow], *, optional: bool
) -> Iterator[list[Any]]:
    unknown = SourceRow("")
    for row in kept.fillna("").to_dict("records"):
        name, key = row["object"], row["key"]
        source = behind.get((name, key), unknown)
        options = shell_line("--object", name, "--key", source.record or key)
        yield [
            object_title(name), source.name, source.origin, source.record, key, titles[row["outcome"]], row["columns"], None,
            *([options] if optional else []),
        ]  # fmt: skip
