"""The engine for clusters: row-wise functions and sums over records as Spark's tasks.

A task is one batch of rows, the same as on one machine, so that rows and issues come in the same order. It reads its batch from
the workspace, which lies on storage that all machines share, and its answer goes out through Spark's own committer alone: a task that is
tried again, or runs twice, arrives once. Nothing is shuffled for rows; the parts of a table are numbered like their batches.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sys
import uuid
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crmmigrate.errors import ConfigurationError, CrmMigrateError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_COLUMNS, ISSUE_COLUMNS, issue_table
from crmmigrate.model.table import BATCH_ROWS, Table
from crmmigrate.runner import spark_parts
from crmmigrate.runner.engine import LocalEngine
from crmmigrate.runner.spark_dedupe import SparkEvidence
from crmmigrate.runner.spark_progress import watched
from crmmigrate.runner.tables import text_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.engine import EngineSpec
    from crmmigrate.runner.engine import Question, RowFunction, Told
    from crmmigrate.runner.spark_progress import Tell

T = TypeVar("T")
_SMALL = 1_000_000
"""Below this many rows DuckDB on the driver has counted them before the tasks have begun."""

_MASTER = re.compile(r"local(\[.+\])?|yarn|k8s://.+|spark://.+:\d+(,.+:\d+)*")
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",  # its traces show what stands in cells
    "spark.sql.caseSensitive": "true",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.autoBroadcastJoinThreshold": "-1",  # of what tasks have made it does not know how large it is
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}


def _check_reachable(master: str) -> None:
    """Knock at a master of its own kind; Spark itself would try for a minute, and say little then."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
            return
    raise LocationError(
        "engine.unreachable", Message("no Spark master answers here"), master,
        Message("is it up, and is its port reached from here? Leave --engine out to work on this machine alone"),
    )  # fmt: skip


@contextmanager
def _surroundings() -> Iterator[None]:
    """Let Java and the tasks begin with this Python, with names of files in UTF-8 whatever the terminal is set to, and silently."""
    before = os.environ.get("LC_ALL")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if sys.platform != "win32" and sys.getfilesystemencoding() == "utf-8":
        os.environ["LC_ALL"] = "C.UTF-8"
    told = os.dup(2)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(told, 2)
        os.close(told)
        os.environ.pop("LC_ALL", None)
        if before is not None:
            os.environ["LC_ALL"] = before


