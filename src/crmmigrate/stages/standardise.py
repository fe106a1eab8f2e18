"""Bring every column into its standard form; each change and each doubt is an issue.

No row leaves the road here: what can't be mended stays as it is, with an issue that says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import SIDE_TABLES
from crmmigrate.model.correction import Correction, apply, latest
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import RECORD, declare_code, issue_table
from crmmigrate.model.stage import Batch, Job, RowWise, StageResult, option, stage
from crmmigrate.model.standard import FATES, ColumnStandard, DataStandard, ObjectStandard, object_standards
from crmmigrate.model.table import quoted
from crmmigrate.model.told import Issues, Told
from crmmigrate.standards import CHANGED, beside, check_standard, cleaner, learned, learns, standard_name, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crmmigrate.model.project import Project
    from crmmigrate.model.standard import Cleaned, Cleaner
    from crmmigrate.model.table import Table

REMEMBERED = 200_000
"""Distinct values whose answer is remembered per column and process, from batch to batch."""

EMPTY = ""
PART = declare_code("standard.part", Message("filled with a part of another column"))


def _read_worklist(path: Path) -> tuple[Correction, ...]:
    from crmmigrate.reports.worklist import read_worklist

    return read_worklist(path)


@dataclass(frozen=True)
class StandardiseOptions:
    """What the columns must look like, and which of the standard's objects the table is."""

    standard: DataStandard | None = option("--standard", Message("the data standard"), read=check_standard)
    object: str | None = option("--object", Message("the object of the standard that the table is"))
    column: tuple[str, ...] = option("--column", Message("a column and its standard, as 列=standard"), multiple=True)
    corrections: tuple[Correction, ...] = option(
        "--corrections", Message("a worklist in which people corrected values"), read=_read_worklist, default=()
    )

    @classmethod
    def from_project(cls, project: Project) -> StandardiseOptions:
        """Return the options of a migration: its standard.yaml, all objects.

        Raises:
            ConfigurationError: `standard.none`: it names none.
        """
        from crmmigrate.reports.worklist import kept_corrections

        if not project.standard:
            raise ConfigurationError(
                "standard.none", Message("nothing says what the columns must look like"), project.written_in,
                Message("write 'standard: standard.yaml' there, with the file that says it"),
            )  # fmt: skip
        standard = check_standard(project.file(project.standard))
        return cls(standard=standard, corrections=kept_corrections(project))


@stage(title=Message("Bring every column into its standard form"), options=StandardiseOptions, writes=("issues",))
def standardise(job: Job) -> StageResult:
    """Clean each table that the standard knows; the others pass unchanged.

    Raises:
        ConfigurationError: nothing says how, an unknown object or standard, or no column of the table is in the standard.
    """
    specs, folder = specs_for(job)
    result = StageResult()
    cells = {}
    for name, table in job.tables.items():
        wanted, lost = _corrections_for(name, table, job)
        result.findings += lost
        if name not in specs:
            # What people corrected holds for objects too that have no standard.
            result.tables[name] = RowWise(name, Standardiser(name, ObjectStandard(), "", wanted)) if wanted else table
            continue
        spec, missing = known_columns(name, specs[name], table.columns)
        result.findings += missing
        for own, column in spec.columns.items():
            cleaner(column, folder)
            result.findings += without(beside(column, folder), own, name, table.columns)
        spec, proven = _with_what_columns_prove(job, name, spec)
        if proven:
            result.facts.setdefault("learned", {})[name] = proven
        result.tables[name] = RowWise(name, Standardiser(name, spec, str(folder) if folder else "", wanted))
        cells[name] = {"rows": table.rows, "columns": len(spec.columns), "cells": table.rows * len(spec.columns)}
    result.facts["objects"] = cells
    return result


def _corrections_for(name: str, table: Table, job: Job) -> tuple[dict[str, tuple[Correction, ...]], list[Message]]:
    """Return the corrections of a table by record, and a finding where they name rows or columns that are not there."""
    wanted: dict[str, tuple[Correction, ...]] = {}
    for correction in latest(job.options.corrections).values():
        if correction.object == name and correction.action != "keep":
            wanted[correction.record] = (*wanted.get(correction.record, ()), correction)
    if not wanted:
        return {}, []
    columns = {c.column for corrections in wanted.values() for c in corrections} - set(table.columns)
    records = job.tables.sql(
        f"SELECT {RECORD} FROM {quoted(name)} WHERE {RECORD} IN (SELECT unnest(?))", [list(wanted)]
    )
    gone = len(wanted) - len(set(records.column(0).to_pylist()))
    findings = [Message("table '{table}' has no column '{column}', which people corrected", table=name, column=c)
                for c in sorted(columns)]  # fmt: skip
    if gone:
        findings.append(
            Message("{table}: {count} corrected rows are not among the rows any more", table=name, count=gone)
        )
    return wanted, findings


