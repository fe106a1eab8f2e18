"""What a stage is: a function from tables to tables, declared once.

The runner gives it its input and writes what it answers; the command line builds its command from the declaration.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from crmmigrate.model.table import BATCH_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.messages import Message
    from crmmigrate.model.processes import Hands
    from crmmigrate.model.table import Table, Tables

    Progress = Callable[[int], None]
    """Told how many more rows are done."""


PROJECT = "migration.yaml"
"""The file that describes a project. A next step names it in the blank `{project}`; the command line puts its real path there."""

RUNS = "crmmigrate runs"
"""What lists the runs of a workspace; the command line names the workspace where a hint says it in the blank `{runs}`."""


@dataclass(frozen=True)
class Batch:
    """What a row-wise function answers to one batch of rows.

    Args:
        rows: the rows that go on, with `_record` and `_origin`; an Arrow table of text only in an iterator of batches.
        issues: rows of `ISSUE_COLUMNS`, or an Arrow table with these columns where there are very many (`issue_table` makes
            one of either).
        aside: rows of `ASIDE_COLUMNS`, one per row that does not go on.
        columns: column → figures about its cells, which the runner adds up over a `RowWise` table into the fact `columns`.
    """

    rows: pd.DataFrame | pa.Table
    issues: list[tuple[str | None, ...]] | pa.Table = field(default_factory=list)
    aside: list[tuple[str | None, ...]] = field(default_factory=list)
    columns: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class RowWise:
    """A table made batch by batch; the runner streams it, in several processes where that pays.

    Args:
        source: the input table.
        function: picklable and pure: one batch in, one `Batch` out.
    """

    source: str
    function: Callable[[pd.DataFrame], Batch]


@dataclass(frozen=True)
class Query:
    """A table made by SQL over the input tables and the frames registered beside them.

    Args:
        sql: one SELECT.
        frames: extra relations by name, seen by the SQL; an iterator of Arrow tables, of which there is at least one, where it is a large one.
        memory: how much DuckDB may take for it before it spills (`256MB`); most of the machine's where not given.
    """

    sql: str
    frames: Mapping[str, Any] = field(default_factory=dict)
    memory: str = ""


@dataclass(frozen=True)
class Pieces:
    """A table made piece by piece out of what the stage holds, when it is written.

    Args:
        frames: begins to make them; at least one, each with the columns of the first or fewer; Arrow tables of text, some columns of
            which may be dictionary-encoded, where there are many rows.
    """

    frames: Callable[[], Iterator[pd.DataFrame] | Iterator[pa.Table]]


@dataclass(frozen=True)
class Report:
    """A file for people.

    Args:
        name: file name, e.g. `01_数据质量审计报告.html`.
        write: called with the path and the language.
        names_codes: whether it says what issue codes mean; all of them are then known.
        apart: whether another process may write it meanwhile: `write` is picklable then.
    """

    name: str
    write: Callable[[Path, str], None]
    names_codes: bool = True
    apart: bool = False


@dataclass
class StageResult:
    """What a stage answers.

    Args:
        tables: output tables by name: a DataFrame, an Arrow table, a `Table`, a `RowWise`, a `Query`, `Pieces`, or an iterator of `Batch`.
        issues: rows of `ISSUE_COLUMNS`, beside those of the row-wise tables.
        aside: rows of `ASIDE_COLUMNS`, or Arrow tables of them where there are very many, beside those of the row-wise tables.
        flows: input table → output tables its rows may go to; by default the output of the same name. Every row of
            an input table named here must arrive in an output or be set aside; the runner checks it.
        pieces: output tables whose records are pieces of input rows: `<record>/#<n>`.
        facts: figures for the manifest and for `--format json`.
        findings: what a person should know; not empty means exit code 1.
        notes: what a person may like to know; no finding.
        reports: files for people.
        next_step: the command a user would run next; the project is its blank `{project}` (`PROJECT`).
    """

    tables: dict[str, Any] = field(default_factory=dict)
    issues: list[tuple[str | None, ...]] = field(default_factory=list)
    aside: list[tuple[str | None, ...] | pa.Table] = field(default_factory=list)
    flows: dict[str, tuple[str, ...]] | None = None
    pieces: frozenset[str] = frozenset()
    facts: dict[str, Any] = field(default_factory=dict)
    findings: list[Message] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    next_step: Message | None = None


T = TypeVar("T")


class Cluster(Protocol):
    """Machines that do parts of a stage's work; they see the workspace at the same path."""

    @property
    def width(self) -> int:
        """How many parts are worked on at a time."""

    @property
    def many(self) -> int:
        """From how many rows on looking through them is work for it; fewer are looked through here before it has begun."""

    def answers(self, function: Callable[[int], T], count: int) -> list[T]:
        """Return `function` of each number below `count`, in order.

        A part that fails is tried again, and a slow one may be worked on twice at a time; one answer of each is taken.

        Args:
            function: picklable; must not mind being called again. It answers with what JSON holds (a tuple comes as a list), and all answers have to fit into
                memory here.
            count: of parts.

        Raises:
            CrmMigrateError: the first that a part raised; a `LocationError` only after all its tries.
        """

    def sql(self, tables: Mapping[str, Table], query: str, frames: Mapping[str, pa.Table]) -> pa.Table:
        """Return what a query answers with.

        Args:
            tables: what the query sees; beside its columns each has `_n`, by which its rows can be ordered as they lie.
            query: in the SQL that DuckDB and Spark have in common, identifiers in double quotes.
            frames: further relations.
        """

    def evidence(self, frame: pd.DataFrame, rules: Any, beside: Path) -> AbstractContextManager[Any]:
        """Lay records down for a while, and give what `matching.engine.match` asks of them.

        Args:
            frame: the records in the order of their `_record`.
            rules: of the object (`DedupeRules`).
            beside: `Job.folder`, in which what is laid down gets a folder of its own.
        """


