"""The rows of a batch about which something is to be said: kept once per distinct value, told as issues all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.model.issue import ISSUE_COLUMNS, ORIGIN, RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from crmmigrate.model.fieldmapper import Answer, FieldMapper, Raw


@dataclass(frozen=True)
class Notable:
    """Rows with what is to be said of them.

    Args:
        rows: numbers of the rows in the batch, as a NumPy array or a list.
        which: of each, the number of its entry.
        entries: raw value and answer.
    """

    rows: Any = ()
    which: Any = ()
    entries: Sequence[tuple[Raw, Answer]] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[int, Raw, Answer]]:
        for row, number in zip(self.rows, self.which, strict=True):
            yield (int(row), *self.entries[number])

    def rejected(self) -> Iterator[tuple[int, Raw, Answer]]:
        """Yield the rows that are rejected."""
        if any(answer.reject for _, answer in self.entries):
            yield from (found for found in self if found[2].reject)


def issues_of(
    notable: Notable, mapper: FieldMapper, named: tuple[str, str], rows: pa.Table, unwanted: frozenset[int]
) -> list[pa.Table]:
    """Return what is to be said of a field as tables of `ISSUE_COLUMNS`: first flags, second flags, and so on.

    Args:
        notable: the rows.
        mapper: of the field.
        named: the object and the rule, as issues name them.
        rows: the batch, for records and origins.
        unwanted: rows that the mapping leaves out.
    """
    import numpy as np
    import pyarrow as pa

    most = max((len(answer.flags) for _, answer in notable.entries), default=0)
    if not most:
        return []
    numbers, which = np.asarray(notable.rows, dtype=np.int64), np.asarray(notable.which, dtype=np.int64)
    if unwanted:
        wanted = ~np.isin(numbers, list(unwanted))
        numbers, which = numbers[wanted], which[wanted]
    told: list[pa.Table] = []
    for turn in range(most):
        has = np.array([len(answer.flags) > turn for _, answer in notable.entries])
        mine = has[which]
        at, of = pa.array(numbers[mine]), pa.array(which[mine])
        flags = [answer.flags[turn] if len(answer.flags) > turn else None for _, answer in notable.entries]
        by_entry = {
            "code": [flag and flag.code for flag in flags], "severity": [flag and flag.severity for flag in flags],
            "class": [flag and flag.kind for flag in flags], "before": [mapper.before(raw) for raw, _ in notable.entries],
            "after": [answer.value for _, answer in notable.entries],
        }  # fmt: skip
        constant = {"table": named[0], "column": mapper.shown, "rule": named[1], "confidence": "certain"}
        columns = {name: pa.array(values, pa.string()).take(of) for name, values in by_entry.items()}
        columns |= {name: pa.repeat(pa.scalar(value, pa.string()), len(at)) for name, value in constant.items()}
        for name in (RECORD, ORIGIN):
            there = name in rows.column_names
            columns[name] = rows.column(name).take(at).combine_chunks() if there else pa.nulls(len(at), pa.string())
        told.append(pa.table({name: columns[name] for name in ISSUE_COLUMNS}))
    return told
