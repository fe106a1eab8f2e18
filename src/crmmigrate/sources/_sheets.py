"""From the sheets of a workbook, whatever its format, to tables.

A format's reader hands over each sheet as a `SheetReader`; where the tables are on it is found here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources import _asked, _layout
from crmmigrate.sources._blocks import MAX_BREAKS, Body, behind_blank_rows, windowed
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, dropped_noter, letters
from crmmigrate.sources._request import no_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    import pandas as pd

    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._layout import Layout
    from crmmigrate.sources._request import Request

declare_code("source.number-precision-lost", Message("a number of more than 15 digits lost its last digits in Excel"))
declare_code("source.error-cell", Message("the cell shows an error of Excel"))
declare_code("source.formula-without-value", Message("the formula was saved without its value"))
declare_code("source.cell-unread", Message("something in the cell could not be read"))
declare_code("source.cell-outside", Message("a cell stands outside the table"))
declare_code("source.no-header", Message("the table has no header row"))
declare_code("source.form", Message("labels stand beside the values: a form, not a table"))


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows from 1 as Excel counts them, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Survey:
    """What a first look at a sheet's XML tells.

    Args:
        columns: how many cells that are not empty stand in each column that was not known to be in use.
        last: number of the last row.
        merges: the merged ranges.
        hidden_rows: how many.
        hidden_columns: index of each.
        breaks: numbers of rows that stand behind a blank one, ascending, as many as a reader cares to tell; None where it
            can't be told cheaply. Sheets without any below their first rows are not looked at again.
        near: gives the rows around the breaks alone, where they can be had without reading all the others.
        before: the last row that was passed.
        lists: by column, the values of which a person could choose one.
    """

    columns: Counter[int] = field(default_factory=Counter)
    last: int = 0
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    lists: dict[int, list[str]] = field(default_factory=dict)
    breaks: list[int] | None = None
    near: Callable[[], Iterator[Block]] | None = None
    before: int = 0

    def pass_rows(self, numbers: Any) -> bool:
        """Note the breaks among the next rows; False where they can't be told.

        Args:
            numbers: of rows that may hold something, ascending (NumPy), or None.
        """
        import numpy as np

        if numbers is None:
            return False
        if self.breaks is None:
            self.breaks = []
        if len(numbers):
            starts = numbers[np.diff(numbers, prepend=self.before) > 1]
            self.breaks += starts[: MAX_BREAKS - len(self.breaks)].tolist()
            self.before = int(numbers[-1])
        return True


class SheetReader(Protocol):
    """One sheet of a workbook.

    Args:
        name: as people see it.
        hidden: whether the sheet is hidden.
    """

    name: str
    hidden: bool

    def survey(self, known: AbstractSet[int]) -> Survey:
        """Look at the whole sheet once; of columns in `known` no cells are counted."""

    def blocks(self) -> Iterator[Block]:
        """Yield the rows that have cells, from the top, as a person sees them; anew at each call."""


def tables_of(request: Request, sheets: Iterable[SheetReader], facts: dict[str, Any]) -> Iterator[SourceTable]:
    """Yield the tables of a workbook: of each sheet the only one under its name, further ones as `sheet (2)`, ….

    Args:
        request: what is asked for.
        sheets: of the workbook, in its order.
        facts: of the file.

    Raises:
        LocationError: there is no such sheet or table, or nothing in any.
    """
    sheets = list(sheets)
    names = [sheet.name for sheet in sheets]
    if not any(map(request.wants_some, names)):
        request.check_table(names)
    known: list[str] = []
    given = False
    for sheet in sheets:
        if not request.wants_some(sheet.name):
            continue
        for table in _tables(request, sheet, facts, names):
            known.append(table.name)
            if request.wants(table.name) or (request.table == sheet.name and not request.patterns):
                given = True
                yield table
    if given or request.patterns:
        return
    if request.table not in names:
        request.check_table([*names, *known])
    raise no_rows(f"{request.path}#{request.table}" if request.table else str(request.path))


def _tables(request: Request, sheet: SheetReader, facts: dict[str, Any], taken: list[str]) -> Iterator[SourceTable]:
    head = _head(sheet)
    if not head:
        return
    used = Counter(index for _, cells in head for index in cells)
    survey = sheet.survey(set(used))
    used += survey.columns
    pattern, said = request.said_of(sheet.name)
    if said:
        rows = (row for block in sheet.blocks() for row in block.rows())
        found = _asked.layouts(said, rows, survey.merges, used, f"{request.path}#{sheet.name}")
    else:
        found = _layout.find(head, survey.merges, used, _later(sheet, survey, head[-1][0]))
    for layout, name in zip(found, _layout.names(sheet.name, len(found), taken), strict=True):
        own = {**facts, **_facts(sheet, survey, layout), "tables_on_sheet": len(found)}
        yield _table(request, (sheet, survey), layout, name, {**own, "layout": pattern} if said else own)


def _table(
    request: Request, place: tuple[SheetReader, Survey], layout: Layout, name: str, facts: dict[str, Any]
) -> SourceTable:
    sheet, survey = place
    names = column_names(layout.labels, layout.columns)
    facts["validation"] = {
        label: survey.lists[i] for label, i in zip(names, layout.columns, strict=True) if i in survey.lists
    }
    where = f"{request.inside}#{sheet.name}!"
    merges = [merge for merge in survey.merges if layout.holds(merge.top, merge.left)]
    issues = [cell_issue(name, f"{where}{layout.first}", "", code, None) for code in layout.troubles]
    table = SourceTable(name, request.inside, data_columns(names), lambda: iter(()), facts, issues)

    def batches() -> Iterator[pd.DataFrame]:
        body = Body(layout, merges, dropped_noter(table, where))
        blocks = windowed(sheet.blocks(), layout)
        yield from body.frames(_checked(blocks, table, (layout, names), where), names, where)
        facts.update(body.facts)

    table.read = batches
    return table


def _head(sheet: SheetReader) -> list[tuple[int, dict[int, str]]]:
    """Return the first rows in which there is something."""
    head: list[tuple[int, dict[int, str]]] = []
    for block in sheet.blocks():
        for row in block.cut(0, min(len(block.numbers), _layout.LOOK * 2)).rows():
            if any(text.strip() for text in row[1].values()):
                head.append(row)
                if len(head) == _layout.LOOK:
                    return head
    return head


def _later(sheet: SheetReader, survey: Survey, last: int) -> list[tuple[int, dict[int, str]]]:
    """Return the rows behind blank rows below row `last`, where there are any: another table may begin there.

    They are read only where the survey saw a blank row, or cannot tell.
    """
    breaks = survey.breaks
    if survey.last <= last or (breaks is not None and not any(number > last for number in breaks)):
        return []
    return behind_blank_rows((survey.near or sheet.blocks)(), last, breaks)


def _facts(sheet: SheetReader, survey: Survey, layout: Layout) -> dict[str, Any]:
    filled = survey.last if survey.breaks is None else survey.before  # what is only formatted is no row
    last = min(filled, layout.last) if layout.last else filled
    return {
        **layout.facts,
        "region": layout.region(last),
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