@dataclass(frozen=True)
class _OfBatch:
    """A function of a table's batches, as one of their numbers."""

    function: Callable[[pd.DataFrame], Any]
    table: Table

    def __call__(self, number: int) -> Any:
        return self.function(self.table.batch(number))


@dataclass(frozen=True)
class Job:
    """What a stage is given.

    Args:
        tables: its input.
        options: an instance of the declaration's options class.
        run: the id of this run.
        progress: to be told of rows done.
        target: an open target, for the stages that declare one.
        cluster: where there is one.
        hands: other processes of this machine, where the rows are many enough to ask them.
        folder: of this run's tables; what lies there with `.part` at the end of its name is removed where the run does not come to its end.
    """

    tables: Tables
    options: Any
    run: str
    progress: Progress
    target: Any = None
    cluster: Cluster | None = None
    folder: Path | None = None
    hands: Hands | None = None

    def each(self, function: Callable[[pd.DataFrame], T], table: Table) -> Iterator[T]:
        """Yield `function`, which is picklable and pure, of each batch of a table, in order."""
        cluster = self.cluster_for(table.rows)
        if cluster is None:
            yield from map(function, table.batches())
        else:
            yield from cluster.answers(_OfBatch(function, table), max(1, -(-table.rows // BATCH_ROWS)))

    def cluster_for(self, rows: int) -> Cluster | None:
        """Return the cluster where there is one and the rows are many enough for it."""
        return self.cluster if self.cluster is not None and rows >= self.cluster.many else None


@dataclass(frozen=True)
class Stage:
    """The declaration of a stage. Its name is its function's name."""

    name: str
    title: Message
    options: type
    function: Callable[[Job], StageResult]
    writes: tuple[str, ...]
    needs_target: bool
    confined: bool = False


F = TypeVar("F", bound="Callable[[Job], StageResult]")


def stage(
    *, title: Message, options: type, writes: tuple[str, ...] = (), needs_target: bool = False, confined: bool = False
) -> Callable[[F], Stage]:
    """Declare a function as a stage.

    Args:
        title: one line for `--help` and the docs.
        options: a dataclass whose fields are made with `option`; its `from_project(project)` builds it from
            a migration.yaml.
        writes: besides its main table, what it can write to a file of its own (`issues`, `rejects`, `crosswalk`, …).
        needs_target: whether the runner opens the target for it.
        confined: whether it runs SQL that others wrote over its tables (`Tables`).
    """

    def declare(function: F) -> Stage:
        return Stage(function.__name__, title, options, function, writes, needs_target, confined)

    return declare


def option(
    flag: str,
    help: Message,
    *,
    default: Any = MISSING,
    read: Callable[[Path], Any] | None = None,
    choices: tuple[str, ...] = (),
    multiple: bool = False,
    required: bool = False,
) -> Any:
    """Declare a field of an options class and its command-line flag at once.

    Args:
        flag: e.g. `--standard`.
        help: one line.
        default: without it, None (or an empty tuple where `multiple`).
        read: turns the path given on the command line into the field's value.
        choices: the words allowed.
        multiple: may be given several times; the field is a tuple.
        required: the command refuses to start without it.
    """
    if default is MISSING:
        default = () if multiple else None
    meta = {"flag": flag, "help": help, "read": read, "choices": choices, "multiple": multiple, "required": required}
    return field(default=default, metadata=meta)
