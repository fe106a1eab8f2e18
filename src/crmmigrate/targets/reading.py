"""Read tables of the target, as Arrow tables of text, some thousand rows at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from crmmigrate.model.table import to_text_frame
from crmmigrate.targets.collecting import uncollected
from crmmigrate.targets.sieving import rows_of, table_digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.row_digest import Buckets, TableDigests
    from crmmigrate.targets.live import LiveTable
    from crmmigrate.targets.session import Session

READ_ROWS = 20_000


class Reading(ABC):
    """The part of a database target that reads its tables; see `model.target.Target` for what its methods promise."""

    session: Session

    @abstractmethod
    def _table(self, connection: sa.Connection, name: str) -> LiveTable:
        """Return a table as it is."""

    def rows(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield a table's rows as text in standard form."""
        return map(to_text_frame, self.arrow_rows(table, columns))

    def arrow_rows(
        self, table: str, columns: Sequence[str] | None = None, part: Buckets | None = None
    ) -> Iterator[pa.Table]:
        """Yield the same as Arrow tables of text; only the rows of some buckets where `part` is given."""
        with self.session.transaction(write=False) as connection:
            yield from table_rows(connection, self._table(connection, table), columns, part)

    def bucket_digests(self, table: str, columns: Sequence[str]) -> TableDigests | None:
        """Return digests of a table's rows by bucket, made where they lie; None where the target makes none that text can be held against."""
        with self.session.transaction(write=False) as connection:
            return table_digests(connection, self._table(connection, table), columns)

    def kinds(self, table: str) -> dict[str, str]:
        """Return column → what its values mean: text, integer, decimal, float, date, datetime, boolean or other."""
        with self.session.transaction(write=False) as connection:
            return {name: column.kind for name, column in self._table(connection, table).columns.items()}


def table_rows(
    connection: sa.Connection, live: LiveTable, columns: Sequence[str] | None, part: Buckets | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of a table in standard form; at least one table, maybe empty.

    Args:
        connection: in a transaction.
        live: the table.
        columns: all where None.
        part: the buckets whose rows are wanted; all rows where None.
    """
    import pyarrow as pa
    import sqlalchemy as sa

    names = list(columns or live.columns)
    table, where = live.sql.alias("t"), rows_of(connection, live, part) if part else ""
    query = sa.select(*(table.c[name] for name in names))
    for cells in values_of(connection, query.where(sa.text(where)) if where else query, len(names)):
        yield pa.table([live.columns[name].shown(values) for name, values in zip(names, cells, strict=True)], names)


def texts(connection: sa.Connection, query: Any, names: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the rows of a query whose values are texts; at least one table, maybe empty."""
    import pyarrow as pa

    for cells in values_of(connection, query, len(names)):
        yield pa.table([pa.array(values, pa.string()) for values in cells], list(names))


def values_of(connection: sa.Connection, query: Any, width: int) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the values of each column of some thousand rows."""
    result = connection.execute(query, execution_options={"stream_results": True, "yield_per": READ_ROWS})
    parts = result.partitions(READ_ROWS)
    seen = False
    while columns := _next(parts):
        seen = True
        yield columns
    if not seen:
        yield [()] * width


def _next(parts: Iterator[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Fetch the next rows and turn them into columns, nothing at the end; to look for circles meanwhile would take two fifths of the time."""
    with uncollected():
        part = next(parts, None)
        return list(zip(*part, strict=True)) if part else []
