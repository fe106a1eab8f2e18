"""Where the values of golden records came from: told of those about which records differ, or that another record than the survivor gave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import BATCH_ROWS
from crmmigrate.model.text_table import coded

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules

VALUE_COLUMNS = ("object", RECORD, "column", "winner", "policy")
"""`winner` is the record whose value the golden record has; empty for a value that a person typed in."""


@dataclass(frozen=True)
class Values:
    """Where the values of golden records came from (`VALUE_COLUMNS`), as numbers: there are several for each record.

    Args:
        object: they are of.
        golden: the `_record` of the golden records, as Arrow text.
        records: the `_record` of all merged records, as Arrow text.
        of: of each value the position of its golden record, ascending.
        winner: the position of the record it came from; -1 for none.
        kind: which of `kinds`.
        kinds: column and policy.
    """

    object: str
    golden: pa.ChunkedArray
    records: pa.ChunkedArray
    of: np.ndarray
    winner: np.ndarray
    kind: np.ndarray
    kinds: tuple[tuple[str, str], ...]

    def counts(self) -> dict[tuple[str, str], int]:
        """Return (column, policy) → how many values."""
        import numpy as np

        count: Counter[tuple[str, str]] = Counter()
        for kind, times in zip(self.kinds, np.bincount(self.kind, minlength=len(self.kinds)).tolist(), strict=True):
            count[kind] += times
        return dict(+count)

    def pieces(self) -> Iterator[pa.Table]:
        """Yield `VALUE_COLUMNS`, some dictionary-encoded."""
        import numpy as np
        import pyarrow as pa

        columns, policies = ([*side] for side in zip(*(self.kinds or [("", "")]), strict=True))
        for begin in range(0, len(self.of), BATCH_ROWS):
            part = slice(begin, begin + BATCH_ROWS)
            of, winner, kind = self.of[part], self.winner[part], self.kind[part]
            yield pa.table({
                "object": coded(np.zeros(len(of), dtype=np.int32), [self.object]),
                RECORD: self.golden.take(pa.array(of)),
                "column": coded(kind, columns),
                "winner": self.records.take(pa.array(winner, mask=winner < 0)),
                "policy": coded(kind, policies),
            })  # fmt: skip


def told_values(
    parts: list[tuple[np.ndarray, np.ndarray, str, str]], records: pa.ChunkedArray, kept: np.ndarray, rules: DedupeRules
) -> Values:
    """Return the values of (positions of golden records, winners, column, policy)."""
    import numpy as np
    import pyarrow as pa

    nothing = np.zeros(0, dtype=np.int64)
    of, winner = (np.concatenate([nothing, *(part[side] for part in parts)]).astype(np.int32) for side in (0, 1))
    kind = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part[0]) for part in parts])
    order = np.argsort(of, kind="stable")
    kinds = tuple((column, policy) for _, _, column, policy in parts)
    names = records.take(pa.array(kept))
    return Values(rules.object, names, records, of[order], winner[order], kind[order], kinds)
