"""Text as Arrow holds it, made without pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa


def text_table(rows: Sequence[Sequence[str | None]], columns: Sequence[str]) -> pa.Table:
    """Return `rows` as an Arrow table of text with exactly `columns`, also when there are none."""
    import pyarrow as pa

    cells = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return pa.table([text_array(texts) for texts in cells], names=list(columns))


def text_array(texts: Sequence[str | None]) -> pa.Array:
    """Return an Arrow array of text, whose items are Arrow's scalars.

    By a builder, because `pa.array` and `pa.scalar` import pandas, wanted or not: most of a second for a command without it. Once it is
    there they take half the time.
    """
    from pyarrow.lib import StringBuilder

    builder = StringBuilder()
    builder.append_values(texts)
    return builder.finish()


def coded(numbers: np.ndarray, texts: Sequence[str]) -> pa.DictionaryArray:
    """Return an Arrow array of text that holds each of `texts` once.

    Args:
        numbers: which of them stands where; -1 for none.
        texts: distinct or not.
    """
    import numpy as np
    import pyarrow as pa

    at = np.asarray(numbers, dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(at, mask=at < 0), pa.array(texts, pa.string()))


def as_text(cells: pd.Series) -> pa.ChunkedArray:
    """Return a column of nullable text as Arrow holds it, without copying it (`large_string`)."""
    import pyarrow as pa

    held = pa.array(cells, pa.large_string(), from_pandas=True)
    return held if isinstance(held, pa.ChunkedArray) else pa.chunked_array([held], pa.large_string())


def fitted(data: pa.Table | pa.RecordBatch, columns: Sequence[str]) -> pa.Table:
    """Return the rows as Arrow text with just `columns`, in their order; those that are not there are null."""
    import pyarrow as pa

    text = pa.string()
    whole = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
    there = dict(zip(whole.column_names, whole.columns, strict=True))
    cells = [there[column] if column in there else pa.nulls(whole.num_rows, text) for column in columns]
    return pa.table([one if one.type == text else one.cast(text) for one in cells], names=list(columns))
