"""Say what a batch of new rows would become: what is found in the target already, what would change there, what would not go in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.model.target import BatchOutcome
from crmmigrate.targets.cells import Cells
from crmmigrate.targets.crosswalk import parts
from crmmigrate.targets.finding import find
from crmmigrate.targets.writing import BatchWriter, Outlook

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable
    from crmmigrate.targets.planned import Planned


class Foretold(BatchWriter):
    """Goes the way of a batch up to the first statement that would write, and locks nothing.

    Args:
        connection: in a transaction.
        journal: of the target.
        table: that would be written.
        load: how.
        outlook: of the step.
        planned: what was said of earlier batches.
    """

    def __init__(
        self, connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad, outlook: Outlook, planned: Planned
    ) -> None:  # fmt: skip
        super().__init__(connection, journal, table, load, "", 0, outlook)
        self.planned = planned
        self.awaited: set[tuple[str, int]] = set()
        """Column and position of references to rows that are not there yet, but will be."""

    def write(self, rows: pd.DataFrame) -> BatchOutcome:
        """Return what would happen to `rows`."""
        self._convert(rows)
        self.batch.journalled = self.planned.journalled
        found = find(self.batch, self._owners() if self.planned.journalled else None, lock=False)
        new, there = self._decide(found)
        self.found, self.new = found, new
        name, records, show = self.load.object, self.batch.records, self.table.key_column.show
        self.planned.coming |= {(name, records[position]): str(show(self.keys[position])) for position in there}
        self.planned.coming |= {(name, records[position]): "" for position in new}
        updated = self._to_change(there)
        rejects = tuple(self.batch.rejects[position] for position in sorted(self.batch.rejects))
        unchanged = len(rows) - len(new) - updated - len(rejects)
        return BatchOutcome(len(rows), len(new), updated, unchanged, rejects)

    def _keys_of(self, object_name: str, records: Sequence[str]) -> dict[str, tuple[str, str]]:
        return super()._keys_of(object_name, records) if self.planned.journalled else {}

    def _resolved(self, column: str, parent: str, texts: pa.Array) -> Cells:
        """Return the keys of parents; those that will be there are no reason to reject a row."""
        before = dict(self.batch.rejects)
        cells = super()._resolved(column, parent, texts)
        values = list(cells.values)
        for position, text in enumerate(texts.to_pylist()):
            key = self.planned.key_of(parent, text) if text and values[position] is None else None
            if key is None:
                continue
            values[position] = self.table.columns[column].parse(key) if key else None
            self.awaited |= set() if key else {(column, position)}
            if position not in before:
                self.batch.rejects.pop(position, None)
        return Cells(self.journal.dialect.wire, values)

    def _to_change(self, there: list[int]) -> int:
        """Return how many of the rows that are there the write policy would let change."""
        columns = [column for column in self.load.columns if column != self.table.key]
        names = list(dict.fromkeys([self.table.key, *columns]))
        rows = self._now(names, [self.keys[position] for position in there]) if there and columns else {}
        return sum(
            any(self._changes(column, position, rows[self.keys[position]]) for column in columns)
            for position in there if self.keys[position] in rows
        )  # fmt: skip

    def _now(self, names: list[str], keys: list[Any]) -> dict[Any, dict[str, Any]]:
        import sqlalchemy as sa

        key = self.table.sql.c[self.table.key]
        query = sa.select(*(self.table.sql.c[name] for name in names))
        rows: dict[Any, dict[str, Any]] = {}
        for part in parts(keys, 1000):
            for row in self.connection.execute(query.where(self.journal.dialect.among(key, part))):
                rows[row[0]] = dict(zip(names, row, strict=True))
        return rows

    def _changes(self, column: str, position: int, row: dict[str, Any]) -> bool:
        """Whether a field would change; the rules are those of `updating.Updates`."""
        live, now, new = self.table.columns[column], row[column], self.batch.values[column][position]
        coming = (column, position) in self.awaited
        if not coming and (new is None or live.show(new) == live.show(now)):
            return False
        policy = self.load.policy.get(column, "overwrite")
        if policy == "fill_empty":
            return now is None or (now == "" and live.kind == "text")
        if policy == "newer":
            by = self.load.newer_by
            if by not in self.load.columns:
                return now is None
            ours = self.table.columns[by].show(self.batch.values[by][position])
            theirs = self.table.columns[by].show(row[by])
            return ours is not None and (theirs is None or ours > theirs)
        return True
