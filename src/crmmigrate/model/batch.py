"""What became of the rows of one batch of a load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from crmmigrate.model.table import Tables

Living = Callable[[Sequence[str]], frozenset[str]]
"""Returns those of some records that are among the rows to be loaded."""


class Committed(NamedTuple):
    """A batch that is in the target: how many rows it had, and how many of the target's rows it updated."""

    rows: int
    updated: int


@dataclass(frozen=True, slots=True)
class Reject:
    """A row the load could not write. Holds no value of the row.

    Args:
        record: its `_record`.
        code: `load.parent-missing`, `load.refused-unique`, … (see `targets.rejects`)
        column: where it shows, as far as is known.
    """

    record: str
    code: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a delta left alone in the target, because it is not what was loaded: a field, or a whole row (`column` empty).

    Args:
        record: its `_record`; `key` of its row in the target.
        kind: a word of `model.delta.CONFLICTS`.
        base: what was loaded, as text in standard form; `ours` what the sources say now, `theirs` what the target holds.
    """

    record: str
    key: str
    column: str
    kind: str
    base: str | None = None
    ours: str | None = None
    theirs: str | None = None


@dataclass(frozen=True)
class BatchOutcome:
    """What one committed batch did; inserted + updated + archived + deleted + unchanged + withheld + rejects = rows.

    `withheld` counts the rows of which nothing was written because of `conflicts`; a row may be updated and have some too.
    """

    rows: int
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejects: tuple[Reject, ...] = ()
    deleted: int = 0
    withheld: int = 0
    conflicts: tuple[Conflict, ...] = ()
    archived: int = 0


def living(tables: Tables, name: str, records: Sequence[str]) -> frozenset[str]:
    """Return those of `records` that are among the rows of an object, in whatever wave or part."""
    query = f"SELECT {RECORD} FROM {quoted(name)} WHERE {RECORD} IN (SELECT unnest(?::VARCHAR[]))"
    return frozenset(tables.sql(query, [list(records)]).column(0).to_pylist())
