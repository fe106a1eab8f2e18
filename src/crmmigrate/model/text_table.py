"""Text as Arrow holds it, made without pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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