def _with_what_columns_prove(
    job: Job, table: str, spec: ObjectStandard
) -> tuple[ObjectStandard, dict[str, dict[str, Any]]]:
    """Return the standard with the options that whole columns prove (an order of day and month), and those options."""
    proven = {}
    for name, column in spec.columns.items():
        if learns(column):
            found = job.tables.frame(
                f"SELECT DISTINCT {quoted(name)} AS v FROM {quoted(table)} WHERE {quoted(name)} IS NOT NULL"
            )
            options = learned(column, found["v"].tolist())
            if options:
                proven[name] = options
    columns = {
        name: replace(column, options={**column.options, **proven[name]}) if name in proven else column
        for name, column in spec.columns.items()
    }
    return replace(spec, columns=columns), proven


def specs_for(job: Job) -> tuple[dict[str, ObjectStandard], Path | None]:
    """Return the object standard of each table that has one, and the folder of the standard's file.

    Raises:
        ConfigurationError: neither a standard nor columns are given, or the object is unknown.
    """
    options = job.options
    if options.column:
        columns = dict(_column_option(text) for text in options.column)
        return dict.fromkeys(job.tables, ObjectStandard(columns=columns)), None
    data = options.standard
    if data is None:
        raise ConfigurationError(
            "standard.none", Message("nothing says what the columns must look like"), "",
            Message("give --standard FILE, or --column 列=standard"),
        )  # fmt: skip
    return object_standards(data, [name for name in job.tables if name not in SIDE_TABLES], options.object), data.folder


def _column_option(text: str) -> tuple[str, ColumnStandard]:
    column, equals, standard = text.rpartition("=")
    if not equals or not column or not standard:
        raise ConfigurationError(
            "standard.column-option", Message("'{text}' is not a column and its standard", text=text), "--column",
            Message("write the column, '=', and the name of a standard, e.g. 手机=phone"),
        )  # fmt: skip
    spec = ColumnStandard(standard=standard)
    cleaner(spec)
    return column, spec


def known_columns(table: str, spec: ObjectStandard, columns: tuple[str, ...]) -> tuple[ObjectStandard, list[Message]]:
    """Return the standard for the columns the table has, and a finding for each column it has not.

    Raises:
        ConfigurationError: it has none of them (`standard.no-column`).
    """
    present = {name: column for name, column in spec.columns.items() if name in columns}
    shown = [name for name in columns if not name.startswith("_")]
    if spec.columns and not present:
        wanted = next(iter(spec.columns))
        raise ConfigurationError(
            "standard.no-column",
            Message("table '{table}' has no column of the standard, not even '{column}'", table=table, column=wanted), "",
            nearest(wanted, shown) or Message("its columns are: {words}", words=", ".join(shown)),
        )  # fmt: skip
    made = {target for column in present.values() for target in column.parts.values()}
    absent = [name for name in spec.columns if name not in columns and name not in made]
    told = Message(
        "table '{table}' lacks columns that the standard names: {columns}", table=table, columns=", ".join(absent)
    )
    return replace(spec, columns=present), [told] if absent else []


@dataclass
class Standardiser:
    """A picklable function from a batch to a batch in standard form.

    Args:
        table: its name, for the issues.
        spec: the columns' standards.
        folder: where lists of values lie.
        corrections: `_record` → what people decided about its cells.
    """

    table: str
    spec: ObjectStandard
    folder: str = ""
    corrections: dict[str, tuple[Correction, ...]] = field(default_factory=dict)
    _columns: dict[str, _Column] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        kept = ("table", "spec", "folder", "corrections")
        return {name: getattr(self, name) for name in kept} | {"_columns": {}}

    def __call__(self, rows: pd.DataFrame) -> Batch:
        """Return the rows with standard values, and an issue for every change and every flag."""
        rows = rows.copy(deep=False)
        if not self._columns:
            folder = Path(self.folder) if self.folder else None
            made = {name: _Column(name, column, folder) for name, column in self.spec.columns.items()}
            self._columns = dict(sorted(made.items(), key=lambda each: each[1].beside is not None))  # the others first
        issues = Issues(self.table, rows)
        if self.corrections:
            issues.pieces.append(issue_table(apply(rows, self.table, self.corrections)))
        for column in self._columns.values():
            column.clean(rows, issues)
        for column in self._columns.values():
            column.fill_parts(rows, issues, self._columns)
        return Batch(
            rows, issues.together(), columns={name: column.figures() for name, column in self._columns.items()}
        )


class _Answer(NamedTuple):
    """What becomes of one value: what is applied (a suggestion leaves the raw text), what is told, its parts where asked for, its place in `FATES`."""

    value: str | None
    told: tuple[Told, ...]
    confidence: str
    parts: Mapping[str, str]
    fate: int


_NO_PARTS: Mapping[str, str] = {}
_SAME = _Answer(None, (), "certain", _NO_PARTS, 0)
"""The answer to every value that stays as it is and of which nothing is told: most are, so it is one for all of them."""


