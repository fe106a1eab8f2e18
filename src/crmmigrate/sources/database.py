"""Databases: SQLite (also as a file), PostgreSQL, MariaDB and MySQL; SQL Server and Oracle, which are not tested here.

All tables are read as of one moment, values leave the server as text of its own making, and the server hands out rows as they
are wanted, so that memory does not grow with the table. For SQL Server give `mssql+pyodbc://…` and install pyodbc and Microsoft's
ODBC driver; for Oracle `oracle+oracledb://…` and oracledb. SQL Server's tables are read one after the other, each as it is then.
"""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import Issue, declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.model.table import to_text_frame
from crmmigrate.sources._counting import count_in_place, without
from crmmigrate.sources._engine import failures, open_engine, refusal, sqlite_url
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, finished_table
from crmmigrate.sources._request import missing, no_rows
from crmmigrate.sources._schema import Described, describe, listing
from crmmigrate.sources._select import BINARY, arrivals, places
from crmmigrate.sources._snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from crmmigrate.model.location import Location
    from crmmigrate.model.source import InPlace
    from crmmigrate.sources._request import Request
    from crmmigrate.sources._snapshot import Troubles

TITLE = Message("database")

declare_code("source.binary-value", Message("the cell holds bytes, not text; they are written in hexadecimal"))
declare_code("source.undecodable", Message("some bytes of the cell could not be decoded"))
SHOWN = 200
"""Characters of a damaged cell that are kept beside the finding: a cell may hold a film."""
NO_KEY = declare_code(
    "source.no-key",
    Message("the table has no key: its rows are named by their order, which may change when the table does"),
)
NO_MOMENT = declare_code(
    "source.no-snapshot",
    Message("the table takes part in no transaction: what is changed while it is read may be read in part"),
)


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a SQLite file."""
    facts = {**request.facts, "format": "sqlite"}
    yield from _tables(sqlite_url(request.path), str(request.path), request.inside, request, facts)


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
        name = location.url().split("///", 1)[-1].partition("?")[0]
        path = Path(name.removeprefix("file:"))
        if not path.is_file():
            raise missing(path)
        facts = {"format": "sqlite"}
        yield from _tables(sqlite_url(path), location.shown, path.name, wants, facts)
        return
    yield from _tables(location.url(), location.shown, location.name, wants, {"format": location.scheme})


def _tables(url: str, shown: str, file: str, wants: Request, facts: dict[str, Any]) -> Iterator[SourceTable]:
    engine = open_engine(url, shown)
    try:
        with engine.connect() as connection:
            found = listing(connection, wants, shown)
            described = describe(connection, found.wanted, shown.partition("#")[0])
    except failures(engine) as error:
        raise refusal(error, engine, shown) from error
    if not found.there:
        raise no_rows(shown, found.beside)
    snapshot = Snapshot(engine, described, shown)
    beside = {"beside": list(found.beside)} if found.beside else {}
    if described:
        snapshot.open()  # the moment is that of the first table given out, not of the first one read
    for table in described:
        yield table_of(snapshot, table, file, facts | beside, wants.in_place)


def table_of(
    snapshot: Snapshot, described: Described, file: str, facts: dict[str, Any], in_place: InPlace | None
) -> SourceTable:
    """Return one table; it keeps the snapshot, and nothing keeps the table, so that both go when they are let go."""
    names = column_names(list(described.columns))
    own = {name: value for name, value in described.facts.items() if name != "modified" or value}
    table = SourceTable(described.at.name, file, data_columns(names), lambda: iter(()), {**facts, **own})
    head = f"{file}#{described.at.name}:"
    for code, here in ((NO_KEY, not described.naming_key), (NO_MOMENT, not described.transactional)):
        if here:
            severity = "info" if code == NO_KEY else "warning"
            table.issues.append(Issue(table.name, "", f"{file}#{described.at.name}", "", code, severity, "LOGIC").row())
    itself = weakref.ref(table)

    def batches() -> Iterator[pa.Table]:
        own = itself()
        assert own is not None  # noqa: S101  (whoever reads it holds it)
        shown = f"{snapshot.shown.partition('#')[0]}#{described.at.name}"
        counted = count_in_place(snapshot, described, in_place, shown) if in_place else None
        if counted:
            called = dict(zip(described.columns, names, strict=True))
            own.values = counted.frame(called)
            own.facts["counted"] = {
                "columns": [called[name] for name in counted.values],
                "repeated": counted.repeated,
                "rules": counted.rules,
            }
        yield from _batches(snapshot, without(described, counted) if counted else described, names, head, own)

    table.read = lambda: map(to_text_frame, batches())
    table.read_arrow = batches
    table.__post_init__()
    return table


def _batches(
    snapshot: Snapshot, described: Described, names: tuple[str, ...], head: str, table: SourceTable
) -> Iterator[pa.Table]:
    """Yield the rows; columns that were counted on the server, which `described` lacks, are empty in them."""
    import pyarrow as pa

    keys = [list(described.columns).index(column) for column in described.naming_key]
    binary = {at for at, how in arrivals(described, snapshot.engine.dialect.name).items() if how == BINARY}
    shown = f"{snapshot.shown.partition('#')[0]}#{described.at.name}"
    counted = set(table.facts.get("counted", {}).get("columns", ()))
    read = tuple(name for name in names if name not in counted)
    told: set[int] = set()
    count = 0
    for columns, troubles in snapshot.read(described, shown):
        rows = len(columns[0]) if columns else 0
        if not rows and count:
            break
        place = places([columns[at] for at in keys] if columns else [], count + 1, rows)
        _note(table, read, head, place, _news(columns, troubles, binary, told), columns)
        given = dict(zip(read, columns, strict=True)) if columns else {}
        yield finished_table(
            {name: given.get(name, pa.nulls(rows, pa.string())) for name in names},
            place,
            head,
            keep_empty=described.keep_empty,
        )
        count += rows
    table.facts["rows"] = count


def _news(columns: list[Any], troubles: Troubles, binary: set[int], told: set[int]) -> Troubles:
    """Return what is to be noted: each cell that is damaged, and once per table each column that is all bytes."""
    news = [trouble for trouble in troubles if trouble[1] not in binary]
    for at in sorted(binary - told):
        filled = next((row for row, value in enumerate(columns[at]) if value.is_valid), None) if columns else None
        if filled is not None:
            told.add(at)
            news.append((filled, at, "source.binary-value"))
    return news


def _note(
    table: SourceTable, names: tuple[str, ...], head: str, place: Any, troubles: Troubles, columns: list[Any]
) -> None:
    for row, at, code in troubles:
        text = columns[at][row].as_py()[:SHOWN]
        table.issues.append(cell_issue(table.name, head + place[row].as_py(), names[at], code, text))
