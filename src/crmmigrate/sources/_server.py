"""A table on a database server, to be compared with another: first its digests, then only the rows that may differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.sources._digest import Forms, agree, between, bounds, digests, in_utf8, inside, kind_of, ranges
from crmmigrate.sources._engine import failures, open_engine, refusal
from crmmigrate.sources._frame import column_names, data_columns
from crmmigrate.sources._request import Request
from crmmigrate.sources._schema import describe, listing
from crmmigrate.sources._snapshot import Snapshot
from crmmigrate.sources.database import table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crmmigrate.model.location import Location
    from crmmigrate.model.source import SourceTable
    from crmmigrate.sources._digest import Digests


SERVERS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
"""The kinds of server that can be asked, as SQLAlchemy calls them, and whose SQL they speak."""

_UTC = {
    "postgresql": "SET LOCAL TimeZone = 'UTC'",
    "mysql": "SET SESSION time_zone = '+00:00', group_concat_max_len = 16777216",
}
_SERVERS_OWN = "(SELECT reset_val FROM pg_settings WHERE name = '{}')"
_AGGREGATING = {"enable_sort": "'off'", "work_mem": "'64MB'", "jit": "'off'"} | {
    name: _SERVERS_OWN.format(name) for name in ("max_parallel_workers_per_gather",)
}
"""Settings of PostgreSQL for digests: its planner takes every row for a bucket of its own, and would sort them all on disk."""
_READING = {name: _SERVERS_OWN.format(name) for name in ("enable_sort", "work_mem", "jit")} | {
    "max_parallel_workers_per_gather": "'0'"
}
_TRIM_SCALE = (13,)
"""The version of PostgreSQL from which it can write a number without the zeros behind its point."""
_BIT_XOR = (14,)
"""The version of PostgreSQL from which it can aggregate by exclusive or."""


class ServerTable:
    """One table as of one moment; digests and rows are of the same.

    Args:
        location: a table on a server of `SERVERS`.

    Raises:
        LocationError: it can't be reached, or has no such table.
        ConfigurationError: its driver is not installed.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        engine = open_engine(location.url(), location.shown)
        wants = Request(Path(), location.name, location.name, location.table)
        try:
            with engine.connect() as connection:
                found = listing(connection, wants, location.shown)
                self._described = describe(connection, found.wanted[:1], location.shown.partition("#")[0])
        except failures(engine) as error:
            raise refusal(error, engine, location.shown) from error
        self._snapshot = Snapshot(engine, self._described, location.shown)
        self._dialect = SERVERS[engine.dialect.name]
        self._quote = engine.dialect.identifier_preparer.quote_identifier
        names = list(self._described[0].columns) if self._described else []
        self._own = dict(zip(column_names(names), names, strict=True))
        self.one = len(found.wanted) == 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns, as they are in a table of ours."""
        return tuple(self._own)

    @property
    def data_columns(self) -> tuple[str, ...]:
        """Those of them that are not ours."""
        return data_columns(self._own)

    @property
    def name(self) -> str:
        """The place, for messages."""
        return self.location.shown

    def kind(self, column: str) -> str:
        """Return what a column holds: a word of `_digest`."""
        return kind_of(self.type_of(column))

    def type_of(self, column: str) -> Any:
        """Return the SQLAlchemy type of a column."""
        return self._described[0].columns[self._own[column]]

    def open(self) -> bool:
        """Begin the moment; answer whether the server can make digests that another one can be held against."""
        connection = self._snapshot.open()
        connection.exec_driver_sql(_UTC[self._dialect])
        if any("%" in name or ":" in name for name in self._own.values()):
            return False  # drivers take these for their own
        if self._dialect == "mysql":
            return True
        version = self._snapshot.engine.dialect.server_version_info or ()
        encoding = self._snapshot.ask("SHOW server_encoding", self.location.shown)
        return version >= _TRIM_SCALE and encoding == [("UTF8",)]

    def forms(self, other: ServerTable, key: Sequence[str], columns: Sequence[str]) -> Forms:
        """Return what both sides agree on before they make digests; arguments as in `digests`."""
        left, right = ({name: side.type_of(name) for name in (*key, *columns)} for side in (self, other))
        return agree(left, right, key, once=self.once(key) and other.once(key))

    def once(self, key: Sequence[str]) -> bool:
        """Whether the database makes sure that no two rows have the same key, and can make use of it."""
        if self._dialect == "postgresql" and (self._snapshot.engine.dialect.server_version_info or ()) < _BIT_XOR:
            return False
        table, own = self._described[0], {self._own[name] for name in key}
        unique = (table.key, *(columns for columns in table.unique if table.not_null.issuperset(columns)))
        return any(columns and own.issuperset(columns) for columns in unique)

    def digests(self, key: Sequence[str], columns: Sequence[str], forms: Forms) -> Digests:
        """Return the digests of all buckets, shelf by shelf.

        Args:
            key: columns that name a row.
            columns: to compare.
            forms: agreed on with the other side.

        Raises:
            LocationError: the database refuses, or the connection broke off.
        """
        own, others = ([self._own[name] for name in names] for names in (key, columns))
        query = digests(self._described[0], self._dialect, self._quote, own, others, self._named(forms))
        self._set(_AGGREGATING)
        found = self._snapshot.ask(query, self.location.shown)
        self._set(_READING)
        return {str(shelf): (int(rows), str(buckets)) for shelf, rows, buckets in found}

    def _set(self, settings: dict[str, str]) -> None:
        if self._dialect == "postgresql":
            asked = ", ".join(f"set_config('{name}', {value}, true)" for name, value in settings.items())
            self._snapshot.ask(f"SELECT {asked}", self.location.shown)

    def rows(self, key: Sequence[str], buckets: Collection[str] | None, forms: Forms) -> SourceTable:
        """Return the rows of some buckets as a table; all rows for None; `key` and `forms` as in `digests`."""
        table = replace(self._described[0], keep_empty=True)
        if buckets is not None:
            table = replace(table, only=self._inside([self._own[name] for name in key], buckets, self._named(forms)))
        return table_of(self._snapshot, table, self.location.name, {"format": self.location.scheme}, None)

    def _named(self, forms: Forms) -> Forms:
        """Return the forms with the names that the columns have in the database."""
        alike = {self._own[name] for name in forms.alike}
        if self._dialect == "mysql":
            alike |= {str(name) for (name,) in self._snapshot.ask(in_utf8(self._described[0]), self.location.shown)}
        return replace(forms, alike=frozenset(alike))

    def _inside(self, key: Sequence[str], buckets: Collection[str], forms: Forms) -> str:
        table = self._described[0]
        asked = bounds(table, self._quote, key[0]) if forms.blocks and buckets else ""
        if asked:
            [(lowest, highest)] = self._snapshot.ask(asked, self.location.shown)
            found = None if lowest is None else ranges(buckets, int(lowest), int(highest))
            if found is not None:
                return between(self._quote, key[0], found)
        return inside(table, self._dialect, self._quote, key, buckets, forms)