class _Column:
    """One column's cleaner with what it remembers; everything is done once per distinct value, then spread over the rows."""

    def __init__(self, name: str, spec: ColumnStandard, folder: Path | None) -> None:
        self.name = name
        self.spec = spec
        self.rule = standard_name(spec)
        self.cleaner: Cleaner = cleaner(spec, folder)
        self.beside = beside(spec, folder)
        self.known: dict[str, _Answer] = {}
        self.codes: Any = ()
        self.answers: list[_Answer] = []

    def _new(self, cell: str) -> _Answer:
        """Return what the standard says of a raw cell not met before, alone or joined with what its row says, and remember it."""
        raw, cleaned = self.beside.clean(cell) if self.beside else (cell, self.cleaner(cell))
        value = raw if cleaned.confidence == "suggested" else cleaned.value
        if value == cell and not cleaned.flags and not self.spec.parts:
            answer = _SAME
        else:
            told = _told(raw, cleaned, value) if cleaned.flags or value != raw else ()
            parts = cleaned.parts if self.spec.parts else _NO_PARTS
            answer = _Answer(value, told, cleaned.confidence, parts, _fate(raw, cleaned, value))
        self.known[cell] = answer
        return answer

    def value(self, raw: str) -> str | None:
        """Return the standard form of a value."""
        answer = self.known.get(raw) or self._new(raw)
        return raw if answer is _SAME else answer.value

    def clean(self, rows: pd.DataFrame, issues: Issues) -> None:
        """Replace the column by its standard form and add what happened to `issues`."""
        import pandas as pd

        self.codes, distinct = pd.factorize(self.beside.joined(rows, self.name) if self.beside else rows[self.name])
        cells = distinct.tolist()
        if len(self.known) + len(cells) > REMEMBERED:
            self.known.clear()
        known, new = self.known, self._new
        self.answers = answers = [known.get(cell) or new(cell) for cell in cells]
        told = [answer.told for answer in answers]
        if any(told):
            values = [cell if answer is _SAME else answer.value for cell, answer in zip(cells, answers, strict=True)]
            rows[self.name] = _spread(values, self.codes, rows)
            issues.add(self.name, self.rule, self.codes, told)

    def figures(self) -> dict[str, int]:
        """Return what became of the cells of this batch: `FATES` → cells."""
        import numpy as np

        fates = np.fromiter((answer.fate for answer in self.answers), np.int64, len(self.answers))
        counts = np.bincount(fates[self.codes[self.codes >= 0]], minlength=len(FATES)).tolist()
        return dict(zip(FATES, counts, strict=True))

    def fill_parts(self, rows: pd.DataFrame, issues: Issues, columns: dict[str, _Column]) -> None:
        """Fill the columns that take a part of this one's value where they are empty."""
        import numpy as np

        for part, target in self.spec.parts.items():
            gaps = self.codes >= 0
            if target in rows.columns:
                gaps &= rows[target].isna().to_numpy()
            values: list[str | None] = [None] * len(self.answers)
            told: list[tuple[Told, ...]] = [()] * len(self.answers)
            other = columns.get(target)
            for at in np.unique(self.codes[gaps]).tolist():
                answer = self.answers[at]
                value = answer.parts.get(part) or None
                values[at] = value = other.value(value) if value and other else value
                if value is not None:
                    told[at] = (Told((PART, "info", "MAP", answer.confidence), None, value),)
            if target not in rows.columns:
                rows[target] = _spread(values, self.codes, rows)
            elif any(told):
                rows[target] = rows[target].where(~gaps, _spread(values, self.codes, rows))
            issues.add(target, f"{self.rule}:{self.name}", self.codes, told, gaps)


def _fate(raw: str, cleaned: Cleaned, value: str | None) -> int:
    """Return the number of what becomes of a cell, as in `FATES`."""
    if not cleaned.usable:
        return 4
    if value != raw:
        return 2 if value is None else 1
    return 3 if any(flag.severity == "warning" for flag in cleaned.flags) else 0


def _told(raw: str, cleaned: Cleaned, value: str | None) -> tuple[Told, ...]:
    after, confidence = value, str(cleaned.confidence)
    if confidence == "suggested" or (value == raw and cleaned.candidates):
        after, confidence = " | ".join(cleaned.candidates) or None, "suggested"
    if not cleaned.flags:
        return (Told((CHANGED, "info", "FMT", confidence), raw, after),)
    return tuple([Told((flag.code, flag.severity, flag.kind, confidence), raw, after) for flag in cleaned.flags])


def _spread(values: list[str | None], codes: Any, rows: pd.DataFrame) -> pd.Series[Any]:
    """Return per row the value of its number; none for -1."""
    import pandas as pd

    taken = pd.array(values, dtype="str").take(codes, allow_fill=True)
    return pd.Series(taken, index=rows.index, dtype="str")
