"""Reconcile: prove that everything arrived, to the row and the cell, or name what didn't."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.reconciliation_findings import reconciliation_findings, reconciliation_notes
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import LINKED
from crmmigrate.model.correction import latest
from crmmigrate.model.document import nearest_header, nearest_or_all
from crmmigrate.model.issue import OF_A_FAULT, REFERENCE
from crmmigrate.model.mapping import Mapping, place_of, read_mappings
from crmmigrate.model.natural_order import natural_sql
from crmmigrate.model.reconciliation import (
    DIFFERENCE_COLUMNS,
    EQUATION_COLUMNS,
    ObjectReconciliation,
    Reconciliation,
    Rehearsal,
)
from crmmigrate.model.schema import TargetSchema, read_target_schema
from crmmigrate.model.source_columns import Behind, columns_behind
from crmmigrate.model.stage import PROJECT, Report, StageResult, option, stage
from crmmigrate.model.table import literal, quoted
from crmmigrate.model.text_table import text_table
from crmmigrate.model.total import decimal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from crmmigrate.checks.object_frames import ObjectFrames
    from crmmigrate.model.correction import Correction
    from crmmigrate.model.project import Project
    from crmmigrate.model.stage import Job
    from crmmigrate.model.table import Tables

_MEMORY = "256MB"
"""What a comparison takes at most; the rest waits on disk."""
_FEW = 50_000
"""So many rows of two tables are compared as they are; of more, those that differ are looked for first."""


@dataclass(frozen=True)
class ReconcileOptions:
    """What is compared with what.

    Args:
        key: key columns of two tables.
        column: columns to compare; all common ones by default.
        mappings: of the migration, parents before children.
        schema: of the target, where it is known.
        earlier: what reconciliations of this migration found before, the oldest first.
        loads: runs of this workspace: rows that they linked are this migration's own; None where nobody says.
        sample: whether only a part was migrated, so that the old system's own figures say nothing about it.
        agreed: rows of two tables that are known to be the same and are in neither; `kinds`: how columns of two tables are compared.
        corrections: what people corrected so far; the workbook of rejects shows it.
        behind: what the target's columns are made from; the workbook of rejects names these.
    """

    key: tuple[str, ...] = option("--key", Message("key column of two tables; may be repeated"), multiple=True)
    column: tuple[str, ...] = option("--column", Message("compare only this column; may be repeated"), multiple=True)
    mappings: tuple[Mapping, ...] = ()
    schema: TargetSchema | None = None
    earlier: tuple[Rehearsal, ...] = ()
    loads: frozenset[str] | None = None
    sample: bool = False
    agreed: int = 0
    kinds: dict[str, str] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    behind: Behind = field(default_factory=dict)

    @classmethod
    def from_project(cls, project: Project) -> ReconcileOptions:
        """Read the mapping files and the schema of a project.

        Raises:
            LocationError: one cannot be read.
            Findings: something is wrong in them.
        """
        mappings = read_mappings([project.file(project.mappings)]) if project.mappings else ()
        described = project.target.schema if project.target else ""
        schema = read_target_schema(project.file(described)) if described else None
        from crmmigrate.reports.worklist import kept_corrections

        told = tuple(latest(kept_corrections(project)).values())
        behind = columns_behind(mappings, project.objects)
        return cls(mappings=mappings, schema=schema, corrections=told, behind=behind)


@stage(title=Message("Prove that everything arrived, to the row"), options=ReconcileOptions, needs_target=True)
def reconcile(job: Job) -> StageResult:
    """Reconcile a migration with its target, or the tables `left` and `right` with each other."""
    two = "left" in job.tables and "right" in job.tables
    found = _compare_two(job) if two else reconcile_objects(job.tables, job.target, job.options, job.progress)
    from crmmigrate.reports import reconciliation as report
    from crmmigrate.reports.reconciliation_junit import JUNIT, write_reconciliation_junit

    behind = partial(rows_behind, job.tables.bounded(_MEMORY), found)
    workbook = partial(report.write_reconciliation_workbook, behind=behind)
    # Two tables have no codes; to import all stages for what theirs mean would take longer than the reports.
    reports = [
        Report(name, partial(_write, writer, found), names_codes=not two)
        for name, writer in (
            (report.WORKBOOK, workbook),
            (report.PAGE, report.write_reconciliation_page),
            (report.DATA, report.write_reconciliation_data),
            (JUNIT, write_reconciliation_junit),
        )
    ]

    return StageResult(
        tables={
            "equation": text_table([o.equation.row(o.name) for o in found.objects], EQUATION_COLUMNS),
            "differences": text_table([d.row() for d in found.all_differences], DIFFERENCE_COLUMNS),
        },
        flows={},
        facts=_facts(found),
        findings=reconciliation_findings(found),
        notes=[*found.left_out, *reconciliation_notes(found)],
        reports=[*reports, *_rejects(job)],
    )


def _rejects(job: Job) -> list[Report]:
    if "aside" not in job.tables:
        return []
    return to_be_corrected(job.tables, job.options, job.run)


def to_be_corrected(
    tables: Tables, options: ReconcileOptions, run: str, refused: pd.DataFrame | None = None
) -> list[Report]:
    """Return the workbook of the rows that were set aside for a fault, where there are any.

    Args:
        tables: `source.<object>` and `aside`.
        options: mappings, schema and corrections so far.
        run: that makes the workbook.
        refused: further rows of `ASIDE_COLUMNS`.
    """
    import pandas as pd

    from crmmigrate.reports.rejects import rejects_report

    faulty = tables.frame(f"SELECT * FROM aside WHERE {OF_A_FAULT}")
    faulty = faulty if refused is None else pd.concat([faulty, refused])
    mapped = [mapping for mapping in options.mappings if f"source.{mapping.object}" in tables]
    corrected = {told.cell: told.after for told in options.corrections if told.action != "keep"}
    rows = {mapping.object: tables[f"source.{mapping.object}"].batches for mapping in mapped}
    known = options.schema.tables if options.schema else {}
    targets = {mapping.object: known[mapping.target.table] for mapping in mapped if mapping.target.table in known}
    if not len(faulty):
        return []
    return [rejects_report(rows, faulty, run=run, corrected=corrected, targets=targets, behind=options.behind)]


def rows_behind(tables: Tables, found: Reconciliation, term: str, most: int) -> Iterator[tuple[str | None, ...]]:
    """Yield the rows behind a term of the equation: object, place, code, column, and the record that a merged row went into.

    Args:
        tables: `source.<object>` and `aside`.
        found: the reconciliation.
        term: a word of `ASIDE_REASONS`.
        most: rows of one object; all of them are in the table `aside`.
    """
    for one in found.objects:
        if not one.equation.aside.get(term):
            continue
        place = "coalesce(s._origin, a._origin, a._record)"
        yield from tables.connection.execute(
            f'SELECT a."table", {place}, a.code, a."column", a."into" FROM aside a '
            f'LEFT JOIN {quoted(f"source.{one.name}")} s ON s._record = a._record WHERE a."table" = ? AND a.reason = ? ORDER BY 3, {natural_sql(place)} LIMIT ?',
            [one.name, term, most],
        ).fetchall()


def _write(writer: Any, found: Reconciliation, path: Path, language: str) -> None:
    writer(path, language, found)


def _compare_two(job: Job) -> Reconciliation:
    from crmmigrate.checks.compare import common_columns, compare_sides, narrowed, table_sides

    options: ReconcileOptions = job.options
    left, right = job.tables["left"], job.tables["right"]
    if not options.key:
        raise ConfigurationError(
            "compare.no-key", Message("say which column names a row"), "",
            nearest_header("", left.data_columns, Message("add --key COLUMN; there are: {columns}", columns=", ".join(left.data_columns))),
        )  # fmt: skip
    columns = common_columns(left, right, options.key, options.column)
    sides = replace(table_sides(left, right, options.key, columns), kinds=options.kinds)
    connection = job.tables.bounded(_MEMORY).connection
    sides = narrowed(connection, sides) if left.rows + right.rows > _FEW else sides
    differences = compare_sides(connection, sides)
    job.progress(left.rows + right.rows)
    rows = tuple(table.rows + options.agreed for table in (left, right))
    pairs = () if options.column else ((left, right), (right, left))
    alone = [tuple(name for name in one.data_columns if name not in other.columns) for one, other in pairs]
    return Reconciliation(
        (), tuple(differences), (rows[0], rows[1], len(columns)), (alone[0], alone[1]) if alone else ((), ())
    )


def reconcile_objects(tables: Tables, target: Any, options: ReconcileOptions, progress: Any) -> Reconciliation:
    """Reconcile every mapped object whose expected rows are among the tables.

    Args:
        tables: `source.<object>`, `expected.<object>`, `aside`.
        target: open.
        options: mappings and schema.
        progress: told of rows done.

    Raises:
        ConfigurationError: `reconcile.nothing`: there is no such object. To agree on nothing proves nothing.
    """
    from crmmigrate.checks.both_sides import bring_rows, make_expected
    from crmmigrate.checks.target_agreement import reconcile_object

    mapped = [mapping for mapping in options.mappings if f"expected.{mapping.object}" in tables]
    if not mapped:
        raise ConfigurationError(
            "reconcile.nothing", Message("there is no mapped object whose rows were to be loaded"), "",
            Message("run the stages up to load first: crmmigrate run {project}", project=PROJECT),
        )  # fmt: skip
    _check_totals(mapped)
    tables = tables.bounded(_MEMORY)
    frames = [_frames(tables, target, mapping, options, number) for number, mapping in enumerate(mapped)]
    frames = [replace(one, source=_with_links(tables, one)) for one in frames]
    walks = [(one.table, one.walk) for one in frames]
    frames = [
        replace(one, beside=tuple(walk for table, walk in walks if table == one.table and walk != one.walk))
        for one in frames
    ]
    relations = {one.object: (one.walk, one.actual) for one in frames}
    several = _of_several({parents for m in mapped for parents in m.references.values()}, relations)
    _unite(tables, several, relations, "SELECT '{}:' || _record AS _record, key", 0)
    frames = [replace(one, parents=relations | several) for one in frames]
    for one in frames:
        make_expected(tables.connection, one)
        bring_rows(tables.connection, one, target)
    _unite(tables, several, relations, "SELECT __key", 1)
    found: list[ObjectReconciliation] = []
    for mapping, one in zip(mapped, frames, strict=True):
        rules = {name: spec.rule for name, spec in mapping.fields.items()}
        known = options.schema.tables.get(one.table) if options.schema else None
        reconciled = reconcile_object(tables.connection, one, target)
        found.append(replace(reconciled, rules=rules, called=known.title if known else ""))
        progress(tables[one.expected].rows)
    return Reconciliation(tuple(found), earlier=options.earlier)


def _check_totals(mappings: Sequence[Mapping]) -> None:
    """Refuse totals that say something other than numbers, or name other than mapped columns.

    Raises:
        ConfigurationError: `mapping.total-number`, or `mapping.total-unknown`.
    """
    for mapping in mappings:
        for index, total in enumerate(mapping.gates.totals):
            for path, text in total.numbers():
                if decimal(text) is None:
                    raise ConfigurationError(
                        "mapping.total-number", Message("'{value}' is not a number", value=text),
                        place_of(mapping, ("gates", "totals", index, *path)), Message("for example: {names}", names="0.01"),
                    )  # fmt: skip
            for name in total.columns:
                if name not in mapping.fields:
                    raise ConfigurationError(
                        "mapping.total-unknown", Message("no field is called '{name}'", name=name),
                        place_of(mapping, ("gates", "totals", index)), nearest_or_all(name, mapping.fields),
                    )  # fmt: skip


def _of_several(wanted: set[str], relations: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return `account|contact` → the names of the crosswalks of both, told apart as references are, and of the keys of both tables."""
    several = sorted(name for name in wanted if "|" in name and any(part in relations for part in name.split("|")))
    return {name: (f"crmm_walk_of_{number}", f"crmm_actual_of_{number}") for number, name in enumerate(several)}


