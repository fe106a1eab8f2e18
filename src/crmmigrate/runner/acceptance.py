"""Make the workbooks of user acceptance: each key user gets customers of theirs, drawn at random, with all that belongs to them."""

from __future__ import annotations

import hashlib
import math
import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.acceptance_bound import sample_for
from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.acceptance import LINE_COLUMNS, STAGE_BUILD, STAGE_RESULT, Line
from crmmigrate.model.issue import text_frame
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.privacy import HANDED_OUT
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.system_words import os_reason
from crmmigrate.reports.acceptance_sheet import KEPT, write_acceptance
from crmmigrate.runner.acceptance_lines import Customers
from crmmigrate.runner.tables import TableWriter
from crmmigrate.runner.tasks import workbook_paths
from crmmigrate.runner.workspace import file_digest
from crmmigrate.stages import declare_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.project import Project
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.workspace import Run, Workspace

LINES = "lines"


@dataclass(frozen=True)
class Handout:
    """What was handed out.

    Args:
        run: that made it.
        books: user → workbook, customers in it, customers of theirs.
        needed: customers that would have to be without an error to prove the wanted rate.
        wanted: that rate.
        dropped: customers judged in an earlier handout, whose verdicts count no more; 0 where the same was handed out again.
        unowned: the object of which nothing says whose its records are, so that there is one workbook for everybody; else empty.
    """

    run: str
    books: dict[str, tuple[Path, int, int]]
    needed: int
    wanted: float
    dropped: int = 0
    unowned: str = ""

    @property
    def drawn(self) -> int:
        """Customers in all workbooks."""
        return sum(drawn for _, drawn, _ in self.books.values())


def build(pipeline: Pipeline, folder: Path, *, by: str = "", share: float = 0.2, prove: float | None = None) -> Handout:
    """Draw customers and write a workbook for everyone who answers for some.

    Args:
        pipeline: of the project; its newest load is what people look at.
        folder: where the workbooks go; copies stay in the folder of the run.
        by: the column of the customers that names the key user; by default the owner that the data standard names. Where the
            mapping looks the owner up, it is the owner in the new system.
        share: the part of everyone's customers that is drawn, at least one.
        prove: an error rate to be proven: more are drawn where the share does not suffice.

    Raises:
        ConfigurationError: nothing was loaded, the project names no schema, there is no such column, or a workbook in the
            folder holds verdicts that were not collected.
        LocationError: the target cannot be reached, or the folder not be written.
    """
    _check_share(share)
    pipeline.reopen_load()
    load = pipeline.steps[-1].manifest.run
    project = pipeline.project
    schema = _schema(project)
    declare_codes()
    asked = project.gates.acceptance_error_rate
    wanted = prove if prove is not None else asked if isinstance(asked, float) else 0.01
    with pipeline.open_target() as target:
        customers = Customers(
            pipeline.by_step, read_mappings([project.file(project.mappings)]), schema, project, target
        )
        population = customers.by_user(by)
        needed = sample_for(wanted)
        total = sum(map(len, population.values()))
        if not total:
            raise ConfigurationError(
                "uat.no-customers", Message("no customer of this load is in the target"), target.place,
                Message("run: crmmigrate run {project}", project=PROJECT),
            )  # fmt: skip
        share = max(share, min(1.0, needed / total)) if prove is not None else share
        drawn = {user: draw(records, share, load) for user, records in population.items() if records}
        lines = customers.lines(drawn)
    workspace = pipeline.context.workspace
    before = workspace.latest(STAGE_BUILD)
    run = workspace.begin(STAGE_BUILD, parent=load)
    try:
        key, books = _write(run, lines, population, folder, project, before)
        run.manifest.facts = {
            "key": key, "load": load, "share": share, "wanted": wanted, "by": by, "leader": customers.leader,
            "population": {user: len(records) for user, records in population.items()},
            "drawn": {user: len(records) for user, records in drawn.items()},
            HANDED_OUT: {user: str(path.resolve()) for user, (path, _, _) in books.items()},
        }  # fmt: skip
        run.end("done", 0)
    except BaseException:
        run.end("failed", 70)
        raise
    dropped = 0 if before is None or key == key_of(before) else _judged(workspace, before)
    unowned = "" if by or customers.owner else customers.leader
    return Handout(run.manifest.run, books, needed, wanted, dropped, unowned)


