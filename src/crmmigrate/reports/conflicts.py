"""The workbook of what a delta left alone because people edited it in the target: three values beside each other, for decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.delta import CONFLICTS
from crmmigrate.model.issue import RECORD
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.cells import as_written
from crmmigrate.reports.returned import read_back, signed_by
from crmmigrate.reports.seal import BATCH
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

CONFLICT_BOOK = "增量冲突.xlsx"
KEPT = "conflicts"
"""The folder beside a migration.yaml in which workbooks that came back are kept."""
_OBJECT, _COLUMN = "_object", "_column"
_DECISION, _REASON, _BY = Message("Decision"), Message("Reason for the change"), Message("Done by")
_KEEP, _TAKE = Message("keep what the target holds"), Message("take what the sources say")
_THEIRS = Message("In the target now")


def conflict_sheet(found: pd.DataFrame, run: str, origins: Mapping[str, Mapping[str, str]]) -> Sheet:
    """Return the sheet of conflicts.

    Args:
        found: `CONFLICT_COLUMNS`.
        run: that met them; empty in a plan, whose sheet is not to be filled in.
        origins: object → record → where a person finds it.
    """
    columns = [
        Column(RECORD, hidden=True), Column(_OBJECT, hidden=True), Column(_COLUMN, hidden=True),
        Column(Message("Object")), Column(Message("Place")), Column(Message("Key in the target")), Column(Message("Column")),
        Column(Message("Conflict")), Column(Message("Loaded before")), Column(Message("In the sources now")), Column(_THEIRS),
    ]  # fmt: skip
    entries = [
        Column(_DECISION, entry=True, choices=(_KEEP, _TAKE)),
        Column(_REASON, entry=True),
        Column(_BY, entry=True),
    ]
    return Sheet(
        Message("Conflicts"), [*columns, *(entries if run else [])], _rows(found, run, origins), locked=True, batch=run
    )


def _rows(found: pd.DataFrame, run: str, origins: Mapping[str, Mapping[str, str]]) -> Iterator[list[Any]]:
    for row in found.to_dict("records"):
        name, record, column = row["object"], row[RECORD], row["column"]
        place = origins.get(name, {}).get(record, record)
        yield [
            record, name, column, object_title(name), place, row["key"], column, CONFLICTS.get(row["kind"], row["kind"]),
            row["base"], row["ours"], row["theirs"], *([None] * 3 if run else []),
        ]  # fmt: skip


def write_conflicts(
    path: Path, language: str, *, found: pd.DataFrame, run: str, origins: Mapping[str, Mapping[str, str]]
) -> None:
    """Write the workbook; arguments as of `conflict_sheet`."""
    notes = [
        Message("People edited these fields or rows in the target after they were loaded, and the sources say something else now."),
        Message("Nothing was overwritten: what stands in the target was kept. Decide for each line, in the last columns."),
        Message("Lines without a decision stay as they are and come again with the next delta."),
        Message("Rows that were to be deleted or archived are settled in the target by hand."),
        Message("Then: crmmigrate delta migration.yaml --decided WORKBOOK --apply"),
    ]  # fmt: skip
    write_workbook(
        path,
        language,
        [conflict_sheet(found, run, origins)],
        title=Message("Conflicts with edits in the target"),
        personal=True,
        notes=notes,
        signatures=[Message("Owner of the data")],
    )


@dataclass(frozen=True)
class Decided:
    """What people decided about a field, or about a row that somebody deleted in the target (no column).

    Args:
        object: and `record`: the row.
        run: the delta that met the conflict.
        column: of the target.
        take: the sources are right, else the target.
        theirs: what the target held when people decided; written over only while it still does.
        place: `book.xlsx!sheet!12`.
        reason: why; empty where nothing is said.
        by: who decided, else who signed the workbook; empty where nobody did.
    """

    object: str
    record: str
    run: str
    column: str
    take: bool
    theirs: str | None
    place: str
    reason: str
    by: str


def read_decided(path: Path) -> tuple[Decided, ...]:
    """Return what people decided.

    Raises:
        LocationError: the workbook cannot be read.
        ConfigurationError: it is none of ours.
        Findings: decisions that are none of the choices, or about a whole row, each with its place.
    """
    titles: dict[str, Message | str] = {
        RECORD: RECORD, _OBJECT: _OBJECT, BATCH: BATCH, _COLUMN: _COLUMN, "decision": _DECISION, "theirs": _THEIRS, "reason": _REASON, "by": _BY, "kind": Message("Conflict"),
    }  # fmt: skip
    made_by = Message("give a workbook of conflicts that 'delta --apply' wrote; its hidden columns must stay")
    take, keep = ({word.text(language) for language in LANGUAGES} for word in (_TAKE, _KEEP))
    edited, gone = ({CONFLICTS[word].text(language) for language in LANGUAGES} for word in ("edited", "gone"))
    signer = signed_by(path, "conflicts")
    found: list[Decided] = []
    errors: list[ConfigurationError] = []
    for line in read_back(
        path, titles, (RECORD, _OBJECT, _COLUMN, "decision"), code="conflicts", made_by=made_by, altered=errors
    ):
        said = line["decision"]
        if not said or (said in keep and line["kind"] not in edited | gone):
            continue  # rows to be taken out are settled in the target
        if said not in take | keep:
            errors.append(ConfigurationError(
                "conflicts.unknown-decision", Message("'{word}' is none of the decisions", word=said), line.place,
                Message("one of: {words}", words=f"{_KEEP}, {_TAKE}"),
            ))  # fmt: skip
        elif not (line[RECORD] and line[_OBJECT] and line[BATCH]):
            errors.append(ConfigurationError(
                "conflicts.key-missing", Message("the hidden keys of this row are gone"), line.place,
                Message("rows cannot be added here; copy the row from the workbook as it was made"),
            ))  # fmt: skip
        elif said in take and (not line[_COLUMN] or line["kind"] not in edited):
            errors.append(ConfigurationError(
                "conflicts.whole-row", Message("a whole row is not taken out by decision"), line.place,
                Message("settle it in the target by hand, and leave the decision empty"),
            ))  # fmt: skip
        else:
            found.append(
                Decided(
                    line[_OBJECT], line[RECORD], line[BATCH], line[_COLUMN] or "", said in take, line["theirs"] or None, line.place,
                    line["reason"], line["by"] or signer,
                )
            )  # fmt: skip
    if errors:
        raise Findings(errors)
    return tuple(found)


def holds(decided: Decided, theirs: str | None) -> bool:
    """Whether a value is the one people saw in the workbook, which keeps no control characters and no blanks at the ends."""
    return as_written(theirs or "").strip() == (decided.theirs or "")
