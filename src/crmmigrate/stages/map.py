"""map: turn the records of each business object into rows of a table of the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmmigrate import standards, transforms
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.expression import named_columns, stays_in_its_row
from crmmigrate.model.fieldmapper import NO_PART, FieldMapper, Raw
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, declare_code
from crmmigrate.model.lookup import LookupTable, columns_needed, lookup_table
from crmmigrate.model.mapping import FieldMapping, Mapping, MappingTest, Step, place_of, read_mappings
from crmmigrate.model.stage import PROJECT, Batch, Job, RowWise, StageResult, option, stage
from crmmigrate.model.standard import Cleaned, ColumnStandard, Flag
from crmmigrate.model.table import quoted
from crmmigrate.model.valuemap import as_text, read_value_map

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Tables


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
                nearest(name, by_object) or Message("there are: {words}", words=", ".join(by_object)),
            )  # fmt: skip
    return {name: mapping for name, mapping in by_object.items() if name in tables}


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
                nearest(column, columns),
            )
            for column in spec.columns
            if column not in columns and not column.startswith(REFERENCE)
        ]
    value_maps: dict[str, dict[str, str | None]] = {}
    lookups: dict[str, LookupTable] = {}
    for target, spec in mapping.fields.items():
        try:
            value_maps |= _value_map(mapping, target, spec)
            lookups |= _lookup(mapping, target, spec, tables)
            _chain(mapping, target, spec)
        except ConfigurationError as error:
            errors.append(error)
    if errors:
        raise Findings(errors)
    return RowMapper(mapping, name, value_maps, lookups)


def _value_map(mapping: Mapping, target: str, spec: FieldMapping) -> dict[str, dict[str, str | None]]:
    if spec.values is None:
        return {}
    if isinstance(spec.values, str):
        place = place_of(mapping, ("fields", target, "values"))
        return {target: read_value_map(mapping.value_file(spec.values), place)}
    return {target: {word: as_text(value) for word, value in spec.values.items()}}


def _lookup(mapping: Mapping, target: str, spec: FieldMapping, tables: Tables) -> dict[str, LookupTable]:
    if spec.lookup is None or not spec.lookup.by:
        return {}
    place = place_of(mapping, ("fields", target, "lookup"))
    other = spec.lookup.object
    if other not in tables:
        raise ConfigurationError(
            "map.no-lookup-table", Message("there is no table '{name}' to look values up in", name=other), place,
            Message("give it with --reference {name}=LOCATION", name=other),
        )  # fmt: skip
    needed = columns_needed(spec.lookup)
    for column in needed:
        if column not in tables[other].columns:
            raise ConfigurationError(
                "map.no-column", Message("the table '{table}' has no column '{column}'", table=other, column=column),
                place, nearest(column, tables[other].columns),
            )  # fmt: skip
    chosen = ", ".join(quoted(column) for column in needed)
    rows = tables.sql(f"SELECT {chosen} FROM {quoted(other)}").to_pylist()
    return {target: lookup_table(spec.lookup, rows)}


def _chain(mapping: Mapping, target: str, spec: FieldMapping) -> list[Callable[[Any], Any]]:
    return [_step(mapping, ("fields", target, "do", index), step) for index, step in enumerate(spec.do)]


def _step(mapping: Mapping, path: tuple[str | int, ...], step: Step) -> Callable[[Any], Any]:
    """Return the function of one step, from text or a list to text, a list, None or `Cleaned`."""
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
    return replace(cleaned, value=cleaned.parts.get(part), flags=(*cleaned.flags, *none))


def _each(function: Callable[[str], Any], value: Any) -> Any:
    if isinstance(value, list):
        return [None if one is None else function(one) for one in value]
    return None if value is None else function(value)


@dataclass(frozen=True)
class RowMapper:
    """One batch of an object's records in, one batch of target rows out. Picklable: it builds its functions where it runs."""

    mapping: Mapping
    name: str
    value_maps: dict[str, dict[str, str | None]] = field(default_factory=dict)
    lookups: dict[str, LookupTable] = field(default_factory=dict)

    @cached_property
    def _fields(self) -> list[FieldMapper]:
        return [
            FieldMapper(target, spec, _chain(self.mapping, target, spec), self.value_maps.get(target), self.lookups.get(target))
            for target, spec in self.mapping.fields.items()
        ]  # fmt: skip

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_fields"}

    def __call__(self, frame: pd.DataFrame) -> Batch:
        """Map one batch; a row with several faults is set aside for the first of them."""
        import pandas as pd

        rows = len(frame)
        records, origins = _cells(frame, RECORD), _cells(frame, ORIGIN)
        columns: dict[str, list[str | None]] = {}
        issues: list[tuple[str | None, ...]] = []
        aside: dict[int, tuple[str | None, ...]] = {}
        for mapper in self._fields:
            raws = self._raws(mapper.spec, frame)
            answers = {raw: mapper.answer(raw) for raw in dict.fromkeys(raws)}
            columns[mapper.target] = [answers[raw].value for raw in raws]
            notable = {raw for raw, answer in answers.items() if answer.flags or answer.reject}
            for row in (index for index, raw in enumerate(raws) if raw in notable) if notable else ():
                answer, shown, before = answers[raws[row]], _shown(mapper), _before(raws[row], mapper.spec)
                rule = f"{self.mapping.target.table}.{mapper.target}"
                issues += [
                    (self.name, records[row], origins[row], shown, flag.code, flag.severity, flag.kind, before, answer.value,
                     rule, "certain") for flag in answer.flags
                ]  # fmt: skip
                if answer.reject and row not in aside:
                    aside[row] = (self.name, records[row], origins[row], "rejected", answer.reject, shown, before, None)
        kept = pd.DataFrame({RECORD: records, ORIGIN: origins, **columns}, dtype="str")
        if aside:
            kept = kept.drop(index=list(aside))
        return Batch(kept.reset_index(drop=True), issues, [aside[row] for row in sorted(aside) if row < rows])

    def _raws(self, spec: FieldMapping, frame: pd.DataFrame) -> list[Raw]:
        if spec.sql:
            named = named_columns(spec.sql, [column for column in frame.columns if column not in (RECORD, ORIGIN)])
            return list(zip(self._evaluate(spec, frame), *(_cells(frame, column) for column in named), strict=True))
        if not spec.reads:
            return [()] * len(frame)
        return list(zip(*(_cells(frame, column) for column in spec.reads), strict=True))

    def _evaluate(self, spec: FieldMapping, frame: pd.DataFrame) -> list[str | None]:
        import duckdb
        import pyarrow as pa

        connection = duckdb.connect(":memory:", config={"enable_external_access": "false"})
        try:
            relation = connection.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))
            connection.execute("SET lock_configuration = true")
            expression = duckdb.SQLExpression(spec.sql).cast("VARCHAR")
            rows = relation.select(expression).fetchall()
        except duckdb.Error as error:
            raise ConfigurationError(
                "map.sql", Message("the SQL expression fails: {why}", why=type(error).__name__),
                place_of(self.mapping, (*spec.path, "sql")),
                Message("all columns are text; use TRY_CAST for numbers and dates"),
            ) from error  # fmt: skip
        finally:
            connection.close()
        if len(rows) != len(frame) or not stays_in_its_row(spec.sql):
            raise ConfigurationError(
                "map.sql-not-row-wise", Message("the SQL expression looks at more than its own row"),
                place_of(self.mapping, (*spec.path, "sql")),
                Message("no aggregates, windows, subqueries, unnest or random values: a row must not depend on its batch"),
            )  # fmt: skip
        return [row[0] or None for row in rows]


