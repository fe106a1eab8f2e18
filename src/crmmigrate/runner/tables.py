"""Write what stages answer: row-wise tables batch by batch, queries and frames at once; all as Parquet of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE, ASIDE_COLUMNS, ISSUE_COLUMNS, ISSUES, issue_table, text_frame
from crmmigrate.model.stage import Pieces, Query, RowWise
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import BATCH_ROWS, Table, quoted
from crmmigrate.model.text_table import fitted
from crmmigrate.runner.engine import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.stage import Batch, Progress
    from crmmigrate.model.table import Tables
    from crmmigrate.runner.engine import Engine


_FEW = 1000
"""Rows that are written sooner than a thread begins."""


class GivenUp(Exception):
    """Raised by a stream of batches whose table is not to be: what was written of it goes."""


class TableWriter:
    """Writes batches of text to one Parquet file; the file appears only when it is whole.

    A thread writes a batch while the next is made: an error in it is raised by what is called next.

    Args:
        name: the table's name.
        path: where the file goes.
        columns: taken from the first batch where not given.
    """

    def __init__(self, name: str, path: Path, columns: Sequence[str] | None = None) -> None:
        self.name = name
        self.path = path
        self._columns = list(columns) if columns is not None else None
        self._part = path.with_suffix(".part")
        self._writer: Any = None
        self._schema: Any = None
        self._thread: ThreadPoolExecutor | None = None
        self._writing: Future[None] | None = None

    def write(self, frame: pd.DataFrame | pa.Table) -> None:
        """Append the rows of `frame`, which may be an Arrow table of text; columns it lacks are null, columns it has too many are an error."""
        import pyarrow as pa

        if not isinstance(frame, pa.Table):
            self._open(list(frame.columns))
            frame = text_rows(self.name, frame, self._columns or ())
        self._open(frame.column_names)
        if frame.column_names != self._columns:
            _refuse_unknown(self.name, frame.column_names, self._columns or ())
            frame = fitted(frame, self._columns or ())
        self.write_arrow(frame)

    def write_arrow(self, data: pa.Table) -> None:
        """Append the rows of an Arrow table of text with the same columns; they may be dictionary-encoded."""
        self._open(data.column_names)
        self._wait()
        if data.num_rows < _FEW:
            self._append(data)
            return
        self._thread = self._thread or ThreadPoolExecutor(1, "writer")
        self._writing = self._thread.submit(self._append, data)

    def _append(self, data: pa.Table) -> None:
        self._writer.write_table(data.replace_schema_metadata(None).cast(self._schema))

    def _wait(self) -> None:
        """Wait until what was given is written."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def _end(self) -> None:
        """End the file, and the thread."""
        try:
            self._wait()
        finally:
            if self._thread is not None:
                self._thread.shutdown()
            self._writer.close()

    def _open(self, columns: list[str]) -> None:
        if self._writer is not None:
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._columns = self._columns or columns
        self._schema = pa.schema([(column, pa.string()) for column in self._columns])
        # A column whose values hardly repeat is given up early as a dictionary: quicker, and smaller on disk.
        self._writer = pq.ParquetWriter(
            self._part, self._schema, compression="zstd", compression_level=1, dictionary_pagesize_limit=1 << 17
        )

    def close(self) -> Table:
        """Finish the file and return the table."""
        import pyarrow as pa

        self._open([])
        self._end()
        self._part.replace(self.path)
        pa.default_memory_pool().release_unused()  # what was wanted for batches is not wanted for what comes next
        return Table(self.name, self.path)

    def hand_over(self, other: TableWriter) -> None:
        """Append the rows written so far to a table of the same columns, and remove the file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            return
        self._end()
        with pq.ParquetFile(self._part, pre_buffer=False) as written:
            for batch in written.iter_batches():
                other.write_arrow(pa.Table.from_batches([batch]))
        self._part.unlink()

    def discard(self) -> None:
        """Remove what was written, also where its last batch could not be."""
        try:
            if self._writer is not None:
                self._end()
        finally:
            self._part.unlink(missing_ok=True)


class Materialiser:
    """Turns what one stage answered into Parquet tables.

    Args:
        inputs: the stage's input tables.
        path_of: where a table of a name goes.
        progress: told of rows done.
        engine: works on the rows of row-wise tables; this machine by default.
    """

    def __init__(
        self, inputs: Tables, path_of: Callable[[str], Path], progress: Progress, engine: Engine | None = None
    ) -> None:
        self.inputs = inputs
        self.path_of = path_of
        self.progress = progress
        self.engine = engine or LocalEngine()
        self.issues = TableWriter(ISSUES, path_of(ISSUES), ISSUE_COLUMNS)
        self.aside = TableWriter(ASIDE, path_of(ASIDE), ASIDE_COLUMNS)
        self.rejected: Counter[str] = Counter()
        self.columns: dict[str, dict[str, Counter[str]]] = {}

    def write(self, name: str, content: Any) -> Table | None:
        """Write one output table; None where the stage gave it up on the way.

        Raises:
            LocationError: the disk is full or not writable.
        """
        path = self.path_of(name)
        try:
            if isinstance(content, RowWise):
                return self._row_wise(name, path, content)
            if isinstance(content, Iterator):
                return self._stream(name, path, content)
            writer = TableWriter(name, path)
            for frame in self._frames(content):
                writer.write(frame)
            return writer.close()
        except OSError as error:
            raise LocationError(
                "work.not-writable", Message("the workspace cannot be written: {why}", why=os_reason(error)),
                str(path.parent), Message("free space or choose another folder with --work"),
            ) from error  # fmt: skip

    def note(
        self, issues: list[tuple[str | None, ...]] | pa.Table, aside: list[tuple[str | None, ...] | pa.Table]
    ) -> None:
        """Add issues and rows set aside."""
        _note(self.issues, self.aside, issues, aside)

    def _frames(self, content: Any) -> Iterator[pd.DataFrame | pa.Table]:
        import pyarrow as pa

        from crmmigrate.model.table import to_text_frame

        if isinstance(content, Query):
            connection = (self.inputs.bounded(content.memory) if content.memory else self.inputs).connection
            for name, frame in content.frames.items():
                if isinstance(frame, Iterator):
                    _bring(connection, name, frame)
                else:
                    connection.register(name, frame)
            reader: Any = connection.sql(content.sql).to_arrow_reader(BATCH_ROWS)
            yield to_text_frame(reader.schema.empty_table())
            for batch in reader:
                yield to_text_frame(batch)
            for name in content.frames:
                connection.unregister(name)
        elif isinstance(content, Pieces):
            yield from content.frames()
        elif isinstance(content, pa.Table):
            yield content
        elif isinstance(content, Table):
            yield from content.batches()
        else:
            yield content

    def _stream(self, name: str, path: Path, content: Iterator[Batch]) -> Table | None:
        writer = TableWriter(name, path)
        # What is told of the rows waits in files of its own: of a table that is given up nothing is left.
        issues = TableWriter(ISSUES, path.with_suffix(".issues.parquet"), ISSUE_COLUMNS)
        aside = TableWriter(ASIDE, path.with_suffix(".aside.parquet"), ASIDE_COLUMNS)
        try:
            for batch in content:
                writer.write(batch.rows)
                _note(issues, aside, batch.issues, batch.aside)
                self.progress(len(batch.rows))
        except GivenUp:
            for each in (writer, issues, aside):
                each.discard()
            return None
        issues.hand_over(self.issues)
        aside.hand_over(self.aside)
        return writer.close()

    def _row_wise(self, name: str, path: Path, content: RowWise) -> Table:
        def told(
            rows: int, issues: pa.Table, aside: list[tuple[str | None, ...]], columns: Mapping[str, Mapping[str, int]]
        ) -> None:
            self.note(issues, aside)
            self.rejected.update(str(row[0]) for row in aside if row[3] == "rejected")
            for column, figures in columns.items():
                self.columns.setdefault(name, {}).setdefault(column, Counter()).update(figures)
            self.progress(rows)

        return Table(name, self.engine.row_wise(content.function, self.inputs[content.source], path, told).path)


def text_rows(name: str, frame: pd.DataFrame, columns: Sequence[str]) -> pa.Table:
    """Return the rows of a table as Arrow text with just `columns`; those that `frame` lacks are null.

    Raises:
        ValueError: it has others.
    """
    import pyarrow as pa

    _refuse_unknown(name, frame.columns, columns)
    frame = frame.reindex(columns=list(columns)).astype("str")
    schema = pa.schema([(column, pa.string()) for column in columns])
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)


def _refuse_unknown(name: str, given: Iterable[str], columns: Sequence[str]) -> None:
    if unknown := set(given) - set(columns):
        raise ValueError(f"table {name}: columns {sorted(unknown)} were not in the first batch")


def _bring(connection: duckdb.DuckDBPyConnection, name: str, parts: Iterator[pa.Table]) -> None:
    """Make a table, which DuckDB may spill, of Arrow tables of the same columns."""
    verb = f"CREATE TEMP TABLE {quoted(name)} AS"
    for part in parts:
        connection.register("_part", part)
        connection.execute(f"{verb} SELECT * FROM _part")
        connection.unregister("_part")
        verb = f"INSERT INTO {quoted(name)}"


def _note(
    to_issues: TableWriter, to_aside: TableWriter, issues: list[tuple[str | None, ...]] | pa.Table,
    aside: Sequence[tuple[str | None, ...] | pa.Table],
) -> None:  # fmt: skip
    if len(issues):
        to_issues.write_arrow(issue_table(issues))
    for row, some in groupby(aside, lambda one: isinstance(one, tuple)):
        if row:
            to_aside.write(text_frame(list(some), ASIDE_COLUMNS))
        else:
            for table in some:
                to_aside.write_arrow(table)
