"""Write one batch of rows inside a transaction that somebody else has begun and will commit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.target import BatchOutcome
from crmmigrate.targets import rejects as codes
from crmmigrate.targets.batch import Batch
from crmmigrate.targets.cells import Cells, constant, parse_column, text_array
from crmmigrate.targets.finding import Found, find
from crmmigrate.targets.images import Images
from crmmigrate.targets.links import set_aside
from crmmigrate.targets.owning import owners
from crmmigrate.targets.updating import Updates, UpdateSql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.batch import Living
    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.targets.dialect import Refusal
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable


_UNLESS_LINKED = (codes.MATCH_TAKEN, codes.EXISTS, codes.NOT_FOUND, "load.refused-unique")
"""Why a row is rejected only where its record is not in the crosswalk."""


class _LookCloser(Exception):
    """The way that was gone does not suit the batch."""


@dataclass
class Outlook:
    """What the batches of a step so far let expect of the next one: it only decides which way is tried first.

    Args:
        linked: whether the crosswalk has rows of the object from other runs; None where nobody has looked yet. Only who
            holds the lease writes there, so that this stays true.
        owners: key of a row to which several records are linked → the one that owns it; None where nobody has looked yet.
        new: whether the last batch found none of its rows in the target and nothing was refused.
        sql: the statements of the step, made once.
    """

    linked: bool | None = None
    owners: dict[str, str] | None = None
    new: bool = False
    sql: UpdateSql | None = None

    def sql_of(self, journal: Journal, table: LiveTable, load: ObjectLoad) -> UpdateSql:
        """Return the statements for the step; a table that was described anew, or another way to load, has its own."""
        if self.sql is None or self.sql.table is not table or self.sql.load != load:
            self.sql = UpdateSql(journal, table, load)
        return self.sql


class BatchWriter:
    """Writes one batch: converts, resolves references, finds what is there, decides, writes, and takes the images.

    Args:
        connection: in a transaction.
        journal: of the target.
        table: that is written.
        load: how to write it.
        run: and `number`: the batch.
        outlook: of the step.
    """

    living: Living | None = None
    """Says which of some records are to be loaded too; None where that is not known."""

    def __init__(
        self, connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad, run: str, number: int,
        outlook: Outlook,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.journal = journal
        self.table = table
        self.load = load
        self.run = run
        self.number = number
        self.outlook = outlook
        self.sql = outlook.sql_of(journal, table, load)
        self.images = Images(connection, self.sql.images, (run, number))
        self.batch: Batch
        self.keys: dict[int, Any] = {}
        """Position → key in the target, of every row that is or arrives there."""

    def write(self, rows: pd.DataFrame) -> BatchOutcome:
        """Write `rows` and return what happened; the caller commits."""
        self._convert(rows)
        inserted, updated = self._written()
        rejects = self.batch.rejects
        self._note_rejects()
        counts = {"rows": len(rows), "inserted": inserted, "updated": updated, "rejected": len(rejects)}
        counts["unchanged"] = counts["rows"] - inserted - updated - counts["rejected"]
        self.journal.add_batch(self.connection, self.run, self.number, self.load.object, counts)
        ordered = tuple(rejects[position] for position in sorted(rejects))
        return BatchOutcome(counts["rows"], inserted, updated, counts["unchanged"], ordered)

    # ------------------------------------------------------------------------------------------------ conversion

    def _convert(self, rows: pd.DataFrame) -> None:
        self.batch = Batch(
            self.connection, self.journal, self.table, self.load, self.run, self.number, text_array(rows["_record"]), self.living
        )  # fmt: skip
        for column in self.load.columns:
            texts = text_array(rows[column])
            parent = self.load.references.get(column)
            self.batch.values[column] = self._resolved(column, parent, texts) if parent else self._parsed(column, texts)

    def _parsed(self, column: str, texts: pa.Array) -> Cells:
        """Return the values that the texts mean, and reject the rows whose text does not fit."""
        texts, unclear = self.journal.dialect.named(self.connection, self.table, column, texts)
        for position in unclear:
            self.batch.reject(position, codes.UNCLEAR, column)
        cells, wrong = parse_column(self.table.columns[column], self.journal.dialect.wire, texts)
        for position, code in wrong.items():
            self.batch.reject(position, code, column)
        return cells

    def _resolved(self, column: str, parent: str, texts: pa.Array) -> Cells:
        """Return the keys of the parents that stand in `column` as records."""
        live = self.table.columns[column]
        records: list[str | None] = texts.to_pylist()
        distinct = sorted({record for record in records if record})
        several = "|" in parent
        named: dict[str, list[str]] = {}
        for found in distinct:
            named.setdefault(found.partition(":")[0] if several else parent, []).append(found)
        known: dict[str, Any] = {}
        for name, of_it in named.items():
            plain = {found.partition(":")[2] if several else found: found for found in of_it}
            keys = self._keys_of(name, sorted(plain))
            known |= {plain[found]: live.parse(key) for found, (key, _) in keys.items()}
        if not self.load.deferred:
            for position, record in enumerate(records):
                if record and record not in known:
                    self.batch.reject(position, codes.PARENT_MISSING, column)
        return Cells(self.journal.dialect.wire, [known.get(record) if record else None for record in records])

    def _keys_of(self, object_name: str, records: Sequence[str]) -> dict[str, tuple[str, str]]:
        return self.journal.keys_of(self.connection, object_name, records)

    # ------------------------------------------------------------------------------------------------ ways

    def _written(self) -> tuple[int, int]:
        """Write the rows and return how many were inserted and updated.

        What need not be looked for is not: the database itself refuses a row that is there where a unique key of the table is
        in the match key, and a record that is in the crosswalk already, also where somebody adds them at this moment. Then
        all is taken back to the savepoint and the next way is gone, which looks closer.
        """
        unfit = dict(self.batch.rejects)
        if self.outlook.linked is None:
            self.outlook.linked = self.journal.linked_elsewhere(self.connection, self.load.object, self.run)
        ways: list[Callable[[], tuple[int, int]]] = []
        if not self.outlook.linked and not self.load.deferred:
            ways += [self._all_new] if self.outlook.new and self._refuses_what_is_there() else []
            ways.append(partial(self._looked_for, links=False))
        for way in ways:
            try:
                with self.connection.begin_nested():
                    return way()
            except _LookCloser:
                pass
            except self.journal.dialect.errors as error:
                if self.journal.dialect.refusal(error, self.table) is None:
                    raise
            self.keys.clear()
            self.batch.rejects = dict(unfit)
            self.outlook.new = False
        return self._looked_for(links=True)

    def _all_new(self) -> tuple[int, int]:
        """Insert every row without looking for it."""
        self._put_in([position for position in range(len(self.batch.names)) if position not in self.batch.rejects])
        inserted = self._note_inserts(list(self.keys))
        self._link(Found())
        return inserted, 0

    def _looked_for(self, *, links: bool) -> tuple[int, int]:
        """Find what is there, insert and update; without `links` the crosswalk is not asked.

        Raises:
            _LookCloser: a row is to be rejected that the crosswalk may know after all: the run brings its record twice.
        """
        unfit = len(self.batch.rejects)
        found = find(self.batch, self._owners() if links else None)
        new, there = self._decide(found)
        inserted = self._insert(new)
        if not links and any(reject.code in _UNLESS_LINKED for reject in self.batch.rejects.values()):
            raise _LookCloser
        updated = Updates(self.batch, self.sql, self.images, self.keys, self._refuse).write(there)
        self._link(found)
        self.outlook.new = not found.keys and not found.stale and len(self.batch.rejects) == unfit
        return inserted, updated

    def _owners(self) -> dict[str, str]:
        if self.outlook.owners is None:
            self.outlook.owners = owners(self.connection, self.journal, self.load.object)
        return self.outlook.owners

    def _refuses_what_is_there(self) -> bool:
        """Whether the database itself would refuse each row of the batch that is in the target already."""
        on = self.load.match_on
        if self.load.deferred or self.load.mode == "update":
            return False
        firm = not on or any(set(columns) <= set(on) for columns in self.table.firm)
        return firm and not any(column not in self.batch.values or self.batch.values[column].blank for column in on)

    def _decide(self, found: Found) -> tuple[list[int], list[int]]:
        """Return the positions to insert, and those whose row is to be compared and, where it differs, updated."""
        if self.load.mode == "upsert" and not self.load.deferred and not self.batch.rejects:  # as nearly always
            self.keys.update(found.keys)
            return [place for place in range(len(self.batch.names)) if place not in found.keys], sorted(found.keys)
        new: list[int] = []
        there: list[int] = []
        untouched = self.load.mode == "insert" and not self.load.deferred
        for position in range(len(self.batch.names)):
            if position in self.batch.rejects:
                continue
            if position in found.keys:
                if untouched and position not in found.linked:
                    self.batch.reject(position, codes.EXISTS)
                    continue
                self.keys[position] = found.keys[position]
                if not untouched:
                    there.append(position)
            elif self.load.mode == "update" and not self.load.deferred:
                self.batch.reject(position, codes.NOT_FOUND)
            elif not self.load.deferred:
                new.append(position)
        return new, there

    # ------------------------------------------------------------------------------------------------ writing

    def _insert(self, positions: list[int]) -> int:
        """Insert the rows with their after-images and return how many the database took."""
        self.batch.isolating(positions, self._put_in, self._refuse)
        return self._note_inserts([position for position in positions if position in self.keys])

    def _put_in(self, part: Sequence[int]) -> None:
        cells = [self.batch.values[column].take(part) for column in self.load.columns]
        records = [self.batch.records[position] for position in part]
        insert = self.journal.dialect.insert
        numbers = insert(self.connection, self.table, self.load.columns, cells, records) if part else []
        keys = numbers or [self.batch.values[self.table.key][position] for position in part]
        self.keys.update(zip(part, keys, strict=True))

    def _note_inserts(self, positions: list[int]) -> int:
        taken = self.images.note_inserts([self.keys[position] for position in positions])
        if taken != len(positions):
            raise LocationError(
                "target.rows-vanished",
                Message("the target took {sent} rows and shows {there} of them", sent=len(positions), there=taken), self.table.name,
                Message("a trigger of the table may drop or renumber rows; switch it off for the load"),
            )  # fmt: skip
        return taken

    def _refuse(self, position: int, why: Refusal, column: str) -> None:
        """Reject a row that the database refuses."""
        self.keys.pop(position, None)
        self.batch.reject(position, f"load.refused-{why}", column or self._guilty(why, position))

    def _guilty(self, why: str, position: int) -> str:
        """Find the column of a row refused for a foreign key, where the database does not name it."""
        import sqlalchemy as sa

        if why != "foreign-key":
            return ""
        values = self.batch.values
        for key in self.table.parents:
            value = values[key.column][position] if key.column in values else None
            parent = sa.table(key.parent, sa.column(key.parent_column))
            query = (
                sa.select(sa.func.count())
                .select_from(parent)
                .where(parent.c[key.parent_column] == self.journal.dialect.adapt(value))
            )
            if value is not None and self.connection.execute(query).scalar_one() == 0:
                return key.column
        return ""

    # ------------------------------------------------------------------------------------------------ journal

    def _link(self, found: Found) -> None:
        """Write the crosswalk rows of what is now in the target and was not linked before."""
        set_aside(self.connection, self.journal, self.load.object, found.stale, self.run)
        linked = [
            position
            for position in sorted(self.keys)
            if position not in self.batch.rejects and position not in found.linked
        ]
        if not linked:
            return
        if (
            self.outlook.owners is not None
        ):  # who is found by the match key stands from now on in the row, also of another record
            show = self.table.key_column.show
            owned = {
                str(show(found.keys[position])): self.batch.records[position]
                for position in linked
                if position in found.keys
            }
            self.outlook.owners |= owned
        wire, rows = self.journal.dialect.wire, len(linked)
        cells = {
            "source_key": Cells(wire, texts=self.batch.names).take(linked),
            "target_key": Cells(wire, texts=self.table.key_column.shown([self.keys[position] for position in linked])),
            "adopted": Cells(wire, [int(position in found.keys) for position in linked]),
        }
        marks: dict[str, str | int] = {"object": self.load.object, "run": self.run, "batch": self.number}
        cells |= {name: constant(wire, value, rows) for name, value in marks.items()}
        crosswalk = self.journal.table("crosswalk").name
        self.journal.dialect.bulk(self.connection, crosswalk, list(cells), list(cells.values()))

    def _note_rejects(self) -> None:
        if self.batch.rejects:
            self.connection.execute(self.journal.table("reject").insert(), [
                {"run": self.run, "batch": self.number, "source_key": reject.record, "object": self.load.object,
                 "code": reject.code, "column": reject.column}
                for reject in self.batch.rejects.values()
            ])  # fmt: skip
