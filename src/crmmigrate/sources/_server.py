"""A table on a database server, to be compared with another: first its digests, then only the rows that may differ."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.model.row_digest import AGGREGATING, BIT_XOR, KEPT, LISTING, Digested, can_digest, in_utf8, shelved
from crmmigrate.model.row_form import Forms, agree, kind_of
from crmmigrate.sources._engine import failures, open_engine, refusal
from crmmigrate.sources._frame import column_names, data_columns
from crmmigrate.sources._request import Request
from crmmigrate.sources._schema import describe, listing
from crmmigrate.sources._snapshot import Snapshot
from crmmigrate.sources.database import table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crmmigrate.model.location import Location
    from crmmigrate.model.row_digest import Digests
    from crmmigrate.model.row_place import Account
    from crmmigrate.model.source import SourceTable


SERVERS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
"""The kinds of server that can be asked, as SQLAlchemy calls them, and whose SQL they speak."""

_BEGIN = {
    "postgresql": "SET LOCAL TimeZone = 'UTC'",
    "mysql": f"{LISTING}, time_zone = '+00:00', {KEPT} = CAST(0 AS UNSIGNED)",
}
DIGEST = "_crmm_row_digest"
_HERE = (None, "", "localhost", "127.0.0.1", "::1")
_SERVERS_OWN = "(SELECT reset_val FROM pg_settings WHERE name = '{}')"
_PARALLEL = "max_parallel_workers_per_gather"
_WORKERS = f"least({_SERVERS_OWN.format(_PARALLEL)}::int, {{}})::text"
_READING = {name: _SERVERS_OWN.format(name) for name in AGGREGATING} | {_PARALLEL: "'0'"}


@dataclass(frozen=True)
class Picked:
    """Rows that may differ.

    Args:
        names: of their buckets.
        each: whether each of them is such a bucket, so that these are keys.
        account: is to be told the digest of each row that is read.
    """

    names: frozenset[str]
    each: bool = False
    account: Account | None = None


def share_cores(servers: Sequence[ServerTable]) -> None:
    """Let PostgreSQL start no more workers than there are cores left, where all servers are on this machine.

    MySQL digests a table in one thread, and all wait for the last: workers that take the core it runs on make both later.
    """
    parallel = [side for side in servers if side.workers is None]
    if parallel and all(side.here for side in servers):
        left = max(0, (os.cpu_count() or 1) - len(servers))
        for side in parallel:
            side.workers = left // len(parallel)


class ServerTable:
    """One table as of one moment; digests and rows are of the same.

    Args:
        location: a table on a server of `SERVERS`.

    Attributes:
        workers: most of them that digest beside the one that was asked; None for as many as the server may start, which only PostgreSQL does.

    Raises:
        LocationError: it can't be reached, or has no such table.
        ConfigurationError: its driver is not installed.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        engine = open_engine(location.url(), location.shown)
        wants = Request(Path(), location.name, location.name, location.table)
        try:
            with ExitStack() as where_it_fails:
                connection = where_it_fails.enter_context(engine.connect())
                found = listing(connection, wants, location.shown)
                self._described = describe(connection, found.wanted[:1], location.shown.partition("#")[0])
                where_it_fails.pop_all()  # to connect anew takes as long as all these questions
        except failures(engine) as error:
            raise refusal(error, engine, location.shown) from error
        self._snapshot = Snapshot(engine, self._described, location.shown, connection)
        self._dialect = SERVERS[engine.dialect.name]
        self._quote = engine.dialect.identifier_preparer.quote_identifier
        names = list(self._described[0].columns) if self._described else []
        self._own = dict(zip(column_names(names), names, strict=True))
        self.one = len(found.wanted) == 1
        self.here = engine.url.host in _HERE
        self.workers: int | None = None if self._dialect == "postgresql" else 0

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
        """Return what a column holds: a word of `row_form`."""
        return kind_of(self.type_of(column))

    def type_of(self, column: str) -> Any:
        """Return the SQLAlchemy type of a column."""
        return self._described[0].columns[self._own[column]]

    def open(self) -> bool:
        """Begin the moment; answer whether the server can make digests that another one can be held against."""
        connection = self._snapshot.open()
        connection.exec_driver_sql(_BEGIN[self._dialect])
        asked = self._ask("SHOW server_encoding") if self._dialect == "postgresql" else []
        version = self._snapshot.engine.dialect.server_version_info or ()
        return can_digest(self._dialect, version, "".join(row[0] for row in asked), self._own.values())

    @property
    def _digested(self) -> Digested:
        table = self._described[0]
        place = ".".join(self._quote(part) for part in (table.at.schema, table.at.bare) if part)
        leading = {columns[0] for columns in (table.key, *table.unique) if columns}
        return Digested(
            self._dialect, f"{'ONLY ' if table.parent_only else ''}{place}", table.columns, table.not_null,
            frozenset(leading & table.not_null), self._quote,
        )  # fmt: skip

    def forms(self, other: ServerTable, key: Sequence[str], columns: Sequence[str]) -> Forms:
        """Return what both sides agree on before they make digests; arguments as in `digests`."""
        left, right = ({name: side.type_of(name) for name in (*key, *columns)} for side in (self, other))
        return agree(left, right, key, once=self.once(key) and other.once(key))

    def once(self, key: Sequence[str]) -> bool:
        """Whether the database makes sure that no two rows have the same key, and can make use of it."""
        if self._dialect == "postgresql" and (self._snapshot.engine.dialect.server_version_info or ()) < BIT_XOR:
            return False
        table, own = self._described[0], {self._own[name] for name in key}
        unique = (table.key, *(columns for columns in table.unique if table.not_null.issuperset(columns)))
        return any(columns and own.issuperset(columns) for columns in unique)

    def digests(
        self,
        key: Sequence[str],
        columns: Sequence[str],
        forms: Forms,
        buckets: Collection[str] | None = None,
        *,
        places: bool = False,
    ) -> Digests:
        """Return the digests of all buckets, shelf by shelf.

        Args:
            key: columns that name a row.
            columns: to compare.
            forms: agreed on with the other side.
            buckets: of the rows of these alone, each of which is then a bucket of its own, named by its key (`Digested.each`).
            places: whether they also tell which row of a bucket differs (`row_place`).

        Raises:
            LocationError: the database refuses, or the connection broke off.
        """  # fmt: skip
        own, others, named = [self._own[n] for n in key], [self._own[n] for n in columns], self._named(forms)
        if buckets is None:
            query = self._digested.query(own, others, named, places=places)
        else:
            only = self._digested.rows_of(own, buckets, named, self._ask)
            query = self._digested.each(own, others, only, named)
        own_workers = _SERVERS_OWN.format(_PARALLEL) if self.workers is None else _WORKERS.format(self.workers)
        self._set(AGGREGATING | {_PARALLEL: own_workers})
        found = self._ask(query)
        self._set(_READING)
        return shelved(found)

    def bounds(self, key: str) -> tuple[int, int] | None:
        """Return the smallest and the greatest value of a key of whole numbers; None where no index knows them, or there are no rows."""
        asked = self._digested.bounds(self._own[key])
        lowest, highest = self._ask(asked)[0] if asked else (None, None)
        return None if lowest is None else (int(lowest), int(highest))

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        return self._snapshot.ask(query, self.location.shown)

    def _set(self, settings: dict[str, str]) -> None:
        if self._dialect == "postgresql":
            asked = ", ".join(f"set_config('{name}', {value}, true)" for name, value in settings.items())
            self._ask(f"SELECT {asked}")

    def rows(self, key: Sequence[str], columns: Sequence[str], forms: Forms, picked: Picked | None) -> SourceTable:
        """Return some rows as a table, with a column `DIGEST` where there is an account of them; all rows for None; else as in `digests`."""
        table = replace(self._described[0], keep_empty=True)
        if picked is not None:
            own = [self._own[name] for name in key]
            only = (
                self._digested.named(own, picked.names) if picked.each else
                self._digested.rows_of(own, picked.names, self._named(forms), self._ask)
            )  # fmt: skip
            # What was read last for the digests may still be in the server's memory.
            table = replace(table, only=only, backwards=picked.each)
        if picked is not None and picked.account is not None:
            digest = self._digested.digest(own, [self._own[name] for name in columns], self._named(forms))
            table = replace(table, columns={**table.columns, DIGEST: None}, computed={DIGEST: digest})
        return table_of(self._snapshot, table, self.location.name, {"format": self.location.scheme}, None)

    def _named(self, forms: Forms) -> Forms:
        """Return the forms with the names that the columns have in the database."""
        alike = {self._own[name] for name in forms.alike}
        if self._dialect == "mysql":
            at = self._described[0].at
            alike |= {str(name) for (name,) in self._ask(in_utf8(at.schema or "", at.bare))}
        return replace(forms, alike=frozenset(alike))
