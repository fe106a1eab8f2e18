"""Parts of a stage's own work as Spark's tasks, and its questions about whole tables as Spark's SQL.

An answer goes out as a row of its task, so that of a task that is tried again or runs twice one answer is taken.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import (
    AccountingError,
    ConfigurationError,
    CrmMigrateError,
    Findings,
    LimitReached,
    LocationError,
)
from crmmigrate.messages import Message
from crmmigrate.runner.execute import read_again, written_down

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from crmmigrate.model.table import Table


PIECE = 10_000
"""Rows that go from a task's Python to its Java at once."""

_PATTERN = re.compile(r"[*?\[\]{}\\]")
"""Signs that make a path a pattern to Spark."""


def answers(session: Any, function: Callable[[int], Any], count: int, tries: int) -> list[Any]:
    """Return `function` of each number below `count`, in order; one task each.

    Args:
        session: Spark's.
        function: picklable; may be called several times for one number; answers with what JSON holds.
        count: of tasks.
        tries: how often Spark tries a task.

    Raises:
        CrmMigrateError: what the first of them could not go on with.
        AccountingError: one was answered twice, or not at all.
    """
    shared = session.sparkContext.broadcast(function)
    try:
        tasks = session.range(0, count, 1, count).mapInArrow(
            _Part(shared, tries), "number long, answer string, error string"
        )
        found = sorted(tasks.collect(), key=lambda row: int(row.number))
    finally:
        shared.unpersist()
    for row in found:
        if row.error is not None:
            raise read_error(json.loads(row.error))
    if [row.number for row in found] != list(range(count)):
        raise unanswered(count, len(found), "")
    return [json.loads(row.answer) for row in found]


@dataclass(frozen=True)
class _Part:
    """What a task does: numbers in, one answer or error for each out."""

    function: Any
    tries: int

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in numbers:
            for number in batch.column(0).to_pylist():
                answer, error = self._answer(number)
                yield pa.RecordBatch.from_pydict({
                    "number": pa.array([number], pa.int64()), "answer": pa.array([answer], pa.string()),
                    "error": pa.array([error], pa.string()),
                })  # fmt: skip

    def _answer(self, number: int) -> tuple[str | None, str | None]:
        try:
            return json.dumps(self.function.value(number), ensure_ascii=False), None
        except LocationError as error:  # may be gone at the next try, maybe on another machine
            if self._may_try_again():
                raise
            return None, json.dumps(written_errors(error))
        except CrmMigrateError as error:  # what is wrong is wrong at every try; it is raised where people are
            return None, json.dumps(written_errors(error))

    def _may_try_again(self) -> bool:
        from pyspark import TaskContext

        task = TaskContext.get()
        return task is not None and task.attemptNumber() + 1 < self.tries


def sql(session: Any, tables: Mapping[str, Table], query: str, frames: Mapping[str, pa.Table]) -> pa.Table:
    """Return what a query answers with; each table has `_n` beside its columns, by which its rows are in order."""
    for name, table in tables.items():
        if is_passed_over(table):
            rows = rows_read(session, table, numbered=True)
        else:
            places = [_PATTERN.sub(r"\\\g<0>", str(part)) for part in table.parts]
            numbered = ("*", "struct(_metadata.file_name, _metadata.row_index) AS _n")
            rows = session.read.parquet(*places).selectExpr(*numbered)
        rows.createOrReplaceTempView(_view(name))
    for name, frame in frames.items():
        session.createDataFrame(frame).createOrReplaceTempView(_view(name))
    return session.sql(query).toArrow()


def is_passed_over(table: Table) -> bool:
    """Whether Spark would read no rows of a table, because the name of its file or folder begins as those of hidden files do."""
    return table.path.name[0] in "_."


def rows_read(session: Any, table: Table, *, numbered: bool = False) -> Any:
    """Return the rows of a table whose files tasks open themselves, in no order; with `_n`, as `sql` gives it, where they are to be numbered."""
    from pyspark.sql.types import LongType, StringType, StructField, StructType

    parts = table.parts
    number = StructType([StructField("file_name", StringType()), StructField("row_index", LongType())])
    columns = [StructField(name, StringType()) for name in table.columns]
    schema = StructType([*columns, *([StructField("_n", number)] if numbered else [])])
    return session.range(0, len(parts), 1, len(parts)).mapInArrow(_Reading(parts, numbered), schema)


@dataclass(frozen=True)
class _Reading:
    """What a task does: numbers of files in, their rows out."""

    files: Sequence[Path]
    numbered: bool

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        for batch in numbers:
            for number in batch.column(0).to_pylist():
                with pq.ParquetFile(self.files[number], pre_buffer=False) as file:
                    first = 0
                    for rows in file.iter_batches(PIECE):
                        yield self._with_numbers(rows, self.files[number].name, first) if self.numbered else rows
                        first += rows.num_rows

    @staticmethod
    def _with_numbers(rows: pa.RecordBatch, file: str, first: int) -> pa.RecordBatch:
        import pyarrow as pa

        at = {
            "file_name": pa.array([file] * rows.num_rows, pa.string()),
            "row_index": pa.array(range(first, first + rows.num_rows), pa.int64()),
        }
        return rows.append_column("_n", pa.StructArray.from_arrays([*at.values()], [*at]))


def _view(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def written_errors(error: CrmMigrateError) -> list[dict[str, Any]]:
    """Return an error, or each of several, as JSON can hold it."""
    return [
        {
            "kind": type(one).__name__, "code": one.code, "message": written_down(one.message), "place": one.place,
            "hint": written_down(one.hint) if one.hint else None,
        }
        for one in (error.errors if isinstance(error, Findings) else [error])
    ]  # fmt: skip


def read_error(written: list[dict[str, Any]]) -> CrmMigrateError:
    """Return the error that was written down."""
    known = {kind.__name__: kind for kind in (AccountingError, ConfigurationError, LocationError, LimitReached)}
    found = [
        known.get(one["kind"], CrmMigrateError)(
            one["code"], read_again(one["message"]), one["place"], read_again(one["hint"]) if one["hint"] else None
        )
        for one in written
    ]
    several = [one for one in found if isinstance(one, ConfigurationError)]
    return Findings(several) if len(several) > 1 else found[0]


def unanswered(count: int, answered: int, place: str) -> AccountingError:
    """Return what is said where not every batch of rows was answered once."""
    return AccountingError(
        "accounting.batches", Message("of {count} batches of rows {answered} were answered", count=count, answered=answered), place,
        Message("this is a defect of crmmigrate; nothing was passed on. Please report it with the manifest of the run"),
    )  # fmt: skip
