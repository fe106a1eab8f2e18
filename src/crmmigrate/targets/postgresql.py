"""PostgreSQL: COPY for inserts, keys numbered beforehand from the column's sequence, constraints checked at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crmmigrate.targets.cells import Cells, as_lines
from crmmigrate.targets.dialect import Dialect, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from crmmigrate.model.schema import TargetColumn
    from crmmigrate.targets.live import LiveColumn, LiveTable

BUSY_SECONDS = 30
WORK_MEMORY = "64MB"
"""So that a batch's temporary tables, and joins with it, stay off the disk."""
PAGE_COST = "1.1"
"""Of a page wherever it lies: a batch asks for few rows of a table, most of them in memory, and else the whole table would be read for each batch."""
_JOURNAL_LOCK = 0x63726D6D
"""Names the advisory lock under which runs begin: "crmm"."""

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_REASONS: dict[str, Refusal] = {
    "23505": "unique", "23P01": "unique", "23502": "not-null", "23503": "foreign-key", "23514": "check", "22001": "length",
    "54000": "length",
}  # fmt: skip
_LOCK_TIMEOUT = "55P03"
_TRANSIENT = ("40001", "40P01", _LOCK_TIMEOUT)
_UNREACHABLE = ("08", "28", "3D", "40", "53", "57", "58", "55P03")
"""SQLSTATEs, or their classes, of connections, users, locks and the disk."""

_PLAIN = (
    "SELECT relkind = 'r' AND NOT relhasrules AND NOT relhassubclass AND NOT relispartition AND NOT relrowsecurity "
    "AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = oid_of.oid AND NOT tgisinternal) "
    "AND NOT EXISTS (SELECT FROM pg_constraint WHERE confrelid = oid_of.oid AND confupdtype IN ('c', 'n', 'd')) "
    "FROM pg_class AS oid_of WHERE oid = CAST(quote_ident(%(name)s) AS regclass)"
)
"""Whether an UPDATE of a table changes the rows that it names in it, as it says, and nothing else of it. A key of another table that cascades may lead back: by a key of this one, or a trigger there."""

_KEYS_TIE = (
    "WITH RECURSIVE family(oid, depth) AS (SELECT CAST(CAST(quote_ident(%(name)s) AS regclass) AS oid), 0 "
    "UNION ALL SELECT inhrelid, depth + 1 FROM pg_inherits JOIN family ON inhparent = family.oid) "
    "SELECT coalesce(bool_and(relkind IN ('r', 'p') AND NOT relhasrules "
    "AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = family.oid AND NOT tgisinternal AND tgenabled <> 'D') "
    "AND NOT EXISTS (SELECT FROM pg_index AS i WHERE indrelid = family.oid AND (indisexclusion OR (indisunique AND (indexprs IS NOT NULL "
    "OR CAST(to_jsonb(i) ->> 'indnullsnotdistinct' AS boolean) "
    "OR (depth > 0 AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)) "
    "OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = family.oid AND attnum = ANY (indkey) AND attgenerated <> '')))))), false) "
    "FROM family JOIN pg_class USING (oid)"
)
"""Whether nothing but the values of whole unique columns ties rows of a table, or of its partitions, to each other: no trigger or rule that may do
anything, no expression or generated column that is unique, no constraint of exclusion, no key in which blanks are the same."""

_SETS_VALUES = (
    "WITH RECURSIVE family(oid) AS (SELECT CAST(CAST(quote_ident(%(name)s) AS regclass) AS oid) "
    "UNION ALL SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid) "
    "SELECT coalesce(bool_or(relkind <> 'r' AND relkind <> 'p' OR relhasrules "
    "OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = family.oid AND NOT tgisinternal AND tgenabled <> 'D')), false) "
    "FROM family JOIN pg_class USING (oid)"
)
"""Whether a table, or one that is part of it, has triggers or rules."""

_COMPARABLE = ("text", "integer", "decimal", "float", "date", "datetime", "boolean")


