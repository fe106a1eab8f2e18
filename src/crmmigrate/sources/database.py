"""Databases: SQLite (also as a file), PostgreSQL, MariaDB and MySQL; others that SQLAlchemy has a dialect for.

Values leave the server as text of its own making, so that no driver rounds, reinterprets or refuses one.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, frames
from crmmigrate.sources._request import damaged, no_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from sqlalchemy import Engine

    from crmmigrate.model.location import Location
    from crmmigrate.sources._request import Request

TITLE = Message("database")
SQLITE_MAGIC = b"SQLite format 3\0"
FETCH = 5_000

declare_code("source.binary-value", Message("the cell holds bytes, not text; they are written in hexadecimal"))
declare_code("source.undecodable", Message("some bytes of the cell could not be decoded"))


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a SQLite file."""
    url = sqlite_url(request.path)
    yield from _tables(url, str(request.path), request.inside, request, {**request.facts, "format": "sqlite"})


def read_url(location: Location, wants: Request) -> Iterator[SourceTable]:
    """Yield the tables behind a database URL.

    Args:
        location: the database.
        wants: which of its tables; its path is not used.

    Raises:
        LocationError: it can't be reached, or has no such table.
        ConfigurationError: its driver is not installed.
    """
    if location.scheme == "sqlite":
        from pathlib import Path

        name = location.url().split("///", 1)[-1].partition("?")[0]
        path = Path(name.removeprefix("file:"))
        if not path.is_file():
            from crmmigrate.sources._request import missing

            raise missing(path)
        yield from _tables(sqlite_url(path), location.shown, path.name, wants, {"format": "sqlite"})
        return
    yield from _tables(location.url(), location.shown, location.name, wants, {"format": location.scheme})


def sqlite_url(path: Path) -> str:
    """Return the URL by which a SQLite file is opened for reading only."""
    return f"sqlite:///file:{quote(str(path.resolve()))}?mode=ro&uri=true"


def _tables(url: str, shown: str, file: str, wants: Request, facts: dict[str, Any]) -> Iterator[SourceTable]:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError

    engine = _engine(url, shown)
    try:
        inspector = sa.inspect(engine)
        names = [name for name in inspector.get_table_names() if not name.startswith("crmm_")]
        if wants.table:
            _check(inspector, wants.table, names, shown)
            names = [wants.table]
        for name in names:
            if not wants.wants(name):
                continue
            schema, _, bare = (
                name.rpartition(".") if wants.table and name not in inspector.get_table_names() else ("", "", name)
            )
            columns = [column["name"] for column in inspector.get_columns(bare, schema=schema or None)]
            key = list(inspector.get_pk_constraint(bare, schema=schema or None)["constrained_columns"])
            yield _table(engine, (schema, bare), columns, key, _Where(name, file, shown, dict(facts)))
    except (SQLAlchemyError, UnicodeDecodeError) as error:
        raise _unreachable(error, url, shown) from error
    if not names:
        raise no_rows(shown)


def _check(inspector: Any, table: str, names: Sequence[str], shown: str) -> None:
    schema, _, bare = table.rpartition(".")
    if table in names or table in inspector.get_view_names():
        return
    if schema and inspector.has_table(bare, schema=schema):
        return
    hint = nearest(table, names) or Message("there are: {names}", names=", ".join(names[:20]) or "–")
    raise LocationError("source.no-table", Message("there is no table '{name}' here", name=table), shown, hint)


def _engine(url: str, shown: str) -> Engine:
    import sqlalchemy as sa

    try:
        parsed = sa.make_url(url)
        options: dict[str, Any] = {"poolclass": sa.NullPool}
        if parsed.get_backend_name() in ("postgresql", "mysql", "mariadb"):
            options["connect_args"] = {"connect_timeout": 10}
        if parsed.get_backend_name() in ("postgresql", "mysql", "mariadb"):
            options["isolation_level"] = "REPEATABLE READ"
        engine = sa.create_engine(parsed, **options)
    except (ImportError, sa.exc.NoSuchModuleError) as error:
        raise ConfigurationError(
            "database.no-driver", Message("the driver for this kind of database is not installed"), shown,
            Message("install it, for example: {command}", command='pip install "crmmigrate[postgresql,mysql]"'),
        ) from error  # fmt: skip
    except sa.exc.ArgumentError as error:
        raise ConfigurationError(
            "database.url", Message("this is not a database URL"), shown,
            Message("for example: {example}", example="postgresql://user@host/database#table"),
        ) from error  # fmt: skip
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _as_bytes)
    return engine


def _as_bytes(connection: Any, _: Any) -> None:
    """Let SQLite hand out text that is not UTF-8."""
    connection.text_factory = _Undecoded.read