def _unite(
    tables: Tables, several: dict[str, tuple[str, str]], relations: dict[str, tuple[str, str]], picked: str, side: int
) -> None:
    """Make one side of `_of_several`: the crosswalks (0), or the keys in the tables (1)."""
    for parents, names in several.items():
        parts = (
            picked.format(name) + f" FROM {relations[name][side]}" for name in parents.split("|") if name in relations
        )
        tables.connection.execute(f"CREATE OR REPLACE TEMP VIEW {names[side]} AS {' UNION ALL '.join(parts)}")


def _frames(tables: Tables, target: Any, mapping: Mapping, options: ReconcileOptions, number: int) -> ObjectFrames:
    """Bring the crosswalk of one object into the connection, and say what will be compared."""
    from crmmigrate.checks.both_sides import store
    from crmmigrate.checks.object_frames import ObjectFrames

    name, table = mapping.object, mapping.target.table
    walk = f"crmm_walk_{number}"
    store(tables.connection, walk, target.crosswalk(name))
    known = options.schema.tables.get(table) if options.schema else None
    columns = tuple(mapping.fields)
    kinds = {column: kind for column, kind in target.kinds(table).items() if kind not in ("float", "other")}
    kinds |= {column: spec.type for column, spec in known.columns.items()} if known else {}
    return ObjectFrames(
        name, table, f"source.{name}", f"expected.{name}", "aside", walk, f"crmm_actual_{number}", columns, mapping.references,
        kinds=kinds, policies={column: mapping.policy(column) for column in columns}, match_on=mapping.match.on,
        follows=_followed(tables, mapping), waves="waves" if "waves" in tables else "", number=number, identity=known.identity if known else "", loads=options.loads,
        totals=tuple(replace(total, control="") if options.sample else total for total in mapping.gates.totals),
    )  # fmt: skip


