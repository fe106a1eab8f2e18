"""Write one batch of rows inside a transaction that somebody else has begun and will commit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.target import BatchOutcome, Reject
from crmmigrate.targets import rejects as codes
from crmmigrate.targets.cells import Cells, constant, parse_column, text_array
from crmmigrate.targets.images import Images
from crmmigrate.targets.journal import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.target import ObjectLoad
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable

Row = dict[str, Any]


@dataclass
class Found:
    """Rows of the batch that are in the target already.

    Args:
        current: position in the batch → the row as it is now.
        linked: positions found through the crosswalk.
        stale: records whose row in the crosswalk points to a row that is gone.
    """

    current: dict[int, Row] = field(default_factory=dict)
    linked: set[int] = field(default_factory=set)
    stale: list[str] = field(default_factory=list)


class BatchWriter:
    """Writes one batch: converts, resolves references, finds what is there, decides, writes, and takes the images.

    Args:
        connection: in a transaction.
        journal: of the target.
        table: that is written.
        load: how to write it.
        run: and `number`: the batch.
    """

    def __init__(
        self, connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad, run: str, number: int
    ) -> None:
        self.connection = connection
        self.journal = journal
        self.dialect: Dialect = journal.dialect
        self.table = table
        self.load = load
        self.run = run
        self.number = number
        self.images = Images(connection, journal, table, load.object, (run, number))
        self.rejects: dict[int, Reject] = {}
        self.records: list[str] = []
        self.values: dict[str, Cells] = {}
        self.keys: dict[int, Any] = {}
        """Position → key in the target, of every row that is or arrives there."""

    def write(self, rows: pd.DataFrame) -> BatchOutcome:
        """Write `rows` and return what happened; the caller commits."""
        self.records = [str(record) for record in rows["_record"].tolist()]
        for column in self.load.columns:
            texts = text_array(rows[column])
            parent = self.load.references.get(column)
            self.values[column] = (
                Cells(self.dialect.wire, self._resolved(column, parent, texts.to_pylist()))
                if parent else self._parsed(column, texts)
            )  # fmt: skip
        found = self._find()
        new, changed = self._decide(found)
        inserted = self._insert(new)
        updated = self._update(changed)
        self._link(found)
        self._note_rejects()
        counts = {"rows": len(self.records), "inserted": inserted, "updated": updated, "rejected": len(self.rejects)}
        counts["unchanged"] = counts["rows"] - inserted - updated - counts["rejected"]
        self.journal.add_batch(self.connection, self.run, self.number, self.load.object, counts)
        ordered = tuple(self.rejects[position] for position in sorted(self.rejects))
        return BatchOutcome(counts["rows"], inserted, updated, counts["unchanged"], ordered)

    def _reject(self, position: int, code: str, column: str = "") -> None:
        if self.load.deferred:
            code = codes.DEFERRED_REFUSED
        self.rejects.setdefault(position, Reject(self.records[position], code, column))

    # ------------------------------------------------------------------------------------------------ conversion

    def _parsed(self, column: str, texts: pa.Array) -> Cells:
        """Return the values that the texts mean, and reject the rows whose text does not fit."""
        cells, wrong = parse_column(self.table.columns[column], self.dialect.wire, texts)
        for position, code in wrong.items():
            self._reject(position, code, column)
        return cells

    def _resolved(self, column: str, parent: str, records: list[str | None]) -> list[Any]:
        """Return the keys of the parents that stand in `column` as records."""
        live = self.table.columns[column]
        distinct = sorted({record for record in records if record})
        several = "|" in parent
        named: dict[str, list[str]] = {}
        for found in distinct:
            named.setdefault(found.partition(":")[0] if several else parent, []).append(found)
        known: dict[str, Any] = {}
        for name, of_it in named.items():
            plain = {found.partition(":")[2] if several else found: found for found in of_it}
            keys = self.journal.keys_of(self.connection, name, sorted(plain))
            known |= {plain[found]: live.parse(key) for found, (key, _) in keys.items()}
        if not self.load.deferred:
            for position, record in enumerate(records):
                if record and record not in known:
                    self._reject(position, codes.PARENT_MISSING, column)
        return [known.get(record) if record else None for record in records]

    # ------------------------------------------------------------------------------------------------ finding

    def _find(self) -> Found:
        """Find the rows that are there: through the crosswalk first, then through the match key. They are locked."""
        found = Found()
        live = self.table.key_column
        links = self.journal.keys_of(self.connection, self.load.object, self.records)
        wanted = {key for key, _ in links.values()}
        current = {
            live.show(row[self.table.key]): row
            for row in self._locked((self.table.key,), [(live.parse(key),) for key in wanted])
        }
        for position, record in enumerate(self.records):
            if record not in links:
                continue
            row = current.get(links[record][0])
            if row is None:
                found.stale.append(record)
            else:
                found.current[position] = row
                found.linked.add(position)
        self._match(found)
        return found

    def _match(self, found: Found) -> None:
        """Find the rows that the crosswalk does not know by the match key."""
        on = self.load.match_on
        if not on or any(column not in self.values for column in on):
            return
        shows = [self.table.columns[column].show for column in on]
        wanted: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        asked: list[tuple[Any, ...]] = []
        every = list(zip(*(self.values[column].values for column in on), strict=True))
        shown = zip(*([show(row[index]) for row in every] for index, show in enumerate(shows)), strict=True)
        for position, (values, match) in enumerate(zip(every, shown, strict=True)):
            if position in self.rejects or position in found.linked:
                continue
            if None in values or "" in values:
                blank = next(column for column, value in zip(on, values, strict=True) if value in (None, ""))
                self._reject(position, codes.MATCH_BLANK, blank)
                continue
            if match not in wanted:
                asked.append(values)
            wanted[match].append(position)
        there: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in self._locked(on, asked):
            there[tuple(show(row[column]) for show, column in zip(shows, on, strict=True))].append(row)
        self._pair(found, wanted, there)

    def _pair(
        self, found: Found, wanted: dict[tuple[Any, ...], list[int]], there: dict[tuple[Any, ...], list[Row]]
    ) -> None:
        """Give each match key's row to the one record that asks for it; reject what is ambiguous or taken."""
        show = self.table.key_column.show
        keys = [str(show(row[self.table.key])) for rows in there.values() for row in rows]
        taken = self.journal.taken_in(self.connection, self.load.object, self.run, keys)
        here = {str(show(row[self.table.key])) for row in found.current.values()}
        for match, positions in wanted.items():
            rows = there.get(match, [])
            first, *others = positions
            for position in others:
                self._reject(position, codes.MATCH_TAKEN, self.load.match_on[0])
            if len(rows) > 1:
                self._reject(first, codes.MATCH_AMBIGUOUS, self.load.match_on[0])
            elif rows and (str(show(rows[0][self.table.key])) in taken or str(show(rows[0][self.table.key])) in here):
                self._reject(first, codes.MATCH_TAKEN, self.load.match_on[0])
            elif rows:
                found.current[first] = rows[0]

    def _locked(self, on: Sequence[str], wanted: Sequence[tuple[Any, ...]]) -> list[Row]:
        """Return the rows whose columns `on` have one of the values wanted, locked until the transaction ends."""
        import sqlalchemy as sa

        table = self.table.sql
        columns = dict.fromkeys((self.table.key, *on, *self.load.columns))
        query = sa.select(*(table.c[name] for name in columns)).with_for_update()
        rows: list[Row] = []
        for part in parts(wanted, 1000):
            adapted = [tuple(map(self.dialect.adapt, values)) for values in part]
            if len(on) == 1:
                where = self.dialect.among(table.c[on[0]], [values[0] for values in adapted])
            else:
                where = sa.tuple_(*(table.c[name] for name in on)).in_(adapted)
            rows += [dict(zip(columns, row, strict=True)) for row in self.connection.execute(query.where(where))]
        return rows

    # ------------------------------------------------------------------------------------------------ decision

    def _decide(self, found: Found) -> tuple[list[int], dict[int, Row]]:
        """Return the positions to insert, and position → new values of what is to be updated."""
        new: list[int] = []
        changed: dict[int, Row] = {}
        for position in range(len(self.records)):
            if position in self.rejects:
                continue
            row = found.current.get(position)
            if row is None:
                if self.load.deferred:
                    continue
                if self.load.mode == "update":
                    self._reject(position, codes.NOT_FOUND)
                else:
                    new.append(position)
                continue
            if self.load.mode == "insert" and not self.load.deferred and position not in found.linked:
                self._reject(position, codes.EXISTS)
                continue
            self.keys[position] = row[self.table.key]
            changes = {} if self.load.mode == "insert" and not self.load.deferred else self._changes(position, row)
            if changes:
                changed[position] = changes
        return new, changed

    def _changes(self, position: int, row: Row) -> Row:
        """Return the columns that the write policy lets the new row change."""
        changes: Row = {}
        newer: bool | None = None
        for column in self.load.columns:
            value = self.values[column][position]
            live = self.table.columns[column]
            if value is None or column == self.table.key or live.show(value) == live.show(row[column]):
                continue
            policy = self.load.policy.get(column, "overwrite")
            if policy == "newer":
                newer = self._is_newer(position, row) if newer is None else newer
            if (
                policy == "overwrite"
                or (policy == "newer" and newer)
                or (policy == "fill_empty" and row[column] in (None, ""))
            ):
                changes[column] = value
        return changes

    def _is_newer(self, position: int, row: Row) -> bool:
        live = self.table.columns[self.load.newer_by]
        ours, theirs = live.show(self.values[self.load.newer_by][position]), live.show(row[self.load.newer_by])
        return ours is not None and (theirs is None or ours > theirs)

    # ------------------------------------------------------------------------------------------------ writing

    def _insert(self, positions: list[int]) -> int:
        """Insert the rows with their after-images and return how many the database took."""
        columns = self.load.columns

        def insert(part: Sequence[int]) -> None:
            cells = [self.values[column].take(part) for column in columns]
            numbers = self.dialect.insert(self.connection, self.table, columns, cells)
            keys = numbers or [self.values[self.table.key][position] for position in part]
            self.keys.update(zip(part, keys, strict=True))

        self._isolating(positions, insert)
        keys = [self.keys[position] for position in positions if position in self.keys]
        taken = self.images.note_inserts(keys)
        if taken != len(keys):
            raise LocationError(
                "target.rows-vanished",
                Message("the target took {sent} rows and shows {there} of them", sent=len(keys), there=taken), self.table.name,
                Message("a trigger of the table may drop or renumber rows; switch it off for the load"),
            )  # fmt: skip
        return len(keys)

    def _isolating(self, items: Sequence[int], write: Callable[[Sequence[int]], None]) -> None:
        """Write `items`; where the database refuses, halve them until the rows to blame are found and rejected."""
        if not items:
            return
        try:
            with self.connection.begin_nested():
                write(items)
        except self.dialect.errors as error:
            refusal = self.dialect.refusal(error, self.table)
            if refusal is None:
                raise
            if len(items) > 1:
                middle = len(items) // 2
                self._isolating(items[:middle], write)
                self._isolating(items[middle:], write)
                return
            self.keys.pop(items[0], None)
            why, column = refusal
            self._reject(items[0], f"load.refused-{why}", column or self._guilty(why, items[0]))

    def _guilty(self, why: str, position: int) -> str:
        """Find the column of a row refused for a foreign key, where the database does not name it."""
        import sqlalchemy as sa

        if why != "foreign-key":
            return ""
        for key in self.table.parents:
            value = self.values[key.column][position] if key.column in self.values else None
            parent = sa.table(key.parent, sa.column(key.parent_column))
            query = (
                sa.select(sa.func.count())
                .select_from(parent)
                .where(parent.c[key.parent_column] == self.dialect.adapt(value))
            )
            if value is not None and self.connection.execute(query).scalar_one() == 0:
                return key.column
        return ""

    def _update(self, changed: dict[int, Row]) -> int:
        """Update rows with their images and return how many really changed."""
        if not changed:
            return 0
        columns = [column for column in self.load.columns if column != self.table.key]
        before = self.images.remember([self.keys[position] for position in changed])
        incoming = self.images.incoming(columns)
        names = [column.name for column in incoming.columns]
        statement = self._from_incoming(incoming, columns)

        def update(part: Sequence[int]) -> None:
            rows = [self._staged(columns, position, changed[position]) for position in part]
            opaque = any(self.table.columns[column].kind == "other" for column in columns)
            cells = [Cells(self.dialect.wire, list(column), opaque=opaque) for column in zip(*rows, strict=True)]
            self.dialect.bulk(self.connection, incoming.name, names, cells)
            self.connection.execute(statement)
            self.connection.execute(incoming.delete())

        self._isolating(list(changed), update)
        taken = self.images.note_updates(before)
        self.dialect.drop_temporary(self.connection, before)
        self.dialect.drop_temporary(self.connection, incoming)
        return taken

    def _from_incoming(self, incoming: sa.Table, columns: Sequence[str]) -> sa.Update:
        """Return the UPDATE that gives each row the values that came in for it, and leaves its other columns alone."""
        import sqlalchemy as sa

        table = self.table.sql
        values = {
            column: sa.case((incoming.c[f"f{index}"] == 1, incoming.c[f"v{index}"]), else_=table.c[column])
            for index, column in enumerate(columns)
        }
        return table.update().where(table.c[self.table.key] == incoming.c.k).values(values)

    def _staged(self, columns: Sequence[str], position: int, changes: Row) -> tuple[Any, ...]:
        pairs = ((int(column in changes), changes.get(column)) for column in columns)
        return (self.keys[position], *(value for pair in pairs for value in pair))

    # ------------------------------------------------------------------------------------------------ journal

    def _link(self, found: Found) -> None:
        """Write the crosswalk rows of what is now in the target and was not linked before."""
        walk = self.journal.table("crosswalk")
        for part in parts(found.stale):
            mine = (walk.c.object == self.load.object, self.dialect.among(walk.c.source_key, part))
            self.connection.execute(walk.delete().where(*mine))
        show = self.table.key_column.show
        linked = [
            (self.records[position], show(key), int(position in found.current))
            for position, key in sorted(self.keys.items())
            if position not in self.rejects and position not in found.linked
        ]
        if linked:
            wire = self.dialect.wire
            cells = [Cells(wire, list(column)) for column in zip(*linked, strict=True)]
            cells += [constant(wire, value, len(linked)) for value in (self.load.object, self.run, self.number)]
            columns = ("source_key", "target_key", "adopted", "object", "run", "batch")
            self.dialect.bulk(self.connection, walk.name, columns, cells)

    def _note_rejects(self) -> None:
        if self.rejects:
            self.connection.execute(self.journal.table("reject").insert(), [
                {"run": self.run, "batch": self.number, "source_key": reject.record, "object": self.load.object,
                 "code": reject.code, "column": reject.column}
                for reject in self.rejects.values()
            ])  # fmt: skip
