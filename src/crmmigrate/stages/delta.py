"""delta: what is new, changed and gone in the sources since a load, record by record and field by field, and what it means for the target."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.delta_rows import CHANGE_COLUMNS, DeltaRows
from crmmigrate.errors import AccountingError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_COLUMNS, declare_code, text_frame
from crmmigrate.model.load_part import changing
from crmmigrate.model.mapping import Mapping, read_mappings
from crmmigrate.model.stage import PROJECT, Job, Report, StageResult, stage
from crmmigrate.model.target import CONFLICT_COLUMNS, load_plan

if TYPE_CHECKING:
    from crmmigrate.model.delta import Deletes
    from crmmigrate.model.project import Project
    from crmmigrate.model.target import BatchOutcome, LoadPlan, ObjectLoad

SPLIT = declare_code(
    "delta.split", Message("it was one with another record, whose row in the target it would take; settle it there")
)
WORDS = ("inserted", "updated", "deleted", "unchanged", "withheld", "rejected")
_SLICE = 5000
_ROW = "row"
"""Stands for a whole row where fields are counted."""


@dataclass(frozen=True)
class DeltaOptions:
    """What to compare, and what may be done about it.

    Args:
        mappings: of the project, in load order.
        since: the load compared with.
        deletes: what happens to rows whose records are gone.
        kept: object → records that were gone from the sources before and are in the target still.
        batch_rows: rows of one transaction.
        by_row: objects whose records are named by their row, so that sorting the source looks like a change.
    """

    mappings: tuple[Mapping, ...] = ()
    since: str = ""
    deletes: Deletes = "keep"
    kept: dict[str, frozenset[str]] = field(default_factory=dict)
    batch_rows: int = 1000
    by_row: tuple[str, ...] = ()

    @classmethod
    def from_project(cls, project: Project) -> DeltaOptions:
        """Read the mapping files and the batch size of a project."""
        by_row = tuple(name for name, feeds in project.objects.items() if any(not feed.key for feed in feeds))
        rows = project.target.batch_rows if project.target else 1000
        return cls(read_mappings([project.file(project.mappings)]), batch_rows=rows, by_row=by_row)


@stage(title=Message("Find what changed in the sources since a load"), options=DeltaOptions, needs_target=True)
def delta(job: Job) -> StageResult:
    """Compare the rows to be loaded now (`now.<object>`) with those of the load `since` (`before.<object>`).

    Writes `insert.<object>`, `update.<object>`, `remove.<object>` (the rows a load part is made of), `carried` (rows set aside before and
    the same still), `changes` (each change with its field, for people), `conflicts` (what people edited and what therefore would be kept).
    `facts["objects"]` says what is new, changed, gone and unchanged; `facts["planned"]` what would become of it in the target.
    """
    options: DeltaOptions = job.options
    mapped = [mapping for mapping in options.mappings if f"now.{mapping.object}" in job.tables]
    plan = load_plan(mapped, options.batch_rows)
    found = {mapping.object: _of_object(job, mapping, options) for mapping in mapped}
    result = StageResult(flows={})
    for name, rows in found.items():
        result.tables |= {f"{kind}.{name}": table for kind, table in rows.tables.items()}
    result.tables["carried"] = text_frame([row for rows in found.values() for row in rows.carried], ASIDE_COLUMNS)
    result.tables["changes"] = text_frame([row for rows in found.values() for row in rows.changes], CHANGE_COLUMNS)
    planned, conflicts = _planned(job, plan, found, options)
    result.tables["conflicts"] = text_frame(conflicts, CONFLICT_COLUMNS)
    figures = {name: rows.counts for name, rows in found.items()}
    result.facts = {"since": options.since, "deletes": options.deletes, "objects": figures, "planned": planned,
                    "conflicts": len(conflicts), "removable": sum(rows.removable for rows in found.values())}  # fmt: skip
    result.reports = [_report(job, result)]
    _tell(result, options, figures)
    return result


def _of_object(job: Job, mapping: Mapping, options: DeltaOptions) -> DeltaRows:
    """Compare one object.

    Raises:
        AccountingError: `delta.unequal`: a row to be loaded, or one in the target, is in none or two of the groups.
    """
    name = mapping.object
    archive = {column: _text(value) for column, value in mapping.write.archive.items()}
    rows = DeltaRows(
        job.tables, name, tuple(mapping.fields), job.target.loaded(name), options.kept.get(name, frozenset()),
        archive if options.deletes == "archive" else {}, SPLIT,
    )  # fmt: skip
    counts = rows.counts
    now = job.tables[f"now.{name}"].rows
    met = sum(counts[word] for word in ("new", "changed", "taken_over", "unchanged", "waiting"))
    if now != met:
        raise AccountingError(
            "delta.unequal", Message("of {now} rows to be loaded {met} were accounted for", now=now, met=met), name
        )
    job.progress(now)
    return rows


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _planned(
    job: Job, plan: LoadPlan, found: dict[str, DeltaRows], options: DeltaOptions
) -> tuple[dict[str, dict[str, int]], list[tuple[str | None, ...]]]:
    """Ask the target what would become of each change; return object → figures, and the conflicts."""
    totals: dict[str, dict[str, int]] = {name: dict.fromkeys(WORDS, 0) for name in found}
    conflicts: list[tuple[str | None, ...]] = []
    first = True
    for name, rows in found.items():
        totals[name]["inserted"] += rows.counts["new"]
        if "update" in rows.tables:
            for part in _slices(rows.tables["update"]):
                outcome = job.target.plan_change(changing(plan, name, "update"), part, first=first)
                _add(name, outcome, totals, conflicts)
                first = False
    for name in reversed(list(found) if options.deletes != "keep" else []):
        if "remove" not in found[name].tables:
            continue
        step = _removal(plan, name, found[name], options)
        for part in _slices(found[name].tables["remove"]):
            _add(name, job.target.plan_change(step, part, first=first), totals, conflicts)
            first = False
    return totals, conflicts


def _removal(plan: LoadPlan, name: str, rows: DeltaRows, options: DeltaOptions) -> ObjectLoad:
    from dataclasses import replace

    if options.deletes == "delete":
        return changing(plan, name, "delete")
    return replace(changing(plan, name, "archive"), columns=tuple(rows.archive))


def _slices(table: Any) -> Any:
    frame = table.to_pandas()
    for start in range(0, len(frame), _SLICE):
        yield frame.iloc[start : start + _SLICE]


def _add(
    name: str, outcome: BatchOutcome, totals: dict[str, dict[str, int]], conflicts: list[tuple[str | None, ...]]
) -> None:
    totals[name]["rejected"] += len(outcome.rejects)
    for word in ("updated", "deleted", "unchanged", "withheld"):
        totals[name][word] += getattr(outcome, word)
    conflicts += [(name, "", c.record, c.key, c.column, c.kind, c.base, c.ours, c.theirs) for c in outcome.conflicts]


def _report(job: Job, result: StageResult) -> Report:
    from crmmigrate.reports.delta import PLAN_BOOK, write_delta

    changes, conflicts = result.tables["changes"], result.tables["conflicts"]
    facts = result.facts
    return Report(PLAN_BOOK, partial(write_delta, changes=changes, conflicts=conflicts, facts=facts, run=job.run))


def _tell(result: StageResult, options: DeltaOptions, figures: dict[str, dict[str, int]]) -> None:
    """Say what a person should know before anything is written."""
    sums: Counter[str] = Counter()
    for counts in figures.values():
        sums.update(counts)
    for name in options.by_row:
        if name in figures and (figures[name]["changed"] or figures[name]["deleted"]):
            result.findings.append(Message(
                "the records of {object} are named by their row: a source that was sorted, or rows put in between, look like changes",
                object=name,
            ))  # fmt: skip
    gone = sums["deleted"] + sums["merged"]
    if gone and options.deletes == "keep":
        result.notes.append(
            Message("{count} rows are gone from the sources and stay in the target (--deletes)", count=f"{gone:,}")
        )
    if result.facts["conflicts"]:
        result.findings.append(
            Message("{count} conflicts with what people edited in the target; they stay as they are", count=result.facts["conflicts"])
        )  # fmt: skip
    if sums["new"] + sums["changed"] + sums["taken_over"] + (gone if options.deletes != "keep" else 0):
        result.next_step = Message("to do it: crmmigrate delta {project} --apply", project=PROJECT)
    else:
        result.notes.append(Message("nothing is to be done: the target holds what the sources say"))
