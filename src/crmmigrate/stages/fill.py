"""Fill gaps: from reference tables, by the first key that finds one row, and from parts of the row's own values.

Only empty cells are filled, each with an issue that names the reference table and its row, or the column and standard of the part. A key
that several different rows have fills nothing; nor does a row found by name whose code is another than the row's own.

What a value only makes probable (the region of a telephone number or postcode) fills nothing: it is an issue with the proposal, for the
worklist, where the cell stays empty and nothing else in the row contradicts it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import SIDE_TABLES
from crmmigrate.model.document import nearest_header
from crmmigrate.model.issue import ORIGIN, RECORD, declare_code
from crmmigrate.model.stage import Batch, Job, RowWise, StageResult, option, stage
from crmmigrate.model.standard import ColumnStandard, DataStandard, ObjectStandard, Reference, object_standards
from crmmigrate.standards import check_standard, cleaner, standard_name, suggested

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from crmmigrate.model.project import Project
    from crmmigrate.model.standard import Cleaner
    from crmmigrate.model.table import Table, Tables

    Issues = list[tuple[str | None, ...]]

FILLED = declare_code("fill.reference", Message("filled from a reference table"))
PART = declare_code("fill.part", Message("filled with a part of another column"))
SUGGESTED = declare_code("fill.suggested", Message("empty; another column makes a value probable"))
AMBIGUOUS = declare_code(
    "fill.ambiguous", Message("several rows of the reference table have this key; nothing was filled")
)
CONFLICT = declare_code(
    "fill.conflict", Message("the reference row found has another code than this row; nothing was filled")
)


@dataclass(frozen=True)
class FillOptions:
    """The data standard, whose `fill` and `parts` say what fills what, and reference tables given by name."""

    standard: DataStandard = option("--standard", Message("the data standard"), read=check_standard, required=True)
    object: str | None = option("--object", Message("the object of the standard that the table is"))
    reference: tuple[str, ...] = option(
        "--reference", Message("a reference table, as name=LOCATION"), read=None, multiple=True
    )

    @classmethod
    def from_project(cls, project: Project) -> FillOptions:
        """Return the options of a migration: its standard.yaml, all objects.

        Raises:
            LocationError: the standard can't be read.
            Findings: it has mistakes.
        """
        standard = check_standard(project.file(project.standard)) if project.standard else DataStandard(1, {})
        return cls(standard=standard)


@stage(title=Message("Fill gaps from reference tables"), options=FillOptions, writes=("issues",))
def fill(job: Job) -> StageResult:
    """Fill the empty cells of each table for which the standard says how; the others pass unchanged.

    Raises:
        ConfigurationError: an unknown object, or a reference table lacks a column the standard names.
    """
    options: FillOptions = job.options
    beside = {text.partition("=")[0] for text in options.reference}
    own = [name for name in job.tables if name not in beside and name not in SIDE_TABLES]
    specs = object_standards(options.standard, own, options.object)
    result = StageResult(tables={name: table for name, table in job.tables.items() if name not in beside})
    facts = {}
    for name, spec in specs.items():
        table = job.tables[name]
        sources, findings = _sources(name, table, spec, job.tables)
        result.findings += findings
        parts = {column: rule for column, rule in spec.columns.items() if rule.parts and column in table.columns}
        if not sources and not parts:
            continue
        folder = str(options.standard.folder or "")
        result.tables[name] = RowWise(name, Filler(name, spec, tuple(parts), tuple(sources), folder))
        facts[name] = {"rows": table.rows, "references": {source.table: source.facts() for source in sources}}
    result.facts["objects"] = facts
    return result


def _sources(name: str, table: Table, spec: ObjectStandard, tables: Tables) -> tuple[list[Source], list[Message]]:
    """Return the reference tables ready to be asked, and what is missing of them."""
    sources: list[Source] = []
    findings: list[Message] = []
    for reference in spec.fill:
        found = _reference_table(reference.table, tables)
        if found is None:
            findings.append(Message("the reference table '{name}' is not here; it fills nothing", name=reference.table))
            continue
        keys = [key for key in reference.by if all(column in table.columns for column in key)]
        for key in reference.by:
            findings += [
                Message("table '{table}' has no column '{column}', by which '{name}' would be asked",
                        table=name, column=column, name=reference.table)
                for column in key if column not in table.columns
            ]  # fmt: skip
        if keys:
            sources.append(Source.read(reference, found, keys))
    return sources, findings


def _reference_table(name: str, tables: Tables) -> Table | None:
    """Return the table of exactly this name, or the one given for its source (`registry` for `registry.工商登记`)."""
    source, _, sheet = name.partition(".")
    for candidate in (name, source, sheet):
        if candidate and candidate in tables:
            return tables[candidate]
    return None


@dataclass(frozen=True)
class Source:
    """A reference table as dictionaries: folded key → the one row's number, or None where several different rows have it.

    Args:
        table: its name.
        keys: per key, own column → reference column.
        columns: own column → reference column.
        index: per key, folded values → row number or None.
        rows: per row, the values of the reference columns of `columns`.
        codes: per row and key, the folded values of the key.
        origins: per row, where a person finds it.
    """

    table: str
    keys: tuple[dict[str, str], ...]
    columns: dict[str, str]
    index: tuple[dict[tuple[str, ...], int | None], ...]
    rows: list[tuple[str | None, ...]]
    codes: list[tuple[tuple[str, ...], ...]]
    origins: list[str]

    @classmethod
    def read(cls, reference: Reference, table: Table, keys: Sequence[dict[str, str]]) -> Source:
        """Read the columns needed of a reference table.

        Raises:
            ConfigurationError: it has no such column (`fill.no-column`).
        """
        wanted = [*dict.fromkeys([*(c for key in keys for c in key.values()), *reference.columns.values()])]
        for column in wanted:
            if column not in table.columns:
                raise ConfigurationError(
                    "fill.no-column",
                    Message("the reference table '{table}' has no column '{column}'", table=reference.table, column=column),
                    "", nearest_header(column, table.data_columns),
                )  # fmt: skip
        frame = table.frame([*wanted, *(c for c in (ORIGIN,) if c in table.columns)])
        cells = {column: [value if isinstance(value, str) else None for value in frame[column]] for column in wanted}
        rows = list(zip(*(cells[column] for column in reference.columns.values()), strict=True))
        origins = (
            frame[ORIGIN].tolist() if ORIGIN in frame.columns else [str(number + 1) for number in range(len(frame))]
        )
        folded = [[_folded(values) for values in zip(*(cells[c] for c in key.values()), strict=True)] for key in keys]
        codes = list(zip(*folded, strict=True))
        index = tuple(_index(values, rows, codes) for values in folded)
        return cls(reference.table, tuple(keys), dict(reference.columns), index, rows, codes, origins)

    def facts(self) -> dict[str, Any]:
        """Return how many rows there are, and how many keys are good for nothing because rows share them."""
        ambiguous = {
            "+".join(key): sum(row is None for row in index.values())
            for key, index in zip(self.keys, self.index, strict=True)
        }
        return {"rows": len(self.rows), "ambiguous_keys": ambiguous}


def _index(
    values: list[tuple[str, ...]], rows: list[tuple[str | None, ...]], codes: list[tuple[tuple[str, ...], ...]]
) -> dict[tuple[str, ...], int | None]:
    """Return the row of each key; rows that agree in everything count as one."""
    index: dict[tuple[str, ...], int | None] = {}
    for number, key in enumerate(values):
        if not all(key):
            continue
        first = index.setdefault(key, number)
        if first is not None and first != number and (rows[first], codes[first]) != (rows[number], codes[number]):
            index[key] = None
    return index


def _folded(values: tuple[str | None, ...]) -> tuple[str, ...]:
    """Return a key's values so that spellings of one company or code are equal; empty where a value is missing."""
    from crmmigrate.standards.company_name import match_key

    return tuple(match_key(value) if value else "" for value in values)


