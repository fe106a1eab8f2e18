"""Run one stage: give it its tables, write what it answers, check the accounting, keep the manifest."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from crmmigrate.errors import INTERRUPTED, CrmMigrateError, LimitReached
from crmmigrate.messages import Message, spoken
from crmmigrate.model.issue import RECORD
from crmmigrate.model.processes import Hands, Task
from crmmigrate.model.rule import RuleTitle, Title
from crmmigrate.model.stage import Job, StageResult
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.runner.accounting import account
from crmmigrate.runner.engine import Engine, LocalEngine
from crmmigrate.runner.tables import Materialiser
from crmmigrate.stages import declare_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.stage import Report, Stage
    from crmmigrate.runner.workspace import Run, Workspace

FINDINGS = 1
_HELPED, _TOO_LARGE = 20_000, 3_000_000
"""Rows from which on, and up to which, other processes help: below, their beginning costs more than it saves; above, what they
answer would stand twice in memory for a while."""

_MEMORY = "256MB"
"""For DuckDB when it counts issues: few codes, however many rows."""


class Watcher(Protocol):
    """Shows the progress of work to whoever started it."""

    def begin(self, title: Message, total: int | None) -> Callable[[int], None]:
        """Work of `total` rows begins; the answer is to be told how many more are done."""

    def end(self) -> None:
        """The work begun last is over."""


@dataclass(frozen=True)
class Outcome:
    """What became of one run of one stage.

    Args:
        run: its folder and manifest.
        tables: what it wrote.
        issues: what it noted about cells and rows.
        aside: the rows that left the road here.
        result: as the stage answered.
    """

    run: Run
    tables: dict[str, Table]
    issues: Table
    aside: Table
    result: StageResult


@dataclass(frozen=True)
class Context:
    """What all the runs of one command share.

    Args:
        workspace: where runs are kept.
        watcher: is shown progress.
        parent: the run whose tables are given, or empty.
        accounted: the tables whose rows must add up; None for every input table.
        engine: where rows are worked on.
    """

    workspace: Workspace
    watcher: Watcher
    parent: str = ""
    accounted: tuple[str, ...] | None = None
    engine: Engine = field(default_factory=LocalEngine)


def execute(
    stage: Stage,
    tables: Mapping[str, Table],
    options: Any,
    context: Context,
    *,
    target: Any = None,
    key: str = "",
    run: str = "",
) -> Outcome:
    """Run `stage` once.

    Args:
        stage: its declaration.
        tables: its input.
        options: an instance of its options class.
        context: the command it belongs to.
        target: an open target where it needs one.
        key: digest of input and options, by which a later command sees that it need not run again.
        run: the id of a run to go on with.

    Raises:
        CrmMigrateError: the stage could not finish; the manifest says so.
    """
    inputs = {name: {"rows": table.rows, "sha256": table.digest} for name, table in tables.items()}
    started = context.workspace.begin(stage.name, parent=context.parent, run=run)
    manifest = started.manifest
    manifest.options, manifest.inputs = key, inputs
    total = sum(table.rows for table in tables.values())
    progress = context.watcher.begin(stage.title, total)
    hands = Hands() if _HELPED <= total <= _TOO_LARGE and context.engine.cluster is None else None
    try:
        cluster, folder = context.engine.cluster, started.tables_folder
        given = Tables(tables, confined=stage.confined)
        job = Job(given, options, manifest.run, progress, target, cluster, folder, hands)
        outcome = _finish(stage.function(job), job, started, context)
    except BaseException as error:
        code = error.exit_code if isinstance(error, CrmMigrateError) else 70
        stopped = isinstance(error, KeyboardInterrupt)
        if hands is not None:
            hands.end()
        started.drop_unfinished()
        with suppress(
            CrmMigrateError
        ):  # on a full disk the reason is the first error, not that this one can't be noted
            started.end(
                "stopped" if stopped or code == LimitReached.exit_code else "failed", INTERRUPTED if stopped else code
            )
        raise
    finally:
        context.watcher.end()
    if hands is not None:
        hands.end()  # they have answered everything; left to end by themselves, they would be waited for at the end of the command
    started.end("done", FINDINGS if outcome.result.findings else 0)
    return outcome


def _finish(result: StageResult, job: Job, run: Run, context: Context) -> Outcome:
    if any(report.names_codes for report in result.reports):
        declare_codes()
    reports = [_report(report, run, job.hands) for report in result.reports]
    materialiser = Materialiser(job.tables, run.table_path, job.progress, context.engine)
    # What is written is let go: a stage may have kept much of it in memory.
    made = {name: materialiser.write(name, result.tables.pop(name)) for name in list(result.tables)}
    written = {name: table for name, table in made.items() if table is not None}
    materialiser.note(result.issues, result.aside)
    issues, aside = materialiser.issues.close(), materialiser.aside.close()
    flows = result.flows
    if flows is None:
        names: Iterable[str] = job.tables if context.accounted is None else context.accounted
        flows = {name: (name,) if name in written else () for name in names if name in job.tables}
    flows = {name: targets for name, targets in flows.items() if RECORD in job.tables[name].columns}
    manifest = run.manifest
    manifest.accounting = account(dict(job.tables.items()), written, aside, flows, context.engine, result.pieces)
    manifest.outputs = {
        name: {
            "rows": table.rows,
            "sha256": table.digest,
            "path": table.path.relative_to(run.folder).as_posix(),
            "filled": table.filled,
        }
        for name, table in written.items()
    }
    manifest.noted = _noted(issues)
    by_code: Counter[str] = Counter()
    for one in manifest.noted:
        by_code[one["code"]] += one["n"]
    manifest.issues = dict(sorted(by_code.items(), key=lambda item: (-item[1], item[0])))
    if materialiser.columns:
        result.facts["columns"] = {
            name: {column: dict(figures) for column, figures in columns.items()}
            for name, columns in materialiser.columns.items()
        }
    manifest.facts = result.facts
    result.findings += [
        Message("{table}: {count} rows are rejected", table=name, count=f"{count:,}")
        for name, count in materialiser.rejected.items()
    ]
    manifest.findings = [written_down(found) for found in result.findings]
    for name, writing in reports:
        try:
            writing.result()
        except OSError as error:
            raise run.workspace.not_writable(error) from error
        manifest.reports.append(name)
    return Outcome(run, written, issues, aside, result)


def _report(report: Report, run: Run, hands: Hands | None) -> tuple[str, Task]:
    """Return the name of a report and its writing, which may have begun."""
    given = (run.report_path(report.name), spoken())
    return report.name, hands.ask(report.write, *given) if hands and report.apart else Task(report.write, given, None)


def _noted(issues: Table) -> list[dict[str, Any]]:
    """Return how many issues of each kind were noted in each column, the most frequent first."""
    if not issues.rows:
        return []
    names = ("table", "column", "code", "severity", "class")
    kinds = ", ".join(map(quoted, names))
    found = Tables({"issues": issues}, _MEMORY, confined=False).sql(
        f"SELECT {kinds}, count(*) AS n FROM issues GROUP BY ALL ORDER BY n DESC, {kinds}"
    )
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def written_down(found: Message) -> dict[str, Any]:
    """Return a sentence as it is kept in a manifest: not yet in any language, nor are those inside it."""
    blanks = {
        name: written_down(value) if isinstance(value, Message) else str(value) for name, value in found.params.items()
    }
    own = {"zh": found.title.zh} if isinstance(found, RuleTitle) else {}
    return {"template": found.template, "blanks": blanks} | own


def read_again(kept: dict[str, Any]) -> Message:
    """Return a sentence that was written down."""
    if "zh" in kept:
        return RuleTitle(Title(kept["zh"], kept["template"]))
    blanks = {name: read_again(value) if isinstance(value, dict) else value for name, value in kept["blanks"].items()}
    return Message.again(kept["template"], blanks)


def told_again(manifest: Manifest) -> list[Message]:
    """Return the findings of an earlier run."""
    return [read_again(found) for found in manifest.findings]


def reopen(workspace: Workspace, run: str) -> dict[str, Table]:
    """Return the tables that a completed run wrote, `issues` and `aside` not among them."""
    manifest = workspace.find(run)
    folder = workspace.runs_folder / manifest.run
    return {name: Table(name, folder / output["path"]) for name, output in manifest.outputs.items()}
