"""From rows of text to DataFrames, and the letters of Excel's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, Issue, declare_code
from crmmigrate.model.source import PLACE
from crmmigrate.model.table import BATCH_ROWS, sql_name, to_text_frame
from crmmigrate.model.text_table import text_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.source import SourceTable

    Cells = Sequence[str | None]

ROW_DROPPED = declare_code(
    "source.row-dropped", Message("the row was taken for a subtotal, a heading or a note, not for data")
)


def letters(index: int) -> str:
    """Return Excel's name of the column at `index` (from 0): A … Z, AA …."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_names(labels: Sequence[str | None], places: Sequence[int] | None = None) -> tuple[str, ...]:
    """Make column names of header labels: none empty, none twice, each on one line. To SQL `ID` and `id` are one name, so here, too.

    Args:
        labels: as read.
        places: index of each column in the sheet, for the letter of an empty one (`列C`); by default 0, 1, 2, ….
    """
    names: list[str] = []
    taken: set[str] = set()
    for position, label in enumerate(labels):
        name = " ".join(label.split()) if label else ""
        name = name or f"列{letters(places[position] if places else position)}"
        unique, count = name, 1
        while sql_name(unique) in taken:
            count += 1
            unique = f"{name} ({count})"
        taken.add(sql_name(unique))
        names.append(unique)
    return tuple(names)


def data_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that do not begin with `_`: the source's own."""
    return tuple(name for name in names if not name.startswith("_"))


def frames(
    rows: Iterable[tuple[str, Cells]], names: Sequence[str], head: str, size: int = BATCH_ROWS
) -> Iterator[pd.DataFrame]:
    """Gather rows into frames.

    Args:
        rows: place and cells; each as many cells as `names`. An empty cell is None or "".
        names: of the columns.
        head: what stands before the place in `_origin`, e.g. `客户.xlsx#联系人!`.
        size: rows per frame.
    """
    places: list[str] = []
    batch: list[Cells] = []
    yielded = False
    for place, cells in rows:
        places.append(place)
        batch.append(cells)
        if len(batch) >= size:
            yield _frame(places, batch, names, head)
            yielded = True
            places, batch = [], []
    if batch or not yielded:
        yield _frame(places, batch, names, head)


def _frame(places: list[str], batch: list[Cells], names: Sequence[str], head: str) -> pd.DataFrame:
    import pyarrow as pa

    columns: Sequence[Sequence[Any]] = list(zip(*batch, strict=True)) if batch else [() for _ in names]
    arrays = {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    return finished(arrays, pa.array(places, pa.string()), head)


def finished(arrays: dict[str, Any], places: Any, head: str, *, keep_empty: bool = False) -> pd.DataFrame:
    """Return Arrow text columns as a frame with `_place` and `_origin`; empty text becomes null unless it is to be kept."""
    return to_text_frame(finished_table(arrays, places, head, keep_empty=keep_empty))


def finished_table(arrays: dict[str, Any], places: Any, head: str, *, keep_empty: bool = False) -> pa.Table:
    """Return the same as an Arrow table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nothing, blank, before = text_array([None, "", head])
    empty = {name: pc.equal(array, blank) for name, array in arrays.items()} if not keep_empty else {}
    table = (
        dict(arrays)
        if keep_empty
        else {
            name: pc.if_else(empty[name], nothing, array) if pc.any(empty[name]).as_py() else array
            for name, array in arrays.items()
        }
    )
    origin = pc.binary_join_element_wise(before, places, blank)
    table[PLACE] = places
    table[ORIGIN] = pc.coalesce(table[ORIGIN], origin) if ORIGIN in table else origin
    return pa.table(table)


def cell_issue(
    table: str, origin: str, column: str, code: str, before: str | None, *, severity: str = "warning"
) -> tuple[str | None, ...]:
    """Return the row of `ISSUE_COLUMNS` for a cell that was damaged before or while it was read."""
    return Issue(table, "", origin, column, code, severity, "FMT", before).row()


def dropped_noter(table: SourceTable, where: str) -> Callable[[int, str], None]:
    """Return what is called with number and text of each row that was taken for no row of the table."""

    def note(number: int, text: str) -> None:
        issue = Issue(table.name, "", f"{where}{number}", "", ROW_DROPPED, "warning", "LOGIC", text)
        table.issues.append(issue.row())

    return note
