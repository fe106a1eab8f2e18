"""The relations in which one business object is reconciled, by the names SQL knows them by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.model.table import first_row, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from crmmigrate.model.total import Total

KEY, RECORD = "__key", "__record"
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"


@dataclass(frozen=True)
class ObjectFrames:
    """The relations of one object, by the names SQL knows them by.

    Args:
        object: its name; `table` the target's.
        source: consolidated rows; `expected` validated rows, references as the parent's `_record`; `aside` rows set aside.
        walk: the crosswalk: `_record`, `key`, and `adopted`: the row was there before, its values may have been kept.
        actual: the target's rows, their identity in `__key`; those in `read`, and expected ones that are known to be there as they should be.
        columns: target columns written.
        references: column → parent object.
        parents: parent object → (its crosswalk, its target rows).
        kinds: column → type of the target's table, where it is known.
        policies: column → write policy.
        match_on: columns that name a row in the target.
        follows: reference column → the source's column that holds the parent's record, where the mapping follows it.
        totals: asked for by the mapping file.
        waves: the relation of `number`, `wave`, `table` and `_record` of the rows of each wave; empty where there are no waves.
        number: makes the names of temporary relations different.
        identity: the column that names a row in the target; empty where nobody says which.
        beside: the crosswalks of other objects whose rows are in the same table.
        loads: runs of this workspace: rows that others linked are none of its own; None where nobody says.
    """

    object: str
    table: str
    source: str
    expected: str
    aside: str
    walk: str
    actual: str
    columns: tuple[str, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)
    match_on: tuple[str, ...] = ()
    follows: Mapping[str, str] = field(default_factory=dict)
    totals: tuple[Total, ...] = ()
    waves: str = ""
    number: int = 0
    identity: str = ""
    loads: frozenset[str] | None = None
    beside: tuple[str, ...] = ()

    @property
    def left(self) -> str:
        """What should be in the target, with keys in place of records."""
        return f"crmm_left_{self.number}"

    @property
    def right(self) -> str:
        """What is in the target of it."""
        return f"crmm_right_{self.number}"

    @property
    def agreed(self) -> str:
        """The rows of it that are known to be as they should be, and were not read."""
        return f"crmm_agreed_{self.number}"

    @property
    def kept(self) -> str:
        """The rows of it that were read."""
        return f"crmm_kept_rows_{self.number}"

    @property
    def unsure(self) -> str:
        """What should be in the target without what is known to be there: no other row can be missing, or differ."""
        return f"crmm_unsure_{self.number}"

    @property
    def read(self) -> str:
        """The rows that were read from the target: all that are not known to be as they should be."""
        return f"crmm_read_{self.number}"

    @property
    def left_over(self) -> str:
        """The rows of it that earlier loads brought in, and in which nothing to be loaded stands any more."""
        return f"crmm_left_over_{self.number}"

    @property
    def aside_records(self) -> str:
        """The SQL of the records that were set aside."""
        return f'SELECT _record FROM {quoted(self.aside)} WHERE "table" = {literal(self.object)}'


def whole_numbers(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """Return the first row of a query whose values are counts; nothing counts as none."""
    row = first_row(connection, query)
    return tuple(int(value or 0) for value in row or ())
