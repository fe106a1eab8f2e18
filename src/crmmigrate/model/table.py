"""Tables as Parquet files of text, and SQL over them.

Every column is text; an empty cell is null. `_record` names a row for good, `_origin` says where a person finds it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd
    import pyarrow as pa

BATCH_ROWS = 50_000
GONE = "table.gone"
"""The code of the error about a table whose file is not there any more."""
VALUES_OF = "_values."
"""What stands before a table's name in that of the table of its counted columns: `column`, `value`, `n`. They are empty in its rows."""


@dataclass(frozen=True)
class Table:
    """One table of text, at rest in a Parquet file.

    Args:
        name: as in SQL, in messages and in `_record`; e.g. `crm.客户` or `account`.
        path: the file.
    """

    name: str
    path: Path

    def present(self) -> Path:
        """Return the file.

        Raises:
            LocationError: `table.gone`: a purge, or somebody by hand, took it away since the run that wrote it.
        """
        if not self.path.exists():
            raise LocationError(
                GONE, Message("the table '{name}' of an earlier run is not there any more", name=self.name), str(self.path),
                Message("make it anew: crmmigrate run migration.yaml --from extract"),
            )  # fmt: skip
        return self.path

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All column names in order, `_record` and `_origin` among them."""
        import pyarrow.parquet as pq

        return tuple(pq.read_schema(self.present()).names)

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        import pyarrow.parquet as pq

        return int(pq.read_metadata(self.present()).num_rows)

    @property
    def filled(self) -> dict[str, int]:
        """Data column → cells that hold a value, as the file itself notes it; a column of which it notes nothing is left out."""
        import pyarrow.parquet as pq

        noted = pq.read_metadata(self.path)
        empty: dict[str, int] = {}
        unknown = set()
        for group in (noted.row_group(number) for number in range(noted.num_row_groups)):
            if not group.num_rows:
                continue
            for index in range(noted.num_columns):
                column = group.column(index)
                if column.statistics is None or not column.statistics.has_null_count:
                    unknown.add(column.path_in_schema)
                else:
                    name = column.path_in_schema
                    empty[name] = empty.get(name, 0) + column.statistics.null_count
        known = (name for name in self.data_columns if name not in unknown)
        return {name: noted.num_rows - empty.get(name, 0) for name in known}

    @property
    def data_columns(self) -> tuple[str, ...]:
        """The columns that hold the source's own data: those whose name does not begin with `_`."""
        return tuple(name for name in self.columns if not name.startswith("_"))

    def batches(self, size: int = BATCH_ROWS) -> Iterator[pd.DataFrame]:
        """Yield the rows in order, at most `size` at a time, as DataFrames of nullable text; at least one, maybe empty."""
        import pyarrow.parquet as pq

        seen = False
        with pq.ParquetFile(self.present(), pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=size):
                seen = True
                yield to_text_frame(batch)
            if not seen:
                yield to_text_frame(file.schema_arrow.empty_table())

    def records(self) -> list[dict[str, str | None]]:
        """Return all rows as dicts of text; for tables that are small by nature."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.present(), pre_buffer=False) as file:
            found: list[dict[str, str | None]] = file.read().to_pylist()
        return found

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return all rows (of `columns`) at once; for tables that are small by nature."""
        import pyarrow.parquet as pq

        return to_text_frame(pq.read_table(self.present(), columns=list(columns) if columns else None))


def to_text_frame(data: pa.Table | pa.RecordBatch) -> pd.DataFrame:
    """Turn Arrow data into a DataFrame whose columns are pandas' nullable text (`str`)."""
    import pandas as pd
    import pyarrow as pa

    text = pd.StringDtype(na_value=float("nan"))
    mapper = {pa.string(): text, pa.large_string(): text}.get  # as it is, without a Python object per cell
    frame: pd.DataFrame = data.to_pandas(types_mapper=mapper)
    return frame if all(kind == "str" for kind in frame.dtypes) else frame.astype("str")


def text_table(rows: Sequence[Sequence[str | None]], columns: Sequence[str]) -> pa.Table:
    """Return `rows` as an Arrow table of text with exactly `columns`, also when there are none."""
    import pyarrow as pa

    cells = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return pa.table([text_array(texts) for texts in cells], names=list(columns))


def text_array(texts: Sequence[str | None]) -> pa.Array:
    """Return an Arrow array of text, whose items are Arrow's scalars.

    By a builder, because `pa.array` and `pa.scalar` import pandas, wanted or not: most of a second for a command without it. Once it is
    there they take half the time.
    """
    from pyarrow.lib import StringBuilder

    builder = StringBuilder()
    builder.append_values(texts)
    return builder.finish()


def content_digest(table: Table) -> str:
    """Return a digest of a table's rows in their order, whatever file they are in."""
    import pandas as pd

    digest = hashlib.sha256("\0".join(table.columns).encode())
    for batch in table.batches():
        digest.update(pd.util.hash_pandas_object(batch, index=False, categorize=False).to_numpy().tobytes())
    return digest.hexdigest()


class Tables:
    """Tables by name, and DuckDB over all of them.

    The SQL is confined: it sees these tables and nothing else; no files, no network, no settings.

    Args:
        tables: the tables that exist.
        memory: how much DuckDB may take before it spills (`256MB`); most of the machine's where not given. For work whose every step
            can spill.
        ordered: whether rows come in the order of their files; with `memory`, not to keep it spares some.
    """

    def __init__(self, tables: Mapping[str, Table], memory: str = "", *, ordered: bool = True) -> None:
        self._tables = dict(tables)
        self._memory = memory
        self._ordered = ordered

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

    def alone(self, name: str, memory: str) -> Tables:
        """Return one of the tables and its counted values, with a connection of its own that takes at most `memory` (`256MB`)."""
        named = {n: self._tables[n] for n in (name, VALUES_OF + name) if n in self._tables}
        return Tables(named, memory, ordered=False)

    def bounded(self, memory: str) -> Tables:
        """Return the same tables with a connection of its own that takes at most `memory`; rows keep their order."""
        return Tables(self._tables, memory)

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection in which each table is a view of its own name."""
        import duckdb

        connection = duckdb.connect(":memory:", config={"preserve_insertion_order": "true"})
        own: list[str] = []
        if self._tables:  # what does not fit into memory is customer data: it stays beside the tables it comes from
            beside = next(iter(self._tables.values())).path.parent / ".spill"
            connection.execute("SET temp_directory = ?", [str(beside)])
        connection.execute("SET enable_progress_bar = false")  # it would draw on standard output, which is for data
        if self._memory:
            connection.execute("SET memory_limit = ?", [self._memory])
        if not self._ordered:
            connection.execute("SET preserve_insertion_order = false")
        for name, table in self._tables.items():
            table.present()
            # DuckDB's own reader takes less memory than Arrow's, which reads ahead; it takes these signs for a pattern of paths.
            if self._memory and not set(str(table.path)) & set("*?[]"):
                place = "'" + str(table.path.absolute()).replace("'", "''") + "'"
                own.append(place)
                connection.execute(
                    f"CREATE TEMP VIEW {quoted(name)} AS SELECT * FROM read_parquet({place}, hive_partitioning = false)"
                )
            else:
                import pyarrow.dataset as ds  # imports pandas too

                connection.register(name, ds.dataset(table.path))
        if own:
            connection.execute(f"SET allowed_paths = [{', '.join(own)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

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
