"""delta: what is new, changed and gone in the sources since a load, record by record and field by field, and what it means for the target."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.delta_rows import CHANGE_COLUMNS, NOW, WORK, DeltaRows
from crmmigrate.errors import AccountingError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_COLUMNS, RECORD, text_frame
from crmmigrate.model.left_out import told_given_back, told_left_out
from crmmigrate.model.load_batches import batches_of, load_batches
from crmmigrate.model.load_part import steps_of
from crmmigrate.model.load_plan import BATCH_ROWS, load_plan
from crmmigrate.model.mapping import Mapping, read_mappings
from crmmigrate.model.stage import PROJECT, Job, Report, StageResult, stage
from crmmigrate.model.target import CONFLICT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.model.delta import Deletes
    from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
    from crmmigrate.model.project import Project
    from crmmigrate.model.target import BatchOutcome

WORDS = ("inserted", "updated", "archived", "deleted", "unchanged", "withheld", "rejected")


@dataclass(frozen=True)
class DeltaOptions:
    """What to compare, and what may be done about it.

    Args:
        mappings: of the project, in load order.
        since: the load compared with.
        deletes: what happens to rows whose records are gone.
        loads: runs of this workspace; the rows of what they linked are theirs to take out.
        plans: whether the target is asked what would become of it; of a comparison with an older load that cannot be said.
        batch_rows: rows of one transaction.
        by_row: objects whose records are named by their row, so that sorting the source looks like a change.
        again: whether changes that people took back by a rollback of chosen parts are to be made once more.
    """

    mappings: tuple[Mapping, ...] = ()
    since: str = ""
    deletes: Deletes = "keep"
    loads: frozenset[str] = frozenset()
    plans: bool = True
    batch_rows: int = BATCH_ROWS
    by_row: tuple[str, ...] = ()
    again: bool = False

    @classmethod
    def from_project(cls, project: Project) -> DeltaOptions:
        """Read the mapping files and the batch size of a project."""
        by_row = tuple(name for name, feeds in project.objects.items() if any(not feed.key for feed in feeds))
        rows = project.target.batch_rows if project.target else BATCH_ROWS
        return cls(read_mappings([project.file(project.mappings)]), batch_rows=rows, by_row=by_row)


@stage(title=Message("Find what changed in the sources since a load"), options=DeltaOptions, needs_target=True)
def delta(job: Job) -> StageResult:
    """Compare the rows to be loaded now (`now.<object>`) with those of the loads up to `since` (`before.<object>`), but for those `left_out`.

    Writes `link.<object>`, `insert.<object>`, `refill.<object>`, `update.<object>`, `remove.<object>` (the rows a load part is made of),
    `carried` (rows that people have to settle, or that are left out), `changes` (each change with its field, for people), `conflicts` (what people edited and
    what therefore would be kept). `facts["objects"]` says what is new, changed, gone and unchanged; `facts["planned"]` what would become
    of it in the target, but for what the database itself refuses.
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
    planned, conflicts = _planned(job, plan, found, options) if options.plans else ({}, [])
    result.tables["conflicts"] = text_frame(conflicts, CONFLICT_COLUMNS)
    figures = {name: rows.counts for name, rows in found.items()}
    result.facts = {"newest": options.plans, "since": options.since, "deletes": options.deletes, "objects": figures, "planned": planned,
                    "conflicts": len(conflicts), "removable": sum(rows.removable for rows in found.values())}  # fmt: skip
    result.facts["work"] = _work(result, planned, found)
    result.reports = [_report(job, result)]
    _tell(result, options, figures)
    return result


def _work(result: StageResult, planned: dict[str, dict[str, int]], found: dict[str, DeltaRows]) -> int:
    """Return how many rows a load would be given: none where all it could do is refuse, or leave alone, the same ones once more."""
    facts = result.facts
    gone = int(facts["removable"]) if facts["deletes"] != "keep" else 0
    rows = {word: sum(int(counts[word]) for counts in facts["objects"].values()) for word in WORK}
    writes = any(figures["inserted"] or figures["updated"] for figures in planned.values())
    if planned and not (gone or writes) and sum(rows.values()) == rows["again"]:
        return rows["again"] if any("refill" in its.tables for its in found.values()) else 0
    return sum(rows.values()) + gone


def _of_object(job: Job, mapping: Mapping, options: DeltaOptions) -> DeltaRows:
    """Compare one object.

    Raises:
        AccountingError: `delta.unequal`: a row to be loaded, or one in the target, is in none or two of the groups.
    """
    name = mapping.object
    archive = {column: _text(value) for column, value in mapping.write.archive.items()}
    rows = DeltaRows(
        job.tables, mapping, _links(job, name, options), options.loads, archive if options.deletes == "archive" else {},
        again=options.again,
    )  # fmt: skip
    counts = rows.counts
    now = job.tables[f"now.{name}"].rows
    met = sum(counts[word] for word in NOW)
    if now != met:
        raise AccountingError(
            "delta.unequal", Message("of {now} rows to be loaded {met} were accounted for", now=now, met=met), name
        )
    job.progress(now)
    return rows


