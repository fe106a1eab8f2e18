"""Look at everything that could stop a load, before its first row: rights, room, rows without their parents, columns left empty; and say what it would do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.checks.strangers import taken_for_own
from crmmigrate.errors import ConfigurationError, CrmMigrateError, LimitReached, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import FAULTY, RECORD
from crmmigrate.model.load_batches import load_batches
from crmmigrate.model.load_limits import Breaker
from crmmigrate.model.load_plan import load_plan
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.runner.overwriting import Edits, list_edits, may_have_edits
from crmmigrate.runner.so_far import refused_so_far
from crmmigrate.stages.load import limits_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.load_plan import LoadPlan
    from crmmigrate.model.mapping import Mapping
    from crmmigrate.model.schema import TargetColumn
    from crmmigrate.model.target import Target
    from crmmigrate.runner.pipeline import Pipeline

_IN_DATABASE, _IN_WORKSPACE = 4, 1
"""Bytes needed for one byte of the rows as text: the row, its image and crosswalk and their indexes; the tables of a run."""

PLANNED = ("inserted", "updated", "unchanged", "rejected")

_SAMPLES = 3
"""Rows of an object that a probe may try, where the target refuses the first."""


@dataclass
class Seen:
    """What a look has found.

    Args:
        faults: all that stands in the way.
        there: table → rows that it has, how many of them are archived (None where nobody knows), and how many are of earlier loads.
        planned: object → what the load would do with its rows, by `PLANNED`, but for what the database itself refuses; none where that cannot be told.
        aside: (step, object) → rows that it has set aside for a fault.
        book: the workbook of these rows.
        edits: what people did in the target that the load would write over or bring back.
    """

    faults: list[CrmMigrateError] = field(default_factory=list)
    there: dict[str, tuple[int, int | None, int]] = field(default_factory=dict)
    planned: dict[str, dict[str, int]] = field(default_factory=dict)
    aside: dict[tuple[str, str], int] = field(default_factory=dict)
    book: Path | None = None
    edits: Edits = field(default_factory=Edits)


def look(pipeline: Pipeline, *, probe: bool = False) -> Seen:
    """Run the stages up to validate and look at everything that could stop the load.

    Args:
        pipeline: of the project.
        probe: make rows in a target behind an API, to see what it demands, and take them out again; else nothing is written there.

    Raises:
        LocationError: the target cannot be reached; rows of a probe could not be taken out.
        ConfigurationError: `target.no-probe`: a database tells all of it by itself.
    """
    pipeline.run("", "validate")
    options = pipeline.options("load")
    rows = {
        name: pipeline.by_step["validate"][name] for name in pipeline.objects() if name in pipeline.by_step["validate"]
    }
    mappings = [mapping for mapping in options.mappings if mapping.object in rows]
    seen = Seen(aside=_set_aside(pipeline), book=refused_so_far(pipeline, pipeline.steps[-1].manifest.run))
    with pipeline.open_target() as target:
        plan = load_plan(mappings, options.batch_rows)
        seen.faults += target.shortcomings(plan)
        size = sum(map(_size, rows.values()))
        seen.faults += _room(target.free_bytes(), size * _IN_DATABASE, target.place)
        folder = pipeline.context.workspace.folder
        seen.faults += _room(shutil.disk_usage(folder).free, size * _IN_WORKSPACE, str(folder))
        if not any(fault.code in ("target.table-missing", "target.column-missing") for fault in seen.faults):
            from crmmigrate.targets.drift import described_tables, population

            if probe:
                seen.faults += _probed(target, plan, rows)
            live = described_tables(target, {mapping.target.table for mapping in mappings})
            for mapping in mappings:
                seen.there[mapping.target.table] = (
                    *population(target, mapping.target.table),
                    _ours(mappings, mapping, target),
                )
                seen.faults += _empty(mapping, rows[mapping.object], live[mapping.target.table], target.place)
                seen.faults += _orphans(mapping, rows, target)
                seen.faults += _unfit(mapping, rows[mapping.object], live[mapping.target.table], target)
            if wrong := taken_for_own(target, rows, None, pipeline.owner):
                seen.faults.append(wrong)
            seen.faults += _foretold(target, plan, rows, Breaker(limits_of(options), {}), seen)
            if seen.edits.found:
                seen.edits.book = list_edits(pipeline, seen.edits)
    return seen


def _set_aside(pipeline: Pipeline) -> dict[tuple[str, str], int]:
    """Return (step, object) → rows that it has set aside for a fault, in the order of the steps."""
    return {
        (step.name, name): count
        for step in pipeline.steps
        for name, figures in step.manifest.accounting.items()
        if name in pipeline.objects() and (count := sum(figures.get(reason, 0) for reason in FAULTY))
    }


def _foretold(
    target: Target, plan: LoadPlan, rows: dict[str, Table], breaker: Breaker, seen: Seen
) -> Iterator[CrmMigrateError]:
    """Ask the target, batch by batch as a load would write, what would become of the rows; find the limits at which it would stop itself."""
    first, over, edits = True, "", may_have_edits(target)
    for step in plan.objects:
        if step.deferred and not edits:
            continue
        sums = seen.planned.setdefault(step.object, dict.fromkeys(PLANNED, 0))
        for batch in load_batches(rows[step.object], step.columns, plan.batch_rows):
            outcome = target.plan_batch(step, batch, first=first, edits=edits)
            seen.edits.add(step.object, outcome.conflicts)
            first = False
            if step.deferred:
                continue
            breaker.count(step, outcome)
            for word in PLANNED:
                sums[word] += len(outcome.rejects) if word == "rejected" else getattr(outcome, word)
        if step.deferred:
            continue
        try:
            breaker.check(step, rows[step.object].rows)
        except LimitReached as error:
            if error.code != over:  # what is over a limit of the whole load stays over it
                yield LimitReached(
                    error.code, Message("the load would stop itself: {why}", why=error.message), error.place
                )
            over = error.code


def _ours(mappings: list[Mapping], mapping: Mapping, target: Target) -> int:
    """Return how many rows of a mapping's table are of earlier loads, whatever objects they are of."""
    return sum(len(_linked(target, one.object)) for one in mappings if one.target.table == mapping.target.table)


