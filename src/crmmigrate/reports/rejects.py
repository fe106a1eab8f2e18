"""The workbook of rejected rows: each with its place, its reason in the reader's language, and its own columns.

People correct the cells and feed the workbook in again (`load --rejects`). Hidden keys say which row is meant and of which
run the workbook is, so rows may be sorted, filtered and left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, ORIGIN, RECORD
from crmmigrate.model.object_title import object_title
from crmmigrate.model.stage import Report
from crmmigrate.reports.cells import as_written
from crmmigrate.reports.returned import read_back, signed_by
from crmmigrate.reports.seal import BATCH, NO_BATCH
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from crmmigrate.model.schema import TargetTable
    from crmmigrate.model.source_columns import Behind

    Rows = Callable[[], Iterator[pd.DataFrame]]

NAME = "待修正数据.xlsx"
_REASON, _BY = Message("Reason for the change"), Message("Done by")
_OBJECT = "_object"
_SUGGESTIONS = {
    "dedupe.ambiguous-parent": Message(
        "decide when reviewing duplicates that the records with this key are one, or give one of them another key and name the right one here"
    ),
    "map.reference-missing": Message(
        "write in the tinted cells what the record it belongs to is called; that record may stand in this workbook too"
    ),
    "load.parent-missing": Message("correct the row it refers to; it may stand in this workbook too"),
    "load.match-blank": Message("fill in the key"),
    "load.match-ambiguous": Message("settle the doubled rows in the target, then feed this row in again"),
    "load.match-taken": Message("give one of the two rows another key, or leave this one out"),
    "load.refused-unique": Message("give the row another key, or leave it out if it is in the target already"),
    "load.unfit-character": Message(
        "give the column a standard in the data standard ('text' at least): it takes such characters out; then run the migration again"
    ),
    "load.unfit-length": Message("shorten the text"),
    "load.refused-length": Message("shorten the text"),
}
_OF_TINTED = frozenset({"map.reference-missing"})
"""Suggestions that speak of tinted cells: given where there are some."""
_CORRECT, _COMPLETE = Message("correct the tinted cells"), Message("fill in the tinted cells")

Cells = dict[tuple[str, str, str], str | None]
"""(object, record, column) → the value that people gave it already."""


def rejects_report(
    rows: Mapping[str, Rows],
    aside: pd.DataFrame,
    name: str = NAME,
    *,
    run: str = "",
    corrected: Cells | None = None,
    targets: Mapping[str, TargetTable] | None = None,
    behind: Behind | None = None,
) -> Report:
    """Return the workbook as a stage's report.

    Args:
        rows: table → a function that yields its rows in batches, with `_record`; only those set aside are written.
        aside: rows of `ASIDE_COLUMNS`, set aside for a fault.
        name: of the file.
        run: that makes the workbook; it is fed in again only while nothing was loaded since.
        corrected: cells that people corrected before: what they gave is shown, not what the source says.
        targets: table → the table of the target that it goes to: what people call that names the sheet, which else is named as the object is; its
            CHECKs explain refusals.
        behind: table → what the target's columns are made from: a reason that names a target column is shown at these.
    """

    def write(path: Path, language: str) -> None:
        sheets = [
            _sheet(
                rows[name], reasons, corrected or {}, Sheet(title, (), (), locked=True, batch=run or NO_BATCH),
                _Explained(name, checks, (behind or {}).get(name, {})),
            )
            for name, title, checks, reasons in _tables(rows, aside, targets or {})
        ]  # fmt: skip
        _write(path, language, sheets)

    return Report(name, write)


def _tables(
    rows: Mapping[str, Rows], aside: pd.DataFrame, targets: Mapping[str, TargetTable]
) -> Iterator[tuple[str, Message | str, Mapping[str, str], pd.DataFrame]]:
    """Yield each table of which rows were set aside: its name, its title, the CHECKs of its target, and the reasons."""
    for table, reasons in aside.groupby("table", sort=False):
        name = str(table)
        if name in rows:
            target = targets.get(name)
            yield name, (target.title if target else "") or object_title(name), target.checks if target else {}, reasons


def _write(path: Path, language: str, sheets: list[Sheet]) -> None:
    """Write one sheet per table: `_record` (hidden), place, reason, code, column, then the row's own columns.

    A row with several reasons is written once, its reasons behind each other. The columns that the reasons name are
    tinted; the hidden `_record` says which row it is.
    """
    notes = [
        Message("These rows were not migrated. Correct them in the yellow columns, or in any other of their own columns."),
        Message("Each row says where it comes from and why it was set aside; the yellow columns are those with wrong values."),
        Message("Rows you leave alone or take out stay as they are."),
        Message("Then: crmmigrate load migration.yaml --rejects WORKBOOK"),
    ]  # fmt: skip
    write_workbook(
        path,
        language,
        sheets,
        title=Message("Rows to be corrected"),
        notes=notes,
        signatures=[Message("Owner of the data")],
        personal=True,
    )


@dataclass(frozen=True)
class _Explained:
    """What is known of the target's columns of one table.

    Args:
        table: of which they are.
        checks: name of a CHECK → its text.
        behind: column of the target → the row's own columns that it is made from.
    """

    table: str
    checks: Mapping[str, str]
    behind: Mapping[str, tuple[str, ...]]

    def own(self, column: str, data: list[str]) -> tuple[str, ...]:
        """Return the row's own columns that a reason speaks of; none where it is about none of them.

        Of a value that was made from several columns, the reason names them all, with `+` between them.
        """
        if column in data:
            return (column,)
        named = self.behind.get(column) or tuple(column.split(" + "))
        return tuple(name for name in named if name in data)


def _sheet(rows: Rows, reasons: pd.DataFrame, corrected: Cells, empty: Sheet, explained: _Explained) -> Sheet:
    """Return `empty` with the columns and rows of one table."""
    first = next(rows())
    data = [str(name) for name in first.columns if not str(name).startswith("_")]
    named = {column for column in reasons["column"] if isinstance(column, str)}
    wrong = {name for column in named for name in explained.own(column, data)}
    fixed = [
        Column(RECORD, hidden=True), Column(_OBJECT, hidden=True), Column(Message("Place")),
        Column(Message("Reason")), Column(Message("Code")), Column(Message("Column")), Column(Message("Suggestion")),
        Column(_REASON, entry=True), Column(_BY, entry=True),
    ]  # fmt: skip
    own = (Column(name, entry=name in wrong, free=True) for name in data)
    return replace(empty, columns=[*fixed, *own], rows=_rows(rows, reasons, data, corrected, explained))


def _rows(
    rows: Rows, reasons: pd.DataFrame, data: list[str], corrected: Cells, explained: _Explained
) -> Iterator[list[Any]]:
    table = explained.table
    why: dict[str, list[tuple[str, str]]] = {}
    for record, code, column in zip(reasons[RECORD], reasons["code"], reasons["column"], strict=True):
        why.setdefault(record, []).append((code, column if isinstance(column, str) else ""))
    for batch in rows():
        chosen = batch[batch[RECORD].isin(why.keys())]
        origins = chosen[ORIGIN] if ORIGIN in chosen.columns else [None] * len(chosen)
        for record, origin, values in zip(
            chosen[RECORD], origins, chosen[data].itertuples(index=False, name=None), strict=True
        ):
            codes = why[record]
            titles = tuple(CODES.get(code, code) for code, _ in codes)
            shown = [name for _, column in codes if column for name in explained.own(column, data) or (column,)]
            advice = tuple(dict.fromkeys(_suggestion(code, column, data, explained) for code, column in codes))
            cells = [corrected.get((table, record, name), value) for name, value in zip(data, values, strict=True)]
            yield [
                record, table, origin, titles, tuple(code for code, _ in codes), tuple(dict.fromkeys(shown)),
                tuple(text for text in advice if text), None, None, *cells,
            ]  # fmt: skip


def _suggestion(code: str, column: str, data: list[str], explained: _Explained) -> Message | str:
    """Return what to do about a reason; nothing where its column is none of the row's own."""
    if code == "load.refused-check" and column in explained.checks:
        return Message("the target's condition {name}: {check}", name=column, check=explained.checks[column])
    blank = any(word in code for word in ("blank", "not-null", "required", "missing"))
    tinted = (_COMPLETE if blank else _CORRECT) if explained.own(column, data) else ""
    return tinted if code in _OF_TINTED and not tinted else _SUGGESTIONS.get(code) or tinted


