"""MariaDB and MySQL: LOAD DATA LOCAL where the server allows it, else multi-row INSERT; InnoDB only, strict whatever the server's default, utf8mb4 throughout."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.targets.cells import Cells, as_lines
from crmmigrate.targets.dialect import Dialect, Refusal
from crmmigrate.targets.grants import JOURNAL_RIGHTS, granted, has_computed_key, has_triggers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from crmmigrate.model.schema import TargetColumn
    from crmmigrate.targets.live import ChildLink, LiveColumn, LiveTable

BUSY_SECONDS = 30
STATEMENT_ROWS, STATEMENT_CHARACTERS = 500, 500_000
"""Of one INSERT: well below the smallest max_allowed_packet in use."""

_TEXT = 16_383
"""From this length on a VARCHAR of utf8mb4 does not fit into a row."""
LOCAL_ROWS = 200
"""Fewer rows than these go in an INSERT; so do the halves of a batch that the server refuses."""

LONG_TEXT = 255
"""Longer text is MEDIUMTEXT in an image: a row of VARCHARs may hold 65,535 bytes, and an image has each column twice."""

_STRICT = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
# https://mariadb.com/kb/en/mariadb-error-codes/
_REASONS: dict[int, Refusal] = {
    1062: "unique", 1586: "unique", 1048: "not-null", 1364: "not-null", 1216: "foreign-key", 1452: "foreign-key",
    1217: "foreign-key", 1451: "foreign-key", 1406: "length", 1264: "type", 1265: "type", 1292: "type", 1366: "type",
    1367: "type", 1690: "type", 4025: "check", 3819: "check", 1644: "other",
}  # fmt: skip
_TRANSIENT = (1205, 1213)
_NO_LOCAL = (1148, 2068, 3948, 4166)
"""The server, or its administrator, does not allow LOAD DATA LOCAL."""
_UNREACHABLE = (*_TRANSIENT, 1021, 1040, 1044, 1045, 1049, 1053, 1114, 1317, 1927, 2002, 2003, 2006, 2013)
_COLUMN = re.compile(r"[Cc]olumn '([^']+)'")
_CHECK = re.compile(r"(?:CONSTRAINT|[Cc]heck constraint) [`']([^`']+)[`']")
_KEY = re.compile(r"for key '(?:[^'.]+\.)?([^']+)'")
_FOREIGN = re.compile(r"FOREIGN KEY \(`([^`]+)`\)")


class _NotAsSentError(Exception):
    """LOAD DATA LOCAL changed or skipped a row, of which it only warns."""


def _check_taken(sent: int, taken: int, warnings: int) -> None:
    if warnings or taken != sent:
        raise _NotAsSentError


class MySQL(Dialect):
    """How MariaDB and MySQL do things."""

    shared = True

    keys_as_ranges = True

    local = True
    """Whether the server has not yet refused LOAD DATA LOCAL."""

    def engine(self, url: str) -> sa.Engine:
        """Return an engine whose sessions are strict, in utf8mb4, and read what is committed."""
        import sqlalchemy as sa

        engine = sa.create_engine(
            sa.make_url(url).update_query_dict({"charset": "utf8mb4"}), isolation_level="READ COMMITTED", pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "local_infile": True},
        )  # fmt: skip

        def connect(dialect: object, record: object, arguments: Any, options: Any) -> Any:
            del dialect, record
            from crmmigrate.targets.infile import InfileConnection

            return InfileConnection(*arguments, **options)

        def connected(connection: Any, record: object) -> None:
            del record
            with connection.cursor() as cursor:
                cursor.execute(f"SET SESSION sql_mode = '{_STRICT}', innodb_lock_wait_timeout = {BUSY_SECONDS}")

        sa.event.listen(engine, "do_connect", connect)
        sa.event.listen(engine, "connect", connected)
        return engine

    def lacking(self, connection: sa.Connection) -> list[str]:
        """Read the grants for the whole database; where a role is granted, nothing can be told."""
        given = granted(connection)
        return [] if given is None else [right for right in JOURNAL_RIGHTS if right not in given]

    def sets_values(self, connection: sa.Connection, table: str) -> bool:
        """Look for triggers of the table, which the server shows only to who has the right to make some."""
        return has_triggers(connection, table) or "TRIGGER" not in (granted(connection) or ())

    def keys_tie(self, connection: sa.Connection, table: str) -> bool:
        """Look for triggers, as far as the server shows them, and for unique keys over what it computes."""
        return not (has_triggers(connection, table) or has_computed_key(connection, table))

    def epoch(self) -> sa.ColumnElement[int]:
        """Return SQL for the server's clock in whole seconds."""
        import sqlalchemy as sa

        return sa.func.unix_timestamp()

    @contextmanager
    def journal_lock(self, connection: sa.Connection) -> Iterator[None]:
        """Take a named lock for as long as this takes."""
        import sqlalchemy as sa

        name = sa.func.concat("crmm_", sa.func.left(sa.func.database(), 50))
        if connection.execute(sa.select(sa.func.get_lock(name, BUSY_SECONDS))).scalar() != 1:
            raise LocationError(
                "target.lock",
                Message("another process holds the journal of this target for {seconds} s", seconds=BUSY_SECONDS),
            )
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.release_lock(name)))

    def long_text(self) -> Any:
        """Return a type for text of up to 16 MB."""
        from sqlalchemy.dialects.mysql import MEDIUMTEXT

        return MEDIUMTEXT()

    def column_type(self, column: TargetColumn) -> Any:
        """Return the type in MariaDB and MySQL."""
        import sqlalchemy as sa
        from sqlalchemy.dialects.mysql import MEDIUMTEXT

        return {
            "text": sa.String(column.length) if column.length < _TEXT else MEDIUMTEXT(), "integer": sa.BigInteger(), "date": sa.Date(), "datetime": sa.DateTime(),
            "decimal": sa.Numeric(column.precision, column.scale), "boolean": sa.Boolean(),
        }[column.type]  # fmt: skip

    def image_type(self, column: LiveColumn) -> Any:
        """Return the same type, but long text out of the row."""
        from sqlalchemy.dialects.mysql import MEDIUMTEXT

        if column.kind == "text" and column.length is not None and column.length > LONG_TEXT:
            return MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin")
        return column.type

    def table_options(self) -> dict[str, Any]:
        """Return engine and character set: InnoDB for its transactions, utf8mb4_bin so that keys differ as they do elsewhere."""
        return {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin",
                "mariadb_engine": "InnoDB", "mariadb_charset": "utf8mb4", "mariadb_collate": "utf8mb4_bin"}  # fmt: skip

    def drop_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Say TEMPORARY: a plain DROP TABLE commits the transaction it stands in, and with it half a batch."""
        name = connection.dialect.identifier_preparer.quote(table.name)
        connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {name}")

    def make_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Create it; one that a transaction rolled back has left in this session goes first."""
        self.drop_temporary(connection, table)
        table.create(connection, checkfirst=False)

    def drop_index(self, connection: sa.Connection, table: str, name: str) -> None:
        """Drop it unless that takes more than a second of waiting for others, who by default would be waited for a day."""
        import sqlalchemy as sa

        quote = connection.dialect.identifier_preparer.quote
        connection.exec_driver_sql("SET SESSION lock_wait_timeout = 1")
        try:
            connection.exec_driver_sql(f"DROP INDEX {quote(name)} ON {quote(table)}")
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
        connection.exec_driver_sql("SET SESSION lock_wait_timeout = DEFAULT")

    def child_links(self, connection: sa.Connection) -> Iterator[tuple[str, ChildLink]]:
        """Ask the server for all at once; a server may hold hundreds of databases, and others come and go meanwhile."""
        import sqlalchemy as sa

        from crmmigrate.targets.live import ChildLink

        found: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
        query = sa.text(
            "SELECT CASE WHEN table_schema = database() THEN '' ELSE table_schema END, table_name, constraint_name, "
            "referenced_table_name, column_name, referenced_column_name FROM information_schema.key_column_usage "
            "WHERE referenced_table_schema = database() ORDER BY 1, 2, 3, ordinal_position"
        )
        for schema, child, name, parent, column, named in connection.execute(query):
            found.setdefault((schema, child, name, parent), []).append((column, named))
        for (schema, child, _, parent), pairs in found.items():
            yield (
                parent,
                ChildLink(schema or None, child, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)),
            )

    def in_order(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Have it so: a table that is nearly empty again looks cheap to read, and still holds all rows that were deleted just now."""
        return query.prefix_with("STRAIGHT_JOIN")

    def delete_joined(
        self, connection: sa.Connection, table: LiveTable, image: sa.FromClause, named: sa.ColumnElement[Any],
        chosen: sa.ColumnElement[bool], where: sa.ColumnElement[bool],
    ) -> int:  # fmt: skip
        """Delete a range where the rows' numbers have no gap."""
        from crmmigrate.targets.mysql_undo import delete_range

        deleted = delete_range(self, connection, table, image, named, chosen, where)
        return super().delete_joined(connection, table, image, named, chosen, where) if deleted is None else deleted

    def update_joined(
        self, connection: sa.Connection, table: LiveTable, image: sa.FromClause, named: sa.ColumnElement[Any],
        chosen: sa.ColumnElement[bool], where: sa.ColumnElement[bool], values: dict[str, sa.ColumnElement[Any]],
    ) -> int:  # fmt: skip
        """Update the rows in the order of their keys where these are numbers."""
        from crmmigrate.targets.mysql_undo import update_by_key

        if table.key_column.kind == "integer":
            return update_by_key(connection, table, image, named, chosen, where, values)
        return super().update_joined(connection, table, image, named, chosen, where, values)

    def unsafe(self, connection: sa.Connection, table: str) -> str:
        """Return the engine's name where it is not InnoDB."""
        import sqlalchemy as sa

        query = sa.text(
            "SELECT engine FROM information_schema.tables WHERE table_schema = database() AND table_name = :table"
        )
        engine = str(connection.execute(query, {"table": table}).scalar())
        return "" if engine.lower() == "innodb" else engine

    def insert(
        self, connection: sa.Connection, table: LiveTable, columns: Sequence[str], cells: Sequence[Cells], records: Sequence[str]  # noqa: ARG002
    ) -> list[Any]:  # fmt: skip
        """Insert several rows at a time; InnoDB numbers the rows of one INSERT … VALUES without a gap.

        Those of one LOAD DATA too, as long as it does not interleave the numbers of several statements (mode 2).
        """
        numbered = table.numbered and table.key not in columns
        step, mode = 1, 0
        if numbered:
            query = "SELECT @@auto_increment_increment, @@innodb_autoinc_lock_mode"
            step, mode = map(int, connection.exec_driver_sql(query).one())
        if mode < 2:
            given = self._load(connection, table.name, columns, cells)
            if given is not None:
                return list(range(given, given + len(cells[0]) * step, step)) if numbered else []
        numbers: list[Any] = []
        for first, count in self._statements(connection, table.name, columns, cells):
            numbers += range(first, first + count * step, step)
        return numbers if numbered else []

    def bulk(self, connection: sa.Connection, table: str, columns: Sequence[str], cells: Sequence[Cells]) -> None:
        """Insert by LOAD DATA LOCAL, or several rows at a time."""
        if self._load(connection, table, columns, cells) is not None:
            return
        for _ in self._statements(connection, table, columns, cells):
            pass

    def _load(
        self, connection: sa.Connection, table: str, columns: Sequence[str], cells: Sequence[Cells]
    ) -> int | None:
        """Insert by LOAD DATA LOCAL and return the first number given, or None where nothing was inserted that way.

        LOCAL turns what strict mode refuses into warnings and skips rows: then nothing stays, and an INSERT tells why.
        """
        import sqlalchemy as sa

        rows = len(cells[0])
        if not self.local or rows < LOCAL_ROWS or any(column.opaque for column in cells):
            return None
        quoted = connection.dialect.identifier_preparer.quote
        statement = (
            f"LOAD DATA LOCAL INFILE 'batch' INTO TABLE {quoted(table)} CHARACTER SET utf8mb4 "
            f"({', '.join(map(quoted, columns))})"
        )
        driver: Any = connection.connection.driver_connection
        try:
            with connection.begin_nested(), driver.offering(as_lines(cells)):
                taken = connection.exec_driver_sql(statement).rowcount
                _check_taken(rows, taken, driver.warnings)
        except _NotAsSentError:
            return None
        except sa.exc.DBAPIError as error:
            if error.orig is None or error.orig.args[0] not in _NO_LOCAL:
                raise
            self.local = False
            return None
        return int(connection.exec_driver_sql("SELECT last_insert_id()").scalar_one())

    @staticmethod
    def _statements(
        connection: sa.Connection, table: str, columns: Sequence[str], cells: Sequence[Cells]
    ) -> Iterator[tuple[int, int]]:
        """Send INSERTs of limited size; yield the first number given and the number of rows of each."""
        rows = list(zip(*(column.values for column in cells), strict=True))
        quoted = connection.dialect.identifier_preparer.quote
        head = f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, columns))}) VALUES "
        group = "(" + ", ".join(["%s"] * len(columns)) + ")"
        start = 0
        while start < len(rows):
            end, size = start, 0
            while end < len(rows) and end - start < STATEMENT_ROWS and size < STATEMENT_CHARACTERS:
                size += sum(len(value) for value in rows[end] if isinstance(value, str))
                end += 1
            values = tuple(value for row in rows[start:end] for value in row)
            result = connection.exec_driver_sql(head + ", ".join([group] * (end - start)), values)
            yield int(result.lastrowid or 0), end - start
            start = end

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What refuses a row."""
        import sqlalchemy as sa

        return (sa.exc.DBAPIError,)

    def refusal(self, error: Exception, table: LiveTable) -> tuple[Refusal, str] | None:
        """Read the reason from the error number, and from its text only the names it quotes."""
        original = getattr(error, "orig", None)
        number = original.args[0] if original is not None and original.args else None
        if original is None or number not in _REASONS:
            return None
        text = str(original.args[-1])
        found = _FOREIGN.search(text) or _COLUMN.search(text)
        column = found.group(1) if found else ""
        key = _KEY.search(text)
        if key and key.group(1) in table.unique:
            column = table.unique[key.group(1)][0]
        if _REASONS[number] == "check" and (check := _CHECK.search(text)):
            return "check", check.group(1).removeprefix(f"{table.name}.")  # MariaDB calls that of a column table.column
        return _REASONS[number], column if column in table.columns else ""

    def transient(self, error: Exception) -> bool:
        """Whether it was a deadlock or a lock that took too long."""
        original = getattr(error, "orig", None)
        return bool(original is not None and original.args and original.args[0] in _TRANSIENT)

    def waited(self, error: Exception) -> bool:
        """Whether a lock took too long."""
        original = getattr(error, "orig", None)
        return bool(original is not None and original.args and original.args[0] == _TRANSIENT[0])

    def unreachable(self, error: Exception) -> bool:
        """Whether the number is one of connections, users and locks; the words of others may quote a value."""
        original = getattr(error, "orig", None)
        return bool(original is not None and original.args and original.args[0] in _UNREACHABLE)

    def exact(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Compare text byte by byte, whatever the collation says about case and trailing spaces."""
        import sqlalchemy as sa

        if column.kind not in ("text", "other"):
            return value
        if column.kind == "text" and column.charset == "utf8mb4":
            return sa.cast(value, sa.BINARY)
        from sqlalchemy.dialects.mysql import CHAR

        return sa.cast(sa.cast(value, CHAR(charset="utf8mb4")), sa.BINARY)  # an image may have another character set

    def hashing(self, connection: sa.Connection) -> str:  # noqa: ARG002
        """Return the hash that every server has, and most processors too."""
        return "sha1"

    def hashed(self, values: Sequence[sa.ColumnElement[Any]], columns: Sequence[LiveColumn]) -> sa.ColumnElement[int]:
        """Hash the values, quoted so that each begins and ends for itself; long ones by their own hash, for a text may be too long for a packet."""
        import sqlalchemy as sa
        from sqlalchemy.dialects.mysql import BIGINT

        digits = sa.func.left(sa.func.sha1(sa.func.concat(*map(_quoted, values, columns))), 16)
        return sa.cast(sa.func.conv(digits, 16, 10), BIGINT(unsigned=True))

    def key_cast(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Return a key kept as text as a number, where it is one."""
        import sqlalchemy as sa

        return sa.cast(value, sa.Integer) if column.kind == "integer" else value


def _quoted(value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[str]:
    """Return a value as text that says whether it is NULL, in one character set and collation, whatever the column has."""
    import sqlalchemy as sa
    from sqlalchemy.dialects.mysql import CHAR

    if column.kind == "float" or getattr(column.type, "zerofill", False):  # as text 6 digits; a UNION drops the zeros
        value = value * sa.literal_column("1e0" if column.kind == "float" else "1")
    elif column.kind == "other":
        value = sa.func.sha1(value)
    text = sa.cast(value, CHAR(charset="utf8mb4"))
    if column.kind == "text" and (column.length is None or column.length > LONG_TEXT):
        text = sa.cast(sa.func.sha1(text), CHAR(charset="utf8mb4"))
    return sa.func.quote(text.collate("utf8mb4_bin"))


DIALECT = MySQL
