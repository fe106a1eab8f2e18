"""What loads still owe the target: changes that were refused, conflicts nobody has decided, references it could not fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.delta_rows import OWED_COLUMNS
from crmmigrate.model.issue import RECORD, text_frame
from crmmigrate.model.table import Table, Tables, literal, quoted
from crmmigrate.model.target import WAS
from crmmigrate.runner.tables import TableWriter
from crmmigrate.targets.rejects import DEFERRED_REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from crmmigrate.model.target import Target
    from crmmigrate.runner.standing import Loaded
    from crmmigrate.runner.workspace import Workspace


def owed(workspace: Workspace, loads: Iterable[Loaded], target: Target) -> Table:
    """Return the fields that loads were to change and did not, with what was loaded before (`OWED_COLUMNS`).

    The target's journal says which they are, the part kept with each run what they were. References of new rows that could not be filled
    have no column.
    """
    rows: list[tuple[str | None, ...]] = []
    for load, part in loads:
        rejects, conflicts = target.rejects(load.run), target.conflicts(load.run)
        unfilled = rejects[rejects["code"] == DEFERRED_REFUSED]
        rows += [(name, record, "", None) for name, record in zip(unfilled["object"], unfilled[RECORD], strict=True)]
        for name, table in part.changed.items() if part else ():
            refused = rejects[(rejects["object"] == name) & (rejects["code"] != DEFERRED_REFUSED)][RECORD]
            met = conflicts[conflicts["object"] == name]
            rows += _of_object(name, table, refused, met)
    writer = TableWriter("owed", workspace.folder / "tables" / "owed.parquet", OWED_COLUMNS)
    writer.write(text_frame(sorted(set(rows), key=str), OWED_COLUMNS))
    return writer.close()


def _of_object(name: str, table: Table, refused: pd.Series[str], met: pd.DataFrame) -> list[tuple[str | None, ...]]:
    whole = [*refused, *met[met["kind"] == "gone"][RECORD]]
    edited = met[met["kind"] == "edited"]
    tables = Tables({"changed": table}, confined=False)
    rows: list[tuple[str | None, ...]] = []
    for column in table.data_columns:
        fields = [*whole, *edited[edited["column"] == column][RECORD]]
        if fields:
            was = quoted(WAS + column)
            found = tables.sql(
                f"SELECT {literal(name)}, {RECORD}, {literal(column)}, {was} FROM changed "
                f"WHERE {RECORD} IN (SELECT unnest(?::VARCHAR[])) AND {quoted(column)} IS DISTINCT FROM {was}",
                [fields],
            )
            rows += zip(*(column.to_pylist() for column in found.columns), strict=True)
    return rows
