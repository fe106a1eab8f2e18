"""What one kind of database does in its own way; everything else about database targets is shared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.schema import TargetColumn
    from crmmigrate.targets.cells import Cells
    from crmmigrate.targets.live import ChildLink, LiveColumn, LiveTable

STATEMENT_KEYS = 5000
"""Keys named in one statement."""

Refusal = Literal["unique", "not-null", "foreign-key", "length", "type", "check", "edited", "other"]


class Dialect(ABC):
    """How one kind of database connects, locks, writes in bulk and says no."""

    creating = False
    """Whether a database that does not exist may be made; only `create` does that."""

    is_copy = False
    """Whether the tables are copies of what another system holds: then a row must be brought before it is looked at."""

    shared = False
    """Whether several processes may write batches of one run at the same time."""

    parallel = False
    """Whether several connections get much more done at a time: MariaDB and MySQL number rows one statement after the other, and lock gaps between keys."""

    keyed_images = True
    """Whether images have a primary key; where it makes them dearer, who reads them makes an index."""

    keys_as_ranges = False
    """Whether to leave out a million rows by ranges of their keys costs much less than key by key."""

    where_to_look = Message("check the address, the user and whether the server runs")
    """What to do where the database does not answer."""

    @abstractmethod
    def engine(self, url: str) -> sa.Engine:
        """Return an engine whose connections write safely: strict, with foreign keys, in UTF-8."""

    @abstractmethod
    def epoch(self) -> sa.ColumnElement[int]:
        """Return SQL for the server's clock in whole seconds."""

    @contextmanager
    def journal_lock(self, connection: sa.Connection) -> Iterator[None]:  # noqa: ARG002
        """Let no other process begin a run meanwhile; `connection` is there only to hold the lock."""
        yield

    def begin_batch(self, connection: sa.Connection) -> None:  # noqa: B027
        """Prepare a transaction that writes; e.g. have constraints checked at once."""

    def bring(  # noqa: B027
        self, connection: sa.Connection, name: str, on: Sequence[str], wanted: Sequence[tuple[Any, ...]]
    ) -> None:  # fmt: skip
        """Bring the rows of the table `name` up to date whose columns `on` have one of the values wanted, where it is only a copy."""

    def named(
        self, connection: sa.Connection, table: LiveTable, column: str, texts: pa.Array  # noqa: ARG002
    ) -> tuple[pa.Array, set[int]]:  # fmt: skip
        """Return keys in place of names where a column refers to rows that the target knows by name; and where that is unclear."""
        return texts, set()

    def deliver(self, connection: sa.Connection) -> None:  # noqa: B027
        """Send on what has just been written, where it was written to a copy; a refusal is raised as one of `errors`."""

    @abstractmethod
    def column_type(self, column: TargetColumn) -> Any:
        """Return the SQLAlchemy type that holds `column`."""

    def long_text(self) -> Any:
        """Return a type for text of any length."""
        import sqlalchemy as sa

        return sa.Text()

    def journal_text(self, length: int) -> Any:
        """Return a type for the journal's own short texts, compared byte by byte."""
        import sqlalchemy as sa

        return sa.String(length)

    def image_type(self, column: LiveColumn) -> Any:
        """Return the type of the columns that hold images of `column`: by default the same."""
        return column.type

    def table_options(self) -> dict[str, Any]:
        """Return keyword arguments for `sqlalchemy.Table`."""
        return {}

    def drop_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Drop a temporary table without ending the transaction."""
        table.drop(connection, checkfirst=False)

    def make_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Create a temporary table, without ending the transaction."""
        table.create(connection, checkfirst=False)

    def drop_index(self, connection: sa.Connection, table: str, name: str) -> None:  # noqa: ARG002
        """Drop an index that is there only to be fast; it stays where somebody holds the table just now, or the user may not."""
        connection.exec_driver_sql(f"DROP INDEX {connection.dialect.identifier_preparer.quote(name)}")

    def child_links(self, connection: sa.Connection) -> Iterator[tuple[str, ChildLink]]:
        """Yield (parent table, foreign key) of every foreign key that points to a table of the target, from whatever schema."""
        import sqlalchemy as sa

        from crmmigrate.targets.live import ChildLink

        inspector = sa.inspect(connection)
        home = inspector.default_schema_name
        for schema in inspector.get_schema_names():
            inner = None if schema == home else schema
            for (_, child), keys in inspector.get_multi_foreign_keys(schema=inner).items():
                for key in keys:
                    if key["referred_schema"] in (None, home):
                        columns, named = tuple(key["constrained_columns"]), tuple(key["referred_columns"])
                        yield key["referred_table"], ChildLink(inner, child, columns, named)

    def tells_changes(self, connection: sa.Connection, table: str) -> bool:  # noqa: ARG002
        """Whether an UPDATE of `table` can return the whole truth about what it changed, and does so until the transaction ends."""
        return False

    def keys_tie(self, connection: sa.Connection, table: str) -> bool:  # noqa: ARG002
        """Whether rows of `table` depend on each other by the values of its unique columns alone, which can be told before they are written."""
        return False

    def sets_values(self, connection: sa.Connection, table: str) -> bool:  # noqa: ARG002
        """Whether the database may set values of rows of `table` by itself when they are written, by triggers or rules; also where it can't be told."""
        return False

    def lock(
        self, connection: sa.Connection, table: sa.FromClause, image: sa.FromClause, where: sa.ColumnElement[bool]
    ) -> int:
        """Lock the rows of `table` that `image` joined by `where` chooses until the transaction ends; return only how many they are."""
        import sqlalchemy as sa

        query = self.in_order(sa.select(sa.func.count()).select_from(image).join(table, where)).with_for_update()
        return int(connection.execute(query).scalar_one())

    def in_order(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Return a query whose tables are to be read in the order in which they are joined, where the server would do otherwise."""
        return query

    def delete_joined(
        self, connection: sa.Connection, table: LiveTable, image: sa.FromClause, named: sa.ColumnElement[Any],  # noqa: ARG002
        chosen: sa.ColumnElement[bool], where: sa.ColumnElement[bool],
    ) -> int:  # fmt: skip
        """Delete the rows of `table` that the `chosen` rows of `image` joined by `where` name in the column `named`; return how many they were."""
        return connection.execute(table.sql.delete().where(chosen, where)).rowcount

    def update_joined(
        self, connection: sa.Connection, table: LiveTable, image: sa.FromClause, named: sa.ColumnElement[Any],  # noqa: ARG002
        chosen: sa.ColumnElement[bool], where: sa.ColumnElement[bool], values: dict[str, sa.ColumnElement[Any]],
    ) -> int:  # fmt: skip
        """Give the rows of `table` that the `chosen` rows of `image` name in the column `named` new values, if `where` holds; return how many they were."""
        row = table.sql.c[table.key] == named
        return connection.execute(table.sql.update().where(row, chosen, where).values(values)).rowcount

    def unsafe(self, connection: sa.Connection, table: str) -> str:  # noqa: ARG002
        """Return why the table can't be loaded in transactions (its engine), or nothing."""
        return ""

    def lacking(self, connection: sa.Connection) -> list[str]:  # noqa: ARG002
        """Return the rights that the user lacks to make the journal's tables."""
        return []

    def free_bytes(self, connection: sa.Connection) -> int | None:  # noqa: ARG002
        """Return how much room there is for the database; None where it does not tell."""
        return None

    def adapt(self, value: Any) -> Any:
        """Return a parsed value as the driver wants it."""
        return value

    def adapted(self, values: list[Any]) -> list[Any]:
        """Return parsed values as the driver wants them; texts and whole numbers are that already."""
        return values if set(map(type, values)) <= {str, int, type(None)} else list(map(self.adapt, values))

    def wire(self, value: Any) -> str:
        """Return a parsed value as text that the database reads in bulk."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, datetime):
            return value.isoformat(" ")
        return value.isoformat() if isinstance(value, date | time) else str(value)

    @abstractmethod
    def insert(
        self, connection: sa.Connection, table: LiveTable, columns: Sequence[str], cells: Sequence[Cells], records: Sequence[str]
    ) -> list[Any]:  # fmt: skip
        """Insert rows in bulk and return their keys, in order, where the database numbers them; else nothing.

        `records` name the rows where the target is an API, to which an answer can get lost.
        """

    @abstractmethod
    def bulk(self, connection: sa.Connection, table: str, columns: Sequence[str], cells: Sequence[Cells]) -> None:
        """Insert rows in bulk by the fastest path."""

    def insert_from(
        self, connection: sa.Connection, table: LiveTable, columns: Sequence[str], query: sa.Select[Any]
    ) -> None:
        """Insert what `query` returns, keys that the database numbers included."""
        connection.execute(table.sql.insert().from_select(list(columns), query))

    @property
    @abstractmethod
    def errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises where the database refuses a row."""

    @abstractmethod
    def refusal(self, error: Exception, table: LiveTable) -> tuple[Refusal, str] | None:
        """Return why a row was refused and its column as far as known, of a CHECK its name; None where the row is not to blame."""

    @abstractmethod
    def transient(self, error: Exception) -> bool:
        """Whether the same transaction may succeed when it is tried again: a deadlock, a lock that took too long."""

    def waited(self, error: Exception) -> bool:  # noqa: ARG002
        """Whether a lock took too long: of what is `transient` that which has cost the whole time limit already."""
        return False

    @abstractmethod
    def unreachable(self, error: Exception) -> bool:
        """Whether it is about the connection, a lock or the disk: then its words can be shown, for they hold no row's values."""

    def exact(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:  # noqa: ARG002
        """Return `value` so that comparing it tells any two different values apart."""
        return value

    def comparable(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Return `value` so that the same is equal in whatever form the column holds it, and different values are not."""
        return self.exact(value, column)

    def hashing(self, connection: sa.Connection) -> str:  # noqa: ARG002
        """Return the name of the hash by which the server adds up rows; nothing where they must come to the client."""
        return ""

    def hashed(self, values: Sequence[sa.ColumnElement[Any]], columns: Sequence[LiveColumn]) -> sa.ColumnElement[int]:
        """Return SQL for a whole number of 64 bits that any difference in a row, of whatever case, type or blank, changes."""
        raise NotImplementedError

    def among(self, column: sa.ColumnElement[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
        """Return whether `column` has one of `values`, which are as the driver wants them."""
        return column.in_(values)

    def picked(
        self, columns: Sequence[sa.Column[Any]], fixed: sa.ColumnElement[bool], column: sa.Column[Any], values: Sequence[str]
    ) -> sa.Select[Any]:  # fmt: skip
        """Return what selects `columns` of one table where `fixed` holds and `column` has one of the texts; an index begins with the columns of both."""
        import sqlalchemy as sa

        return sa.select(*columns).where(fixed, self.among(column, values))

    def having(self, key: sa.ColumnElement[Any], keys: Sequence[Any]) -> Iterator[sa.ColumnElement[bool]]:
        """Yield conditions that together choose the rows whose primary key is one of `keys`, each row once.

        Numbers without a gap become one range: a key stands for one row, so that nothing else can lie between.
        """
        if not keys:
            return
        if set(map(type, keys)) == {int} and len(set(keys)) == max(keys) - min(keys) + 1:
            yield key.between(min(keys), max(keys))
            return
        for start in range(0, len(keys), STATEMENT_KEYS):
            yield self.among(key, keys[start : start + STATEMENT_KEYS])

    def outside(
        self, table: sa.TableClause, key: sa.ColumnElement[Any], keys: Sequence[sa.Select[Any]]
    ) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """Return what to select from, and the condition that chooses the rows of `table` whose key none of `keys` yields."""
        import sqlalchemy as sa

        return table, sa.and_(*(key.not_in(found) for found in keys))

    def key_cast(self, value: sa.ColumnElement[Any], column: LiveColumn) -> sa.ColumnElement[Any]:
        """Return a key kept as text in the crosswalk as a value of the key's type, so that its index serves."""
        import sqlalchemy as sa

        return sa.cast(value, sa.BigInteger) if column.kind == "integer" else value
