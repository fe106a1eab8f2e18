"""Read what a CRM answered to its import files back into a crosswalk: what it took, under which key, and what it refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.document import nearest_header
from crmmigrate.model.issue import ORIGIN, RECORD, text_frame
from crmmigrate.model.location import Location
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.table import Table
from crmmigrate.reports.import_result import WORKBOOK, Answered, write_import_result
from crmmigrate.runner.import_template import STAGE_FILL, STAGE_RESULT, key_of, results_of
from crmmigrate.runner.tables import TableWriter
from crmmigrate.sources import read_location
from crmmigrate.sources._template import field_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.runner.pipeline import Pipeline

_COLUMNS = ("object", RECORD, ORIGIN, "file", "key", "target_key", "state", "reason")
STRANGER = "stranger"
"""State of an answer about a row that was not asked about."""


class Answer(NamedTuple):
    """What a CRM says of one row: whether it took it, its own key of it, and why it refused it."""

    key: str
    taken: bool
    target_key: str | None
    reason: str | None


class Asked(NamedTuple):
    """What a person adds where a result file does not say it by itself.

    Args:
        reason: the column that says why a row was refused.
        rows: what the rows of a file are that says nothing of it: `taken` or `refused`.
    """

    reason: str = ""
    rows: str = ""


def collect_results(
    pipeline: Pipeline, name: str, results: tuple[Path, ...], asked: Asked
) -> tuple[str, Answered, str]:
    """Read the CRM's result files and tell of every row that was to be imported what became of it.

    What earlier files said of the same fill stands where the new ones say nothing; a row once taken stays taken.

    Returns:
        The run that holds the crosswalk (`imported`), the figures, and the path of the report.

    Raises:
        ConfigurationError: nothing was filled for this object; a file has no column of keys, or none that tells what was taken.
        LocationError: a file cannot be read.
    """
    workspace = pipeline.context.workspace
    fills = [m for m in workspace.manifests() if m.stage == STAGE_FILL and m.facts.get("object") == name]
    if not fills:
        raise ConfigurationError(
            "template.nothing-yet", Message("no import file was filled for '{name}' in this workspace", name=name), str(workspace.folder),
            Message("run: crmmigrate template fill {project} --object {name} …", project=PROJECT, name=name),
        )  # fmt: skip
    made = fills[-1]
    earlier = [run for run in results_of(pipeline, name) if run.parent == made.run]
    before = _records(pipeline, earlier[-1], "imported") if earlier else []
    answers: dict[str, list[Answer]] = defaultdict(list)
    for path in results:
        for answer in _answers(path, made.facts, asked):
            answers[answer.key].append(answer)
    rows = _judged(_records(pipeline, made, "filed"), {row[RECORD]: row for row in before if row[RECORD]}, answers)
    strangers = dict.fromkeys([*(row["key"] for row in before if row["state"] == STRANGER), *answers])
    return _write(pipeline, made, rows, list(strangers))


def _records(pipeline: Pipeline, made: Manifest, name: str) -> list[dict[str, Any]]:
    table = Table(name, pipeline.context.workspace.runs_folder / made.run / "tables" / f"{name}.parquet").frame()
    found: Any = table.astype(object).where(table.notna(), None).to_dict("records")
    return list(found)


def _judged(
    filed: list[dict[str, Any]], before: dict[str, dict[str, Any]], answers: dict[str, list[Answer]]
) -> list[tuple[str | None, ...]]:
    """Return what became of each row; the answers that are about one are taken out of `answers`."""
    rows: list[tuple[str | None, ...]] = []
    shared = Counter(row["key"] for row in filed if row["state"] == "filled")
    for row in filed:
        key, state, target_key, reason = row["key"], row["state"], row["target_key"], row["code"]
        if key and shared[key] == {"filled": 1, "taken": 0}.get(state):
            told = answers.pop(key, [])
            earlier = before.get(row[RECORD])
            if state == "filled" and earlier and earlier["state"] == "taken":
                state, target_key = "taken", earlier["target_key"]
            if taken := [answer for answer in told if answer.taken]:
                state, target_key, reason = "taken", taken[-1].target_key or target_key, None
            elif state == "filled" and told:
                state, reason = "refused", told[-1].reason
            elif state == "filled" and earlier and earlier["state"] == "refused":
                state, reason = "refused", earlier["reason"]
        state = "unanswered" if state == "filled" else state
        rows.append((row["object"], row[RECORD], row[ORIGIN], row["file"], key, target_key, state, reason))
    return rows


def _write(
    pipeline: Pipeline, made: Manifest, rows: list[tuple[str | None, ...]], strangers: list[str]
) -> tuple[str, Answered, str]:
    name = str(made.facts["object"])
    run = pipeline.context.workspace.begin(STAGE_RESULT, parent=made.run)
    writer = TableWriter("imported", run.table_path("imported"), _COLUMNS)
    others = [(name, None, None, None, key, None, STRANGER, None) for key in strangers]
    writer.write(text_frame([*rows, *others], _COLUMNS))
    writer.close()
    counts = Counter(str(row[6]) for row in rows)
    found = Answered(
        name, len(rows), counts["taken"], counts["refused"], counts["rejected"], counts["unanswered"], len(strangers)
    )
    report = run.report_path(WORKBOOK)
    write_import_result(report, spoken(), found, rows)
    run.manifest.outputs = {"imported": {"rows": len(rows) + len(others), "sha256": "", "path": "tables/imported.parquet"}}  # fmt: skip
    run.manifest.reports.append(WORKBOOK)
    run.manifest.facts = {**vars(found), "agrees": found.agrees}
    run.end("done", 0 if found.agrees else 1)
    return run.manifest.run, found, str(report)


def _answers(path: Path, facts: dict[str, Any], asked: Asked) -> Iterator[Answer]:
    """Yield what a result file says, sheet by sheet. No run is made of it: the sources of the migration are others."""
    keys = facts["key"]
    tables = [
        (table, {field_name(column): column for column in table.columns})
        for table in read_location(Location(str(path)))
    ]
    found = [(table, by_name) for table, by_name in tables if {*keys} <= {*by_name}]
    if not found:
        raise ConfigurationError(
            "template.no-key", Message("the result file has no column '{column}', by which rows are found again", column=", ".join(keys)), str(path),
            Message("give the file as the CRM wrote it"),
        )  # fmt: skip
    for table, by_name in found:
        reasons = _reasons(table.columns, path, facts, asked)
        own = facts["result_key"] if facts["result_key"] in table.columns else None
        for batch in table.batches():
            for row in batch.astype(object).where(batch.notna(), None).to_dict("records"):
                key, target_key = key_of(row[by_name[column]] for column in keys), row[own] if own else None
                why = "; ".join(str(row[column]) for column in reasons if row[column]) or None
                taken = not why if reasons else asked.rows == "taken" if asked.rows else bool(target_key)
                if key and (reasons or asked.rows or taken):
                    yield Answer(key, taken, target_key, why)


def _reasons(columns: tuple[str, ...], path: Path, facts: dict[str, Any], asked: Asked) -> list[str]:
    """Return the columns that say why a row was refused; none where the CRM's own key, or a person, says what was taken.

    Raises:
        ConfigurationError: nothing says it: silence is no success.
    """
    if asked.reason and asked.reason not in columns:
        raise ConfigurationError(
            "template.no-column", Message("the result file has no column '{column}'", column=asked.reason), str(path),
            nearest_header(asked.reason, columns),
        )  # fmt: skip
    reasons = [asked.reason] if asked.reason else [column for column in facts["failed"] if column in columns]
    if not reasons and not asked.rows and facts["result_key"] not in columns:
        wanted = ", ".join(filter(None, (*facts["failed"], facts["result_key"])))
        raise ConfigurationError(
            "template.no-status", Message("no column of the result file says which rows were taken; looked for: {columns}", columns=wanted), str(path),
            Message("name the column of the reasons with --reason, or say with --rows what all rows of the file are: taken or refused"),
        )  # fmt: skip
    return reasons
