"""Workbooks in Office Open XML: .xlsx, .xlsm, and those that only are called otherwise."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources import _layout
from crmmigrate.sources._cells import SheetReader
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, frames, letters
from crmmigrate.sources._request import no_rows
from crmmigrate.sources._table import Body
from crmmigrate.sources._workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.sources._cells import SheetRow, Survey
    from crmmigrate.sources._request import Request
    from crmmigrate.sources._workbook import Sheet

TITLE = Message("Excel workbook")

declare_code("source.number-precision-lost", Message("a number of more than 15 digits lost its last digits in Excel"))
declare_code("source.error-cell", Message("the cell shows an error of Excel"))
declare_code("source.formula-without-value", Message("the formula was saved without its value"))
declare_code("source.cell-outside", Message("a cell stands outside the table"))
declare_code("source.no-header", Message("the table has no header row"))


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a workbook: one per sheet in which there is something.

    Raises:
        LocationError: the workbook is damaged, absurdly large or empty, or has no such sheet.
    """
    book = Workbook(request.path)
    try:
        request.check_table(sheet.name for sheet in book.sheets)
        texts = book.texts()
        formats = book.formats()
        file = request.facts
        read_any = False
        for sheet in book.sheets:
            if not request.wants(sheet.name):
                continue
            table = _table(request, sheet, SheetReader(book, sheet, texts, formats), {**file, "format": "xlsx"})
            if table is not None:
                read_any = True
                yield table
    finally:
        book.close()
    if not read_any and not request.patterns:
        raise no_rows(f"{request.path}#{request.table}" if request.table else str(request.path))


def _table(request: Request, sheet: Sheet, reader: SheetReader, facts: dict[str, Any]) -> SourceTable | None:
    survey = reader.survey()
    rows = ((row.number, row.cells) for row in reader.rows())
    head = list(islice((row for row in rows if any(text.strip() for text in row[1].values())), _layout.LOOK))
    if not head:
        return None
    layout = _layout.find(head, survey.merges, survey.columns)
    names = column_names(layout.labels, layout.columns)
    facts.update(_facts(sheet, survey, layout))
    table = SourceTable(sheet.name, request.inside, data_columns(names), lambda: iter(()), facts)
    where = f"{request.inside}#{sheet.name}!"
    if not layout.header:
        table.issues.append(cell_issue(sheet.name, f"{where}{layout.first}", "", "source.no-header", None))
    table = SourceTable(sheet.name, request.inside, table.columns, lambda: iter(()), facts, table.issues)

    def batches() -> Iterator[pd.DataFrame]:
        body = Body(layout, survey.merges)
        strays = _Troubles(table, names, layout, where)
        yield from frames(body.rows(strays.of(reader.rows())), names, where)
        facts.update(body.facts)

    table.read = batches
    return table


def _facts(sheet: Sheet, survey: Survey, layout: _layout.Layout) -> dict[str, Any]:
    corner = layout.header[0] if layout.header else layout.first
    return {
        "header": list(layout.header),
        "region": f"{letters(layout.columns[0])}{corner}:{letters(layout.columns[-1])}{survey.last}",
        "hidden": {"sheet": sheet.hidden, "rows": survey.hidden_rows,
                   "columns": [letters(index) for index in sorted(survey.hidden_columns)]},
    }  # fmt: skip


class _Troubles:
    """Turns what is wrong with cells into issues of the table while its rows stream by."""

    def __init__(self, table: SourceTable, names: tuple[str, ...], layout: _layout.Layout, where: str) -> None:
        self._table = table
        self._names = dict(zip(layout.columns, names, strict=True))
        self._first = layout.first
        self._where = where

    def of(self, rows: Iterator[SheetRow]) -> Iterator[tuple[int, dict[int, str]]]:
        for row in rows:
            if row.number >= self._first:
                for index, code, text in row.troubles:
                    self._add(row.number, index, code, text)
                if not row.cells.keys() <= self._names.keys():
                    for index in row.cells.keys() - self._names.keys():
                        if row.cells[index].strip():
                            self._add(row.number, index, "source.cell-outside", row.cells[index])
            yield row.number, row.cells

    def _add(self, number: int, index: int, code: str, text: str) -> None:
        column = self._names.get(index, letters(index))
        self._table.issues.append(cell_issue(self._table.name, f"{self._where}{number}", column, code, text or None))
