"""validate: check every row before it is loaded, with pandera schemas built from the target's tables or the data standard."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate import standards
from crmmigrate.checks.target_references import references_of
from crmmigrate.checks.target_rows import RowChecks
from crmmigrate.checks.target_values import OUTSIDE, PATTERN, RANGE, TOO_LONG, TOO_SHORT, TYPE, questions
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest, nearest_header, nearest_or_all
from crmmigrate.model.issue import ORIGIN, RECORD, declare_code
from crmmigrate.model.mapping import Mapping, read_mappings
from crmmigrate.model.schema import TargetSchema, TargetTable, read_target_schema
from crmmigrate.model.stage import PROJECT, Batch, Job, RowWise, StageResult, option, stage
from crmmigrate.model.standard import DataStandard, ObjectStandard
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Mapping as MappingOf

    import pandas as pd

    from crmmigrate.checks.target_references import Reference
    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Table, Tables

UNIQUE_TOGETHER = declare_code(
    "validate.not-unique-together", Message("an earlier row has the same values, which must be unique together")
)
UNIQUE = declare_code("validate.not-unique", Message("an earlier row has the same value, which must be unique"))
PARENT = declare_code("validate.parent-rejected", Message("the record it belongs to does not go to the target"))
PARENT_BLANKED = declare_code(
    "validate.parent-blanked", Message("the reference was left out: its record does not go to the target")
)
UNUSABLE = declare_code("validate.unusable", Message("the value is unusable by the data standard"))
NOT_STANDARD = declare_code("validate.not-standard", Message("the value is not in the standard form"))

_FORMAT_CODES = {TOO_LONG, TOO_SHORT, TYPE, RANGE, OUTSIDE, PATTERN, UNUSABLE, NOT_STANDARD}


def _read_standard(path: Any) -> DataStandard:
    return standards.check_standard(path)


@dataclass(frozen=True)
class ValidateOptions:
    """What rows are checked against: the data standard, or the target's tables as the mapping files fill them."""

    standard: DataStandard | None = option("--standard", Message("The data standard."), read=_read_standard)
    object: str = option("--object", Message("The business object the table holds."), default="")
    schema: TargetSchema | None = option(
        "--schema", Message("The description of the target's tables."), read=read_target_schema
    )
    mappings: tuple[Mapping, ...] = option(
        "--mapping", Message("The mapping file that made the rows."), multiple=True,
        read=lambda path: read_mappings([path])[0],
    )  # fmt: skip
    objects: tuple[str, ...] = ()

    @classmethod
    def from_project(cls, project: Project) -> ValidateOptions:
        """Take the target's schema and the mapping files of a project."""
        name = project.target.schema if project.target else ""
        schema = read_target_schema(project.file(name)) if name else None
        mappings = read_mappings([project.file(project.mappings)])
        return cls(schema=schema, mappings=mappings, objects=tuple(project.objects))


@dataclass
class _Faults:
    """Rows of one table that are rejected, by record; the first fault counts, all are issues."""

    table: str
    rows: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    issues: list[tuple[str | None, ...]] = field(default_factory=list)

    def add(self, record: str, origin: str | None, code: str, column: str, value: str | None, rule: str) -> None:
        kind = "FMT" if code in _FORMAT_CODES else "LOGIC"
        self.issues.append((self.table, record, origin, column, code, "error", kind, value, None, rule, "certain"))
        self.rows.setdefault(record, (self.table, record, origin, "rejected", code, column, value, None))