@dataclass
class Filler:
    """A picklable function from a batch to the batch with its gaps filled.

    Args:
        table: its name, for the issues.
        spec: the object's standard.
        parts: the columns whose parts fill others.
        sources: the reference tables, in order.
        folder: where lists of values lie.
    """

    table: str
    spec: ObjectStandard
    parts: tuple[str, ...]
    sources: tuple[Source, ...]
    folder: str = ""
    _cleaners: dict[str, Cleaner] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("table", "spec", "parts", "sources", "folder")} | {
            "_cleaners": {}
        }

    def __call__(self, rows: pd.DataFrame) -> Batch:
        """Return the rows with gaps filled and an issue for each cell filled."""
        import pandas as pd

        targets = dict.fromkeys(c for column in self.parts for c in self.spec.columns[column].parts.values())
        targets |= dict.fromkeys(column for source in self.sources for column in source.columns)
        cells = {name: _cells(rows, name) for name in (*rows.columns, *(t for t in targets if t not in rows.columns))}
        issues: Issues = []
        for number in range(len(rows)):
            row = _Row(self, cells, number, issues)
            row.fill_parts()
            before = len(issues)
            for source in self.sources:
                row.fill_from(source)
            if len(issues) > before:
                row.fill_parts()
            row.suggest()
        filled = {name: pd.Series(cells[name], index=rows.index, dtype="str") for name in targets}
        return Batch(rows.assign(**filled), issues)

    def standard_form(self, column: str, value: str) -> str | None:
        """Return the value in its column's standard form, or None where it says nothing."""
        rule = self.spec.columns.get(column)
        if rule is None:
            return value
        cleaned = self.cleaner(column, rule)(value)
        return value if cleaned.confidence == "suggested" else cleaned.value

    def usable(self, column: str, value: str) -> bool:
        """Whether the value is good by its column's standard."""
        rule = self.spec.columns.get(column)
        return rule is None or self.cleaner(column, rule)(value).usable

    def cleaner(self, column: str, rule: ColumnStandard) -> Cleaner:
        """Return the column's cleaner, made once."""
        if column not in self._cleaners:
            self._cleaners[column] = cleaner(rule, Path(self.folder) if self.folder else None)
        return self._cleaners[column]