def _cells(frame: pd.DataFrame, column: str) -> list[str | None]:
    if column not in frame.columns:
        return [None] * len(frame)
    values = frame[column]
    return [value or None for value in values.astype(object).where(values.notna(), None)]


def _shown(mapper: FieldMapper) -> str:
    """Return the column a person looks at: the source's, or the target's where the value comes from elsewhere."""
    own = [column for column in mapper.spec.columns if not column.startswith("_")]
    return " + ".join(own) or mapper.target


def _before(raw: Raw, spec: FieldMapping) -> str | None:
    """Return the values of the source columns; of an expression that names none, its result."""
    values = raw[1:] if spec.sql and len(raw) > 1 else raw
    return " | ".join(value or "" for value in values) if any(values) else None


def run_test(mapping: Mapping, test: MappingTest) -> list[Message]:
    """Run one test of a mapping file through the code that maps the data.

    Returns:
        What came out otherwise than expected; nothing where the test passes.

    Raises:
        Findings: the mapping does not fit the program.
    """
    from crmmigrate.model.issue import text_frame

    errors: list[ConfigurationError] = []
    mapper = RowMapper(mapping, mapping.object)
    for target, spec in mapping.fields.items():
        try:
            mapper.value_maps.update(_value_map(mapping, target, spec))
            _chain(mapping, target, spec)
        except ConfigurationError as error:
            errors.append(error)
        if spec.lookup and spec.lookup.by:
            others = test.others.get(spec.lookup.object, ())
            rows = [{column: as_text(value) for column, value in row.items()} for row in others]
            mapper.lookups[target] = lookup_table(spec.lookup, rows)
    if errors:
        raise Findings(errors)
    given = {RECORD: "test", ORIGIN: mapping.file} | {column: as_text(value) for column, value in test.given.items()}
    read = {column: None for spec in mapping.fields.values() for column in spec.reads}
    row = read | given
    batch = mapper(text_frame([tuple(row.values())], tuple(row)))
    return _differences(test, batch)


def _differences(test: MappingTest, batch: Batch) -> list[Message]:
    code = batch.aside[0][4] if batch.aside else ""
    if code != test.rejects:
        expected: str | Message = test.rejects or Message("no rejection")
        return [Message("expected {expected}, got {got}", expected=expected, got=code or Message("no rejection"))]
    wrong = []
    for column, value in test.expect.items() if not code else ():
        cell = batch.rows[column].iloc[0]
        got = cell if isinstance(cell, str) else None
        if got != as_text(value):
            wrong.append(
                Message("{column}: expected '{expected}', got '{got}'", column=column, expected=as_text(value) or "", got=got or "")
            )  # fmt: skip
    return wrong
