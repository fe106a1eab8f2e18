"""References of rows to records that are gone from the sources and stay in the target: a delta leaves them where the row still names its parent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import ISSUE_COLUMNS, ISSUES, RECORD
from crmmigrate.model.stage import Batch, StageResult
from crmmigrate.model.table import Table, Tables, literal, quoted
from crmmigrate.runner.execute import execute, reopen
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.delta import Deletes
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.mapping import Mapping as MappingFile
    from crmmigrate.model.project import Project
    from crmmigrate.model.stage import Job
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.workspace import Workspace

    Kept = Mapping[str, Mapping[str, Mapping[str, str]]]
    """Object → column → record → the reference that it keeps."""


KEPT_FROM = "kept_from"
"""The fact of a run that wrote down rows with references that they keep: object → digest of the rows as validate made them."""


def keep_references(
    pipeline: Pipeline, chain: Sequence[Manifest], before: Mapping[str, Table], deletes: Deletes
) -> list[Message]:
    """Give rows that were validated the references back that were left out only because the record is gone, where it stays in the target; say how many.

    A row keeps one while its own cells that name the parent are what they were when it was loaded. The rows are written down as another run of
    validate, so that the load, the reconciliation and the next delta all go by them; no command that loads all rows ever takes it for its own.

    Args:
        pipeline: its stages up to validate were run.
        chain: the load compared with, behind the runs it came from.
        before: object → rows as they were loaded.
        deletes: what happens to rows whose records are gone.
    """
    from crmmigrate.runner.pipeline import Step

    kept = _kept(pipeline, chain, before, deletes)
    if not kept:
        return []
    count = sum(len(records) for columns in kept.values() for records in columns.values())
    step = pipeline.steps[-1]
    stage = replace(load_stage("validate"), function=partial(_filled, pipeline, step.manifest, kept, count))
    context = replace(pipeline.context, accounted=pipeline.objects(), parent=step.manifest.parent)
    outcome = execute(stage, dict(pipeline.by_step["map"]), None, context)
    pipeline.by_step["validate"] = outcome.tables
    pipeline.tables |= outcome.tables
    pipeline.asides[-1] = outcome.aside
    pipeline.steps[-1] = Step("validate", outcome.run.manifest, reused=False, outcome=outcome)
    return [_told(count)]


def digests_of(workspace: Workspace, rows: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the digests of rows as validate makes them, and of the same rows with references that they keep, as deltas have written them down."""
    made = [one for one in workspace.manifests() if one.stage == "validate" and one.facts.get(KEPT_FROM) == dict(rows)]
    return [dict(rows), *({name: told["sha256"] for name, told in one.outputs.items()} for one in made)]


def _told(count: int) -> Message:
    return Message("{count} references to records that are gone from the sources, or set aside since, stay, because these stay in the target", count=f"{count:,}")  # fmt: skip


def _filled(pipeline: Pipeline, made: Manifest, kept: Kept, count: int, job: Job) -> StageResult:
    """Return what validate answered, with the references that are kept."""
    del job  # what validate rejected of the rows it was given, it has told
    digests = {name: table.digest for name, table in pipeline.by_step["validate"].items()}
    result = StageResult(facts={**made.facts, KEPT_FROM: digests}, notes=[_told(count)])
    for name, table in pipeline.by_step["validate"].items():
        result.tables[name] = _with(table, kept[name]) if name in kept else table
    folder = pipeline.context.workspace.runs_folder / made.run / "tables"
    issues = Table(ISSUES, folder / f"{ISSUES}.parquet")
    result.issues = [
        tuple(row[column] for column in ISSUE_COLUMNS) for part in issues.arrow(10_000) for row in part.to_pylist()
    ]
    import pyarrow as pa

    result.aside = [
        pa.Table.from_batches([part]) if isinstance(part, pa.RecordBatch) else part
        for part in pipeline.aside_of(made).arrow(10_000)
    ]
    return result


def _with(table: Table, kept: Mapping[str, Mapping[str, str]]) -> Iterator[Batch]:
    for rows in table.batches():
        for column, references in kept.items():
            rows[column] = rows[column].fillna(rows[RECORD].map(references)).astype("str")
        yield Batch(rows)