@stage(title=Message("Check rows before they are loaded"), options=ValidateOptions, writes=("issues", "rejects"))
def validate(job: Job) -> StageResult:
    """Reject each row that the target would refuse, or that does not meet the data standard.

    A row whose required parent does not go to the target is rejected too, and its own children after it, until nothing
    changes; a reference that is not required is left out, with an issue.

    Raises:
        ConfigurationError: nothing to check against, an unknown object, or a column that is not there.
    """
    options: ValidateOptions = job.options
    if options.standard is not None:
        faults = [_by_standard(job, options.standard, options.object)]
        references: dict[str, dict[str, Reference]] = {}
    elif options.mappings or options.schema is not None:
        planned = _planned(options, job.tables)
        faults = [_by_schema(job, name, mapping, options.schema) for name, mapping in planned.items()]
        made_by = {name: made for name, made in planned.items() if isinstance(made, Mapping)}
        references = references_of(made_by, set(planned), options.schema)
    else:
        raise ConfigurationError(
            "validate.nothing", Message("there is nothing to check against"), "",
            Message("give --standard FILE, or --schema FILE and --mapping FILE"),
        )  # fmt: skip
    by_table = {found.table: found for found in faults}
    _reject_children(job, by_table, references)
    result = StageResult()
    for name, found in by_table.items():
        of_it = references.get(name, {})
        blanked = {
            column: _dangling(job, name, column, by_table, one) for column, one in of_it.items() if not one.required
        }
        result.tables[name] = _survivors(job, found, of_it, blanked)
        result.issues += found.issues + _blanked(name, blanked)
        result.aside += found.rows.values()
        if found.rows:
            result.findings.append(Message("{table}: {count} rows are rejected", table=name, count=len(found.rows)))
    result.facts = {name: {"rejected": len(found.rows)} for name, found in by_table.items()}
    result.next_step = Message("load the rows: crmmigrate load {project}", project=PROJECT)
    return result


# Against the data standard


def _by_standard(job: Job, standard: DataStandard, object_name: str) -> _Faults:
    name = next(name for name in job.tables if not name.startswith("_"))
    table = job.tables[name]
    spec = _object_spec(standard, object_name or name, explicit=bool(object_name))
    for column, rules in spec.columns.items():
        if rules.required and column not in table.columns:
            raise _no_column(name, column, table)
    columns = {column: rules for column, rules in spec.columns.items() if column in table.columns}
    checked = {column: partial(_standard_checks, standard, spec, column) for column in columns}
    required = {column for column, rules in columns.items() if rules.required}
    faults = _checked(job, name, checked, required)
    _reject_repeated(job, faults, [column for column, rules in columns.items() if rules.unique])
    return faults


def _object_spec(standard: DataStandard, name: str, *, explicit: bool) -> ObjectStandard:
    if name in standard.objects:
        return standard.objects[name]
    if not explicit and len(standard.objects) == 1:
        return next(iter(standard.objects.values()))
    raise ConfigurationError(
        "validate.unknown-object", Message("the data standard has no object '{name}'", name=name), "",
        nearest(name, standard.objects)
        or Message("say which one with --object: {words}", words=", ".join(standard.objects)),
    )  # fmt: skip


def _standard_checks(standard: DataStandard, spec: ObjectStandard, column: str) -> dict[str, Callable[[str], bool]]:
    rules = spec.columns[column]
    clean = standards.cleaner(rules, standard.folder)
    checks: dict[str, Callable[[str], bool]] = {
        UNUSABLE: lambda raw: clean(raw).usable,
        NOT_STANDARD: lambda raw: not (cleaned := clean(raw)).usable or standards.is_standard(cleaned, raw),
    }
    if rules.max_length:
        length = rules.max_length
        checks[TOO_LONG] = lambda raw: len(raw) <= length
    return checks


# Against the target's tables


def _planned(options: ValidateOptions, tables: Tables) -> dict[str, Mapping | TargetTable]:
    """Return table → the mapping that made it, or the target table of that name."""
    by_object = {mapping.object: mapping for mapping in options.mappings}
    given = [name for name in tables if not name.startswith("_")]
    if not options.objects and len(given) == 1 and len(by_object) == 1:
        return {given[0]: options.mappings[0]}
    if by_object:
        return {name: mapping for name, mapping in by_object.items() if name in tables}
    known = options.schema.tables if options.schema else {}
    return {name: _target_table(options.schema, options.object or name) for name in given if options.schema and known}


def _target_table(schema: TargetSchema, name: str) -> TargetTable:
    if name not in schema.tables:
        raise ConfigurationError(
            "validate.unknown-table", Message("the target has no table '{name}'", name=name), "",
            nearest_or_all(name, schema.tables),
        )  # fmt: skip
    return schema.tables[name]