def _with_links(tables: Tables, frames: ObjectFrames) -> str:
    """Return the relation of an object's source rows in which children have the parents that dedupe found for them."""
    if LINKED not in tables:
        return frames.source
    links = [column for column in tables[frames.source].columns if column.startswith(REFERENCE)]
    view = f"crmm_linked_{frames.number}"
    joins, found = "", []
    for number, column in enumerate(links):
        of = f"object = {literal(frames.object)} AND parent = {literal(column.removeprefix(REFERENCE))}"
        joins += (
            f' LEFT JOIN (SELECT record, "into" FROM {LINKED} WHERE {of}) l{number} ON l{number}.record = s._record'
        )
        found.append(f'coalesce(s.{quoted(column)}, l{number}."into") AS {quoted(column)}')
    replaced = f" REPLACE ({', '.join(found)})" if found else ""
    tables.connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT s.*{replaced} FROM {quoted(frames.source)} s{joins}"
    )
    return view


def _followed(tables: Tables, mapping: Mapping) -> dict[str, str]:
    """Return the references that simply follow a column of the source rows, with that column."""
    source = tables[f"source.{mapping.object}"].columns
    return {
        name: spec.reads[0]
        for name, spec in mapping.fields.items()
        if spec.lookup and len(spec.reads) == 1 and spec.reads[0].startswith("_ref_") and spec.reads[0] in source
    }


