"""Parquet files: those of a workspace, and those of data platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN
from crmmigrate.model.source import PLACE, SourceTable
from crmmigrate.model.table import BATCH_ROWS
from crmmigrate.sources._frame import column_names, data_columns, finished
from crmmigrate.sources._request import damaged, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.sources._request import Request

TITLE = Message("Parquet file")


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the one table of a Parquet file; what is not text in it is written as Arrow writes it.

    Raises:
        LocationError: the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    request.check_table([request.stem])
    if not request.wants(request.stem):
        return
    try:
        with pq.ParquetFile(request.path) as file:
            stored = [name for name in file.schema_arrow.names if name != PLACE]
            rows = file.metadata.num_rows
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise damaged(str(request.path)) from error
    except OSError as error:
        raise unreadable(error, str(request.path)) if error.errno else damaged(str(request.path)) from error
    names = column_names(stored)
    facts = {**request.facts, "format": "parquet", "rows": rows}

    def batches() -> Iterator[pd.DataFrame]:
        row = 0
        try:
            with pq.ParquetFile(request.path) as file:
                for batch in file.iter_batches(batch_size=BATCH_ROWS):
                    yield _frame(batch, names, row, request.inside)
                    row += batch.num_rows
                if not row:
                    yield _frame(file.schema_arrow.empty_table(), names, 0, request.inside)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise damaged(str(request.path)) from error

    yield SourceTable(request.stem, request.inside, data_columns(names), batches, facts)


def _frame(batch: Any, names: tuple[str, ...], row: int, inside: str) -> pd.DataFrame:
    import pyarrow as pa

    kept = [column for name, column in zip(batch.schema.names, batch.columns, strict=True) if name != PLACE]
    arrays = {name: _text(column) for name, column in zip(names, kept, strict=True)}
    places = pa.array([str(number) for number in range(row + 1, row + 1 + batch.num_rows)], pa.string())
    frame = finished(arrays, places, f"{inside}!")
    return frame[[*(name for name in names if name != ORIGIN), PLACE, ORIGIN]]


def _text(column: Any) -> Any:
    """Return an Arrow column as text; nested values as JSON, whole floats without `.0`."""
    import pyarrow as pa

    kind = column.type
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_nested(kind) or pa.types.is_floating(kind) or pa.types.is_binary(kind):
        return pa.array([_written(value) for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _written(value: Any) -> str | None:
    import json

    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return json.dumps(value, ensure_ascii=False, default=str)