class _Undecoded(str):
    """Text of SQLite that was not UTF-8 and was decoded as well as it goes."""

    __slots__ = ()

    @classmethod
    def read(cls, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            try:
                return cls(raw.decode("gb18030"))
            except UnicodeDecodeError:
                return cls(raw.decode("utf-8", "replace"))


def _unreachable(error: Exception, url: str, shown: str) -> LocationError:
    """Return the error for a database that refuses; the reason without the password."""
    import sqlalchemy as sa

    secret = sa.make_url(url).password
    lines = str(getattr(error, "orig", None) or error).strip().splitlines() or ["?"]
    why = lines[0].replace(str(secret), "***") if secret else lines[0]
    if url.startswith("sqlite") and (
        isinstance(error, UnicodeDecodeError) or re.search("not a database|malformed", why)
    ):
        return damaged(shown)
    return LocationError(
        "database.unreachable", Message("the database refuses: {why}", why=why), shown,
        Message("is the server running, and are host, port, database, user and password right?"),
    )  # fmt: skip


class _Where:
    """The names a database table goes by, and what is known of it."""

    def __init__(self, name: str, file: str, shown: str, facts: dict[str, Any]) -> None:
        self.name, self.file, self.shown, self.facts = name, file, shown, facts


def _table(
    engine: Engine, at: tuple[str, str], columns: Sequence[str], key: Sequence[str], where: _Where
) -> SourceTable:
    names = column_names(columns)
    where.facts["key"] = list(key)
    table = SourceTable(where.name, where.file, data_columns(names), lambda: iter(()), where.facts)
    head = f"{where.file}#{where.name}:"

    def batches() -> Iterator[pd.DataFrame]:
        count = 0

        def counted() -> Iterator[tuple[str, list[str | None]]]:
            nonlocal count
            for count, values in enumerate(_rows(engine, at, columns, key, where.shown), 1):
                place, cells = _cells(values, len(columns), count)
                for position, code in cells[1]:
                    text = cells[0][position]
                    table.issues.append(cell_issue(table.name, head + place, names[position], code, text))
                yield place, cells[0]

        yield from frames(counted(), names, head)
        where.facts["rows"] = count

    table.read = batches
    return table


def _rows(
    engine: Engine, at: tuple[str, str], columns: Sequence[str], key: Sequence[str], shown: str
) -> Iterator[Sequence[Any]]:
    """Stream the values of a table and of its key, in the order of the key."""
    from sqlalchemy.exc import SQLAlchemyError

    def name_of(part: str) -> str:  # a percent sign is doubled by it where the driver wants that
        return str(preparer.quote_identifier(part))

    preparer: Any = engine.dialect.identifier_preparer
    binary = _binary_columns(engine, at) if engine.dialect.name == "postgresql" else None
    wanted = [
        f"t.{name_of(name)}" if binary is None or name in binary else f"t.{name_of(name)}::text"
        for name in (*columns, *key)
    ]
    if engine.dialect.name in ("mysql", "mariadb"):
        bits = _bit_columns(engine, at)
        wanted = [
            f"CAST({value} AS UNSIGNED)" if name in bits else value
            for name, value in zip((*columns, *key), wanted, strict=True)
        ]
    table = ".".join(name_of(part) for part in at if part)
    order = f" ORDER BY {', '.join(f't.{name_of(name)}' for name in key)}" if key else ""
    statement = f"SELECT {', '.join(wanted) or '1'} FROM {table} t{order}"
    try:
        with engine.connect() as connection:
            result = connection.execution_options(stream_results=True, max_row_buffer=FETCH).exec_driver_sql(statement)
            for rows in result.partitions(FETCH):
                yield from rows
    except (SQLAlchemyError, UnicodeDecodeError) as error:
        raise _unreachable(error, engine.url.render_as_string(hide_password=False), shown) from error


def _binary_columns(engine: Engine, at: tuple[str, str]) -> set[str]:
    """Return the columns of bytes; PostgreSQL itself writes all others as text, without loss."""
    import sqlalchemy as sa

    columns = sa.inspect(engine).get_columns(at[1], schema=at[0] or None)
    return {column["name"] for column in columns if isinstance(column["type"], sa.LargeBinary)}


def _bit_columns(engine: Engine, at: tuple[str, str]) -> set[str]:
    """Return the columns of bits, which MySQL's driver would hand out as bytes; they are numbers, often yes and no."""
    import sqlalchemy as sa
    from sqlalchemy.dialects.mysql import BIT

    columns = sa.inspect(engine).get_columns(at[1], schema=at[0] or None)
    return {column["name"] for column in columns if isinstance(column["type"], BIT)}


def _cells(values: Sequence[Any], width: int, count: int) -> tuple[str, tuple[list[str | None], list[tuple[int, str]]]]:
    """Return the place of a row, its cells as text, and the position and code of those that were not text."""
    cells: list[str | None] = []
    troubles: list[tuple[int, str]] = []
    for position, value in enumerate(values):
        if isinstance(value, (bytes, bytearray, memoryview)):
            text: str | None = bytes(value).hex()
            code = "source.binary-value"
        else:
            text = value if type(value) is str else _text(value)
            code = "source.undecodable" if isinstance(value, _Undecoded) else ""
        if code and position < width:
            troubles.append((position, code))
        cells.append(text)
    place = "/".join(cell or "" for cell in cells[width:]) if len(cells) > width else str(count)
    return place, (cells[:width], troubles)


def _text(value: Any) -> str | None:
    """Write one value of a driver as text."""
    import datetime as dt
    from decimal import Decimal

    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return (
            str(int(value))
            if value.is_integer() and abs(value) < 1e15
            else (repr(value) if math.isfinite(value) else str(value))
        )
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)