@dataclass
class SparkEngine:
    """Works on rows in a cluster, whose machines all see the workspace at the same path and have this program installed.

    Args:
        spec: as migration.yaml and the command line say.
        small: below this many rows sums are left to DuckDB on this machine.
        batch_rows: of a task; as on one machine, so that issues come in the same order.
        tell: is told how far the cluster has come with what is waited for.
    """

    spec: EngineSpec
    small: int = _SMALL
    batch_rows: int = BATCH_ROWS
    tell: Tell | None = None

    def check(self) -> None:
        """Look whether Spark and Java are installed and the master answers.

        Raises:
            ConfigurationError: something is not installed, or no master is called so.
            LocationError: the master does not answer.
        """
        if not _MASTER.fullmatch(self.spec.master):
            raise ConfigurationError(
                "engine.master", Message("this names no master of a Spark cluster"), self.spec.master,
                Message("for example: {names}", names="spark://HOST:7077, yarn, local[2]"),
            )  # fmt: skip
        if find_spec("pyspark") is None:
            raise ConfigurationError(
                "engine.no-spark", Message("the engine 'spark' is not installed"), "",
                Message("install it: {command}", command="pip install 'crmmigrate[spark]'"),
            )  # fmt: skip
        if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
            raise ConfigurationError(
                "engine.no-java", Message("the engine 'spark' needs Java 17 or newer, which is not here"), "",
                Message("install Java, or set JAVA_HOME"),
            )  # fmt: skip
        _check_reachable(self.spec.master)

    @cached_property
    def session(self) -> Any:
        """Spark's session, begun when it is wanted first.

        Raises:
            LocationError: it does not begin.
        """
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.appName("crmmigrate").master(self.spec.master)
        if self.spec.master.startswith("local"):
            builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
        for name, value in {**_SETTINGS, **self.spec.settings}.items():
            builder = builder.config(name, value)
        try:
            with _surroundings():
                return builder.getOrCreate()
        except (PySparkException, OSError, RuntimeError) as error:
            raise LocationError(
                "engine.unreachable", Message("Spark does not start: {why}", why=_first_line(error)), self.spec.master,
                Message("is the cluster up, and are the settings under 'engine' in migration.yaml right?"),
            ) from error  # fmt: skip

    def row_wise(self, function: RowFunction, source: Table, path: Path, told: Told) -> Table:
        """Write a folder of Parquet files, one for each batch that leaves rows."""
        from pyspark import StorageLevel

        work = path.with_name(f"{uuid.uuid4().hex}.part")  # Java may not be able to write the table's own name
        columns = tuple(function(source.empty()).rows.columns)
        batches = max(1, -(-source.rows // self.batch_rows))
        shared = self.session.sparkContext.broadcast(function)
        answers = self.session.range(0, batches, 1, batches).mapInArrow(
            _Task(source, self.batch_rows, shared, columns), _schema(columns)
        )
        answers = answers.persist(StorageLevel.DISK_ONLY)  # so that the function runs once for both
        try:
            with self._work():
                answers.where("row IS NULL").drop("row").write.parquet(str(work / "said"))
                answers.where("row IS NOT NULL").select("row.*").write.parquet(str(work / "rows"))
            _tell(_written(work / "said"), batches, told)
            _written(work / "rows").replace(path)
            shutil.rmtree(work)
        finally:
            answers.unpersist()
            shared.unpersist()
        return Table(source.name, path)

    def figures(self, tables: Mapping[str, Table], questions: Sequence[Question]) -> list[dict[str, int]]:
        """Ask Spark, or DuckDB where there are few rows."""
        large = [sum(tables[name].rows for name in question.sees) >= self.small for question in questions]
        few = [question for question, many in zip(questions, large, strict=True) if not many]
        local = iter(LocalEngine().figures(tables, few))
        return [
            self._asked(tables, question) if many else next(local)
            for question, many in zip(questions, large, strict=True)
        ]

    def _asked(self, tables: Mapping[str, Table], question: Question) -> dict[str, int]:
        with self._work():
            for name in question.sees:
                self._rows(tables[name]).createOrReplaceTempView(name)
            [row] = self.session.sql(question.query).collect()
        return {name: int(value) for name, value in row.asDict().items()}

    def _rows(self, table: Table) -> Any:
        """Return the rows of a table, in no order."""
        # Some signs make a path a pattern to Spark.
        if not (set(str(table.path)) & set("*?[]{}") or spark_parts.is_passed_over(table)):
            return self.session.read.parquet(*map(str, table.parts))
        return spark_parts.rows_read(self.session, table)

    @property
    def cluster(self) -> SparkEngine:
        """Itself: its machines do parts of a stage's own work too."""
        return self

    @property
    def width(self) -> int:
        """How many tasks are worked on at a time."""
        return max(2, int(self.session.sparkContext.defaultParallelism))

    @property
    def many(self) -> int:
        """From how many rows on Spark is asked."""
        return self.small

    def answers(self, function: Callable[[int], T], count: int) -> list[T]:
        """Return `function` of each number below `count`, in order; one task each."""
        settings = self.session.sparkContext.getConf()
        tried = re.fullmatch(r"local(?:\[[^,\]]+(?:,(\d+))?\])?", self.spec.master)
        tries = int((tried[1] or 1) if tried else settings.get("spark.task.maxFailures", "4"))
        with self._work():
            return spark_parts.answers(self.session, function, count, tries)

    def sql(self, tables: Mapping[str, Table], query: str, frames: Mapping[str, pa.Table]) -> pa.Table:
        """Ask Spark."""
        with self._work():
            return spark_parts.sql(self.session, tables, query, frames)

    @contextmanager
    def evidence(self, frame: pd.DataFrame, rules: DedupeRules, beside: Path) -> Iterator[SparkEvidence]:
        """Lay records down on the cluster for a while."""
        folder = beside / f"{uuid.uuid4().hex}.part"
        with self._work(), ExitStack() as left:
            left.callback(shutil.rmtree, folder, ignore_errors=True)
            made = SparkEvidence(self.session, frame, rules, folder, self.batch_rows)
            left.callback(made.forget)
            yield made

    @contextmanager
    def _work(self) -> Iterator[None]:
        """Let the cluster work: what fails is told plainly, and how far it has come to whoever wants to know."""
        with _told_plainly(), watched(self.session, self.tell) if self.tell else nullcontext():
            yield

    def close(self) -> None:
        """Leave the cluster."""
        if session := self.__dict__.pop("session", None):
            session.stop()


@dataclass(frozen=True)
class _Task:
    """What a task does: numbers of batches in; rows, issues, rows set aside and what else is said of a batch out."""

    source: Table
    batch_rows: int
    function: Any
    columns: tuple[str, ...]

    def __call__(self, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in numbers:
            for number in batch.column(0).to_pylist():
                yield from self._answer(number)

    def _answer(self, number: int) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            made = self.function.value(self.source.batch(number, self.batch_rows))
        except CrmMigrateError as error:  # what is wrong is wrong at every try; it is raised where people are
            yield from self._told(said=json.dumps({"errors": spark_parts.written_errors(error)}))
            return
        rows = made.rows if isinstance(made.rows, pa.Table) else text_rows(self.source.name, made.rows, self.columns)
        yield from self._told(row=rows)
        yield from self._told(issue=issue_table(made.issues))
        yield from self._told(aside=_table(made.aside, ASIDE_COLUMNS))
        said = {"batch": number, "rows": len(made.rows) + len(made.aside), "columns": made.columns}
        yield from self._told(said=json.dumps(said, ensure_ascii=False, default=dict))

    def _told(self, said: str | None = None, **tables: pa.Table) -> Iterator[pa.RecordBatch]:
        """Yield records in which all is missing but what is given: `said`, or one table whose rows they are."""
        import pyarrow as pa

        kinds = {
            name: pa.schema([(column, pa.string()) for column in columns])
            for name, columns in _kinds(self.columns).items()
        }
        [(kind, rows)] = tables.items() or [("said", None)]
        cast = rows.replace_schema_metadata(None).cast(kinds[kind]).combine_chunks() if rows is not None else None
        for piece in [None] if cast is None else cast.to_batches(max_chunksize=spark_parts.PIECE):
            count = 1 if piece is None else piece.num_rows
            made = {
                name: piece.to_struct_array()
                if piece is not None and name == kind
                else pa.nulls(count, pa.struct(schema))
                for name, schema in kinds.items()
            }
            yield pa.RecordBatch.from_pydict(made | {"said": pa.array([said] * count, pa.string())})


def _kinds(columns: Sequence[str]) -> dict[str, Sequence[str]]:
    return {"row": columns, "issue": ISSUE_COLUMNS, "aside": ASIDE_COLUMNS}


def _schema(columns: Sequence[str]) -> Any:
    from pyspark.sql.types import StringType, StructField, StructType

    kinds = [
        StructField(kind, StructType([StructField(name, StringType()) for name in names]))
        for kind, names in _kinds(columns).items()
    ]
    return StructType([*kinds, StructField("said", StringType())])


def _table(rows: Sequence[tuple[str | None, ...]], columns: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    cells = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return pa.table({name: pa.array(values, pa.string()) for name, values in zip(columns, cells, strict=True)})


def _written(folder: Path) -> Path:
    """Leave in a folder that Spark has written nothing but its Parquet files, numbered in the order of the tasks."""
    parts = sorted(folder.glob("part-*.parquet"))
    for path in set(folder.iterdir()) - set(parts):
        path.unlink()
    for number, path in enumerate(parts):
        path.rename(folder / f"part-{number:05}.parquet")
    return folder


def _tell(folder: Path, batches: int, told: Told) -> None:
    """Tell what was said of each batch, in their order.

    Raises:
        CrmMigrateError: what a task could not go on with.
        AccountingError: a batch was answered twice, or not at all.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    answered: list[int] = []
    for part in sorted(folder.iterdir()):
        with pq.ParquetFile(part, pre_buffer=False) as file:
            for records in file.iter_batches():
                table = pa.Table.from_batches([records])
                issues, aside = (
                    pa.Table.from_batches([pa.RecordBatch.from_struct_array(chunk) for chunk in kept.chunks if len(chunk)], pa.schema(kept.type))
                    for kept in (table[name].filter(pc.is_valid(table[name])) for name in ("issue", "aside"))
                )  # fmt: skip
                rows, columns = 0, []
                for said in map(json.loads, table["said"].drop_null().to_pylist()):
                    if "errors" in said:
                        raise spark_parts.read_error(said["errors"])
                    answered.append(said["batch"])
                    rows += said["rows"]
                    columns.append(said["columns"])
                told(rows, issues, [tuple(row.values()) for row in aside.to_pylist()], {})
                for figures in columns:
                    told(0, issue_table([]), [], figures)
    if answered != list(range(batches)):
        raise spark_parts.unanswered(batches, len(answered), folder.name)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Say in one sentence that a job failed: what Spark says shows the values of cells.

    Raises:
        LocationError: it did.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        found = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Exception))\b", str(error), re.MULTILINE)
        why = found[-1] if found else type(error).__name__
        raise LocationError(
            "engine.failed", Message("the work on the cluster failed: {why}", why=why), "spark",
            Message("the executors' logs say more; with --engine local the same step runs on this machine"),
        ) from error  # fmt: skip


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