# ------------------------------------------------------------------------------------------------ what comes back


@dataclass(frozen=True)
class Returned:
    """One row of a workbook that came back.

    Args:
        object: the business object; `record` says which row.
        run: that made the workbook.
        cells: header → text as it stands there now, with the blanks around it.
        reason: why it was changed, `by` whom; both may be empty.
        place: `book.xlsx!sheet!12`.
    """

    object: str
    record: str
    run: str
    cells: Mapping[str, str]
    reason: str
    by: str
    place: str

    def changed(self, column: str, before: str | None) -> bool:
        """Whether the cell says something else than was written into it; a column taken out says nothing.

        Blanks that were taken away from around it are a change, those that crept in are none.
        """
        if column not in self.cells:
            return False
        now, then = _lines(self.cells[column]), _lines(as_written(before or ""))
        return now != then and (now == now.strip() or now.strip() != then.strip())


def _lines(text: str) -> str:
    """Return a text with one kind of line end: XML keeps no other."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_rejects(path: Path) -> tuple[Returned, ...]:
    """Read the rows of a workbook that people corrected.

    Raises:
        LocationError: the workbook cannot be read.
        ConfigurationError: it is none of ours.
        Findings: rows whose hidden keys are gone or that stand there twice, each with its place.
    """
    titles: dict[str, Message | str] = {RECORD: RECORD, _OBJECT: _OBJECT, BATCH: BATCH, "reason": _REASON, "by": _BY}
    made_by = Message("give a workbook of rows to be corrected that 'reconcile' wrote; its hidden columns must stay")
    signer = signed_by(path, "rejects")
    found: dict[tuple[str, str], Returned] = {}
    errors: list[ConfigurationError] = []
    for line in read_back(
        path, titles, (RECORD, _OBJECT), code="rejects", made_by=made_by, rest=True, blanks=True, altered=errors
    ):
        key = line[_OBJECT], line[RECORD]
        if not (all(key) and line[BATCH]):
            errors.append(ConfigurationError(
                "rejects.key-missing", Message("the hidden keys of this row are gone"), line.place,
                Message("rows cannot be added here; copy the row from the workbook as it was made"),
            ))  # fmt: skip
        elif key in found:
            errors.append(ConfigurationError(
                "rejects.twice", Message("the row stands there twice; first: {place}", place=found[key].place), line.place,
                Message("leave one of them"),
            ))  # fmt: skip
        else:
            found[key] = Returned(*key, line[BATCH], line.rest, line["reason"], line["by"] or signer, line.place)
    if errors:
        raise Findings(errors)
    return tuple(found.values())