def _cells(rows: pd.DataFrame, name: str) -> list[str | None]:
    if name not in rows.columns:
        return [None] * len(rows)
    return [value if isinstance(value, str) else None for value in rows[name].tolist()]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row on its way: fills its own gaps."""

    filler: Filler
    cells: dict[str, list[str | None]]
    number: int
    issues: Issues

    def fill_parts(self) -> None:
        """Fill the columns that take a part of this row's values (ID number → birth date, address → 省)."""
        filler = self.filler
        for column in filler.parts:
            value = self.cells[column][self.number]
            rule = filler.spec.columns[column]
            if value is None or all(self.cells[target][self.number] is not None for target in rule.parts.values()):
                continue
            cleaned = filler.cleaner(column, rule)(value)
            for part, target in rule.parts.items():
                if cleaned.parts.get(part):
                    self._put(target, cleaned.parts[part], PART, f"{standard_name(rule)}:{column}", cleaned.confidence)

    def suggest(self) -> None:
        """Propose what a value makes probable for the columns still empty, unless the row says otherwise beside them."""
        told: set[tuple[str, str]] = set()
        for column in self.filler.parts:
            value = self.cells[column][self.number]
            rule = self.filler.spec.columns[column]
            if value is None or all(self.cells[target][self.number] is not None for target in rule.parts.values()):
                continue
            parts = suggested(rule, value)
            proposed = {
                target: form for part, target in rule.parts.items()
                if part in parts and (form := self.filler.standard_form(target, parts[part])) is not None
            }  # fmt: skip
            present = {target: self.cells[target][self.number] for target in proposed}
            if any(said not in (None, proposed[target]) for target, said in present.items()):
                continue
            for target, form in proposed.items():
                if present[target] is None and (target, form) not in told:
                    told.add((target, form))
                    self._note(target, SUGGESTED, "warning", form, f"{standard_name(rule)}:{column}", "suggested")

    def fill_from(self, source: Source) -> None:
        """Fill the gaps from one reference table."""
        gaps = [column for column in source.columns if self.cells[column][self.number] is None]
        if not gaps:
            return
        row, by, ambiguous = self._ask(source)
        if row is None:
            if ambiguous:
                self._note(ambiguous, AMBIGUOUS, "warning", None, source.table, "")
            return
        conflict = self._conflict(source, row, by)
        if conflict:
            self._note(conflict, CONFLICT, "warning", None, f"{source.table} {source.origins[row]}", "")
            return
        values = dict(zip(source.columns, source.rows[row], strict=True))
        certain = by == 0 or len(source.keys) == 1
        for column in gaps:
            value = values[column]
            if value is not None:
                self._put(
                    column, value, FILLED, f"{source.table} {source.origins[row]}", "certain" if certain else "likely"
                )

    def _ask(self, source: Source) -> tuple[int | None, int, str]:
        """Return the row found and the number of the key that found it, or the column of a key that several rows have."""
        ambiguous = ""
        for by, key in enumerate(source.keys):
            values = _folded(tuple(self.cells[column][self.number] for column in key))
            if not all(values) or values not in source.index[by]:
                continue
            row = source.index[by][values]
            if row is not None:
                return row, by, ""
            ambiguous = ambiguous or next(iter(key))
        return None, 0, ambiguous

    def _conflict(self, source: Source, row: int, by: int) -> str:
        """Return the column of an earlier key whose good value is another than that of the row found."""
        for earlier in range(by):
            key = source.keys[earlier]
            own = tuple(self.cells[column][self.number] for column in key)
            theirs = source.codes[row][earlier]
            if all(theirs) and all(own) and _folded(own) != theirs and tuple(key) != tuple(source.keys[by]):
                column = next(iter(key))
                if self.filler.usable(column, own[0] or ""):
                    return column
        return ""

    def _put(self, column: str, value: str, code: str, rule: str, confidence: str) -> None:
        if self.cells[column][self.number] is not None:
            return
        standard = self.filler.standard_form(column, value)
        if standard is None:
            return
        self.cells[column][self.number] = standard
        self._note(column, code, "info", standard, rule, confidence)

    def _note(self, column: str, code: str, severity: str, after: str | None, rule: str, confidence: str) -> None:
        record, origin = (self.cells[name][self.number] if name in self.cells else "" for name in (RECORD, ORIGIN))
        before = self.cells[column][self.number] if after is None else None
        self.issues.append(
            (self.filler.table, record, origin, column, code, severity, "LOGIC", before, after, rule, confidence)
        )
