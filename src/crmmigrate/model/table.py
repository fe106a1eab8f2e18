"""Tables as Parquet files of text, and SQL over them.

Every column is text; an empty cell is null. `_record` names a row for good, `_origin` says where a person finds it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.kept_property import kept_property

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd
    import pyarrow as pa

BATCH_ROWS = 50_000
MEMORY = "2GB"
"""What DuckDB may take before it spills to disk: ten million rows go through every stage with it."""
GONE = "table.gone"
"""The code of the error about a table whose file is not there any more."""
SMALL = 4 * 1024 * 1024
"""Tables of up to so many bytes are counted sooner than a DuckDB of their own is opened (some 20 ms)."""
VALUES_OF = "_values."
"""What stands before a table's name in that of the table of its counted columns: `column`, `value`, `n`. They are empty in its rows."""


@dataclass(frozen=True)
class Table:
    """One table of text, at rest in a Parquet file, or in a folder of them where several machines wrote it.

    Args:
        name: as in SQL, in messages and in `_record`; e.g. `crm.客户` or `account`.
        path: the file or folder.
    """

    name: str
    path: Path

    def present(self) -> Path:
        """Return the file or folder.

        Raises:
            LocationError: `table.gone`: a purge, or somebody by hand, took it away since the run that wrote it.
        """
        if not self.path.exists():
            raise LocationError(
                GONE, Message("the table '{name}' of an earlier run is not there any more", name=self.name), str(self.path),
                Message("make it anew: crmmigrate run {project} --from extract", project="migration.yaml"),
            )  # fmt: skip
        return self.path

    @property
    def parts(self) -> list[Path]:
        """The Parquet files it consists of, in the order of their rows."""
        path = self.present()
        return sorted(path.glob("*.parquet")) if path.is_dir() else [path]

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(part.stat().st_size for part in self.parts)

    @property
    def digest(self) -> str:
        """The sha256 of the file, hexadecimal; of a folder, that of its files' digests in their order."""
        found = []
        for part in self.parts:
            with part.open("rb") as file:
                found.append(hashlib.file_digest(file, "sha256").hexdigest())
        return hashlib.sha256("".join(found).encode()).hexdigest() if self.path.is_dir() else found[0]

    @property
    def notes(self) -> Iterator[Any]:
        """What each of its files notes of itself (pyarrow's `FileMetaData`)."""
        import pyarrow.parquet as pq

        yield from map(pq.read_metadata, self.parts)

    @kept_property
    def columns(self) -> tuple[str, ...]:
        """All column names in order, `_record` and `_origin` among them."""
        import pyarrow.parquet as pq

        return tuple(pq.read_schema(self.parts[0]).names)

    @kept_property
    def rows(self) -> int:
        """Number of rows."""
        return sum(int(noted.num_rows) for noted in self.notes)

    @property
    def filled(self) -> dict[str, int]:
        """Data column → cells that hold a value, as the files themselves note it; a column of which they note nothing is left out."""
        empty: dict[str, int] = {}
        unknown = set()
        groups = (noted.row_group(number) for noted in self.notes for number in range(noted.num_row_groups))
        for group in groups:
            if not group.num_rows:
                continue
            for index in range(group.num_columns):
                column = group.column(index)
                if column.statistics is None or not column.statistics.has_null_count:
                    unknown.add(column.path_in_schema)
                else:
                    name = column.path_in_schema
                    empty[name] = empty.get(name, 0) + column.statistics.null_count
        known = (name for name in self.data_columns if name not in unknown)
        return {name: self.rows - empty.get(name, 0) for name in known}

    @property
    def data_columns(self) -> tuple[str, ...]:
        """The columns that hold the source's own data: those whose name does not begin with `_`."""
        return tuple(name for name in self.columns if not name.startswith("_"))

    def empty(self) -> pd.DataFrame:
        """Return its columns without rows."""
        import pyarrow.parquet as pq

        return to_text_frame(pq.read_schema(self.parts[0]).empty_table())

    def batches(self, size: int = BATCH_ROWS, columns: Sequence[str] | None = None, skip: int = 0) -> Iterator[pd.DataFrame]:  # fmt: skip
        """Yield the rows (of `columns`, but for the first `skip`) in order, `size` at a time, as DataFrames of nullable text; at least one, maybe empty."""
        seen = False
        for batch in _resized(self._arrow(size, columns, skip), size):
            seen = True
            yield to_text_frame(batch)
        if not seen:
            yield self.empty() if columns is None else self.empty()[list(columns)]

    def arrow(self, size: int, columns: Sequence[str] | None = None) -> Iterator[pa.Table | pa.RecordBatch]:
        """Yield the rows (of `columns`) in order, `size` at a time whatever files they are in, as Arrow; nothing where there are none."""
        return _resized(self._arrow(size, columns), size)

    def _arrow(self, size: int, columns: Sequence[str] | None, skip: int = 0) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        wanted = None if columns is None else list(columns)
        for part in self.parts:
            with pq.ParquetFile(part, pre_buffer=False) as file:
                groups = list(range(file.num_row_groups))
                while groups and skip >= (rows := file.metadata.row_group(groups[0]).num_rows):
                    skip, groups = skip - rows, groups[1:]
                # One thread: so few rows at a time are decoded faster than threads are woken, and in a third of the processor time.
                options: dict[str, Any] = {"row_groups": groups, "use_threads": False}
                for batch in file.iter_batches(size, columns=wanted, **options) if groups else ():
                    left = batch.slice(min(skip, batch.num_rows))
                    skip -= batch.num_rows - left.num_rows
                    if left.num_rows:
                        yield left

    def batch(self, number: int, size: int = BATCH_ROWS) -> pd.DataFrame:
        """Return the rows that `batches` yields as its `number`th (from 0), without reading those before."""
        return self.slice(number * size, (number + 1) * size)

    def slice(self, first: int, last: int) -> pd.DataFrame:
        """Return the rows from `first` (counted from 0) to before `last`, without reading those before."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        pieces = [pq.read_schema(self.parts[0]).empty_table()]
        at = 0
        for part, noted in zip(self.parts, self.notes, strict=True):
            if at < last and at + noted.num_rows > first:
                with pq.ParquetFile(part, pre_buffer=False) as file:
                    for group in range(noted.num_row_groups):
                        rows = noted.row_group(group).num_rows
                        if at < last and at + rows > first:
                            skipped = max(first - at, 0)
                            pieces.append(file.read_row_group(group).slice(skipped, last - at - skipped))
                        at += rows
            else:
                at += noted.num_rows
        return to_text_frame(pa.concat_tables(pieces))

    def records(self) -> list[dict[str, str | None]]:
        """Return all rows as dicts of text; for tables that are small by nature."""
        found: list[dict[str, str | None]] = self._whole().to_pylist()
        return found

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return all rows (of `columns`) at once; for tables that are small by nature."""
        return to_text_frame(self._whole(columns))

    def _whole(self, columns: Sequence[str] | None = None) -> pa.Table:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pieces = []
        for part in self.parts:
            with pq.ParquetFile(part, pre_buffer=False) as file:
                pieces.append(file.read(columns=list(columns) if columns else None))
        return pa.concat_tables(pieces)


