"""SQLite, the embedded target: one writer at a time, foreign keys on, loose types made strict before they are sent."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crmmigrate.messages import Message
from crmmigrate.targets.cells import Cells
from crmmigrate.targets.dialect import Dialect, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.model.schema import TargetColumn
    from crmmigrate.targets.live import LiveColumn, LiveTable

BUSY_SECONDS = 30
_FAILED = re.compile(r"(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.*))?")
# https://www.sqlite.org/rescode.html
_UNREACHABLE = (
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOTADB,
)  # fmt: skip
_REASONS: dict[str, Refusal] = {
    "UNIQUE": "unique",
    "NOT NULL": "not-null",
    "CHECK": "check",
    "FOREIGN KEY": "foreign-key",
}


class SQLite(Dialect):
    """How SQLite does things."""

    where_to_look = Message("check the path of the file, whether you may write to it, and whether the disk has room")

    def engine(self, url: str) -> sa.Engine:
        """Return an engine that makes no file by reading, and whose writing transactions take the lock at once."""
        import sqlalchemy as sa

        path = sa.make_url(url).database or ":memory:"

        def connect() -> sqlite3.Connection:
            address = f"file:{quote(path)}?mode={'rwc' if self.creating else 'rw'}"
            connection = sqlite3.connect(
                address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA foreign_keys = ON")
            return connection

        engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool)

        def begin(connection: sa.Connection) -> None:
            writes = connection.get_execution_options().get("crmm_write", True)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        sa.event.listen(engine, "begin", begin)
        return engine

    def lacking(self, connection: sa.Connection) -> list[str]:
        """Ask the file system: SQLite writes beside its file too."""
        path = self._path(connection)
        places = (path, path.parent) if path else ()
        return [f"write {place}" for place in places if not os.access(place, os.W_OK)]

    def free_bytes(self, connection: sa.Connection) -> int | None:
        """Return the free space of the disk on which the file lies."""
        path = self._path(connection)
        return shutil.disk_usage(path.parent).free if path else None

    @staticmethod
    def _path(connection: sa.Connection) -> Path | None:
        name = connection.exec_driver_sql("PRAGMA database_list").fetchone()
        return Path(name[2]) if name is not None and name[2] else None

    def epoch(self) -> sa.ColumnElement[int]:
        """Return SQL for the clock in whole seconds."""
        import sqlalchemy as sa

        return sa.cast(sa.func.strftime("%s", "now"), sa.Integer)

    def column_type(self, column: TargetColumn) -> Any:
        """Return the declared type; SQLite keeps only its affinity."""
        import sqlalchemy as sa

        return {
            "text": sa.String(column.length), "integer": sa.Integer(), "date": sa.Date(), "datetime": sa.DateTime(),
            "decimal": sa.Numeric(column.precision, column.scale), "boolean": sa.Boolean(),
        }[column.type]  # fmt: skip

    def image_type(self, column: LiveColumn) -> Any:
        """Return the same type; a column declared without one keeps any value as it is."""
        import sqlalchemy as sa

        return sa.LargeBinary() if isinstance(column.type, sa.types.NullType) else column.type

    def sets_values(self, connection: sa.Connection, table: str) -> bool:
        """Look for triggers of the table."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(?)"
        return connection.exec_driver_sql(query, (table,)).first() is not None

    def lock(
        self, connection: sa.Connection, table: sa.FromClause, image: sa.FromClause, where: sa.ColumnElement[bool]
    ) -> int:
        """Only count: the transaction holds the only write lock."""
        import sqlalchemy as sa

        query = sa.select(sa.func.count()).select_from(table.join(image, where))
        return int(connection.execute(query).scalar_one())

    def delete_joined(
        self, connection: sa.Connection, table: LiveTable, image: sa.FromClause, named: sa.ColumnElement[Any],  # noqa: ARG002
        chosen: sa.ColumnElement[bool], where: sa.ColumnElement[bool],
    ) -> int:  # fmt: skip
        """Choose the rows by a subquery, for SQLite deletes from no join."""
        import sqlalchemy as sa

        key = table.sql.c[table.key]
        keys = sa.select(key).select_from(table.sql.join(image, where)).where(chosen)
        return connection.execute(table.sql.delete().where(key.in_(keys))).rowcount

    def adapt(self, value: Any) -> Any:
        """Write dates as ISO text and decimals as text, which the column's affinity turns into numbers."""
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, datetime):
            return value.isoformat(" ")
        return value.isoformat() if isinstance(value, date | time) else value

    def insert(
        self, connection: sa.Connection, table: LiveTable, columns: Sequence[str], cells: Sequence[Cells], records: Sequence[str]  # noqa: ARG002
    ) -> list[Any]:  # fmt: skip
        """Number the rows behind the highest key ever given; the transaction holds the only write lock."""
        if not table.numbered or table.key in columns:
            self.bulk(connection, table.name, columns, cells)
            return []
        first = self._highest(connection, table) + 1
        numbers = list(range(first, first + len(cells[0])))
        self.bulk(connection, table.name, (table.key, *columns), [Cells(self.wire, numbers), *cells])
        return numbers

    @staticmethod
    def _highest(connection: sa.Connection, table: LiveTable) -> int:
        import sqlalchemy as sa

        highest = connection.execute(sa.select(sa.func.max(table.sql.c[table.key]))).scalar() or 0
        known = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").scalar()
        if known:
            given = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).scalar()
            highest = max(highest, given or 0)
        return int(highest)

    def bulk(self, connection: sa.Connection, table: str, columns: Sequence[str], cells: Sequence[Cells]) -> None:
        """Insert with one prepared statement."""
        quoted = connection.dialect.identifier_preparer.quote
        names, marks = ", ".join(map(quoted, columns)), ", ".join("?" * len(columns))
        sent = [self.adapted(column.values) for column in cells]
        connection.exec_driver_sql(
            f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", list(zip(*sent, strict=True))
        )

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What refuses a row."""
        import sqlalchemy as sa

        return (sa.exc.DBAPIError, OverflowError)

    def refusal(self, error: Exception, table: LiveTable) -> tuple[Refusal, str] | None:
        """Read the reason from the message, which names columns and no values."""
        import sqlalchemy as sa

        if isinstance(error, OverflowError):
            return "type", ""
        if not isinstance(error, sa.exc.IntegrityError | sa.exc.DataError):
            return None
        found = _FAILED.search(str(error.orig))
        if not found:
            return "other", ""
        if found.group(1) == "CHECK":  # its name, or the condition of one that has none
            return "check", (found.group(2) or "").strip()
        column = (found.group(2) or "").split(",")[0].removeprefix(f"{table.name}.").strip()
        return _REASONS[found.group(1)], column if column in table.columns else ""

    def transient(self, error: Exception) -> bool:
        """Whether somebody else held the lock too long."""
        return "database is locked" in str(getattr(error, "orig", ""))

    def unreachable(self, error: Exception) -> bool:
        """Whether it is about the file, its locks or the disk."""
        code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _UNREACHABLE

    def among(self, column: sa.ColumnElement[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
        """Send texts and numbers as one JSON array; JSON can't hold U+0000 for sure, nor other types."""
        import sqlalchemy as sa

        if set(map(type, values)) <= {str, int}:
            array = json.dumps(list(values), ensure_ascii=False)
            if "\\u0000" not in array:
                return column.in_(sa.select(sa.column("value")).select_from(sa.func.json_each(array)))
        return column.in_(values)

    def exact(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Compare text byte by byte, whatever the column's collation."""
        return value.collate("BINARY") if column.kind == "text" else value

    def comparable(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Compare dates, times and truth as they are written elsewhere too: to SQLite they are texts and numbers like others."""
        import sqlalchemy as sa

        if column.kind == "date":
            return sa.func.substr(value, 1, 10)
        if column.kind == "datetime":
            return sa.func.replace(sa.func.replace(value, "T", " "), ".000000", "")
        if column.kind == "boolean":
            text = sa.func.lower(value)
            return sa.case((text == "true", 1), (text == "false", 0), else_=value)
        if column.kind == "decimal" and column.scale is not None:
            return sa.func.round(value, column.scale)
        return self.exact(value, column)


DIALECT = SQLite
