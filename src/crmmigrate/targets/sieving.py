"""Digests of a target's table by bucket, made by its server, and the rows of the buckets that are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.model.row_digest import (
    AGGREGATING,
    BIT_XOR,
    LISTING,
    Digested,
    TableDigests,
    can_digest,
    in_utf8,
    shelved,
)
from crmmigrate.model.row_form import Forms, agree_with_text
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.row_digest import Buckets, Digests
    from crmmigrate.targets.live import LiveTable

_SERVERS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
_ROWS = 5_000
"""Rows of SQLite that are digested at once."""


def table_digests(connection: sa.Connection, live: LiveTable, columns: Sequence[str]) -> TableDigests | None:
    """Return the digests of a table; None where its server makes none that text can be held against.

    Args:
        connection: in a transaction.
        live: the table.
        columns: to digest beside the key.
    """
    dialect = _SERVERS.get(connection.dialect.name, "")
    names = [live.key, *columns]
    if not dialect or not live.key or not live.columns.keys() >= set(names):
        return None
    if any(live.columns[name].zoned for name in names):
        return None  # text without a zone means this machine's, which the server does not know
    version: tuple[Any, ...] = connection.dialect.server_version_info or ()
    encoding = ""
    if dialect == "postgresql":
        encoding = str(connection.exec_driver_sql("SHOW server_encoding").scalar())
        settings = ", ".join(f"set_config('{name}', {value}, true)" for name, value in AGGREGATING.items())
        connection.exec_driver_sql(f"SELECT {settings}")
    elif dialect == "mysql":
        connection.exec_driver_sql(LISTING)
    if not can_digest(dialect, version, encoding, live.columns) or (dialect == "postgresql" and version < BIT_XOR):
        return None
    types = {name: live.columns[name].type for name in names}
    forms = agree_with_text(types, live.key, lines=dialect == "sqlite")
    if dialect == "sqlite":
        shelves = _digested_here(connection, live, names, forms) if forms.blocks else None
        return None if shelves is None else TableDigests(live.key, types, forms, shelves)
    query = _digested(connection, live).query([live.key], columns, _named(connection, live, forms))
    return TableDigests(live.key, types, forms, shelved(connection.exec_driver_sql(query).fetchall()))


def _digested_here(connection: sa.Connection, live: LiveTable, names: Sequence[str], forms: Forms) -> Digests | None:
    """Return the digests of a table of SQLite, which has no MD5: it writes thousands of rows as one text of JSON lines, DuckDB hashes the lines.

    One text for thousands of rows costs far less than their cells do, each of which would be an object of Python. None where a key is no whole number,
    or a row cannot be written so (a BLOB, text that is not UTF-8).
    """
    import duckdb
    import pyarrow as pa
    from sqlalchemy.exc import DBAPIError

    side = _digested(connection, live)
    key = f"t.{side.quote(live.key)}"
    here = Digested("duckdb", "crmm_lines", {"key": live.columns[live.key].type}, frozenset(), frozenset(), quoted)
    line = "SELECT line, left(line, instr(line, '[') - 1) AS key FROM crmm_lines"
    added = f"SELECT {here.bucket(['key'], forms)} AS b, count(*) AS n, bit_xor(hash(t.line)) AS s FROM ({line}) t GROUP BY 1"
    after = ""
    with duckdb.connect(config={"threads": 1}) as sums:
        sums.execute("CREATE TABLE sums (b BIGINT, n BIGINT, s UBIGINT)")
        while True:
            some = f"SELECT {key} AS k, {side.joined(names, forms)} AS line FROM {side.place} t {after} ORDER BY {key} LIMIT {_ROWS}"
            together = "max(k), coalesce(sum(typeof(k) <> 'integer'), 0), CAST(group_concat(line, char(10)) AS BLOB)"
            try:
                [(last, other, lines)] = connection.exec_driver_sql(f"SELECT {together} FROM ({some})").fetchall()
                if other:
                    return None
                if last is None:
                    break
                sums.register("crmm_lines", pa.table({"line": _lines(lines)}))
            except (DBAPIError, pa.ArrowInvalid):
                return None
            sums.execute(f"INSERT INTO sums {added}")
            after = f"WHERE {key} > {last}"
        whole = "SELECT b, sum(n)::BIGINT AS n, bit_xor(s) AS s FROM sums GROUP BY 1"
        return shelved(sums.execute(here.told(whole, forms)).fetchall())


def _lines(text: bytes) -> pa.Array:
    """Return the lines of a text as Arrow text, without a copy of it before they are cut, which costs as much again.

    Raises:
        pyarrow.ArrowInvalid: it is not UTF-8.
    """
    import pyarrow as pa
    from pyarrow import compute

    ends = pa.array([0, len(text)], pa.int64()).buffers()[1]
    whole = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(text)])
    whole.validate(full=True)
    return compute.split_pattern(whole, "\n").flatten()


def rows_of(connection: sa.Connection, live: LiveTable, part: Buckets) -> str:
    """Return the condition, on the table called `t`, for the rows of some buckets."""

    def ask(query: str) -> Sequence[Any]:
        return connection.exec_driver_sql(query).fetchall()

    forms = _named(connection, live, part.forms)
    return _digested(connection, live).rows_of([live.key], part.names, forms, ask)


def _digested(connection: sa.Connection, live: LiveTable) -> Digested:
    quote = connection.dialect.identifier_preparer.quote_identifier
    types = {name: column.type for name, column in live.columns.items()}
    filled = frozenset(name for name, column in live.columns.items() if not column.nullable)
    return Digested(
        _SERVERS[connection.dialect.name], quote(live.name), types, filled | {live.key}, frozenset([live.key]), quote
    )


def _named(connection: sa.Connection, live: LiveTable, forms: Forms) -> Forms:
    """Return the forms with what only the server knows."""
    if _SERVERS[connection.dialect.name] != "mysql":
        return forms
    from dataclasses import replace

    found = connection.exec_driver_sql(in_utf8("", live.name)).scalars()
    return replace(forms, alike=forms.alike | set(map(str, found)))
