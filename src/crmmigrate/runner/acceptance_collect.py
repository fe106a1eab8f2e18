"""Take workbooks of user acceptance back: refuse stale and altered ones, drop verdicts on rows that changed, and conclude."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.acceptance import conclude
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message, spoken
from crmmigrate.model.acceptance import LINE_COLUMNS, STAGE_BUILD, STAGE_RESULT, Line
from crmmigrate.model.issue import text_frame
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.table import Table
from crmmigrate.reports.acceptance_report import DATA, WORKBOOK, Finding, write_acceptance_data, write_acceptance_report
from crmmigrate.reports.acceptance_sheet import KEPT, read_acceptance, read_signature
from crmmigrate.runner.acceptance import LINES, key_of
from crmmigrate.runner.acceptance_target import keys_of, row_digest, target_rows
from crmmigrate.runner.decisions import keep_copy
from crmmigrate.runner.signed_day import is_possible, signed_day
from crmmigrate.runner.tables import TableWriter

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.acceptance import Conclusion, Judged, Signature
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.project import Project
    from crmmigrate.model.target import Target
    from crmmigrate.runner.pipeline import Pipeline

_VERDICT_COLUMNS = (*LINE_COLUMNS, "verdict", "comment", "by", "on", "void")


@dataclass(frozen=True)
class Collected:
    """What came of collecting.

    Args:
        run: that holds the result.
        conclusion: over all workbooks collected so far.
        findings: verdicts other than right, and those that are void.
        reports: their paths.
    """

    run: str
    conclusion: Conclusion
    findings: list[Finding]
    reports: list[str]


def collect(pipeline: Pipeline, books: tuple[Path, ...], wanted: float | None = None) -> Collected:
    """Keep workbooks that came back beside the migration.yaml and conclude from all that are kept of the newest handout.

    Args:
        pipeline: of the project.
        books: that came back; none to conclude anew from those that are kept.
        wanted: the error rate to be proven; by default the one the workbooks were made for.

    Raises:
        ConfigurationError: no workbooks were made; `uat.stale`: another load was made since, or this one was rolled back.
        Findings: workbooks that cannot be taken over, all of them with their reasons; none is kept.
        LocationError: the target cannot be reached.
    """
    workspace = pipeline.context.workspace
    made = workspace.latest(STAGE_BUILD)
    if made is None:
        raise ConfigurationError(
            "uat.nothing-yet", Message("no workbooks for acceptance were made in this workspace"), str(workspace.folder),
            Message("run: crmmigrate uat build {project}", project=PROJECT),
        )  # fmt: skip
    table = Table(LINES, workspace.runs_folder / made.run / made.outputs[LINES]["path"])
    lines = {int(row[0]): _line(row) for row in table.frame().fillna("").itertuples(index=False, name=None)}
    key = key_of(made)
    with pipeline.open_target() as target:
        _refuse_stale(pipeline, made, target)
        _check(books, key, lines)
        for book in books:
            keep_copy(book, pipeline.project.file(KEPT))
        verdicts, returned = _kept(pipeline.project, key, lines, str(made.facts["load"]))
        changed = _changed(pipeline.project, target, lines.values())
    population = {user: int(count) for user, count in made.facts["population"].items()}
    rate = wanted if wanted is not None else float(made.facts["wanted"])
    found = conclude(lines.values(), verdicts, changed, population, returned, rate)
    return _write(pipeline, made, found, lines, verdicts, changed, returned)


def _line(row: tuple[Any, ...]) -> Line:
    return Line(int(row[0]), *map(str, row[1:]))


def _refuse_stale(pipeline: Pipeline, made: Manifest, target: Target) -> None:
    """Refuse verdicts on a load that is no longer what is in the target."""
    newest = pipeline.load_chain()[-1].run
    again = Message("hand out the newest workbooks: crmmigrate uat build {project}", project=PROJECT)
    if newest != made.facts["load"]:
        raise ConfigurationError(
            "uat.stale", Message("the workbooks show the load {old}; since then {new} was made", old=made.facts["load"], new=newest),
            target.place, again,
        )  # fmt: skip
    known = next((run for run in target.runs() if run.run == newest), None)
    if known is None or known.state.startswith("rolled_back"):
        raise ConfigurationError(
            "uat.stale",
            Message("the load {run} that the workbooks show was rolled back", run=newest),
            target.place,
            again,
        )


def _check(books: tuple[Path, ...], key: str, lines: dict[int, Line]) -> None:
    """Read all workbooks before any is kept.

    Raises:
        Findings: of all of them.
    """
    errors: list[ConfigurationError] = []
    first: dict[str, tuple[Path, dict[int, Judged]]] = {}
    for book in books:
        try:
            judged, user = read_acceptance(book, key, lines)
            read_signature(book)
        except Findings as found:
            errors += found.errors
            continue
        except ConfigurationError as error:
            errors.append(error)
            continue
        answers = {one.line: one for one in judged}
        other, before = first.setdefault(user, (book, answers))
        if count := sum(before[line].verdict != one.verdict for line, one in answers.items()):
            errors.append(_two_answers(book, other, count))
    if errors:
        raise Findings(errors)


def _two_answers(book: Path, other: Path, count: int) -> ConfigurationError:
    """Return that two copies of one workbook say different things: which of them holds, only people know."""
    return ConfigurationError(
        "uat.two-answers",
        Message("this is the same person's workbook as {other}, with another verdict in {count} rows", other=other.name, count=count),
        str(book), Message("have one workbook made of the two, and collect that one"),
    )  # fmt: skip


def _kept(
    project: Project, key: str, lines: dict[int, Line], load: str
) -> tuple[dict[int, Judged], dict[str, tuple[Signature, str]]]:
    """Return the verdicts and signatures of the newest workbook of each user that is of this handout."""
    verdicts: dict[int, Judged] = {}
    returned: dict[str, tuple[Signature, str]] = {}
    for book in sorted(project.kept_books(KEPT), key=_arrived):
        try:
            judged, user = read_acceptance(book, key, lines)
        except ConfigurationError as error:
            if error.code == "uat.stale":  # of an earlier handout: kept, and no longer counted
                continue
            raise
        verdicts.update((one.line, one) for one in judged)
        arrived = _arrived(book)
        returned[user] = (_dated(read_signature(book), load, arrived.date()), arrived.isoformat(timespec="seconds"))
    return {number: one for number, one in verdicts.items() if one.verdict}, returned


def _dated(signature: Signature, load: str, arrived: date) -> Signature:
    """Return a signature with its day in ISO form; where what was written is no day, or none between load and return, it does not stand."""
    day = signed_day(signature.on)
    if day and not is_possible(day, load, arrived):
        return replace(signature, on="", undated=signature.on, impossible=True)
    return replace(signature, on=day, undated="" if day else signature.on)


def _arrived(book: Path) -> datetime:
    """Return when a workbook was collected, by its name; when it was written, of one that was put there by hand."""
    try:
        return datetime.strptime(book.name.partition("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(book.stat().st_mtime, UTC)


def _changed(project: Project, target: Target, lines: Any) -> set[tuple[str, str]]:
    """Return (object, record) of the rows that are not as the workbooks show them."""
    if project.target is None:
        return set()
    schema = read_target_schema(project.file(project.target.schema))
    shown: dict[str, dict[str, str]] = {}
    for line in lines:
        if line.object and not line.column:
            shown.setdefault(line.object, {})[line.record] = line.digest
    changed: set[tuple[str, str]] = set()
    for mapping in read_mappings([project.file(project.mappings)]):
        digests = shown.get(mapping.object, {})
        keys = {record: key for record, key in keys_of(target, mapping.object).items() if record in digests}
        rows = target_rows(target, mapping, schema, keys.values()) if digests else {}
        now = {record: row_digest(rows[key]) for record, key in keys.items() if key in rows}
        changed |= {(mapping.object, record) for record, digest in digests.items() if now.get(record, "") != digest}
    return changed


def _write(
    pipeline: Pipeline, made: Manifest, found: Conclusion, lines: dict[int, Line], verdicts: dict[int, Judged],
    changed: set[tuple[str, str]], returned: dict[str, tuple[Signature, str]],
) -> Collected:  # fmt: skip
    run = pipeline.context.workspace.begin(STAGE_RESULT, parent=made.run)
    rows: list[tuple[str | None, ...]] = []
    findings: list[Finding] = []
    for number, judged in sorted(verdicts.items()):
        line = lines[number]
        signature, stamp = returned[line.user]
        void = (line.object, line.record) in changed
        day = signature.on or stamp
        rows.append(
            (*line.row(), judged.verdict, judged.comment, signature.by or line.user, day, "true" if void else None)
        )
        if void or judged.verdict != "right" or judged.comment:
            findings.append(Finding(line, replace(judged), signature.by or line.user, day, void=void))
    writer = TableWriter("verdicts", run.table_path("verdicts"), _VERDICT_COLUMNS)
    writer.write(text_frame(rows, _VERDICT_COLUMNS))
    table = writer.close()
    run.manifest.outputs = {"verdicts": {"rows": table.rows, "sha256": table.digest, "path": "tables/verdicts.parquet"}}
    run.manifest.facts = {
        "load": made.facts["load"], "handout": made.run, "key": key_of(made), "population": found.population,
        "drawn": found.drawn, "judged": found.judged, **{state: found.count(state) for state in ("right", "wrong", "unsure", "open", "void")},
        "bound": found.bound, "wanted": found.wanted, "needed": found.needed, "signed_share": found.signed_share,
        "complete": found.complete,
        "signed": {user.user: {"by": user.signature.by, "on": user.signature.on or user.returned}
                   for user in found.users if user.signature and user.signature.stands},
        **{owed: [user.user for user in users] for owed, users in found.owing().items()},
    }  # fmt: skip
    for name, write in ((WORKBOOK, write_acceptance_report), (DATA, write_acceptance_data)):
        partial(write, run.report_path(name), spoken(), found, findings)()
        run.manifest.reports.append(name)
    wrong = found.count("wrong") or found.count("unsure") or found.owing()["refused"] or found.undated()
    run.end("done", 1 if wrong else 0)
    paths = [str(run.folder / "reports" / name) for name in run.manifest.reports]
    return Collected(run.manifest.run, found, findings, paths)
