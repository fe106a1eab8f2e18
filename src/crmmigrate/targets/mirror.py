"""The copy of a system behind an API in a SQLite file: there a load is decided, journalled and undone like that of any database.

Rows are brought from the system before they are looked at. What a transaction changes in the copy, triggers note in the table
`crmm_outbox`; from there it is delivered before the transaction goes on, and each row is then read back as it really is. So the
images are what the system holds, not what was sent.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import Key, Refusal, Values
from crmmigrate.targets.cells import Cells
from crmmigrate.targets.delivery import RowRefusedError
from crmmigrate.targets.naming import PREFIX
from crmmigrate.targets.sqlite import SQLite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.targets.delivery import Delivery
    from crmmigrate.targets.dialect import Refusal as Why
    from crmmigrate.targets.intents import Intent
    from crmmigrate.targets.live import LiveColumn, LiveTable

DELIVERED = "crmm_delivered"
_OUTBOX, _NAMED = "crmm_outbox", "crmm_named"
_TABLES = {
    DELIVERED: "token TEXT NOT NULL",
    _OUTBOX: "number INTEGER PRIMARY KEY, model TEXT, key, action TEXT, was TEXT",
    _NAMED: "model TEXT, key TEXT, text TEXT, PRIMARY KEY (model, key)",
}
_ARGUMENTS = 50
"""Columns that one JSON array of a trigger takes: SQLite allows a function 127 arguments."""


class Mirror(SQLite):
    """SQLite whose tables are copies; what is written to them is delivered.

    Args:
        delivery: to the system.
    """

    creating = True  # the file is ours

    is_copy = True

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.tables: dict[str, LiveTable] = {}
        """The models that are copied, by name."""
        self.references: dict[str, dict[str, str]] = {}
        """Model → field → the model to which it refers."""
        self._named: dict[tuple[str, str], list[Key]] = {}
        self._read: dict[tuple[str, Key], Values] = {}
        """Rows read back in this transaction: what is taken to a savepoint and written again need not be read again."""

    def sets_values(self, connection: sa.Connection, table: str) -> bool:  # noqa: ARG002
        """Return False: the triggers of a copy are ours."""
        return False

    # ------------------------------------------------------------------------------------------------ tables

    def make(self, connection: sa.Connection, schema: TargetSchema) -> None:
        """Make the tables of what the system describes, or bring them up to date; nothing is demanded of the rows, for the system does that."""
        import sqlalchemy as sa

        from crmmigrate.targets.creating import add_columns

        for name, columns in _TABLES.items():
            connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
        for model, spec in schema.tables.items():
            fields = [
                sa.Column(name, self.column_type(column), primary_key=column.identity, autoincrement=False)
                for name, column in spec.columns.items()
            ]
            table = sa.Table(model, sa.MetaData(), *fields)
            table.create(connection, checkfirst=True)
            add_columns(connection, table)
            for statement in _triggers(connection, model, spec.identity, list(spec.columns)):
                connection.exec_driver_sql(statement)

    # ------------------------------------------------------------------------------------------------ from the system

    def fill(self, connection: sa.Connection, table: LiveTable) -> None:
        """Copy all rows of a model; what an unfinished batch did is left out.

        Between batches the last one is finished where its token stands in the copy, though its process died before it could forget its intents.
        """
        unfinished = [] if self._is_committed(connection) else self.delivery.intents.all()
        kept = _taken_out(unfinished, table)
        connection.execute(table.sql.delete().where(table.sql.c[table.key].not_in(kept)))
        for rows in self.delivery.connector.scan(table.name, table.stored):
            self._put(connection, table, _unseen(unfinished, table, rows))
        self._clear(connection)

    def bring(self, connection: sa.Connection, name: str, on: Sequence[str], wanted: Sequence[tuple[Any, ...]]) -> None:
        """Copy the rows whose columns `on` have one of the values wanted, as they are now."""
        table = self.tables.get(name)
        if table is None or not wanted:
            return
        import sqlalchemy as sa

        size, unfinished = self.delivery.limits.read_rows, self.delivery.intents.all()
        for start in range(0, len(wanted), size):
            part = list(wanted[start : start + size])
            found = _unseen(unfinished, table, self.delivery.connector.find(name, on, part, table.stored))
            adapted = [tuple(map(self.adapt, values)) for values in part]
            meant = sa.tuple_(*(table.sql.c[column] for column in on)).in_(adapted)
            here = sa.or_(meant, table.sql.c[table.key].in_([row[table.key] for row in found]))
            kept = table.sql.c[table.key].not_in(_taken_out(unfinished, table))
            connection.execute(table.sql.delete().where(here, kept))
            self._put(connection, table, found)
        self._clear(connection)

    def lock(
        self, connection: sa.Connection, table: sa.FromClause, image: sa.FromClause, where: sa.ColumnElement[bool]
    ) -> int:
        """Bring the rows up to date: a system behind an API has no locks."""
        import sqlalchemy as sa

        live = self.tables[table.name]  # type: ignore[attr-defined]
        keys = connection.execute(sa.select(live.sql.c[live.key]).select_from(live.sql.join(image, where)))
        found = [(key,) for key in keys.scalars().all()]
        self.bring(connection, live.name, (live.key,), found)
        return len(found)

    def _put(self, connection: sa.Connection, table: LiveTable, rows: Sequence[Values]) -> None:
        if rows:
            cells = [Cells(self.wire, [row.get(column) for row in rows]) for column in table.stored]
            self.bulk(connection, table.name, table.stored, cells)

    def empty(self, connection: sa.Connection) -> None:
        """Take all rows out of the copies, beyond recovery; the system keeps them."""
        import sqlalchemy as sa

        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        quote = connection.dialect.identifier_preparer.quote
        copies = [name for name in sa.inspect(connection).get_table_names() if not name.startswith(PREFIX)]
        for name in (*copies, _NAMED):
            connection.exec_driver_sql(f"DELETE FROM {quote(name)}")
        self._clear(connection)

    def named(
        self, connection: sa.Connection, table: LiveTable, column: str, texts: pa.Array
    ) -> tuple[pa.Array, set[int]]:
        """Return the keys of rows of other models that are named by their name or code; and where none or several have it."""
        model = self.references.get(table.name, {}).get(column)
        given = {text for text in texts.to_pylist() if text and not text.isdigit()} if model else set()
        if model is None or not given:
            return texts, set()
        import pyarrow as pa

        new = sorted(text for text in given if (model, text) not in self._named)
        found = self.delivery.connector.resolve(model, new) if new else {}
        self._named |= {(model, text): found.get(text, []) for text in new}
        keys = {text: str(self._named[model, text][0]) for text in given if len(self._named[model, text]) == 1}
        for text, key in keys.items():
            connection.exec_driver_sql(f"INSERT OR REPLACE INTO {_NAMED} VALUES (?, ?, ?)", (model, key, text))
        unclear = {place for place, text in enumerate(texts.to_pylist()) if text in given and text not in keys}
        named = [None if place in unclear else keys.get(text, text) for place, text in enumerate(texts.to_pylist())]
        return pa.array(named, pa.string()), unclear

    def names(self, connection: sa.Connection, table: LiveTable, column: str) -> dict[str, str]:
        """Return key → name, of the rows to which a column refers and that a load has known by name."""
        query = f"SELECT key, text FROM {_NAMED} WHERE model = ?"
        model = self.references.get(table.name, {}).get(column, "")
        return dict(connection.exec_driver_sql(query, (model,)).all())

    # ------------------------------------------------------------------------------------------------ to the system

    def begin_batch(self, connection: sa.Connection) -> None:
        """Begin a new batch, or take up the one that was cut off: its rows are found out about first."""
        import sqlalchemy as sa

        self._read.clear()
        delivered = sa.table(DELIVERED, sa.column("token"))
        intents = self.delivery.intents
        if self._is_committed(connection):
            intents.begin()
        self.delivery.recover()
        connection.execute(delivered.delete())
        connection.execute(delivered.insert().values(token=intents.token))

    def is_unfinished(self, connection: sa.Connection) -> bool:
        """Whether a batch was begun, sent something and was never committed."""
        done = any(intent.state != "refused" for intent in self.delivery.intents.all())
        return done and not self._is_committed(connection)

    def _is_committed(self, connection: sa.Connection) -> bool:
        """Whether the batch of the intents is in the journal; asked outside of batches, for each notes itself when it begins."""
        import sqlalchemy as sa

        delivered = sa.table(DELIVERED, sa.column("token"))
        return self.delivery.intents.token in connection.execute(sa.select(delivered.c.token)).scalars()

    def insert(
        self, connection: sa.Connection, table: LiveTable, columns: Sequence[str], cells: Sequence[Cells], records: Sequence[str]
    ) -> list[Any]:  # fmt: skip
        """Have the system make the rows, copy them as it made them, and return their keys."""
        sent = [
            {name: value for name, value in zip(columns, row, strict=True) if value is not None}
            for row in zip(*(column.values for column in cells), strict=True)
        ]
        keys = self.delivery.create(table.name, dict(zip(records, sent, strict=True)))
        self._read_back(connection, table, list(keys.values()))
        for record, values in zip(records, sent, strict=True):
            row = self._read.get((table.name, keys[record]))
            if row is not None and not self.delivery.connector.holds(table.name, row, values):
                raise LocationError(
                    "target.answer-unlike", Message("rows come back unlike what was sent, so that a row whose answer is lost could not be found again"),
                    f"{self.delivery.connector.place}#{table.name}", Message("roll the run back, see which field the system writes in another form, and map it so"),
                )  # fmt: skip
        return [keys[record] for record in records]

    def deliver(self, connection: sa.Connection) -> None:
        """Send what has changed in the copies, and copy the rows as they are then.

        Raises:
            RowRefusedError: the system refuses one of them.
        """
        outbox = f"SELECT model, action, key, was FROM {_OUTBOX} ORDER BY model, action, number"
        waiting = connection.exec_driver_sql(outbox).all()
        for (model, action), rows in groupby(waiting, key=lambda row: (row[0], row[1])):
            table, found = self.tables[model], list(rows)
            keys: list[Key] = list(dict.fromkeys(row[2] for row in found))
            if action == "delete":
                touched = self.delivery.connector.touched(model)
                rows_before = {row[2]: _row(table, row[3]) for row in found}
                self.delivery.delete(
                    model, {key: {name: row[name] for name in touched} for key, row in rows_before.items()}
                )
                continue
            if action == "insert":  # under a key of ours: only a rollback of a rollback would ask for that
                raise RowRefusedError(Refusal("other"))
            changes = self._changes(connection, table, keys, {row[2]: row[3] for row in reversed(found)})
            for key in self.delivery.update(model, changes):
                self._read.pop((model, key), None)
            self._read_back(connection, table, list(changes))
        if waiting:
            self._clear(connection)

    def _changes(
        self, connection: sa.Connection, table: LiveTable, keys: Sequence[Key], before: dict[Key, str]
    ) -> dict[Key, tuple[Values, Values]]:
        """Return key → the fields that differ, as they are to be and as they were."""
        import sqlalchemy as sa

        columns = [table.columns[name] for name in table.stored]
        changes: dict[Key, tuple[Values, Values]] = {}
        query = sa.select(*(table.sql.c[name] for name in table.stored))
        for where in self.having(table.sql.c[table.key], keys):
            for row in connection.execute(query.where(where)):
                now = dict(zip(table.stored, row, strict=True))
                key = now[table.key]
                was = _row(table, before[key])
                new = {column.name: _meant(column, now[column.name]) for column in columns}
                differs = [name for name in new if new[name] != was[name]]
                if differs:
                    changes[key] = {name: new[name] for name in differs}, {name: was[name] for name in differs}
        return changes

    def _read_back(self, connection: sa.Connection, table: LiveTable, keys: Sequence[Key]) -> None:
        new = [key for key in keys if (table.name, key) not in self._read]
        for key, row in self.delivery.read(table.name, new, table.stored).items():
            self._read[table.name, key] = row
        connection.execute(table.sql.delete().where(self.among(table.sql.c[table.key], list(keys))))
        rows = [self._read[table.name, key] for key in keys if (table.name, key) in self._read]
        self._put(connection, table, rows)
        self._clear(connection)

    def _clear(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"DELETE FROM {_OUTBOX}")

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What refuses a row."""
        return (*super().errors, RowRefusedError)

    def refusal(self, error: Exception, table: LiveTable) -> tuple[Why, str] | None:
        """Return what the system said; SQLite itself has nothing to refuse."""
        if isinstance(error, RowRefusedError):
            return error.refusal.reason, error.refusal.column
        return super().refusal(error, table)


