"""Where the rows of a stage are worked on: on this machine, or on a cluster (`runner/spark.py`). The result is the same, row for row."""

from __future__ import annotations

import gc
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Protocol

from crmmigrate.model.issue import issue_table
from crmmigrate.model.processes import be_quiet, begun, deaf, end, processors
from crmmigrate.model.table import Tables, first_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.messages import Message
    from crmmigrate.model.engine import EngineSpec
    from crmmigrate.model.stage import Batch, Cluster
    from crmmigrate.model.table import Table

    RowFunction = Callable[[pd.DataFrame], Batch]

PARALLEL_ROWS = 150_000
"""Below this many rows starting processes costs more than it saves."""


class Question(NamedTuple):
    """What is counted: the names of the tables that a query sees, and the query.

    It is in the SQL that DuckDB and Spark have in common, identifiers in double quotes.
    """

    sees: tuple[str, ...]
    query: str


class Told(Protocol):
    """Is told what a row-wise function says of its rows, in the order of the batches."""

    def __call__(
        self, rows: int, issues: pa.Table, aside: list[tuple[str | None, ...]], columns: Mapping[str, Mapping[str, int]]
    ) -> None:
        """`rows` more were worked on; `issues`, `aside` and `columns` as in `Batch`."""


class Engine(Protocol):
    """What the runner asks of the place where rows are worked on."""

    def check(self) -> None:
        """Look whether work can be done, before any is.

        Raises:
            ConfigurationError: something is not installed, or set wrongly.
            LocationError: the place does not answer.
        """

    def row_wise(self, function: RowFunction, source: Table, path: Path, told: Told) -> Table:
        """Write what `function` makes of each batch of `source`, in order, and tell what it says of the rows.

        Args:
            function: picklable and pure.
            source: cut into batches of `BATCH_ROWS` rows, whatever the engine: issues come in the order of batches.
            path: where the table goes; whole or not at all.
            told: is told of the batches.
        """

    def figures(self, tables: Mapping[str, Table], questions: Sequence[Question]) -> list[dict[str, int]]:
        """Return for each question the one row of whole numbers that it is answered with, by column.

        Args:
            tables: what the questions are about, by names of letters and digits.
            questions: asked together, because to open DuckDB takes longer than to count a small table.
        """

    @property
    def cluster(self) -> Cluster | None:
        """The machines that do parts of a stage's own work; None where there is only this one."""

    def close(self) -> None:
        """Give back what was taken for the work."""


def engine_of(spec: EngineSpec, tell: Callable[[Message | None], None] | None = None) -> Engine:
    """Return the engine that is asked for; it begins when there is work, and tells how far it has come where its machines work on their own."""
    if spec.kind == "local":
        return LocalEngine()
    from crmmigrate.runner.spark import SparkEngine

    return SparkEngine(spec, tell=tell)


class LocalEngine:
    """Works on rows on this machine, in several processes where there are many."""

    def check(self) -> None:
        """Nothing is needed."""

    def row_wise(self, function: RowFunction, source: Table, path: Path, told: Told) -> Table:
        """Write one Parquet file."""
        from crmmigrate.runner.tables import TableWriter

        writer = TableWriter(source.name, path)
        for batch in apply(function, source.batches(), source.rows):
            writer.write(batch.rows)
            told(len(batch.rows) + len(batch.aside), issue_table(batch.issues), batch.aside, batch.columns)
        return writer.close()

    def figures(self, tables: Mapping[str, Table], questions: Sequence[Question]) -> list[dict[str, int]]:
        """Ask DuckDB."""
        answers: list[dict[str, int]] = []
        if not questions:
            return answers
        connection = Tables(
            {name: tables[name] for question in questions for name in question.sees}, confined=False
        ).connection
        for question in questions:
            row = first_row(connection, question.query) or ()
            names = [name for name, *_ in connection.description or ()]
            answers.append({name: int(value) for name, value in zip(names, row, strict=True)})
        return answers

    @property
    def cluster(self) -> None:
        """There is only this machine."""
        return

    def close(self) -> None:
        """Nothing was taken."""


def apply(function: RowFunction, batches: Iterable[pd.DataFrame], rows: int) -> Iterator[Batch]:
    """Yield `function` of each batch, in order; in several processes where there are many rows."""
    workers = processors()
    if rows < PARALLEL_ROWS or workers == 1:
        yield from map(function, batches)
        return
    # The function goes to each process once, because lookups make it large.
    with begun(workers, _remember, function) as pool:
        waiting: deque[Future[Batch]] = deque()
        try:
            for batch in batches:
                with deaf():
                    waiting.append(pool.submit(_call, batch))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            end(pool)  # of a stage that is given up nothing more is reckoned
            raise


_remembered: list[RowFunction] = []


def _remember(function: RowFunction) -> None:
    be_quiet()
    _remembered[:] = [function]
    # What such functions keep is kept to the end (answers by value): looking through it for garbage again and again took
    # a quarter of the time. Between batches the young objects are looked through once.
    gc.disable()


def _call(batch: pd.DataFrame) -> Batch:
    gc.collect(1)
    return _remembered[0](batch)