def _kept(pipeline: Pipeline, chain: Sequence[Manifest], before: Mapping[str, Table], deletes: Deletes) -> Kept:
    sources = {"now": pipeline.by_step["consolidate"], "before": _loaded_from(pipeline, chain)}
    found: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for mapping in pipeline.options("load").mappings:
        name = mapping.object
        given = {"n": pipeline.by_step["validate"].get(name), "b": before.get(name)}
        given |= {"sn": sources["now"].get(name), "sb": sources["before"].get(name)}
        tables = {called: Table(called, table.path) for called, table in given.items() if table is not None}
        if len(tables) < len(given):
            continue
        for column, parents in mapping.references.items():
            for parent in parents.split("|"):
                rows = _of_column(pipeline, tables, mapping, column, parent, deletes, several="|" in parents)
                if rows:
                    found[name].setdefault(column, {}).update(rows)
    return found


def _loaded_from(pipeline: Pipeline, chain: Sequence[Manifest]) -> dict[str, Table]:
    made = next(manifest for manifest in chain if manifest.stage == "consolidate")
    return {name: table for name, table in reopen(pipeline.context.workspace, made.run).items() if table.path.exists()}


def _of_column(
    pipeline: Pipeline, given: Mapping[str, Table], mapping: MappingFile, column: str, parent: str, deletes: Deletes, *, several: bool
) -> dict[str, str]:  # fmt: skip
    """Return record → reference of rows of which a column named a record of `parent` that is gone and stays."""
    by = _naming(pipeline.project, mapping, column)
    there = [set(given[side].columns) for side in given]
    if (
        not by
        or not all(column in there[side] for side in (0, 1))
        or not all(set(by) <= there[side] for side in (2, 3))
    ):
        return {}
    now = pipeline.by_step["validate"].get(parent)
    tables = Tables(
        {**given, "aside": pipeline.aside(), **({"p": Table("p", now.path)} if now else {})}, confined=False
    )
    cell = quoted(column)
    record = f"substr(b.{cell}, {len(parent) + 2})" if several else f"b.{cell}"
    same = " AND ".join(f"sn.{quoted(one)} IS NOT DISTINCT FROM sb.{quoted(one)}" for one in by)
    filled = " OR ".join(f"sn.{quoted(one)} IS NOT NULL" for one in by)
    terms = [f"n.{cell} IS NULL", f"b.{cell} IS NOT NULL", same, f"({filled})"]
    terms += [f"starts_with(b.{cell}, {literal(f'{parent}:')})"] if several else []
    terms += [f"{record} NOT IN (SELECT {RECORD} FROM p)"] if now else []
    if deletes == "delete":  # what is not to be migrated any more is never taken out
        terms.append(
            f"{record} IN (SELECT {RECORD} FROM {quoted('aside')} WHERE \"table\" = {literal(parent)} AND reason <> 'merged')"
        )
    joined = " ".join(f"JOIN {side} ON {side}.{RECORD} = n.{RECORD}" for side in ("b", "sn", "sb"))
    query = (
        f"SELECT n.{RECORD} AS record, b.{cell} AS kept, {record} AS parent FROM n {joined} WHERE {' AND '.join(terms)}"
    )
    rows = tables.sql(query).to_pylist()
    if not rows:
        return {}
    with pipeline.open_target() as target:
        present = {record for part in target.loaded(parent) for record in part[part["present"] == "true"][RECORD]}
    return {row["record"]: row["kept"] for row in rows if row["parent"] in present}


def _naming(project: Project, mapping: MappingFile, column: str) -> tuple[str, ...]:
    """Return the columns of an object by which its rows name the record that a column refers to."""
    found: list[str] = []
    for read in mapping.fields[column].reads:
        parent = read.removeprefix("_ref_")
        if parent == read:
            found.append(read)
            continue
        for feed in project.objects[mapping.object]:
            relation = feed.relations.get(parent)
            names = {source: own for own, source in feed.columns.items()}
            found += [names.get(relation.column, relation.column)] if relation is not None else []
    return tuple(dict.fromkeys(found))
