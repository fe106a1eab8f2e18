"""What is told of the values of one batch: each value once, then spread over its rows as issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.model.issue import ISSUE_COLUMNS, ORIGIN, RECORD, issue_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

EMPTY = ""


class Told(NamedTuple):
    """What is told of a value wherever it stands; `what` holds code, severity, class and confidence."""

    what: tuple[str, str, str, str]
    before: str | None
    after: str | None


class Issues:
    """The issues of one batch, made column by column as Arrow tables: a large table has several a row.

    Args:
        table: its name.
        rows: of the batch, with `_record` and `_origin`.
    """

    def __init__(self, table: str, rows: pd.DataFrame) -> None:
        import pyarrow as pa

        self.table = table
        self.names = [
            pa.array(rows[name], pa.string()) if name in rows.columns else pa.array([EMPTY] * len(rows))
            for name in (RECORD, ORIGIN)
        ]
        self.pieces: list[pa.Table] = []

    def add(self, column: str, rule: str, codes: Any, told: Sequence[tuple[Told, ...]], only: Any = None) -> None:
        """Add what is told of each value for each row that has it.

        Args:
            column: its name.
            rule: what told it.
            codes: per row, the number of its value; -1 where it has none.
            told: per value.
            only: per row, whether it counts.
        """
        import numpy as np
        import pyarrow as pa

        counts = np.fromiter(map(len, told), np.int64, len(told))
        per_row = np.append(counts, 0)[codes]  # -1, a row without a value, takes the last
        if only is not None:
            per_row = np.where(only, per_row, 0)
        total = int(per_row.sum())
        if not total:
            return
        rows = np.repeat(np.arange(len(per_row)), per_row)
        begins = (counts.cumsum() - counts)[codes[rows]] if len(counts) else rows
        picked = begins + np.arange(total) - np.repeat(per_row.cumsum() - per_row, per_row)
        what, before, after = zip(*[one for all_ in told for one in all_], strict=True)
        code, severity, kind, confidence = _few(what, picked)
        taken = pa.array(picked)
        before, after = (pa.array(cells, pa.string()).take(taken) for cells in (before, after))
        table, column_, rule_ = (_same(text, total) for text in (self.table, column, rule))
        record, origin = (names.take(pa.array(rows)) for names in self.names)
        cells = (table, record, origin, column_, code, severity, kind, before, after, rule_, confidence)
        self.pieces.append(pa.table(dict(zip(ISSUE_COLUMNS, cells, strict=True))))

    def together(self) -> pa.Table:
        """Return all of them."""
        import pyarrow as pa

        if len({piece.schema for piece in self.pieces}) > 1:
            self.pieces = [piece.cast(issue_table(()).schema) for piece in self.pieces]
        return pa.concat_tables(self.pieces or [issue_table(())])


def _few(what: Sequence[tuple[str, ...]], picked: Any) -> list[Any]:
    """Return the words of the picked tuples, one Arrow array per place; there are few different tuples."""
    import numpy as np
    import pyarrow as pa

    numbers = {one: number for number, one in enumerate(dict.fromkeys(what))}
    which = np.fromiter(map(numbers.__getitem__, what), np.int32, len(what))[picked]
    return [
        pa.array(words, pa.string()).dictionary_encode().take(pa.array(which)) for words in zip(*numbers, strict=True)
    ]


def _same(text: str, count: int) -> Any:
    import numpy as np
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), [text])
