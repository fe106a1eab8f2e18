"""How the rows of a table are cut into the batches of a load."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from crmmigrate.model.issue import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from crmmigrate.model.table import Table
    from crmmigrate.model.target import Committed

T = TypeVar("T")

BATCH_CHARACTERS = 16_000_000
"""Of one batch: long texts must not make it too large for the memory here or there."""

READ_ROWS = 10_000
"""Rows read at a time: so few fit into memory that has just been used, and new memory costs more than reading."""


def load_batches(
    table: Table, columns: Sequence[str], size: int, only: frozenset[str] | None = None, skip: int = 0
) -> Iterator[pd.DataFrame]:
    """Return `columns` of the rows (only some of them) beside their `_record`, in batches of `size`, fewer where they are long.

    What a batch holds depends on the rows alone, so that a resume cuts them in the same places; it leaves out, with `skip`, the rows of
    the first batches.
    """
    parts = table.batches(READ_ROWS, _wanted(columns), skip)
    return batches_of(parts if only is None else (part[part[RECORD].isin(only)] for part in parts), columns, size)


def there(committed: Mapping[int, Committed], number: int, rows: int) -> list[int]:
    """Return the committed batches that follow `number` without a gap, as far as they hold the first of the `rows` rows of a step."""
    found: list[int] = []
    while (known := committed.get(number + 1)) is not None and 0 < known.rows <= rows:
        number, rows = number + 1, rows - known.rows
        found.append(number)
    return found


def ahead(batches: Iterable[T]) -> Iterator[T]:
    """Yield `batches`; the next one is made in a thread of its own while the target writes this one."""
    following = iter(batches)
    with ThreadPoolExecutor(1, "batches") as thread:
        coming = thread.submit(next, following, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, following, None)
            yield batch


def batches_of(frames: Iterable[pd.DataFrame], columns: Sequence[str], size: int) -> Iterator[pd.DataFrame]:
    """Yield the rows of `frames` cut anew, as `load_batches` does."""
    import pandas as pd

    wanted = _wanted(columns)
    rest: pd.DataFrame | None = None
    for part in frames:
        rows = part[wanted] if rest is None or rest.empty else pd.concat([rest, part[wanted]], ignore_index=True)
        start = 0
        for end in _ends(rows, size):
            yield rows.iloc[start:end]
            start = end
        rest = rows.iloc[start:]
    if rest is not None and len(rest):
        yield rest


def _wanted(columns: Sequence[str]) -> list[str]:
    return [RECORD, *(column for column in columns if column != RECORD)]


def _bytes(rows: pd.DataFrame) -> float:
    """Return how many bytes the texts take; without end where pandas holds them otherwise than Arrow does."""
    if any(getattr(kind, "storage", "") != "pyarrow" for kind in rows.dtypes):
        return float("inf")
    return float(rows.memory_usage(index=False).sum())


def _ends(rows: pd.DataFrame, size: int) -> Iterator[int]:
    """Yield where each full batch of `rows` ends."""
    if _bytes(rows) <= BATCH_CHARACTERS:  # no text has more characters than bytes, and these need not be counted
        yield from range(size, len(rows) + 1, size)
        return
    import numpy as np

    lengths = np.zeros(len(rows))
    for column in rows.columns:
        lengths += rows[column].str.len().fillna(0).to_numpy()
    total = lengths.cumsum()
    start, before = 0, 0.0
    while start < len(rows):
        fitting = int(total.searchsorted(before + BATCH_CHARACTERS, side="right"))
        end = max(start + 1, min(start + size, fitting))
        if end > len(rows) or (end == len(rows) and end - start < size):
            return
        yield end
        start, before = end, float(total[end - 1])
