"""Parquet files: those of a workspace, and those of data platforms."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN
from crmmigrate.model.source import PLACE, SourceTable
from crmmigrate.model.table import BATCH_ROWS, to_text_frame
from crmmigrate.sources._frame import column_names, data_columns, finished_table
from crmmigrate.sources._request import damaged, too_large, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from crmmigrate.sources._request import Request

TITLE = Message("Parquet file")
MAX_CELL = 16 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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
        with pq.ParquetFile(request.path, pre_buffer=False) as file:
            stored = [name for name in file.schema_arrow.names if name != PLACE]
            rows = file.metadata.num_rows
            _check_cells(file.metadata, str(request.path))
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise damaged(str(request.path)) from error
    except OSError as error:
        raise unreadable(error, str(request.path)) if error.errno else damaged(str(request.path)) from error
    names = column_names(stored)
    facts = {**request.facts, "format": "parquet", "rows": rows}

    def batches() -> Iterator[pa.Table]:
        row = 0
        try:
            with pq.ParquetFile(request.path, pre_buffer=False) as file:
                for batch in file.iter_batches(batch_size=BATCH_ROWS):
                    yield _table(batch, names, row, request.inside)
                    row += batch.num_rows
                if not row:
                    yield _table(file.schema_arrow.empty_table(), names, 0, request.inside)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise damaged(str(request.path)) from error

    columns = data_columns(names)
    yield SourceTable(
        request.stem, request.inside, columns, lambda: map(to_text_frame, batches()), facts, read_arrow=batches
    )


def _check_cells(metadata: Any, place: str) -> None:
    """Refuse a file whose cells are longer than those of a table can be, before they are unpacked."""
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for column in map(group.column, range(metadata.num_columns)):
            if column.total_uncompressed_size > MAX_CELL * max(1, column.num_values):
                raise too_large(Message("a cell is longer than {limit} characters", limit=MAX_CELL), place)


def _table(batch: Any, names: tuple[str, ...], row: int, inside: str) -> pa.Table:
    import pyarrow as pa

    kept = [column for name, column in zip(batch.schema.names, batch.columns, strict=True) if name != PLACE]
    arrays = {name: _text(column) for name, column in zip(names, kept, strict=True)}
    places = pa.arange(row + 1, row + 1 + batch.num_rows).cast(pa.string())
    table = finished_table(arrays, places, f"{inside}!")
    return table.select([*(name for name in names if name != ORIGIN), PLACE, ORIGIN])


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
    if pa.types.is_floating(kind):
        # Arrow writes the shortest digits that name the number, of a short float as of a long one.
        texts = column.cast(pa.string()).to_pylist()
        return pa.array([_whole(text) for text in texts], pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([_written(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_fixed_size_binary(kind):
        return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _whole(text: str | None) -> str | None:
    """Return the text of a float: whole ones without `.0`; what is not a number stands for nothing."""
    if text is None or text == "nan":
        return None
    value = float(text)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return text


def _written(value: Any) -> str | None:
    """Return a nested value as JSON with every digit; bytes that are text as text (some programs store it so), else in hex."""
    if value is None:
        return None
    if isinstance(value, bytes):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return value.hex()
        return text if text.isprintable() or not _CONTROL.search(text) else value.hex()
    return _json(value)


def _json(value: Any) -> str:
    from decimal import Decimal

    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(str(name), ensure_ascii=False)}: {_json(item)}" for name, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value if not isinstance(value, bytes) else _written(value), ensure_ascii=False, default=str)
