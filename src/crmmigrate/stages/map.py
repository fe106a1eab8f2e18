"""map: turn the records of each business object into rows of a table of the target."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmmigrate import standards, transforms
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest, nearest_header, nearest_or_all
from crmmigrate.model.expression import FailedExpression, evaluated, named_columns
from crmmigrate.model.fieldmapper import (
    NO_PART,
    Answered,
    FieldMapper,
    Raw,
    by_column,
    by_columns,
    by_value,
    cells,
    column_of,
    text_columns,
)
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, declare_code, issue_table
from crmmigrate.model.lookup import LookupTable
from crmmigrate.model.mapping import FieldMapping, Mapping, Step, place_of, read_mappings
from crmmigrate.model.mapping_tables import lookup_of, value_map
from crmmigrate.model.notable import issues_of
from crmmigrate.model.stage import PROJECT, Batch, Job, RowWise, StageResult, option, stage
from crmmigrate.model.standard import Cleaned, ColumnStandard, Flag
from crmmigrate.model.table import to_text_frame

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Table, Tables


NOT_WANTED = declare_code("map.not-wanted", Message("the mapping does not want this row"))


@dataclass(frozen=True)
class MapOptions:
    """The mapping files, parents before children, and what they are applied to.

    Args:
        mappings: read and in load order.
        reference: names of tables that values are looked up in, when one table is mapped alone.
        objects: the business objects of the project; each needs a mapping.
    """

    mappings: tuple[Mapping, ...] = option(
        "--mapping", Message("A mapping file, or a folder of them."), multiple=True, required=True,
        read=lambda path: path,
    )  # fmt: skip
    reference: tuple[str, ...] = option(
        "--reference", Message("A table that values are looked up in, as OBJECT=LOCATION."), multiple=True
    )
    objects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Read mapping files given as paths, all together, so that all mistakes come at once."""
        if any(not isinstance(mapping, Mapping) for mapping in self.mappings):
            paths: tuple[Any, ...] = self.mappings
            object.__setattr__(self, "mappings", read_mappings(paths))

    @classmethod
    def from_project(cls, project: Project) -> MapOptions:
        """Read the mapping files of a project."""
        folder: Path = project.file(project.mappings)
        return cls(read_mappings([folder]), objects=tuple(project.objects))


@stage(title=Message("Turn records into rows of the target's tables"), options=MapOptions, writes=("issues", "rejects"))
def map_(job: Job) -> StageResult:
    """Map each object by its mapping file; a row that lacks what the mapping requires is rejected.

    The output table has the object's name, the target's columns in the order of the mapping, `_record` and `_origin`. A
    reference holds the `_record` of the parent.

    Raises:
        Findings: an unknown step, column, value map or lookup table.
    """
    options: MapOptions = job.options
    result = StageResult()
    errors: list[ConfigurationError] = []
    for name, mapping in _assigned(options, job.tables).items():
        try:
            mapper = prepare(mapping, job.tables, name)
        except Findings as found:
            errors += found.errors
            continue
        result.tables[name] = RowWise(name, mapper)
        if left := _left(mapping, job.tables[name]):
            result.notes.append(Message(
                "{object}: columns that are neither mapped nor ignored and do not come over: {columns}",
                object=name, columns=", ".join(left[:12]) + (" …" if len(left) > 12 else ""),
            ))  # fmt: skip
    if errors:
        raise Findings(errors)
    result.facts = {name: rowwise.function.mapping.target.table for name, rowwise in result.tables.items()}
    result.next_step = Message("check the rows: crmmigrate run {project} --to validate", project=PROJECT)
    return result


map_ = replace(map_, name="map")


def _assigned(options: MapOptions, tables: Tables) -> dict[str, Mapping]:
    """Return table → mapping: by object name, or the only table by the only mapping."""
    by_object = {mapping.object: mapping for mapping in options.mappings}
    named = {text.partition("=")[0] for text in options.reference}
    given = [name for name in tables if name not in named and not name.startswith("_")]
    if not options.objects and len(given) == 1 and len(by_object) == 1:
        return {given[0]: options.mappings[0]}
    for name in options.objects or given:
        if name not in by_object:
            raise ConfigurationError(
                "map.no-mapping", Message("no mapping file has 'object: {name}'", name=name), "",
                nearest_or_all(name, by_object),
            )  # fmt: skip
    return {name: mapping for name, mapping in by_object.items() if name in tables}


