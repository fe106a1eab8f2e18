"""What a child process of the conformance kit does: load a system, or roll a load back, by the stages that the program itself runs."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target
from crmmigrate.targets.probing import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.model.load_plan import LoadPlan
    from crmmigrate.model.stage import StageResult


@dataclass(frozen=True)
class Work:
    """What to do in a system, by whatever process.

    Args:
        mappings: object → mapping file in one line.
        location: of the target.
        folder: of the rows, and of the journal.
        secrets: what the environment has to hold.
        batch_rows: rows of one transaction.
    """

    mappings: dict[str, str]
    location: str
    folder: Path
    secrets: dict[str, str]
    batch_rows: int = 1000

    def __post_init__(self) -> None:
        os.environ.update(self.secrets)

    def write(self, rows: Mapping[str, Sequence[dict[str, str | None]]]) -> None:
        """Write the rows to be loaded."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        for name, records in rows.items():
            columns = ["_record", "_origin", *(key for key in records[0] if key != "_record")]
            filled = [{"_origin": row["_record"], **row} for row in records]
            data = {column: pa.array([row.get(column) for row in filled], pa.string()) for column in columns}
            pq.write_table(pa.table(data), self.folder / f"{name}.parquet")

    def options(self) -> Any:
        """Return the options of the load."""
        found = []
        for name, text in self.mappings.items():
            document = Document.parse(f"{{version: 1, object: {name}, {text}}}", name)
            found.append(build_mapping(document))
            document.check()
        return load_stage("load").options(tuple(found), self.batch_rows, 1.0)

    def plan(self) -> LoadPlan:
        """Return the plan of the load."""
        from crmmigrate.model.load_plan import load_plan

        made: LoadPlan = load_plan(self.options().mappings, self.batch_rows)
        return made

    def open(self) -> Any:
        """Open the target."""
        return open_target(self.location, journal=self.folder / "journal")

    def load(self, run: str = "load-1") -> StageResult:
        """Load, or go on where this run was stopped."""
        tables = Tables({name: Table(name, self.folder / f"{name}.parquet") for name in self.mappings})
        with self.open() as target:
            return load_stage("load").function(Job(tables, self.options(), run, _nothing, target))

    def load_and_die(self) -> None:
        """Load, and end as a killed process does when the first batch is in the journal and its intents are not forgotten yet."""
        from crmmigrate.targets.api import ApiTarget

        ApiTarget._finish = lambda self: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
        self.load()

    def roll_back(self, run: str = "load-1", name: str = "rollback-1", *, apply: bool = True) -> StageResult:
        """Roll a load back, or go on with it."""
        stage = load_stage("rollback")
        with self.open() as target:
            return stage.function(Job(Tables({}), stage.options(run=run, apply=apply), name, _nothing, target))

    def samples(self) -> list[Sample]:
        """Return the rows to be loaded as examples of what the system may be sent."""
        import pyarrow.parquet as pq

        found = []
        for step in self.plan().objects:
            rows = pq.read_table(self.folder / f"{step.object}.parquet", columns=list(step.columns)).to_pylist()[1:3]
            filled = tuple({name: value for name, value in row.items() if value is not None} for row in rows)
            found.append(Sample(step.object, step.table, filled, step.references, step.match_on))
        return found

    def probe(self) -> list[str]:
        """Try what the system demands, and return the codes of what could not be tried."""
        with self.open() as target:
            return [fault.code for fault in target.probe(self.samples())]

    def in_child(self, what: str, *arguments: str) -> Any:
        """Start a child process that does `load` or `roll_back`."""
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(
            ["pandas", "pyarrow.parquet", "sqlalchemy", "httpx", "crmmigrate.targets.api", "crmmigrate.stages.load"]
        )
        process = context.Process(target=_child, args=(self, what, arguments))
        process.start()
        return process


def _child(work: Work, what: str, arguments: tuple[str, ...]) -> None:
    os.environ.update(work.secrets)  # the server that forks was started before they were known
    try:
        getattr(work, what)(*arguments)
    except CrmMigrateError as error:
        raise SystemExit(error.exit_code) from None


def kill(process: Any) -> None:
    """Kill a child process, as the power is cut; it may be dead already."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def _nothing(rows: int) -> None:
    del rows