def _taken_out(unfinished: Sequence[Intent], table: LiveTable) -> list[Key]:
    """Return the keys of rows that an unfinished batch has deleted: to the journal they are still there."""
    return [
        i.key
        for i in unfinished
        if (i.action, i.model, i.state) == ("delete", table.name, "done") and i.key is not None
    ]


def _unseen(unfinished: Sequence[Intent], table: LiveTable, rows: Iterable[Values]) -> list[Values]:
    """Return the rows as they were before the unfinished batch."""
    known = [intent for intent in unfinished if intent.model == table.name]
    made = {i.key for i in known if (i.action, i.state) == ("create", "done")}
    was = {i.key: i.was for i in known if i.action == "delete" or (i.action, i.state) == ("update", "done")}
    return [{**row, **was.get(row[table.key], {})} for row in rows if row[table.key] not in made]


def _meant(column: LiveColumn, raw: Any) -> Any:
    """Return a value of the copy as the connector wants it."""
    text = column.show(raw)
    return None if text is None else column.parse(text)


def _row(table: LiveTable, noted: str) -> Values:
    """Return a row as a trigger has noted it."""
    values = [value for part in noted.splitlines() for value in json.loads(part)]
    return {name: _meant(table.columns[name], value) for name, value in zip(table.stored, values, strict=True)}


def _triggers(connection: sa.Connection, model: str, key: str, columns: Sequence[str]) -> Iterator[str]:
    """Yield what notes every change of a table in the outbox, with the row as it was."""
    quote = connection.dialect.identifier_preparer.quote
    parts = [
        "json_array(" + ", ".join(f"OLD.{quote(name)}" for name in columns[start : start + _ARGUMENTS]) + ")"
        for start in range(0, len(columns), _ARGUMENTS)
    ]
    was = " || char(10) || ".join(parts)
    name = model.replace("'", "''")
    for action, row, text in (("insert", "NEW", "''"), ("update", "OLD", was), ("delete", "OLD", was)):
        trigger = quote(f"crmm_{action}_{model}")
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        yield (
            f"CREATE TRIGGER {trigger} AFTER {action} ON {quote(model)} BEGIN INSERT INTO {_OUTBOX} (model, key, action, was) "
            f"VALUES ('{name}', {row}.{quote(key)}, '{action}', {text}); END"
        )
