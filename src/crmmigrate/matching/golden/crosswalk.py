"""Who became whom when the records of an object were merged: the crosswalk from every record to its survivor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import BATCH_ROWS
from crmmigrate.model.text_table import as_text, coded

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd
    import pyarrow as pa

CROSSWALK_COLUMNS = ("object", RECORD, "survivor", "key", "survivor_key", "_mark")
"""`key`: what people call the record by, where the rules name such a column; `_mark`: of merged records that are named by
their place, see `golden/recall.py`."""


@dataclass(frozen=True)
class Walk:
    """Who survived whom of one object. Records are positions in the order of `_record`.

    Args:
        records: all of them.
        survivor: of each.
        keys: what people call each by; None where the rules name no such column.
        marks: position → mark, of merged records.
    """

    records: pd.Series
    survivor: np.ndarray
    keys: pd.Series | None
    marks: dict[int, str]

    def moved(self) -> pd.Series:
        """Return `_record` → survivor of those that were merged into another."""
        import numpy as np
        import pandas as pd

        gone = np.flatnonzero(self.survivor != np.arange(len(self.survivor)))
        into = self.records.take(self.survivor[gone])
        return pd.Series(into.array, index=pd.Index(self.records.take(gone).array))

    def followed_by(self, later: Walk) -> Walk:
        """Return the walk of these records where their survivors were merged once more."""
        import pandas as pd

        own = pd.Index(self.records.array)
        at = pd.Index(later.records.array).get_indexer(self.records.take(self.survivor))
        into = own.get_indexer(later.records.take(later.survivor[at]))
        return Walk(self.records, into, self.keys, self.marks)

    def pieces(self, kind: str) -> Iterator[pa.Table]:
        """Yield the rows of the crosswalk."""
        import numpy as np
        import pyarrow as pa

        names = as_text(self.records)
        keys = None if self.keys is None else as_text(self.keys)
        marked = np.array(sorted(self.marks), dtype=np.int64)
        for begin in range(0, len(self.records), BATCH_ROWS):
            of, into = names[begin : begin + BATCH_ROWS], pa.array(self.survivor[begin : begin + BATCH_ROWS])
            here = marked[slice(*np.searchsorted(marked, (begin, begin + len(of))))]
            mark = np.full(len(of), -1, dtype=np.int32)
            mark[here - begin] = np.arange(len(here))
            nothing = pa.nulls(len(of), pa.string())
            yield pa.table({
                "object": coded(np.zeros(len(of), dtype=np.int32), [kind]), RECORD: of, "survivor": names.take(into),
                "key": nothing if keys is None else keys[begin : begin + BATCH_ROWS],
                "survivor_key": nothing if keys is None else keys.take(into),
                "_mark": coded(mark, [self.marks[at] for at in here.tolist()]),
            })  # fmt: skip
