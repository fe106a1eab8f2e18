"""One connection that sees a database as it was at one moment, from the first table read to the last."""

from __future__ import annotations

import weakref
from contextlib import suppress
from itertools import chain
from sys import getsizeof
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.table import quoted
from crmmigrate.sources._engine import failures, refusal
from crmmigrate.sources._select import Undecoded, arrivals, as_text, decoded, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from crmmigrate.sources._schema import Described

    Troubles = list[tuple[int, int, str]]
    """Row within the chunk, column, code."""

ROWS = 20_000
"""Rows of a chunk."""
BYTES = 32 << 20
"""A chunk ends here too, so that tables with documents in them need no more memory than others."""
FETCH = 500
"""Rows asked for at once at most; fewer where they are long."""
FETCH_BYTES = 8 << 20

_BEGIN: dict[str, tuple[str, ...]] = {
    # As pg_dump does: rows hidden by a policy are an error, not a smaller table; the scan begins at the table's beginning.
    "postgresql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", "SET LOCAL row_security = off", "SET LOCAL DateStyle = 'ISO'",
        "SET LOCAL extra_float_digits = 1", "SET LOCAL synchronize_seqscans = off", "SET LOCAL max_parallel_workers_per_gather = 0",
        "SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0", "SET LOCAL lock_timeout = '30s'",
    ),
    "mysql": (
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET SESSION wait_timeout = 86400, net_write_timeout = 86400",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "sqlite": ("BEGIN", "SELECT count(*) FROM sqlite_master"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}  # fmt: skip

_SINCE = {
    "row_security": (9, 5), "idle_in_transaction_session_timeout": (9, 6), "max_parallel_workers_per_gather": (9, 6), "lock_timeout": (9, 3),
}  # fmt: skip
"""The version of PostgreSQL that has a setting: legacy systems lie on old servers."""


class Snapshot:
    """The tables of a database as of one moment.

    The connection is opened with the first table and closed when all that were asked for have been read to their ends, or
    when nothing refers to this any more. A connection that breaks off is never replaced: the tables after it would be
    of another moment.

    Args:
        engine: of the database.
        tables: all that will be read.
        shown: the place, without secrets.
        connection: one that is open already, and is the snapshot's from now on.
    """

    def __init__(
        self, engine: Engine, tables: Sequence[Described], shown: str, connection: Connection | None = None
    ) -> None:
        self.engine = engine
        self._given = connection
        self.shown = shown
        self._tables = tables
        self._waiting = {table.at.name for table in tables}
        self._connection: Connection | None = None
        self._lost = False
        self._turn = 0

    def open(self) -> Connection:
        """Begin the transaction if it has not begun.

        Raises:
            LocationError: the database refuses.
        """
        if self._connection is not None:
            return self._connection
        try:
            connection, self._given = self._given or self.engine.connect(), None
            connection.rollback()  # what was asked before was of another moment
            self._closer = weakref.finalize(self, _close, connection)
            if self.engine.dialect.name == "sqlite":
                _raw(connection).isolation_level = None  # so that only our BEGIN begins
            name = {"mariadb": "mysql"}.get(self.engine.dialect.name, self.engine.dialect.name)
            version = self.engine.dialect.server_version_info or ()
            for statement in _BEGIN.get(name, ()):
                if all(version >= since for setting, since in _SINCE.items() if setting in statement):
                    connection.exec_driver_sql(statement)
            if name == "postgresql" and self._tables:
                self._lock(connection)
        except failures(self.engine) as error:
            raise refusal(error, self.engine, self.shown) from error
        self._connection = connection
        return connection

    def _lock(self, connection: Connection) -> None:
        """Keep TRUNCATE and DROP out, which a snapshot alone does not; the snapshot begins with the first query after it."""
        names = [table for table in self._tables if table.lockable]
        places = ", ".join(".".join(quoted(part) for part in (t.at.schema, t.at.bare) if part) for t in names)
        if places:
            connection.exec_driver_sql(f"LOCK TABLE {places} IN ACCESS SHARE MODE".replace("%", "%%"))
        connection.exec_driver_sql("SELECT count(*) FROM pg_catalog.pg_class")

    def read(self, table: Described, shown: str) -> Iterator[tuple[list[Any], Troubles]]:
        """Yield the rows of a table as chunks: a column of Arrow text each, and the cells that were no text.

        Args:
            table: which.
            shown: its place, for errors.

        Raises:
            LocationError: the database refuses, or the connection broke off.
            RuntimeError: another table is read at the same time; a connection gives one after the other.
        """
        self._not_lost(shown)
        connection = self.open()
        self._turn += 1
        turn, rows = self._turn, 0
        try:
            for columns, troubles in self._chunks(connection, table):
                if turn != self._turn:
                    raise RuntimeError(f"{shown}: another table is read before this one is at its end")
                rows += len(columns[0]) if columns else 0
                yield columns, troubles
        except failures(self.engine) as error:
            found = refusal(error, self.engine, shown, rows)
            self._lost = True
            self._closer()
            raise found from error
        self._waiting.discard(table.at.name)
        if not self._waiting:
            self._closer()
            self._connection = None
            self._waiting = {other.at.name for other in self._tables}

    def _not_lost(self, shown: str) -> None:
        if self._lost:
            raise LocationError(
                "database.lost", Message("the connection broke off while another table was read"), shown,
                Message("nothing of this table is used; run it again, and ask the administrator about time limits"),
            )  # fmt: skip

    def ask(self, statement: str, shown: str, given: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the whole answer of a query, which must be short; of SQLite, text in another encoding is `Undecoded`.

        Args:
            statement: in the server's words; with parameters (`:name`) where any are given.
            shown: the place, for errors.
            given: parameter → value.

        Raises:
            LocationError: the database refuses, or the connection broke off.
        """
        import sqlalchemy as sa

        self._not_lost(shown)
        connection = self.open()
        try:
            if self.engine.dialect.name == "sqlite":
                _raw(connection).text_factory = Undecoded.of
            rows = connection.execute(sa.text(statement), given) if given else connection.exec_driver_sql(statement)
            return [tuple(row) for row in rows]
        except failures(self.engine) as error:
            found = refusal(error, self.engine, shown)
            self._lost = True
            self._closer()
            raise found from error

    def _chunks(self, connection: Connection, table: Described) -> Iterator[tuple[list[Any], Troubles]]:
        dialect = self.engine.dialect
        if dialect.name == "postgresql" and dialect.driver == "psycopg" and table.columns:
            return _copied(_raw(connection), table)
        statement = select(table, dialect.name, dialect.identifier_preparer.quote_identifier)
        if dialect.name == "sqlite":
            return _sqlite(connection, statement, table)
        if dialect.driver == "pymysql":
            _raw(connection).decoders = {}  # text stays as the server wrote it
        return _fetched(connection, statement, arrivals(table, dialect.name))


def _close(connection: Connection) -> None:
    with suppress(*failures(connection.engine)):  # one that broke off cannot be told that it is over
        connection.close()


def _raw(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _fetched(
    connection: Connection, statement: str, special: dict[int, str], skip: int = 0
) -> Iterator[tuple[list[Any], Troubles]]:
    """Read through a cursor on the server, a few rows at a time: as many as the length of the last ones lets expect."""
    result = connection.execution_options(stream_results=True, max_row_buffer=FETCH).exec_driver_sql(statement)
    with result:
        rows: list[Any] = []
        size, wanted = 0, FETCH // 10
        while part := result.fetchmany(wanted):
            taken = sum(map(getsizeof, chain.from_iterable(part)))
            wanted = max(1, min(FETCH, 4 * len(part), len(part) * FETCH_BYTES // (taken or 1)))
            kept = part[skip:] if skip else part
            skip = max(0, skip - len(part))
            rows += kept
            size += taken if kept else 0
            if len(rows) >= ROWS or size >= BYTES:
                yield _columns(rows, special)
                rows, size = [], 0
        yield _columns(rows, special)


def _columns(rows: Sequence[Any], special: dict[int, str]) -> tuple[list[Any], Troubles]:
    columns: list[Any] = []
    troubles: Troubles = []
    for position, values in enumerate(zip(*rows, strict=True)):
        column, odd = as_text(values, special.get(position, ""))
        columns.append(column)
        troubles += [(row, position, code) for row, code in odd]
    return columns, sorted(troubles)


def _sqlite(connection: Connection, statement: str, table: Described) -> Iterator[tuple[list[Any], Troubles]]:
    """Read fast as long as all text is UTF-8; from the first that is not, decode each by itself."""
    import sqlalchemy as sa

    raw, special, done = _raw(connection), arrivals(table, "sqlite"), 0
    raw.text_factory = str
    try:
        for columns, troubles in _fetched(connection, statement, special):
            done += len(columns[0]) if columns else 0
            yield columns, troubles
    except (sa.exc.OperationalError, UnicodeDecodeError) as error:
        if not isinstance(error, UnicodeDecodeError) and "Could not decode" not in str(error.orig):
            raise
        raw.text_factory = Undecoded.of
        yield from _fetched(connection, statement, special, done)


def _copied(raw: Any, table: Described) -> Iterator[tuple[list[Any], Troubles]]:
    """Let PostgreSQL write the table as CSV, which costs it and us far less than a row of Python objects each."""
    statement = select(table, "postgresql", quoted)
    # Where the database was made without an encoding, its bytes are taken as they are, and decoded one by one.
    how = (
        "FORMAT csv, ENCODING 'SQL_ASCII'"
        if raw.info.parameter_status("server_encoding") == "SQL_ASCII"
        else "FORMAT csv"
    )
    with raw.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT ({how})") as copy:
        lines: list[Any] = []
        size = 0
        for line in copy:  # the server sends one row a message
            lines.append(line)
            size += len(line)
            if len(lines) >= ROWS or size >= BYTES:
                yield _parsed(lines, table)
                lines, size = [], 0
        yield _parsed(lines, table)


def _parsed(lines: list[Any], table: Described) -> tuple[list[Any], Troubles]:
    import pyarrow as pa
    from pyarrow import csv

    names = [str(position) for position in range(len(table.columns))]
    if not lines:
        return [pa.array([], pa.string()) for _ in names], []
    data = b"".join(lines)
    parsed = csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.binary()), null_values=[""], strings_can_be_null=True,
            quoted_strings_can_be_null=not table.keep_empty,  # no value is written without quotes
        ),
    )  # fmt: skip
    columns: list[Any] = []
    troubles: Troubles = []
    for position, column in enumerate(parsed.combine_chunks().itercolumns()):
        text, odd = decoded(column.combine_chunks())
        columns.append(text)
        troubles += [(row, position, code) for row, code in odd]
    return columns, sorted(troubles)