def _resized(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[pa.Table | pa.RecordBatch]:
    """Yield the same rows `size` at a time, whatever the files' ends cut off."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if not waiting and batch.num_rows == size:
            yield batch
            continue
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= size:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, size)
            waiting = table.slice(size).to_batches()
            rows -= size
    if rows:
        yield pa.Table.from_batches(waiting)


def to_text_frame(data: pa.Table | pa.RecordBatch) -> pd.DataFrame:
    """Turn Arrow data into a DataFrame whose columns are pandas' nullable text (`str`)."""
    import pandas as pd
    import pyarrow as pa

    text = pd.StringDtype(na_value=float("nan"))
    mapper = {pa.string(): text, pa.large_string(): text}.get  # as it is, without a Python object per cell
    frame: pd.DataFrame = data.to_pandas(types_mapper=mapper)
    return frame if all(kind == "str" for kind in frame.dtypes) else frame.astype("str")


class Tables:
    """Tables by name, and DuckDB over all of them.

    The SQL is confined: it sees these tables and nothing else; no files, no network, no settings.

    Args:
        tables: the tables that exist.
        memory: how much DuckDB may take before it spills, beside the tables.
        ordered: whether rows come in the order of their files; not to keep it spares some memory.
        confined: False where all the SQL is the program's own: small tables are then asked over a DuckDB that is open already.
    """

    def __init__(
        self, tables: Mapping[str, Table], memory: str = MEMORY, *, ordered: bool = True, confined: bool = True
    ) -> None:
        self._tables = dict(tables)
        self._memory = memory
        self._ordered = ordered
        self._confined = confined

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def items(self) -> Iterator[tuple[str, Table]]:
        """Yield names and tables in order."""
        yield from self._tables.items()

    def alone(self, names: Sequence[str], memory: str) -> Tables:
        """Return some of the tables and their counted values, with a connection of their own that takes at most `memory` (`256MB`)."""
        wanted = (*names, *(VALUES_OF + name for name in names))
        named = {name: self._tables[name] for name in wanted if name in self._tables}
        return Tables(named, memory, ordered=False, confined=self._confined)

    def bounded(self, memory: str) -> Tables:
        """Return the same tables with a connection of its own that takes at most `memory`; rows keep their order."""
        return Tables(self._tables, memory, confined=self._confined)

    @kept_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection in which each table is a view of its own name."""
        if not self._confined and sum(table.size for table in self._tables.values()) <= SMALL:
            connection = _open_already().cursor()
            self._show(connection)
            return connection
        connection = _opened()
        if self._tables:  # what does not fit into memory is customer data: it stays beside the tables it comes from
            beside = next(iter(self._tables.values())).path.parent / ".spill"
            connection.execute("SET temp_directory = ?", [str(beside)])
        connection.execute("SET memory_limit = ?", [self._memory])
        for setting, most in _GIVEN_BACK.items():
            connection.execute(f"SET {setting} = '{most}'")
        if not self._ordered:
            connection.execute("SET preserve_insertion_order = false")
        own = self._show(connection)
        if own:
            connection.execute(f"SET allowed_paths = [{', '.join(own)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def _show(self, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """Make each table a view, and return the files that DuckDB has to read for them."""
        own: list[str] = []
        for name, table in self._tables.items():
            parts = table.parts
            # DuckDB's own reader takes less memory than Arrow's, which reads ahead; it takes these signs for a pattern of paths.
            if not set(str(table.path)) & set("*?[]"):
                places = [literal(str(part.absolute())) for part in parts]
                own += places
                connection.execute(
                    f"CREATE TEMP VIEW {quoted(name)} AS SELECT * FROM read_parquet([{', '.join(places)}], hive_partitioning = false)"
                )
            else:
                import pyarrow.dataset as ds  # imports pandas too

                connection.register(name, ds.dataset(parts))
        return own

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """Run one query over the tables and return its result as Arrow.

        Raises:
            duckdb.Error: the query is wrong.
        """
        return self.connection.sql(query, params=list(parameters)).to_arrow_table()

    def frame(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Run one query and return its result as a DataFrame of nullable text."""
        return to_text_frame(self.sql(query, parameters))

    def value(self, query: str, parameters: Sequence[Any] = ()) -> Any:
        """Run a query that answers with one value."""
        row = first_row(self.connection, query, parameters)
        return row[0] if row else None


_GIVEN_BACK = {"allocator_flush_threshold": "16MB", "allocator_bulk_deallocation_flush_threshold": "32MB"}
"""Memory that DuckDB let go and its allocator keeps; by default several times as much, beside what DuckDB takes for itself."""


def _opened() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config={"preserve_insertion_order": "true"})
    connection.execute("SET enable_progress_bar = false")  # it would draw on standard output, which is for data
    return connection


@cache
def _open_already() -> duckdb.DuckDBPyConnection:
    """Return the DuckDB of this process whose cursors ask what the program itself wants to know of small tables."""
    connection = _opened()
    connection.execute("SET temp_directory = ''")  # nothing of theirs is written elsewhere
    connection.execute("SET memory_limit = ?", [MEMORY])
    return connection


def first_row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> tuple[Any, ...] | None:
    """Return the first row of a result, fetched to its end: DuckDB refuses other work while a result is unfinished."""
    rows = connection.execute(query, list(parameters)).fetchall()
    return rows[0] if rows else None


_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def sql_name(name: str) -> str:
    """Return a name as SQL compares it: `ID` and `id` are one, because DuckDB does not look at the case of the letters from A to Z."""
    return name.translate(_SMALL)


def literal(text: str) -> str:
    """Return `text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier of DuckDB (and PostgreSQL, SQLite)."""
    return '"' + name.replace('"', '""') + '"'
