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
from crmmigrate.sources import _layout
from crmmigrate.sources._blocks import Body
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, dropped_noter, letters
from crmmigrate.sources._request import no_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    import pandas as pd

    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._request import Request

declare_code("source.number-precision-lost", Message("a number of more than 15 digits lost its last digits in Excel"))
declare_code("source.error-cell", Message("the cell shows an error of Excel"))
declare_code("source.formula-without-value", Message("the formula was saved without its value"))
declare_code("source.cell-unread", Message("something in the cell could not be read"))
declare_code("source.cell-outside", Message("a cell stands outside the table"))
declare_code("source.no-header", Message("the table has no header row"))


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
        lists: by column, the values of which a person could choose one.
    """

    columns: Counter[int] = field(default_factory=Counter)
    last: int = 0
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    lists: dict[int, list[str]] = field(default_factory=dict)


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
    """Yield the tables of a workbook.

    Args:
        request: what is asked for.
        sheets: of the workbook, in its order.
        facts: of the file.

    Raises:
        LocationError: there is no such sheet, or nothing in any.
    """
    sheets = list(sheets)
    request.check_table(sheet.name for sheet in sheets)
    read_any = False
    for sheet in sheets:
        if request.wants(sheet.name):
            table = _table(request, sheet, dict(facts))
            if table is not None:
                read_any = True
                yield table
    if not read_any and not request.patterns:
        raise no_rows(f"{request.path}#{request.table}" if request.table else str(request.path))


def _table(request: Request, sheet: SheetReader, facts: dict[str, Any]) -> SourceTable | None:
    head = _head(sheet)
    if not head:
        return None
    used = Counter(index for _, cells in head for index in cells)
    survey = sheet.survey(set(used))
    layout = _layout.find(head, survey.merges, used + survey.columns)
    names = column_names(layout.labels, layout.columns)
    facts.update(_facts(sheet, survey, layout))
    facts["validation"] = {
        name: survey.lists[i] for name, i in zip(names, layout.columns, strict=True) if i in survey.lists
    }
    where = f"{request.inside}#{sheet.name}!"
    unnamed = () if layout.header else (cell_issue(sheet.name, f"{where}{layout.first}", "", "source.no-header", None),)
    table = SourceTable(sheet.name, request.inside, data_columns(names), lambda: iter(()), facts, list(unnamed))

    def batches() -> Iterator[pd.DataFrame]:
        body = Body(layout, survey.merges, dropped_noter(table, where))
        yield from body.frames(_checked(sheet.blocks(), table, (layout, names), where), names, where)
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


def _facts(sheet: SheetReader, survey: Survey, layout: _layout.Layout) -> dict[str, Any]:
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