def _by_schema(job: Job, name: str, made_by: Mapping | TargetTable, schema: TargetSchema | None) -> _Faults:
    table = job.tables[name]
    if isinstance(made_by, TargetTable):
        target: TargetTable | None = made_by
    else:
        target = _target_table(schema, made_by.target.table) if schema else None
    columns = target.columns if target else {}
    required = {
        column for column, spec in columns.items() if spec.must_be_mapped or (spec.required and column in table.columns)
    }
    if isinstance(made_by, Mapping):
        required |= {column for column, spec in made_by.fields.items() if spec.required}
    for column in required:
        if column not in table.columns:
            raise _no_column(name, column, table)
    for column in table.data_columns:
        if target and column not in columns:
            raise ConfigurationError(
                "validate.unknown-column", Message("the target's table has no column '{column}'", column=column), name,
                nearest_or_all(column, columns),
            )  # fmt: skip
    picklists = schema.picklists if schema else {}
    travelling = made_by.references if isinstance(made_by, Mapping) else {}  # records still, keys only in the target
    checked = {
        column: partial(questions, columns[column], picklists)
        if column in columns and column not in travelling
        else dict
        for column in table.data_columns
    }
    faults = _checked(job, name, checked, required)
    _reject_repeated(job, faults, [column for column, spec in columns.items() if spec.unique and column in checked])
    for key in target.unique if target else ():
        if set(key) <= set(checked):
            _reject_repeated_together(job, faults, key)
    return faults


# Rows, one by one


def _checked(job: Job, name: str, asked: MappingOf[str, Any], required: Iterable[str]) -> _Faults:
    """Ask every cell of a table and collect those at fault."""
    faults = _Faults(name)
    for rows, found in job.each(RowChecks(name, asked, frozenset(required)), job.tables[name]):
        for record, origin, code, column, value in found:
            faults.add(record, origin, code, column, value, f"{name}.{column}")
        job.progress(rows)
    return faults


def _no_column(name: str, column: str, table: Table) -> ConfigurationError:
    return ConfigurationError(
        "validate.no-column", Message("the table has no column '{column}', which is required", column=column), name,
        nearest_header(column, table.data_columns),
    )  # fmt: skip


def _reject_repeated(job: Job, faults: _Faults, columns: Iterable[str]) -> None:
    for column in columns:
        for row in _repeated(job, faults, (column,)):
            faults.add(row[RECORD], row[ORIGIN], UNIQUE, column, row["value"], f"{faults.table}.{column}")


def _reject_repeated_together(job: Job, faults: _Faults, key: tuple[str, ...]) -> None:
    """Reject rows that repeat a unique key of several columns; one with an empty column repeats nothing, as in SQL."""
    for row in _repeated(job, faults, key):
        rule = f"{faults.table}.({', '.join(key)})"
        faults.add(row[RECORD], row[ORIGIN], UNIQUE_TOGETHER, key[-1], row["value"], rule)


