"""What a database says of its tables: columns, keys, references, remarks, and which tables there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.sources._frame import column_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from crmmigrate.sources._request import Request

_SYSTEM = frozenset({
    "information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys", "guest", "INFORMATION_SCHEMA",
    "SYS", "SYSTEM",
})  # fmt: skip
_WILD = frozenset("*?[")


@dataclass(frozen=True)
class TableAt:
    """A table's name, as people give it, and as the database knows it.

    Args:
        name: `table`, or `schema.table` outside the default schema.
        schema: None for the default one.
        bare: without the schema.
    """

    name: str
    schema: str | None
    bare: str

    @property
    def key(self) -> tuple[str | None, str]:
        """The name under which SQLAlchemy's answers hold it."""
        return self.schema, self.bare


@dataclass(frozen=True)
class Described:
    """One table, as the database describes it. Names of columns are the database's own.

    Args:
        at: its name.
        columns: name → SQLAlchemy type, in order.
        key: the primary key.
        unique: further unique keys, without those that hold only for some rows.
        foreign_keys: `{columns, table, references}` each.
        comments: column → remark; the table's own under "".
        not_null: the columns that are always filled.
        modified: when it was changed last (ISO, UTC), where the server knows.
        transactional: whether it takes part in transactions; without, it cannot be read as of one moment.
        parent_only: the rows of its heirs are left out, because they are read as tables of their own.
        lockable: whether it is a table (a view is none), which can be kept from being emptied while it is read.
        keep_empty: whether empty text stays apart from no value; in tables of a migration it is the same.
        only: the SQL condition of the rows that are read, on the table called `t`; empty for all.
        backwards: whether they are read from the greatest key to the smallest.
        computed: those of `columns` that the table does not have, with the SQL of their text.
    """

    at: TableAt
    columns: dict[str, Any]
    key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[dict[str, Any], ...] = ()
    comments: dict[str, str] = field(default_factory=dict)
    not_null: frozenset[str] = frozenset()
    modified: str | None = None
    transactional: bool = True
    parent_only: bool = False
    lockable: bool = False
    only: str = ""
    backwards: bool = False
    computed: dict[str, str] = field(default_factory=dict)
    keep_empty: bool = False

    @property
    def naming_key(self) -> tuple[str, ...]:
        """The columns by which a row is named: the primary key, or else a unique key that is always filled."""
        return self.key or next((key for key in self.unique if self.not_null.issuperset(key)), ())

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of a `SourceTable`, with the names its columns have there."""
        ours = dict(zip(self.columns, column_names(list(self.columns)), strict=True))

        def named(columns: Iterable[str]) -> list[str]:
            return [ours.get(column, column) for column in columns]

        return {
            "key": named(self.key),
            "unique": [named(columns) for columns in self.unique],
            "foreign_keys": [{**link, "columns": named(link["columns"])} for link in self.foreign_keys],
            "comments": {ours.get(column, column): text for column, text in self.comments.items()},
            "modified": self.modified,
        }


@dataclass(frozen=True)
class Listing:
    """Which tables are read, and which are there besides.

    Args:
        wanted: in order of their names.
        beside: names of views and of schemas that are read only on request.
        there: whether there is any table at all, asked for or not.
    """

    wanted: tuple[TableAt, ...]
    beside: tuple[str, ...]
    there: bool


def listing(connection: Connection, wants: Request, shown: str) -> Listing:
    """Find the tables that are wanted.

    Tables of the default schema are all wanted where nothing is asked for; a view, or a table of another schema, is
    read where it is named (`#view`, `#schema.table`) or where a pattern of tables says so (`view`, `schema.*`).

    Raises:
        LocationError: there is no table of the name asked for.
    """
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    default = inspector.default_schema_name
    hidden = _partitions(connection, None)
    tables = [n for n in inspector.get_table_names() if n not in hidden and not n.startswith("crmm_")]
    views = _views(inspector)
    schemas = [n for n in inspector.get_schema_names() if n not in _SYSTEM and n != default and not n.startswith("pg_")]
    if connection.dialect.name == "sqlite":
        schemas = []
    beside = (*views, *(f"{schema}.*" for schema in schemas))
    if wants.table:
        return Listing((_one(inspector, wants.table, [*tables, *views], shown),), (), there=True)
    if not wants.patterns:
        return Listing(tuple(TableAt(n, None, n) for n in sorted(tables)), beside, bool(tables))
    plain = {p for p in wants.patterns if not _WILD & set(p)}
    found = [TableAt(n, None, n) for n in tables if wants.wants(n)] + [TableAt(n, None, n) for n in views if n in plain]
    for schema in schemas:
        if not any(fnmatchcase(schema, p.partition(".")[0]) for p in wants.patterns if "." in p):
            continue
        inside = _partitions(connection, schema)
        names = [n for n in inspector.get_table_names(schema=schema) if n not in inside and not n.startswith("crmm_")]
        names += [n for n in _views(inspector, schema) if f"{schema}.{n}" in plain]
        found += [TableAt(f"{schema}.{n}", schema, n) for n in names if wants.wants(f"{schema}.{n}")]
    return Listing(tuple(sorted(found, key=lambda at: at.name)), beside, there=True)


def _views(inspector: Any, schema: str | None = None) -> list[str]:
    found = list(inspector.get_view_names(schema=schema))
    for more in ("get_materialized_view_names", "get_foreign_table_names"):
        try:
            found += getattr(inspector, more)(schema=schema)
        except (AttributeError, NotImplementedError):  # only some kinds of database have them
            continue
    return sorted(found)


def _one(inspector: Any, name: str, known: Sequence[str], shown: str) -> TableAt:
    schema, _, bare = name.rpartition(".")
    if name in known or inspector.has_table(name):
        return TableAt(name, None, name)
    if schema and inspector.has_table(bare, schema=schema):
        return TableAt(name, None if schema == inspector.default_schema_name else schema, bare)
    hint = nearest(name, known) or Message("there are: {names}", names=", ".join(known[:20]) or "–")
    raise LocationError("source.no-table", Message("there is no table '{name}' here", name=name), shown, hint)


def _partitions(connection: Connection, schema: str | None) -> set[str]:
    """Return the tables that are parts of another one, which is read as a whole."""
    if connection.dialect.name != "postgresql":
        return set()
    import sqlalchemy as sa

    query = sa.text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relispartition AND n.nspname = coalesce(:schema, current_schema())"
    )
    return {str(row[0]) for row in connection.execute(query, {"schema": schema})}


def describe(connection: Connection, wanted: Sequence[TableAt], shown: str) -> list[Described]:
    """Ask the database about tables; all of one schema at once.

    Raises:
        LocationError: it cannot describe one of them.
    """
    import warnings

    with warnings.catch_warnings(action="ignore"):  # a type that SQLAlchemy does not know is text like any other
        return _described(connection, wanted, shown)


def _described(connection: Connection, wanted: Sequence[TableAt], shown: str) -> list[Described]:
    import sqlalchemy as sa
    from sqlalchemy.engine.reflection import ObjectKind

    inspector = sa.inspect(connection)
    described: dict[TableAt, Described] = {}
    for schema in dict.fromkeys(at.schema for at in wanted):
        names = [at.bare for at in wanted if at.schema == schema]
        how: dict[str, Any] = {"schema": schema, "filter_names": names, "kind": ObjectKind.ANY}
        columns = inspector.get_multi_columns(**how)
        keys: Any = inspector.get_multi_pk_constraint(**how)
        links = inspector.get_multi_foreign_keys(**how)
        uniques, indexes = inspector.get_multi_unique_constraints(**how), inspector.get_multi_indexes(**how)
        remarks: Any = inspector.get_multi_table_comment(**how) if inspector.dialect.supports_comments else {}
        server = _server_facts(connection, schema, names)
        for at in wanted:
            if at.schema == schema:
                if at.key not in columns:
                    raise LocationError(
                        "database.no-columns", Message("the database does not say which columns the table has"), f"{shown}#{at.name}",
                        Message("was it dropped just now, or does its view refer to something that is gone?"),
                    )  # fmt: skip
                own = columns[at.key]
                described[at] = Described(
                    at, {column["name"]: column["type"] for column in own},
                    key=tuple((keys.get(at.key) or {}).get("constrained_columns") or ()),
                    unique=_unique(uniques.get(at.key) or (), indexes.get(at.key) or ()),
                    foreign_keys=tuple(_link(link, schema) for link in links.get(at.key) or ()),
                    comments=_comments(own, remarks.get(at.key)),
                    not_null=frozenset(column["name"] for column in own if not column["nullable"]),
                    **server.get(at.bare, {}),
                )  # fmt: skip
    return [described[at] for at in wanted]


def _unique(constraints: Iterable[Any], indexes: Iterable[Any]) -> tuple[tuple[str, ...], ...]:
    found = [tuple(constraint["column_names"]) for constraint in constraints]
    for index in indexes:
        partial = any(
            name.endswith("_where") and value is not None for name, value in index.get("dialect_options", {}).items()
        )
        if index.get("unique") and not partial and None not in index["column_names"]:
            found.append(tuple(index["column_names"]))
    return tuple(dict.fromkeys(found))


def _link(link: Any, schema: str | None) -> dict[str, Any]:
    other = link.get("referred_schema") or schema
    return {
        "columns": list(link["constrained_columns"]),
        "table": f"{other}.{link['referred_table']}" if other else link["referred_table"],
        "references": list(link["referred_columns"]),
    }


def _comments(columns: Iterable[Any], own: Any) -> dict[str, str]:
    found = {"": (own or {}).get("text")} | {column["name"]: column.get("comment") for column in columns}
    return {name: text for name, text in found.items() if text}


def _server_facts(connection: Connection, schema: str | None, wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return by table what only this kind of server tells."""
    import sqlalchemy as sa

    if connection.dialect.name in ("mysql", "mariadb"):
        query = sa.text(
            "SELECT table_name, engine, unix_timestamp(update_time) FROM information_schema.tables"
            " WHERE table_schema = coalesce(:schema, database()) AND table_type <> 'VIEW'"
        )
        rows: Iterable[Any] = connection.execute(query, {"schema": schema})
        return {
            str(name): {"transactional": str(engine).lower() in ("innodb", "rocksdb"), "modified": _utc(changed)}
            for name, engine, changed in rows
        }
    if connection.dialect.name == "postgresql":
        query = sa.text(
            "SELECT c.relname, c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i JOIN pg_class h ON h.oid = i.inhrelid"
            " WHERE i.inhparent = c.oid AND h.relname = ANY(:wanted)) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname = coalesce(:schema, current_schema())"
        )
        rows = connection.execute(query, {"schema": schema, "wanted": list(wanted)})
        return {str(name): {"parent_only": bool(heirs), "lockable": True} for name, heirs in rows}
    return {}


def _utc(seconds: Any) -> str | None:
    from datetime import UTC, datetime

    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds")