class PostgreSQL(Dialect):
    """How PostgreSQL does things."""

    shared = True
    parallel = True

    keyed_images = False  # of what an image costs, two fifths were its key

    def engine(self, url: str) -> sa.Engine:
        """Return an engine whose sessions wait a limited time for locks and read what is committed."""
        import sqlalchemy as sa

        settings = {
            "lock_timeout": f"{BUSY_SECONDS}s", "client_min_messages": "warning", "plan_cache_mode": "force_custom_plan",
            "jit": "off", "work_mem": WORK_MEMORY, "temp_buffers": WORK_MEMORY, "random_page_cost": PAGE_COST,
        }  # fmt: skip
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        arguments = {"connect_timeout": 10, "options": options}
        return sa.create_engine(url, isolation_level="READ COMMITTED", pool_pre_ping=True, connect_args=arguments)

    def epoch(self) -> sa.ColumnElement[int]:
        """Return SQL for the server's clock in whole seconds."""
        import sqlalchemy as sa

        return sa.cast(sa.func.floor(sa.extract("epoch", sa.func.clock_timestamp())), sa.BigInteger)

    @contextmanager
    def journal_lock(self, connection: sa.Connection) -> Iterator[None]:
        """Take an advisory lock that ends with the transaction."""
        import sqlalchemy as sa

        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_JOURNAL_LOCK)))
        yield

    def lacking(self, connection: sa.Connection) -> list[str]:
        """Ask for the rights on the schema and on the database."""
        row = connection.exec_driver_sql(
            "SELECT has_schema_privilege(current_schema(), 'CREATE'), has_database_privilege(current_database(), 'TEMP')"
        ).one()
        return [right for right, given in zip(("CREATE", "TEMPORARY"), row, strict=True) if not given]

    def begin_batch(self, connection: sa.Connection) -> None:
        """Have deferred constraints checked row by row, so that the row to blame is known."""
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")

    def column_type(self, column: TargetColumn) -> Any:
        """Return the type in PostgreSQL."""
        import sqlalchemy as sa

        return {
            "text": sa.String(column.length), "integer": sa.BigInteger(), "date": sa.Date(), "datetime": sa.DateTime(),
            "decimal": sa.Numeric(column.precision, column.scale), "boolean": sa.Boolean(),
        }[column.type]  # fmt: skip

    def journal_text(self, length: int) -> Any:
        """Return text in the collation C, whose index entries compare in a fraction of the time."""
        import sqlalchemy as sa

        return sa.String(length, collation="C")

    def drop_index(self, connection: sa.Connection, table: str, name: str) -> None:
        """Drop it unless that would have to wait for others, who meanwhile would hold up all that come later."""
        import sqlalchemy as sa

        quoted = connection.dialect.identifier_preparer.quote(table)
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"LOCK TABLE {quoted} IN ACCESS EXCLUSIVE MODE NOWAIT")
                super().drop_index(connection, table, name)
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise

    def tells_changes(self, connection: sa.Connection, table: str) -> bool:
        """Look for what might change a row behind its UPDATE, or in place of it: triggers, rules, keys to the table that cascade; or rows in other tables of a family.

        The table is locked, for then nobody can add any of these meanwhile, but for tables that inherit from it.
        """
        quoted = connection.dialect.identifier_preparer.quote(table)
        connection.exec_driver_sql(f"LOCK TABLE {quoted} IN ROW EXCLUSIVE MODE")
        return bool(connection.exec_driver_sql(_PLAIN, {"name": table}).scalar_one())

    def sets_values(self, connection: sa.Connection, table: str) -> bool:
        """Look for triggers and rules of the table, or of one that is part of it."""
        return bool(connection.exec_driver_sql(_SETS_VALUES, {"name": table}).scalar_one())

    def keys_tie(self, connection: sa.Connection, table: str) -> bool:
        """Look for what else may make one row depend on another."""
        return bool(connection.exec_driver_sql(_KEYS_TIE, {"name": table}).scalar_one())

    def lock(
        self, connection: sa.Connection, table: sa.FromClause, image: sa.FromClause, where: sa.ColumnElement[bool]
    ) -> int:
        """Lock in a subquery, for what is locked can't be counted."""
        import sqlalchemy as sa

        locked: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(table).join(image, where).with_for_update(of=table)
        )
        return int(connection.execute(sa.select(sa.func.count()).select_from(locked.subquery())).scalar_one())

    def key_cast(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Return a key kept as text as a value of the key's type and collation, so that its index serves."""
        if column.kind == "text":
            return value.collate(getattr(column.type, "collation", None) or "default")
        return super().key_cast(value, column)

    def insert(
        self, connection: sa.Connection, table: LiveTable, columns: Sequence[str], cells: Sequence[Cells], records: Sequence[str]  # noqa: ARG002
    ) -> list[Any]:  # fmt: skip
        """Take the keys from the column's sequence first, then copy the rows with them."""
        if not table.numbered or table.key in columns:
            self.bulk(connection, table.name, columns, cells)
            return []
        import sqlalchemy as sa

        named = sa.func.quote_ident(table.name)
        owned = connection.execute(sa.select(sa.func.pg_get_serial_sequence(named, table.key))).scalar()
        query = sa.text(
            "SELECT min(number), max(number), CASE WHEN max(number) - min(number) + 1 <> count(*) THEN array_agg(number) END "
            "FROM (SELECT nextval(CAST(:sequence AS regclass)) AS number FROM generate_series(1, :count)) AS given"
        )
        found = connection.execute(query, {"sequence": owned or table.sequence, "count": len(cells[0])})
        first, last, scattered = found.one()  # nearly always one follows the other, and need not be sent
        numbers = scattered or list(range(first, last + 1))
        self.bulk(connection, table.name, (table.key, *columns), [Cells(self.wire, numbers), *cells])
        return numbers

    def bulk(self, connection: sa.Connection, table: str, columns: Sequence[str], cells: Sequence[Cells]) -> None:
        """Insert by COPY."""
        from psycopg import sql

        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for lines in as_lines(cells):
                copy.write(lines)

    def insert_from(
        self, connection: sa.Connection, table: LiveTable, columns: Sequence[str], query: sa.Select[Any]
    ) -> None:
        """Insert what `query` returns, also into a key GENERATED ALWAYS, which SQLAlchemy has no words for."""
        statement = table.sql.insert().from_select(list(columns), query)
        compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        connection.exec_driver_sql(
            str(compiled).replace(") SELECT ", ") OVERRIDING SYSTEM VALUE SELECT ", 1), dict(compiled.params)
        )

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What refuses a row; COPY raises psycopg's own errors."""
        import psycopg
        import sqlalchemy as sa

        return (sa.exc.DBAPIError, psycopg.Error)

    def refusal(self, error: Exception, table: LiveTable) -> tuple[Refusal, str] | None:
        """Read the reason from the SQLSTATE and the column from the diagnosis."""
        import psycopg

        original = getattr(error, "orig", None) or error
        rowwise = (
            psycopg.IntegrityError,
            psycopg.DataError,
            psycopg.errors.RaiseException,
            psycopg.errors.ProgramLimitExceeded,
        )
        if not isinstance(original, rowwise):
            return None
        state = original.sqlstate or "22000"
        reason = _REASONS.get(state) or ("type" if state.startswith("22") else "other")
        column = original.diag.column_name or ""
        constraint = original.diag.constraint_name or ""
        if not column and constraint in table.unique:
            column = table.unique[constraint][0]
        return reason, constraint if reason == "check" else column

    def transient(self, error: Exception) -> bool:
        """Whether it was a deadlock, a failed serialisation or a lock that took too long."""
        return getattr(getattr(error, "orig", None) or error, "sqlstate", None) in _TRANSIENT

    def waited(self, error: Exception) -> bool:
        """Whether a lock took too long."""
        return getattr(getattr(error, "orig", None) or error, "sqlstate", None) == _LOCK_TIMEOUT

    def unreachable(self, error: Exception) -> bool:
        """Whether the server did not answer at all, or its SQLSTATE is about connections, users, locks or the disk."""
        import psycopg

        original = getattr(error, "orig", None) or error
        state = getattr(original, "sqlstate", None)
        return isinstance(original, psycopg.OperationalError) and (state is None or state.startswith(_UNREACHABLE))

    def exact(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Compare types without equality (json, point …) as text."""
        import sqlalchemy as sa

        if column.kind in _COMPARABLE and column.kind != "text":
            return value
        return sa.cast(value, sa.Text).collate("C")  # citext and collations may take two texts for one

    def hashing(self, connection: sa.Connection) -> str:
        """Return the hash that servers have from PostgreSQL 14 on."""
        return "record" if (connection.dialect.server_version_info or (0,)) >= (14,) else ""

    def hashed(self, values: Sequence[sa.ColumnElement[Any]], columns: Sequence[LiveColumn]) -> sa.ColumnElement[int]:
        """Hash the row as a record; what is equal to another without being the same (1.0 and 1.00, -0 and 0) as text."""
        import sqlalchemy as sa

        same = [
            sa.cast(value, sa.Text).collate("C")
            if column.kind == "float" or (column.kind == "decimal" and column.scale is None)
            else self.exact(value, column)
            for value, column in zip(values, columns, strict=True)
        ]
        return sa.func.hash_record_extended(sa.func.row(*same), sa.literal_column("0"))

    def outside(
        self, table: sa.TableClause, key: sa.ColumnElement[Any], keys: Sequence[sa.Select[Any]]
    ) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """Join, for NOT IN is searched row by row as soon as the keys do not fit into memory."""
        import sqlalchemy as sa

        found = sa.union_all(*keys).subquery("touched")
        touched = found.c[0]
        return table.outerjoin(found, key == touched), touched.is_(None)

    def among(self, column: sa.ColumnElement[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
        """Send the values as one array; joined, not searched, where its type is known: that uses the index without statistics."""
        import sqlalchemy as sa
        from sqlalchemy.dialects.postgresql import ARRAY

        sent = _array(values) if set(map(type, values)) in ({str}, {int}) else list(values)
        array: sa.ColumnElement[Any] = sa.bindparam(None, sent, type_=sa.types.NullType())
        if isinstance(values[0], str):
            if not isinstance(column.type, sa.String):  # may be an enum or a uuid: let the server find out
                return column == sa.func.any(array)
            array = sa.cast(array, ARRAY(sa.Text))
        elif isinstance(sent, str):
            array = sa.cast(array, ARRAY(sa.BigInteger))
        return column.in_(sa.select(sa.func.unnest(array)))

    def picked(
        self, columns: Sequence[sa.Column[Any]], fixed: sa.ColumnElement[bool], column: sa.Column[Any], values: Sequence[str]
    ) -> sa.Select[Any]:  # fmt: skip
        """Have each text looked up by itself: a table that grows as fast as the journal's has statistics of when it was nearly empty, and then all rows for which `fixed` holds would be read."""
        import sqlalchemy as sa
        from sqlalchemy.dialects.postgresql import ARRAY

        sent: sa.ColumnElement[Any] = sa.bindparam(None, _array(list(dict.fromkeys(values))), type_=sa.types.NullType())
        wanted = sa.func.unnest(sa.cast(sent, ARRAY(sa.Text))).table_valued("key").render_derived(name="wanted")
        each = sa.select(*columns).where(fixed, column == wanted.c.key).offset(sa.literal_column("0")).lateral("each")
        return sa.select(*each.c).select_from(sa.join(wanted, each, sa.true()))


def _array(values: Sequence[str | int]) -> str:
    """Write texts or whole numbers as the server reads an array; the driver looks at each of them twice."""
    texts = list(map(str, values))
    together = "".join(texts)
    if "\\" in together or '"' in together:
        texts = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(texts) + '"}'


DIALECT = PostgreSQL