def _facts(found: Reconciliation) -> dict[str, Any]:
    facts: dict[str, Any] = {"agrees": found.agrees, "differences": len(found.all_differences)}
    kinds = Counter(difference.kind for difference in found.all_differences)
    facts["kinds"] = dict(sorted(kinds.items()))
    if found.objects:
        facts["objects"] = {
            o.name: dict(zip(EQUATION_COLUMNS[1:], map(int, o.equation.row(o.name)[1:]), strict=True))
            for o in found.objects
        }
        facts["waves"] = {
            o.name: {wave: dict(zip(EQUATION_COLUMNS[1:], map(int, e.row("")[1:]), strict=True)) for wave, e in o.waves}
            for o in found.objects if o.waves
        }  # fmt: skip
        facts["strangers"] = {o.name: o.strangers for o in found.objects if o.strangers}
        facts["left_over"] = {
            o.name: {"gone": o.left_over.gone, "set_aside": o.left_over.aside, "table": o.target_rows}
            for o in found.objects if o.left_over
        }  # fmt: skip
        facts["explained"] = {o.name: o.explained for o in found.objects if o.explained}
        facts["totals_off"] = {o.name: o.totals_off for o in found.objects if o.totals_off}
    else:
        facts["rows"] = list(found.compared[:2])
        facts["columns"] = found.compared[2]
        facts["left_out"] = dict(zip(("left", "right"), map(list, found.alone), strict=True))
    return facts