def _judged(workspace: Workspace, handout: Manifest) -> int:
    """Return how many customers were judged in the workbooks of a handout that came back."""
    result = workspace.latest(STAGE_RESULT)
    return int(result.facts["judged"]) if result and result.facts.get("key") == key_of(handout) else 0


def _check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise ConfigurationError(
            "uat.share", Message("'{value}' is no part of the customers", value=share), "--share",
            Message("give for example 0.2 for a fifth, 1 for all"),
        )  # fmt: skip


def _schema(project: Project) -> Any:
    if project.target is None or not project.target.schema:
        raise ConfigurationError(
            "uat.no-schema", Message("acceptance needs 'schema' under 'target': it says what columns and codes mean"),
            str(project.file("migration.yaml")), Message("make one: crmmigrate mapping schema URL -o schema.yaml"),
        )  # fmt: skip
    return read_target_schema(project.file(project.target.schema))


def draw(records: Iterable[str], share: float, seed: str) -> list[str]:
    """Return a random part of records, rounded up; which, only the seed decides."""
    order = sorted(records, key=lambda record: (hashlib.sha256(f"{seed}\x1f{record}".encode()).digest(), record))
    return order[: math.ceil(share * len(order) - 1e-9)]


def key_of(handout: Manifest) -> str:
    """Return what stands hidden in every row of a handout: the run that was the first to hand this out, and the digest of it."""
    return str(handout.facts.get("key") or _key(handout.run, handout.outputs[LINES]["sha256"]))


def _key(run: str, lines_digest: str) -> str:
    return f"{run}:{lines_digest[:16]}"


def _write(
    run: Run, lines: list[Line], population: Mapping[str, list[str]], folder: Path, project: Project, before: Manifest | None
) -> tuple[str, dict[str, tuple[Path, int, int]]]:  # fmt: skip
    """Write the workbooks; where they say the very same as those `before`, these stay good, and what came back of them counts."""
    numbered = [replace(line, line=number) for number, line in enumerate(lines, start=1)]
    writer = TableWriter(LINES, run.table_path(LINES), LINE_COLUMNS)
    writer.write(text_frame([line.row() for line in numbered], LINE_COLUMNS))
    table = writer.close()
    digest = table.digest
    run.manifest.outputs = {LINES: {"rows": table.rows, "sha256": digest, "path": f"tables/{table.path.name}"}}
    same = before is not None and before.outputs[LINES]["sha256"] == digest
    key = key_of(before) if before and same else _key(run.manifest.run, digest)
    per_user: dict[str, list[Line]] = defaultdict(list)
    for line in numbered:
        per_user[line.user].append(line)
    books: dict[str, tuple[Path, int, int]] = {}
    paths = workbook_paths(folder, sorted(per_user))
    for path in paths.values():
        _refuse_uncollected(path, project)
    for user, path in paths.items():
        own = per_user[user]
        count, every = len({line.leader for line in own}), len(population[user])
        figures = {"drawn": f"{count:,}", "population": f"{every:,}", "share": f"{count / every:.1%}"}
        kept = run.report_path(path.name)
        try:
            write_acceptance(kept, spoken(), user or Message("nobody named").text(), key, own, figures)
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept, path)
        except OSError as error:
            raise LocationError(
                "report.not-writable", Message("the file cannot be written: {why}", why=os_reason(error)), str(path),
                Message("is it open in Excel, or is there no room?"),
            ) from error  # fmt: skip
        run.manifest.reports.append(path.name)
        books[user] = (path, count, every)
    return key, books


def _refuse_uncollected(path: Path, project: Project) -> None:
    """Refuse to write over a workbook in which somebody wrote what was not collected yet.

    Raises:
        ConfigurationError: it is such a workbook.
    """
    if not path.exists():
        return
    from crmmigrate.reports.acceptance_sheet import has_verdicts

    collected = {file_digest(book) for book in project.kept_books(KEPT)}
    if file_digest(path) not in collected and has_verdicts(path):
        raise ConfigurationError(
            "uat.uncollected", Message("the workbook holds verdicts that were not collected yet"), str(path),
            Message("collect it with 'uat collect', or move it away"),
        )  # fmt: skip
