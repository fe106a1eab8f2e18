"""Workbooks in Office Open XML: .xlsx, .xlsm, and those that only are called otherwise."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources import _layout
from crmmigrate.sources._blocks import Body
from crmmigrate.sources._cells import SheetReader
from crmmigrate.sources._decode import Decoder
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, dropped_noter, letters
from crmmigrate.sources._request import no_rows
from crmmigrate.sources._workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._cells import Survey
    from crmmigrate.sources._request import Request
    from crmmigrate.sources._workbook import Sheet

TITLE = Message("Excel workbook")

declare_code("source.number-precision-lost", Message("a number of more than 15 digits lost its last digits in Excel"))
declare_code("source.error-cell", Message("the cell shows an error of Excel"))
declare_code("source.formula-without-value", Message("the formula was saved without its value"))
declare_code("source.cell-unread", Message("something in the cell could not be read"))
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
        decode = Decoder(book.texts(), book.formats(), date1904=book.date1904)
        file = {**request.facts, "format": "xlsx"}
        read_any = False
        for sheet in book.sheets:
            if request.wants(sheet.name):
                table = _table(request, sheet, SheetReader(book, sheet, decode), dict(file))
                if table is not None:
                    read_any = True
                    yield table
    finally:
        book.close()
    if not read_any and not request.patterns:
        raise no_rows(f"{request.path}#{request.table}" if request.table else str(request.path))


def _table(request: Request, sheet: Sheet, reader: SheetReader, facts: dict[str, Any]) -> SourceTable | None:
    head = _head(reader)
    if not head:
        return None
    used = Counter(index for _, cells in head for index in cells)
    survey = reader.survey(set(used))
    layout = _layout.find(head, survey.merges, used + survey.columns)
    names = column_names(layout.labels, layout.columns)
    facts.update(_facts(sheet, survey, layout))
    where = f"{request.inside}#{sheet.name}!"
    unnamed = () if layout.header else (cell_issue(sheet.name, f"{where}{layout.first}", "", "source.no-header", None),)
    table = SourceTable(sheet.name, request.inside, data_columns(names), lambda: iter(()), facts, list(unnamed))

    def batches() -> Iterator[pd.DataFrame]:
        body = Body(layout, survey.merges, dropped_noter(table, where))
        yield from body.frames(_checked(reader.blocks(), table, (layout, names), where), names, where)
        facts.update(body.facts)

    table.read = batches
    return table


def _head(reader: SheetReader) -> list[tuple[int, dict[int, str]]]:
    """Return the first rows in which there is something."""
    head: list[tuple[int, dict[int, str]]] = []
    for block in reader.blocks():
        for row in block.cut(0, min(len(block.numbers), _layout.LOOK * 2)).rows():
            if any(text.strip() for text in row[1].values()):
                head.append(row)
                if len(head) == _layout.LOOK:
                    return head
    return head


def _facts(sheet: Sheet, survey: Survey, layout: _layout.Layout) -> dict[str, Any]:
    corner = layout.header[0] if layout.header else layout.first
    return {
        "header": list(layout.header),
        "region": f"{letters(layout.columns[0])}{corner}:{letters(layout.columns[-1])}{survey.last}",
        "hidden": {"sheet": sheet.hidden, "rows": survey.hidden_rows,
                   "columns": [letters(index) for index in sorted(survey.hidden_columns)]},
    }  # fmt: skip


def _checked(
    blocks: Iterator[Block], table: SourceTable, known: tuple[_layout.Layout, tuple[str, ...]], where: str
) -> Iterator[Block]:
    """Turn what is wrong with cells into issues of the table while its rows stream by."""
    layout = known[0]
    names = dict(zip(layout.columns, known[1], strict=True))
    for block in blocks:
        for number, index, code, text in (*block.troubles, *_outside(block, names)):
            if number >= layout.first:
                column = names.get(index, letters(index))
                table.issues.append(cell_issue(table.name, f"{where}{number}", column, code, text or None))
        yield block


def _outside(block: Block, names: dict[int, str]) -> Iterator[tuple[int, int, str, str]]:
    for index in sorted(block.columns.keys() - names.keys()):
        for number, text in zip(block.numbers, block.columns[index].to_pylist(), strict=True):
            if text and text.strip():
                yield int(number), index, "source.cell-outside", text
