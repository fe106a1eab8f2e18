"""The workbook of rejected rows: each with its place, its reason in the reader's language, and its own columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, ORIGIN, RECORD
from crmmigrate.model.stage import Report
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    Rows = Callable[[], Iterator[pd.DataFrame]]

NAME = "待修正数据.xlsx"


def rejects_report(
    rows: Mapping[str, Rows], aside: pd.DataFrame, name: str = NAME, titles: Mapping[str, str] | None = None
) -> Report:
    """Return the workbook as a stage's report.

    Args:
        rows: table → a function that yields its rows in batches, with `_record`; only those set aside are written.
        aside: rows of `ASIDE_COLUMNS`; those with the reason `rejected` or `quarantined` are written.
        name: of the file.
        titles: table → what people call it, which names its sheet; without one the sheet is named as the table is.
    """

    def write(path: Path, language: str) -> None:
        write_rejects(path, language, rows, aside, titles or {})

    return Report(name, write)


def write_rejects(
    path: Path, language: str, rows: Mapping[str, Rows], aside: pd.DataFrame, titles: Mapping[str, str]
) -> None:
    """Write one sheet per table: `_record` (hidden), place, reason, code, column, then the row's own columns.

    A row with several reasons is written once, its reasons behind each other. The columns that the reasons name are
    tinted; the hidden `_record` says which row it is.

    Args:
        path: the .xlsx file.
        language: of the reasons.
        rows: as for `rejects_report`.
        aside: as for `rejects_report`.
        titles: as for `rejects_report`.
    """
    wanted = aside[aside["reason"].isin(["rejected", "quarantined"])]
    sheets = [
        _sheet(titles.get(str(table)) or str(table), rows[str(table)], reasons)
        for table, reasons in wanted.groupby("table", sort=False)
        if table in rows
    ]
    notes = [
        Message("These rows were not migrated. Correct them in the source and run again: no command takes this workbook back yet."),
        Message("Each row says where it comes from and why it was set aside; the yellow columns are those with wrong values."),
    ]  # fmt: skip
    write_workbook(path, language, sheets, title=Message("Rows to be corrected"), notes=notes)


def _sheet(title: str, rows: Rows, reasons: pd.DataFrame) -> Sheet:
    first = next(rows())
    data = [name for name in first.columns if not str(name).startswith("_")]
    wrong = set(reasons["column"])
    fixed = [Column(RECORD, hidden=True), Column(Message("Place")), Column(Message("Reason")), Column(Message("Code")), Column(Message("Column"))]  # fmt: skip
    return Sheet(
        title, [*fixed, *(Column(str(name), entry=name in wrong) for name in data)], _rows(rows, reasons, data)
    )


def _rows(rows: Rows, reasons: pd.DataFrame, data: list[Any]) -> Iterator[list[Any]]:
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
            columns = tuple(dict.fromkeys(column for _, column in codes if column))
            yield [record, origin, titles, tuple(code for code, _ in codes), columns, *values]