def _links(job: Job, name: str, options: DeltaOptions) -> Iterator[pd.DataFrame]:
    """Return the crosswalk as it is; of a comparison with an older load, as that one left it."""
    links: Iterator[pd.DataFrame] = job.target.loaded(name)
    if options.plans:
        return links
    until = next(run.since for run in job.target.runs() if run.run == options.since)
    return (part[part["since"] <= until] for part in links)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _planned(
    job: Job, plan: LoadPlan, found: dict[str, DeltaRows], options: DeltaOptions
) -> tuple[dict[str, dict[str, int]], list[tuple[str | None, ...]]]:
    """Ask the target, step by step as a load would write, what would become of it; return object → figures, and the conflicts."""
    totals: dict[str, dict[str, int]] = {name: dict.fromkeys(WORDS, 0) for name in found}
    conflicts: list[tuple[str | None, ...]] = []
    having = {
        kind: [name for name, rows in found.items() if kind in rows.tables]
        for kind in ("refill", "link", "update", "remove")
    }
    removed = {name: tuple(found[name].archive) for name in having["remove"]}
    steps = steps_of(plan, having["refill"], having["link"], having["update"], removed, options.deletes, delta=True)
    first = True
    for step in steps.objects:
        for rows in _batches(job, step, found[step.object], options.batch_rows):
            if len(rows):
                _add(step.object, job.target.plan_batch(step, rows, first=first), totals, conflicts)
                first = False
    return totals, conflicts


def _batches(job: Job, step: ObjectLoad, found: DeltaRows, size: int) -> Iterator[Any]:
    """Return the rows of a step as the load will cut them; references that new rows get later change nothing of what was counted."""
    kind = {"": "insert", "archive": "remove", "delete": "remove"}.get(step.change, step.change)
    made = found.tables.get(kind)
    if made is None or (step.deferred and not step.change):
        return iter(())
    if step.change in ("", "refill"):
        only = frozenset(made.column(RECORD).to_pylist())
        return load_batches(job.tables[f"now.{step.object}"], step.columns, size, only)
    return batches_of([made.to_pandas()], made.column_names, size)


def _add(
    name: str, outcome: BatchOutcome, totals: dict[str, dict[str, int]], conflicts: list[tuple[str | None, ...]]
) -> None:
    totals[name]["rejected"] += len(outcome.rejects)
    for word in ("inserted", "updated", "archived", "deleted", "unchanged", "withheld"):
        totals[name][word] += getattr(outcome, word)
    conflicts += [(name, "", c.record, c.key, c.column, c.kind, c.base, c.ours, c.theirs) for c in outcome.conflicts]


def _report(job: Job, result: StageResult) -> Report:
    from crmmigrate.reports.delta import PLAN_BOOK, write_delta

    changes, conflicts = result.tables["changes"], result.tables["conflicts"]
    facts = result.facts
    return Report(PLAN_BOOK, partial(write_delta, changes=changes, conflicts=conflicts, facts=facts, run=job.run))


def _doubled(changes: pd.DataFrame) -> list[Message]:
    """Tell of records that changed or are gone and whose name holds the place of a row, because their key stands there twice."""
    stems = changes["_record"].str.replace(r"~\d+$", "", regex=True)
    several = (changes["object"] + "/" + stems).duplicated(keep=False)  # C~1 may be a key
    placed = changes[several & (stems != changes["_record"]) & changes["kind"].isin(("changed", "deleted"))]
    return [
        Message(
            "{object}: {count} records that changed or are gone have a key that stands in the source twice, so they are named by their row too: rows put in before them look like changes, and would make the same record once more; give each a key of its own",
            object=name, count=f"{count:,}",
        )
        for name, count in placed.groupby("object")["_record"].nunique().items()
    ]  # fmt: skip


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
    result.findings += _doubled(result.tables["changes"])
    gone = result.facts["removable"]
    if gone and options.deletes == "keep":
        result.notes.append(
            Message("{count} rows are gone from the sources and stay in the target (--deletes)", count=f"{gone:,}")
        )
    if result.facts["conflicts"]:
        result.findings.append(
            Message("{count} conflicts with what people edited in the target; they stay as they are", count=result.facts["conflicts"])
        )  # fmt: skip
    if sums["split"]:
        result.findings.append(
            Message("{count} records have no row of their own in the target: settle them there", count=sums["split"])
        )
    carried = Counter(result.tables["carried"]["code"])
    result.notes += told_left_out(carried) if options.plans else []
    result.notes += told_given_back(figures.values())
    if not options.plans:
        result.notes.append(Message("newer loads stand in the target: this only tells what changed in the sources"))
    elif result.facts["work"]:
        result.next_step = Message("to do it: crmmigrate delta {project} --apply", project=PROJECT)
    elif sums["again"]:
        result.notes.append(
            Message("{count} rows wait until people settle them: a load would refuse or leave alone the same ones once more", count=f"{sums['again']:,}")
        )  # fmt: skip
    elif sums["waiting"] or sums["taken_back"] or sums["given_back"] or gone:
        result.notes.append(Message("nothing is to be done but for what is left out"))
    else:
        result.notes.append(Message("nothing is to be done: the target holds what the sources say"))
