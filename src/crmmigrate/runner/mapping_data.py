"""Try mapping files on source data and count what becomes of it, for `mapping lint --data`."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.expression import FailedExpression
from crmmigrate.model.fieldmapper import UNMAPPED, text_columns
from crmmigrate.model.lint import DataFigures, FieldFigures
from crmmigrate.model.mapping_tables import lookup_of, value_map
from crmmigrate.model.profile import PERSONAL
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.model.target_value import fits
from crmmigrate.runner.single import read_tables, table_called
from crmmigrate.stages.map import RowMapper

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict
    from collections.abc import Sequence

    from crmmigrate.model.fieldmapper import Answered, FieldMapper
    from crmmigrate.model.location import Location
    from crmmigrate.model.lookup import LookupTable
    from crmmigrate.model.mapping import FieldMapping, Mapping
    from crmmigrate.model.schema import TargetColumn, TargetSchema
    from crmmigrate.runner.execute import Context

_WORDS, _SAMPLE = 10, 300


def table_data(
    mappings: Sequence[Mapping], schemas: Dict[str, TargetSchema | None], location: Location, context: Context
) -> dict[str, tuple[tuple[str, ...], DataFigures | None]]:
    """Read the data and try each mapping file on its table.

    Args:
        mappings: that read without a mistake.
        schemas: file of a mapping → the snapshot of the target's tables.
        location: of the data; one table stands for every mapping, of several each takes that of its `source: table`.
        context: the workspace.

    Returns:
        File of the mapping → the table's columns, and what was counted. No columns: the data has no such table.

    Raises:
        LocationError: the data cannot be read.
    """
    read = read_tables([location], context).tables
    named = {name.partition(".")[2]: table for name, table in read.items() if not name.startswith("_")}
    chosen = {mapping.object: table_called(mapping.source.table, named) for mapping in mappings}
    tables = {name: Table(name, table.path) for name, table in chosen.items() if table is not None}
    found: dict[str, tuple[tuple[str, ...], DataFigures | None]] = {}
    for mapping in mappings:
        table = tables.get(mapping.object)
        if table is None:
            found[mapping.file] = ((), None)
            continue
        found[mapping.file] = (table.data_columns, _Trial(mapping, table, tables, schemas.get(mapping.file)).figures())
    return found


@dataclass
class _Counts:
    """What is added up for one field over all batches."""

    filled: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    longest: int = 0
    too_long: int = 0
    misfit: int = 0
    unusable: int = 0


def _refused(error: ConfigurationError) -> FieldFigures:
    """Return what is known of a field whose expression fails."""
    failed = error.__cause__
    if not isinstance(failed, FailedExpression):
        return FieldFigures(0, {}, {}, sql=error.message.text())
    return FieldFigures(0, {}, {}, sql=failed.why or error.message.text(), within=(failed.sql, failed.at))


class _Trial:
    """One mapping file on one table."""

    def __init__(self, mapping: Mapping, table: Table, tables: dict[str, Table], schema: TargetSchema | None) -> None:
        self.table = table
        self.tables = Tables(tables)
        described = schema.tables.get(mapping.target.table) if schema else None
        self.columns: dict[str, TargetColumn] = described.columns if described else {}
        self.picklists = schema.picklists if schema else {}
        self.failed: dict[str, FieldFigures] = {}
        self.mapping = self._runnable(mapping)
        self.mapper = RowMapper(self.mapping, mapping.object, self._value_maps(), self._lookups())
        self.counts = {target: _Counts() for target in self.mapping.fields}
        self.seen: dict[str, set[str]] = {
            name: set() for name, spec in self.mapping.fields.items() if isinstance(spec.values, dict)
        }
        self.matched: set[tuple[Any, ...]] = set()
        self.repeated = 0

    def figures(self) -> DataFigures:
        """Map every row and return what was counted."""
        for frame in self.table.batches():
            self._batch(text_columns(frame))
        misfits, personal = self._meanings()
        fields = {
            target: FieldFigures(
                c.filled, dict(c.codes), dict(c.rejects),
                () if personal & set(self.mapping.fields[target].columns) else tuple(c.words.most_common(_WORDS)),
                c.longest, c.too_long, c.misfit, c.unusable,
            ) for target, c in self.counts.items()
        }  # fmt: skip
        return DataFigures(
            self.table.rows, fields | self.failed, misfits, self._unseen(), self._repeated_keys(), self.repeated
        )

    def _runnable(self, mapping: Mapping) -> Mapping:
        """Return the mapping without the fields that fail on the very first rows: rules tell of them one by one."""
        first = text_columns(next(iter(self.table.batches(100))))
        kept: dict[str, FieldMapping] = {}
        for target, spec in mapping.fields.items():
            alone = replace(mapping, fields={target: replace(spec, kind_of="")})
            object.__setattr__(alone, "file", mapping.file)
            try:
                mapper = RowMapper(replace(alone, source=replace(alone.source, where="")), mapping.object)
                assert mapper.fields  # noqa: S101  # builds every step
                mapper.computed(first)
            except ConfigurationError as error:
                if spec.sql:
                    self.failed[target] = _refused(error)
                continue
            kept[target] = spec
        where = mapping.source.where
        if where:
            try:
                RowMapper(replace(mapping, fields={}), mapping.object).computed(first)
            except ConfigurationError as error:
                self.failed["source"] = _refused(error)
                where = ""
        whole = replace(mapping, fields=kept, source=replace(mapping.source, where=where))
        object.__setattr__(whole, "file", mapping.file)
        return whole

    def _value_maps(self) -> dict[str, dict[str, str | None]]:
        maps: dict[str, dict[str, str | None]] = {}
        for target, spec in self.mapping.fields.items():
            with suppress(ConfigurationError):  # a rule about the file says so
                maps |= value_map(self.mapping, target, spec)
        return maps

    def _lookups(self) -> dict[str, LookupTable]:
        """Return the tables of the lookups whose objects are among the data; a lookup elsewhere is not tried."""
        found: dict[str, LookupTable] = {}
        for target, spec in self.mapping.fields.items():
            with suppress(ConfigurationError):
                found |= lookup_of(self.mapping, target, spec, self.tables)
        return found

    def _batch(self, rows: Any) -> None:
        import pyarrow as pa

        computed = self.mapper.computed(rows)
        wanted = computed.pop(self.mapping.source.where, None)
        if wanted is not None:
            kept = pa.array([answer == "true" for answer in wanted], pa.bool_())
            rows = rows.filter(kept)
            computed = self.mapper.computed(rows)
        columns = {}
        rejected: set[int] = set()
        for mapper, answered in self.mapper.answers(rows, computed):
            self._count(mapper, rows, answered)
            columns[mapper.target] = answered.values
            rejected |= {row for row, _, answer in answered.notable if answer.reject}
        on = [columns[name].to_pylist() for name in self.mapping.match.on if name in columns]
        for row, values in enumerate(zip(*on, strict=True)):
            if row not in rejected and all(values):
                self.repeated += values in self.matched
                self.matched.add(values)

    def _count(self, mapper: FieldMapper, rows: Any, answered: Answered) -> None:
        counts, spec = self.counts[mapper.target], mapper.spec
        read = [rows.column(name) for name in spec.reads if name in rows.column_names]
        filled = [
            any(cell and cell.strip() for cell in row) for row in zip(*(c.to_pylist() for c in read), strict=True)
        ]
        counts.filled += sum(filled)
        for _, raw, answer in answered.notable:
            counts.unusable += any(flag.severity == "error" for flag in answer.flags)
            counts.codes.update({flag.code for flag in answer.flags})
            if answer.reject:
                counts.rejects[answer.reject] += 1
            if answer.reject == UNMAPPED or any(flag.code == UNMAPPED for flag in answer.flags):
                counts.words[" | ".join(filter(None, raw))] += 1
        if mapper.target in self.seen and len(read) == 1 and mapper.fold:
            self.seen[mapper.target] |= {mapper.fold(word) for word in read[0].unique().to_pylist() if word}
        self._against_target(counts, mapper, answered)

    def _against_target(self, counts: _Counts, mapper: FieldMapper, answered: Answered) -> None:
        column = self.columns.get(mapper.target)
        for entry in answered.values.value_counts().to_pylist():
            value, number = entry["values"], entry["counts"]
            if value is None:
                continue
            counts.longest = max(counts.longest, len(value))
            if column is None or column.references or mapper.spec.lookup:
                continue
            if column.picklist:  # with values: another rule tells which words of the map are none
                counts.misfit += number * (mapper.spec.values is None and value not in self.picklists[column.picklist])
                continue
            counts.too_long += number * (column.type == "text" and len(value) > column.length)
            counts.misfit += number * (not fits(value, column))

    def _unseen(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for mapper in self.mapper.fields:
            if mapper.target in self.seen and mapper.fold and mapper.values and not mapper.steps:
                seen = self.seen[mapper.target]
                found[mapper.target] = tuple(word for word in mapper.values if mapper.fold(word) not in seen)
        return {target: words for target, words in found.items() if words}

    def _repeated_keys(self) -> int:
        key = [column for column in self.mapping.source.key if column in self.table.columns]
        if not key or len(key) < len(self.mapping.source.key):
            return 0
        listed = ", ".join(map(quoted, key))
        blank = " OR ".join(f"nullif(trim({quoted(column)}), '') IS NULL" for column in key)
        query = f"SELECT count(*) - count(DISTINCT ({listed})) FILTER (NOT ({blank})) FROM {quoted(self.table.name)}"
        return int(self.tables.value(query))

    def _meanings(self) -> tuple[dict[str, tuple[str, str]], set[str]]:
        """Return the columns that are called one thing and hold another, and those whose words are nobody's business."""
        from crmmigrate.checks.profile_meaning import guess_meaning, header_misfit

        found: dict[str, tuple[str, str]] = {}
        personal: set[str] = set()
        read = {column for spec in self.mapping.fields.values() for column in spec.columns}
        for column in sorted(read & set(self.table.data_columns)):
            cell = quoted(column)
            query = f"SELECT {cell} AS v, count(*) AS n FROM {quoted(self.table.name)} WHERE {cell} IS NOT NULL GROUP BY 1 LIMIT {_SAMPLE}"
            rows = self.tables.sql(query).to_pylist()
            if not rows:
                continue
            meaning, sure = guess_meaning(column, [row["v"] for row in rows], sum(row["n"] for row in rows), len(rows))
            said = header_misfit(column, meaning)
            if said and sure >= 0.6:
                found[column] = (said, meaning)
            if meaning in PERSONAL - {"sex"}:
                personal.add(column)
        return found, personal
