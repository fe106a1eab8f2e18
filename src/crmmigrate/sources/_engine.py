"""Reach a database: its engine, and the ways in which it refuses; no password and no value in any of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.database_refusal import advice
from crmmigrate.sources._request import damaged

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

_DRIVERS = {
    "postgresql": 'pip install "crmmigrate[postgresql]"', "mysql": 'pip install "crmmigrate[mysql]"',
    "mariadb": 'pip install "crmmigrate[mysql]"', "mssql": "pip install pyodbc", "oracle": "pip install oracledb",
}  # fmt: skip
_BAD_VALUE = "bad value"
_TIMEOUT = 10
"""Seconds to wait for an answer to the first call."""


def sqlite_url(path: Path) -> str:
    """Return the URL by which a SQLite file is opened for reading only."""
    return f"sqlite:///file:{quote(str(path.resolve()))}?mode=ro&uri=true"


def open_engine(url: str, shown: str) -> Engine:
    """Return an engine that keeps no connection open by itself.

    Args:
        url: with its secrets.
        shown: the same without them, for errors.

    Raises:
        ConfigurationError: it is no database URL, or its driver is not installed.
    """
    import sqlalchemy as sa

    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
        options: dict[str, Any] = {}
        if backend in ("postgresql", "mysql", "mariadb"):
            options["connect_timeout"] = _TIMEOUT
        if parsed.drivername == "postgresql+psycopg":
            options["client_encoding"] = "utf8"  # else a database without an encoding hands out bytes
        return sa.create_engine(parsed, poolclass=sa.NullPool, connect_args=options)
    except (ImportError, sa.exc.NoSuchModuleError) as error:
        command = _DRIVERS.get(url.partition(":")[0].partition("+")[0], 'pip install "crmmigrate[postgresql,mysql]"')
        raise ConfigurationError(
            "database.no-driver", Message("the driver for this kind of database is not installed"), shown,
            Message("install it, for example: {command}", command=command),
        ) from error  # fmt: skip
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "database.url", Message("this is not a database URL"), shown,
            Message("for example: {example}", example="postgresql://user@host/database#table"),
        ) from error  # fmt: skip


def refusal(error: Exception, engine: Engine, shown: str, rows: int | None = None) -> LocationError:
    """Return the error for a database that refuses.

    Args:
        error: of SQLAlchemy or of the driver.
        engine: of the database.
        shown: the place.
        rows: how many rows of the place were read before; None where reading had not begun.
    """
    why = _reason(error, engine)
    if engine.dialect.name == "sqlite" and (
        isinstance(error, UnicodeDecodeError) or re.search("not a database|malformed|disk image", why)
    ):
        return damaged(shown)
    if rows is not None and _is_lost(error, engine):
        return LocationError(
            "database.lost", Message("the connection broke off after {rows} rows: {why}", rows=f"{rows:,}", why=why), shown,
            Message("nothing of this table is used; run it again, and ask the administrator about time limits"),
        )  # fmt: skip
    if why == _BAD_VALUE:
        return LocationError(
            "database.bad-value", Message("the server cannot hand out one of its values"), shown,
            Message("is it in the encoding of its column? ask the administrator, or read a view that leaves it out"),
        )  # fmt: skip
    if re.search(r"permission denied for (?:database|schema)", why):
        return LocationError(
            "database.not-allowed", Message("the database may not be read: {why}", why=why), shown, advice(error)
        )
    if re.search(r"permission denied|command denied|row-level security|ORA-00942|ORA-01031", why):
        return LocationError(
            "database.not-allowed", Message("the table may not be read: {why}", why=why), shown,
            Message("ask for the right to read all of it, or name only the tables that are wanted"),
        )  # fmt: skip
    return LocationError(
        "database.unreachable", Message("the database refuses: {why}", why=why), shown,
        advice(error) or Message("is the server running, and are host, port, database, user and password right?"),
    )  # fmt: skip


def failures(engine: Engine) -> tuple[type[Exception], ...]:
    """Return what may be raised while a database is read."""
    import sqlalchemy as sa

    driver: Any = engine.dialect.loaded_dbapi
    return sa.exc.SQLAlchemyError, driver.Error, UnicodeDecodeError


def _reason(error: Exception, engine: Engine) -> str:
    """Return the first line of what the driver says, without what it may quote: the password, or a cell."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, UnicodeDecodeError) or re.match("22|Could not decode", _state(cause) or str(cause)):
        return _BAD_VALUE
    told = cause.args[1] if len(cause.args) > 1 and isinstance(cause.args[0], int) else cause
    lines = str(told).strip().splitlines() or ["?"]
    secret = engine.url.password
    return lines[0].replace(str(secret), "***") if secret else lines[0]


def _state(cause: BaseException) -> str:
    return str(getattr(cause, "sqlstate", None) or "")


def _is_lost(error: Exception, engine: Engine) -> bool:
    cause = getattr(error, "orig", None) or error
    driver: Any = engine.dialect.loaded_dbapi
    state = _state(cause)
    return (
        bool(getattr(error, "connection_invalidated", False))
        or state.startswith(("08", "57P"))
        or (
            isinstance(cause, driver.OperationalError | driver.InterfaceError)
            and not state
            and engine.dialect.name != "sqlite"
        )
    )