def _left(mapping: Mapping, table: Table) -> list[str]:
    """Return the columns with values that the mapping does not read, and of which nobody said that they stay behind."""
    read = {column for spec in mapping.fields.values() for column in spec.reads} | set(mapping.source.key)
    sql = "\n".join([mapping.source.where, *(spec.sql for spec in mapping.fields.values())])
    unread = [column for column in table.data_columns if column not in read and not _is_in(sql, column)]
    unsaid = [column for column in unread if not any(fnmatchcase(column, one) for one in mapping.ignore)]
    filled = table.filled if unsaid else {}
    return [column for column in unsaid if filled.get(column, 1)]


def _is_in(sql: str, column: str) -> bool:
    """Return whether SQL names a column, and not just another of which its name is a part."""
    return column in sql and re.search(rf"(?<!\w){re.escape(column)}(?!\w)", sql) is not None


def prepare(mapping: Mapping, tables: Tables, name: str) -> RowMapper:
    """Build the function that maps the batches of the table `name`.

    Raises:
        Findings: everything in the mapping that does not fit the program or the tables, with its place.
    """
    errors: list[ConfigurationError] = []
    columns = set(tables[name].columns)
    for target, spec in mapping.fields.items():
        errors += [
            ConfigurationError(
                "map.no-column",
                Message("the table '{table}' has no column '{column}'", table=name, column=column),
                place_of(mapping, ("fields", target)),
                nearest_header(column, columns),
            )
            for column in spec.columns
            if column not in columns and not column.startswith(REFERENCE)
        ]
    value_maps: dict[str, dict[str, str | None]] = {}
    lookups: dict[str, LookupTable] = {}
    for target, spec in mapping.fields.items():
        try:
            value_maps |= value_map(mapping, target, spec)
            lookups |= lookup_of(mapping, target, spec, tables)
            steps_of(mapping, target, spec)
        except ConfigurationError as error:
            errors.append(error)
    if errors:
        raise Findings(errors)
    return RowMapper(mapping, name, value_maps, lookups)


def steps_of(mapping: Mapping, target: str, spec: FieldMapping) -> list[Callable[[Any], Any]]:
    """Return one function per step of a field, each from text or a list to text, a list, None or `Cleaned`.

    Raises:
        ConfigurationError: a step does not exist or cannot use its options; `kind_of` names no reference.
    """
    other = mapping.fields.get(spec.kind_of) if spec.kind_of else None
    if spec.kind_of and (other is None or other.lookup is None):
        known = [name for name, its in mapping.fields.items() if its.lookup]
        raise ConfigurationError(
            "mapping.kind-of", Message("'{name}' is no field with a lookup", name=spec.kind_of),
            place_of(mapping, ("fields", target, "kind_of")), nearest_or_all(spec.kind_of, known),
        )  # fmt: skip
    return [_step(mapping, ("fields", target, "do", index), step) for index, step in enumerate(spec.do)]


def _step(mapping: Mapping, path: tuple[str | int, ...], step: Step) -> Callable[[Any], Any]:
    try:
        if step.name in transforms.NAMES:
            return _transform(step)
        if step.name in standards.NAMES:
            return _standard(step, mapping)
    except ConfigurationError as error:
        raise ConfigurationError(error.code, error.message, place_of(mapping, path), error.hint) from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            "mapping.bad-option", Message("the step '{name}' cannot use this: {why}", name=step.name, why=error),
            place_of(mapping, path),
        ) from error  # fmt: skip
    raise ConfigurationError(
        "mapping.unknown-standard", Message("no standard is called '{name}'", name=step.name), place_of(mapping, path),
        nearest(step.name, (*transforms.NAMES, *standards.NAMES)),
    )  # fmt: skip


def _options(step: Step, known: tuple[str, ...]) -> dict[str, Any]:
    if step.value is None:
        return dict(step.options)
    if not known:
        raise ValueError("it takes no options")
    return {known[0]: step.value, **step.options}


