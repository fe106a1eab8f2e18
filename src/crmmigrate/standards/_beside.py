"""Cells that are read with the help of other columns of their rows: a local telephone number by the row's city."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import pandas as pd

    from crmmigrate.model.standard import Cleaned, Cleaner

_BETWEEN = "\x1f"
"""Between a cell and what the row tells of it, so that both together are one distinct value."""


class Beside:
    """A cleaner of cells together with what other columns of the row say.

    Args:
        columns: the other columns, in order; the first that says something counts.
        tell: from such a column's value to what it says; empty where it says nothing.
        make: the cleaner for what is said.
    """

    def __init__(self, columns: tuple[str, ...], tell: Callable[[str], str], make: Callable[[str], Cleaner]) -> None:
        self.columns = columns
        self._tell = lru_cache(maxsize=100_000)(tell)
        self._cleaner = lru_cache(maxsize=None)(make)

    def joined(self, rows: pd.DataFrame, name: str) -> pd.Series[str]:
        """Return the cells of column `name`, each with what its row says; empty cells stay empty.

        Args:
            rows: with the other columns in standard form, as far as they are there.
            name: of the column.
        """
        said = rows[name].where(rows[name].isna(), "")
        for other in self.columns:
            if other in rows.columns:
                places = rows[other]
                told = places.map({place: self._tell(place) for place in places.dropna().unique()}).fillna("")
                said = said.where(said != "", told.where(rows[name].notna()))
        cells: pd.Series[str] = rows[name] + _BETWEEN + said
        return cells

    def clean(self, cell: str) -> tuple[str, Cleaned]:
        """Return the raw text of a cell, joined or alone, and its standard form."""
        raw, joined, said = cell.rpartition(_BETWEEN)
        return (raw, self._cleaner(said)(raw)) if joined else (cell, self._cleaner("")(cell))


def without(beside: Beside | None, column: str, table: str, columns: Collection[str]) -> list[Message]:
    """Return a finding for each column that `column` is to be read with and that the table has not."""
    return [
        Message("table '{table}' has no column '{other}', with which '{column}' is to be read", table=table, other=other, column=column)
        for other in (beside.columns if beside else ()) if other not in columns
    ]  # fmt: skip