def _probed(target: Target, plan: LoadPlan, rows: dict[str, Table]) -> list[LocationError]:
    """Try what a system behind an API demands of rows like those to be loaded."""
    from crmmigrate.targets.api import ApiTarget
    from crmmigrate.targets.probing import Sample

    if not isinstance(target, ApiTarget):
        raise ConfigurationError(
            "target.no-probe", Message("a database tells by itself what it demands"), target.place, Message("leave --probe out")
        )  # fmt: skip
    samples = [
        Sample(step.object, step.table, tuple(_fullest(rows[step.object], step.columns)), step.references, step.match_on)
        for step in plan.objects if step.mode != "update" and not step.deferred
    ]  # fmt: skip
    return target.probe(samples)


def _fullest(table: Table, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield some rows with the most columns filled, without those that are not."""
    filled = " + ".join(f"({quoted(name)} IS NOT NULL)::INT" for name in columns)
    names = ", ".join(map(quoted, columns))
    query = f"SELECT {names} FROM rows ORDER BY {filled} DESC, {RECORD} LIMIT {_SAMPLES}"
    for row in Tables({"rows": table}, confined=False).sql(query).to_pylist():
        yield {name: value for name, value in row.items() if value is not None}


def _size(table: Table) -> int:
    return sum(
        noted.row_group(number).total_byte_size for noted in table.notes for number in range(noted.num_row_groups)
    )


def _room(free: int | None, needed: int, place: str) -> Iterator[LocationError]:
    if free is not None and free < needed:
        yield LocationError(
            "preflight.space", Message("about {needed} MB will be needed and {free} MB are free", needed=needed >> 20, free=free >> 20), place,
            Message("make room, or load into another place"),
        )  # fmt: skip


def _empty(mapping: Mapping, table: Table, live: dict[str, TargetColumn], place: str) -> Iterator[LocationError]:
    """Find columns that the target requires and that rows leave empty."""
    where = f"{place}#{mapping.target.table}"
    tables = Tables({"rows": table}, confined=False)
    for name, column in live.items():
        if not column.required or column.identity or mapping.write.mode == "update":
            continue
        if name not in table.columns:
            if column.default:
                continue
            yield LocationError(
                "preflight.not-mapped", Message("the target requires '{column}', and no field is mapped to it", column=name), where,
                Message("map it in {file}", file=mapping.file),
            )  # fmt: skip
            continue
        empty = tables.value(f"SELECT count(*) FROM rows WHERE {quoted(name)} IS NULL")
        if empty:
            yield LocationError(
                "preflight.empty", Message("{count} rows leave '{column}' empty, which the target requires", count=f"{empty:,}", column=name), where,
                Message("say required: true or give a default in {file}", file=mapping.file),
            )  # fmt: skip


def _orphans(mapping: Mapping, rows: dict[str, Table], target: Target) -> Iterator[LocationError]:
    """Find references to records that are neither in the target nor to be loaded: such rows will be refused, or stay without their parent."""
    for column, parents in mapping.references.items():
        table, several = rows[mapping.object], "|" in parents
        if column not in table.columns:
            continue
        named = f"split_part({quoted(column)}, ':', 1)" if several else "''"
        record = f"substr({quoted(column)}, strpos({quoted(column)}, ':') + 1)" if several else quoted(column)
        count = 0
        for parent in parents.split("|"):
            seen = {"rows": table, **({"parents": rows[parent]} if parent in rows else {})}
            known = f"SELECT {RECORD} FROM parents UNION ALL " if parent in rows else ""
            where = f"{quoted(column)} IS NOT NULL AND {named} = '{parent if several else ''}'"
            query = f"SELECT {record} AS r FROM rows WHERE {where} AND {record} NOT IN ({known}SELECT '')"
            missing = [found["r"] for found in Tables(seen, confined=False).sql(query).to_pylist()]
            there = _linked(target, parent) if missing else frozenset()
            count += sum(one not in there for one in missing)
        if count:
            yield LocationError(
                "preflight.orphans",
                Message("{count} rows of {object} refer by '{column}' to records that are neither in the target nor to be loaded",
                        count=f"{count:,}", object=mapping.object, column=column),
                f"{target.place}#{mapping.target.table}", Message("correct the rows they refer to; see the rows to be corrected"),
            )  # fmt: skip


def _unfit(
    mapping: Mapping, table: Table, live: dict[str, TargetColumn], target: Target
) -> Iterator[LocationError]:  # fmt: skip
    """Find values that the target says it cannot hold, or has already in a column in which each is there once: their rows will be refused."""
    from crmmigrate.model.issue import CODES

    where = f"{target.place}#{mapping.target.table}"
    tables = Tables({"rows": table}, confined=False)
    for name in table.data_columns:
        if name in mapping.references or name not in live or live[name].identity:
            continue
        query = (
            f"SELECT {quoted(name)} AS value, count(*) AS rows FROM rows WHERE {quoted(name)} IS NOT NULL GROUP BY 1"
        )
        rows = {found["value"]: found["rows"] for found in tables.sql(query).to_pylist()}
        reasons: dict[str, int] = {}
        for value, code in target.unfit(mapping.target.table, name, list(rows)).items():
            reasons[code] = reasons.get(code, 0) + rows[value]
        if live[name].unique and (repeated := sum(rows.values()) - len(rows)):
            reasons["validate.not-unique"] = repeated
        for code, count in sorted(reasons.items()):
            yield LocationError(
                "preflight.unfit", Message("{count} rows hold in '{column}' what the target will not take: {why}", count=f"{count:,}", column=name, why=CODES[code]),
                where, Message("correct the values, or map them to what it takes, in {file}", file=mapping.file),
            )  # fmt: skip


def _linked(target: Target, name: str) -> frozenset[str]:
    if not target.runs():
        return frozenset()
    return frozenset(
        record
        for frame in target.loaded(name)
        for record, there in zip(frame[RECORD], frame["present"], strict=True)
        if there == "true"
    )