def _transform(step: Step) -> Callable[[Any], Any]:
    found = transforms.find(step.name)
    for code, title in found.codes:
        declare_code(code, title)
    function = found.make(**_options(step, found.options))
    if found.takes == "list":
        return lambda value: function(value if isinstance(value, list) else [value])
    return lambda value: _each(function, value)


def _standard(step: Step, mapping: Mapping) -> Callable[[Any], Any]:
    found = standards.load(step.name)
    options = _options(step, found.options)
    part = options.pop("part", None)
    values = options.pop("values", None)
    cleaner = standards.cleaner(ColumnStandard(step.name, values=values, options=options), mapping.folder)
    if part is None:
        return lambda value: _each(cleaner, value)
    return lambda value: _each(lambda raw: _part(cleaner(raw), part), value)


def _part(cleaned: Cleaned, part: str) -> Cleaned:
    """Return one part in the place of the value; where there is no such part, a flag says that the value had none."""
    none = (Flag(NO_PART, "info", "MAP"),) if cleaned.value is not None and part not in cleaned.parts else ()
    return cleaned._replace(value=cleaned.parts.get(part), flags=(*cleaned.flags, *none))


def _whole(steps: tuple[Step, ...]) -> Callable[[Any], Any] | None:
    """Return what answers a whole array, missing where a value has to be looked at; None where a step cannot do that."""
    made: list[Callable[[Any], Any]] = []
    for step in steps:
        found = transforms.find(step.name) if step.name in transforms.NAMES else None
        if found is None or found.whole is None:
            return None
        made.append(found.whole(**_options(step, found.options)))

    def whole(values: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        none = pa.scalar(None, pa.string())
        for one in (lambda given: given, *made):  # what is or becomes empty is looked at
            values = one(values)
            values = pc.if_else(pc.equal(values, ""), none, values)
        return values

    return whole


def _each(function: Callable[[str], Any], value: Any) -> Any:
    if isinstance(value, list):
        return [None if one is None else function(one) for one in value]
    return None if value is None else function(value)


@dataclass(frozen=True)
class RowMapper:
    """One batch of an object's records in, one batch of target rows out. Picklable: it builds its functions where it runs.

    Args:
        mapping: the mapping file.
        name: of the table, for issues.
        value_maps: target column → its value map.
        lookups: target column → the table of its lookup.
    """

    mapping: Mapping
    name: str
    value_maps: dict[str, dict[str, str | None]] = field(default_factory=dict)
    lookups: dict[str, LookupTable] = field(default_factory=dict)

    @cached_property
    def fields(self) -> list[FieldMapper]:
        """One function per target column, in the order of the mapping."""
        return [
            FieldMapper(
                target, spec, steps_of(self.mapping, target, spec), self.value_maps.get(target), self.lookups.get(target),
                standards.same_word, _whole(spec.do),
            ) for target, spec in self.mapping.fields.items()
        ]  # fmt: skip

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "fields"}

    def __call__(self, frame: pd.DataFrame) -> Batch:
        """Map one batch; a row with several faults is set aside for the first of them."""
        import pyarrow as pa

        rows = text_columns(frame)
        computed = self.computed(rows)
        answers = computed.get(self.mapping.source.where, ())
        unwanted = frozenset(row for row, wanted in enumerate(answers) if wanted != "true")
        aside = {row: (*self._place(rows, row), "out_of_scope", NOT_WANTED, None, None, None) for row in unwanted}
        columns: dict[str, Any] = {name: column_of(rows, name) for name in (RECORD, ORIGIN)}
        columns |= dict.fromkeys(self.mapping.fields)
        issues = [issue_table([])]
        for mapper, answered in self.answers(rows, computed):
            columns[mapper.target] = answered.values
            rule = f"{self.mapping.target.table}.{mapper.target}"
            issues += issues_of(answered.notable, mapper, (self.name, rule), rows, unwanted)
            for row, raw, answer in answered.notable.rejected():
                if row not in aside:
                    shown = (mapper.shown, mapper.before(raw), None)
                    aside[row] = (*self._place(rows, row), "rejected", answer.reject, *shown)
        kept = pa.table(columns)
        if aside:
            kept = kept.filter(pa.array([row not in aside for row in range(len(frame))], pa.bool_()))
        return Batch(to_text_frame(kept), pa.concat_tables(issues), [aside[row] for row in sorted(aside)])

    def _place(self, rows: pa.Table, row: int) -> tuple[str | None, ...]:
        """Return what names a row that is set aside: the table, its record and its origin."""
        return (self.name, *(column_of(rows, name)[row].as_py() for name in (RECORD, ORIGIN)))

    def computed(self, rows: pa.Table) -> dict[str, list[str | None]]:
        """Return each SQL expression of the mapping with its value in every row.

        Raises:
            ConfigurationError: one fails, or looks at more than its own row.
        """
        given = (self.mapping.source.where, *(spec.sql for spec in self.mapping.fields.values()))
        expressions = tuple(dict.fromkeys(filter(None, given)))
        return self._evaluated(expressions, rows) if expressions else {}

    def answers(self, rows: pa.Table, computed: dict[str, list[str | None]]) -> Iterator[tuple[FieldMapper, Answered]]:
        """Yield what becomes of each field in a batch; those that tell the kind of another come behind it."""
        columns: dict[str, Any] = {}
        for mapper in sorted(self.fields, key=lambda one: bool(one.spec.kind_of)):
            answered = self._answered(mapper, rows, columns, computed)
            columns[mapper.target] = answered.values
            yield mapper, answered

    def _answered(
        self, mapper: FieldMapper, rows: pa.Table, columns: dict[str, Any], computed: dict[str, list[str | None]]
    ) -> Answered:
        spec = mapper.spec
        if spec.sql:
            data = [column for column in rows.column_names if column not in (RECORD, ORIGIN)]
            before = [cells(rows, column) for column in named_columns(spec.sql, data)]
            return by_value(mapper, list(zip(computed[spec.sql], *before, strict=True)))
        if spec.kind_of:
            other = self.mapping.fields[spec.kind_of].lookup
            names = columns[spec.kind_of].to_pylist()
            several = other is not None and other.others
            plain = other.object if other else ""
            kinds: list[Raw] = [(name and (name.partition(":")[0] if several else plain),) for name in names]
            return by_value(mapper, kinds)
        if not spec.reads:
            return by_value(mapper, [()] * rows.num_rows)
        if len(spec.reads) == 1 and spec.const is None:
            [column] = spec.reads
            return by_column(mapper, rows.column(column) if column in rows.column_names else None, rows.num_rows)
        first = transforms.find(spec.do[0].name) if spec.do and spec.do[0].name in transforms.NAMES else None
        if first is not None and first.merged is not None and spec.const is None:
            own = [rows.column(column) if column in rows.column_names else None for column in spec.reads]
            merged = first.merged(**_options(spec.do[0], first.options))
            return by_columns(
                replace(mapper, steps=mapper.steps[1:], whole=_whole(spec.do[1:])), own, rows.num_rows, merged
            )
        return by_value(mapper, list(zip(*(cells(rows, column) for column in spec.reads), strict=True)))

    def _evaluated(self, expressions: tuple[str, ...], rows: pa.Table) -> dict[str, list[str | None]]:
        try:
            return evaluated(expressions, rows)
        except FailedExpression as failed:
            path = next((spec.path for spec in self.mapping.fields.values() if spec.sql == failed.sql), ("source",))
            place = place_of(self.mapping, (*path, "where" if path == ("source",) else "sql"), (failed.sql, failed.at))
            if failed.why:
                raise ConfigurationError(
                    "map.sql", Message("the SQL expression fails: {why}", why=failed.why), place,
                    Message("all columns are text; use TRY_CAST for numbers and dates"),
                ) from failed  # fmt: skip
            raise ConfigurationError(
                "map.sql-not-row-wise", Message("the SQL expression looks at more than its own row"), place,
                Message("no aggregates, windows, subqueries, unnest or random values: a row must not depend on its batch"),
            ) from failed  # fmt: skip
