"""Read tables of the target, as Arrow tables of text, some thousand rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.targets.live import LiveTable

READ_ROWS = 20_000


def table_rows(
    connection: sa.Connection, live: LiveTable, columns: Sequence[str] | None, where: str = ""
) -> Iterator[pa.Table]:
    """Yield the rows of a table in standard form; at least one table, maybe empty.

    Args:
        connection: in a transaction.
        live: the table.
        columns: all where None.
        where: SQL condition of the rows, on the table called `t`; empty for all.
    """
    import pyarrow as pa
    import sqlalchemy as sa

    names = list(columns or live.columns)
    table = live.sql.alias("t")
    query = sa.select(*(table.c[name] for name in names))
    for cells in _columns(connection, query.where(sa.text(where)) if where else query, len(names)):
        yield pa.table([live.columns[name].shown(values) for name, values in zip(names, cells, strict=True)], names)


def texts(connection: sa.Connection, query: Any, names: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the rows of a query whose values are texts; at least one table, maybe empty."""
    import pyarrow as pa

    for cells in _columns(connection, query, len(names)):
        yield pa.table([pa.array(values, pa.string()) for values in cells], list(names))


def _columns(connection: sa.Connection, query: Any, width: int) -> Iterator[Sequence[Sequence[Any]]]:
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
    """Fetch the next rows and turn them into columns, nothing at the end.

    Rows by the thousand make Python look for circles among them again and again, in which there are none: two fifths of the time.
    """
    import gc

    collected = gc.isenabled()
    gc.disable()
    try:
        part = next(parts, None)
        return list(zip(*part, strict=True)) if part else []
    finally:
        if collected:
            gc.enable()