def _repeated(job: Job, faults: _Faults, key: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows, of those that go on, whose columns of `key` hold what an earlier row holds; `value` is the last column's."""
    cells = [quoted(column) for column in key]
    filled = " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
    return _asked(
        job, (faults.table,), {"_gone": faults},
        f"SELECT {RECORD}, {ORIGIN}, value FROM (SELECT {RECORD}, {ORIGIN}, {cells[-1]} AS value, _n, "
        f"row_number() OVER (PARTITION BY {', '.join(cells)} ORDER BY _n) AS nth FROM child "
        f"WHERE {filled} AND {_going_on('_gone')}) AS counted WHERE nth > 1 ORDER BY _n",
    )  # fmt: skip


def _going_on(gone: str) -> str:
    """Return the SQL condition that a row of the relation `child` is not rejected."""
    return f"NOT EXISTS (SELECT 1 FROM {quoted(gone)} AS gone WHERE gone.{RECORD} = child.{RECORD})"


def _asked(job: Job, names: Sequence[str], gone: MappingOf[str, _Faults], query: str) -> list[dict[str, Any]]:
    """Return the rows that a query answers with, on the cluster where there are many to look at.

    Args:
        job: of the stage.
        names: of the tables it is about.
        gone: relation → the rows of a table that are rejected.
        query: in the SQL that DuckDB and Spark have in common; the first table is called `child` and has `_n`, by which its rows are in order.
    """
    tables = {name: job.tables[name] for name in names}
    frames = {relation: _records(faults) for relation, faults in gone.items()}
    first, found = quoted(names[0]), None
    if cluster := job.cluster_for(sum(table.rows for table in tables.values())):
        found = cluster.sql(tables, f"WITH child AS (SELECT * FROM {first}) {query}", frames)
    else:
        connection = job.tables.connection
        for relation, frame in frames.items():
            connection.register(relation, frame)
        found = job.tables.sql(f"WITH child AS (SELECT *, row_number() OVER () AS _n FROM {first}) {query}")
        for relation in frames:
            connection.unregister(relation)
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


# Parents and children


def _reject_children(job: Job, faults: dict[str, _Faults], references: dict[str, dict[str, Reference]]) -> None:
    changed = True
    while changed:
        changed = False
        for name, columns in references.items():
            for column, reference in columns.items():
                if not reference.required:
                    continue
                for row in _dangling(job, name, column, faults, reference):
                    faults[name].add(row[RECORD], row[ORIGIN], PARENT, column, row["value"], f"{name}.{column}")
                    changed = True


def _dangling(
    job: Job, name: str, column: str, faults: dict[str, _Faults], reference: Reference
) -> list[dict[str, Any]]:
    """Return the rows that go on and name a record that does not."""
    tables = tuple(dict.fromkeys((name, *reference.parents)))
    return _asked(
        job, tables, {f"_gone_{table}": faults[table] for table in tables},
        f"SELECT {RECORD}, {ORIGIN}, {quoted(column)} AS value FROM child WHERE {quoted(column)} IS NOT NULL "
        f"AND {_going_on(f'_gone_{name}')} AND {reference.staying(column, '_gone_{}'.format)} ORDER BY _n",
    )  # fmt: skip


def _blanked(name: str, blanked: MappingOf[str, Sequence[MappingOf[str, Any]]]) -> list[tuple[str | None, ...]]:
    return [
        (name, row[RECORD], row[ORIGIN], column, PARENT_BLANKED, "warning", "LOGIC", row["value"], None, f"{name}.{column}",
         "certain")
        for column, rows in blanked.items() for row in rows
    ]  # fmt: skip


def _records(faults: _Faults) -> Any:
    import pyarrow as pa

    return pa.table({RECORD: pa.array(list(faults.rows), pa.string())})


def _survivors(
    job: Job, faults: _Faults, references: MappingOf[str, Reference], blanked: MappingOf[str, Sequence[MappingOf[str, Any]]]
) -> RowWise | Iterator[Batch]:  # fmt: skip
    """Return the rows that go on, with references to records that do not go on left out."""
    left_out: dict[str, list[str]] = defaultdict(list)
    for column, rows in blanked.items():
        for emptied in (column, *references[column].kinds):
            left_out[emptied] += [row[RECORD] for row in rows]
    empty = {column: frozenset(records) for column, records in left_out.items() if records}
    going, table = _Going(frozenset(faults.rows), empty), job.tables[faults.table]
    # Batch by batch: a join in DuckDB would not keep the rows in their order.
    return RowWise(faults.table, going) if job.cluster_for(table.rows) else map(going, table.batches())


@dataclass(frozen=True)
class _Going:
    """Keeps the rows of a batch that go on.

    Args:
        gone: records that do not.
        empty: column → records in whose rows it is left out.
    """

    gone: frozenset[str]
    empty: MappingOf[str, frozenset[str]]

    def __call__(self, batch: pd.DataFrame) -> Batch:
        """Return them."""
        rows = batch[~batch[RECORD].isin(self.gone)]
        for column, records in self.empty.items():
            rows = rows.assign(**{column: rows[column].mask(rows[RECORD].isin(records))})
        return Batch(rows)
