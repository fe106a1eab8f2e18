"""What an audit found out about tables and their columns: counts and forms, never whole values."""

from __future__ import annotations

from dataclasses import dataclass, field

from crmmigrate.messages import Message
from crmmigrate.model.audit import (
    Change,
    Contradiction,
    Dependency,
    Duplicates,
    GateResult,
    Misplaced,
    Overlap,
    Relation,
    SameColumn,
)

MEANINGS: dict[str, Message] = {
    "company": Message("company"),
    "person": Message("person"),
    "mobile": Message("mobile number"),
    "phone": Message("phone number"),
    "email": Message("e-mail address"),
    "messenger": Message("messenger account"),
    "url": Message("web address"),
    "credit_code": Message("unified social credit code"),
    "id_number": Message("ID number"),
    "address": Message("address"),
    "region": Message("region"),
    "date": Message("date"),
    "amount": Message("amount"),
    "id": Message("key or number"),
    "picklist": Message("picklist"),
    "text": Message("free text"),
    "empty": Message("empty"),
}
"""Every meaning a column may have, with its title."""

PERSONAL = frozenset({"person", "mobile", "phone", "email", "messenger", "id_number", "address"})
"""Meanings whose values are personal data (个人信息保护法, article 4)."""

DAMAGES: dict[str, Message] = {
    "float-number": Message("a number that became a float (5.0)"),
    "scientific": Message("a long number in scientific notation"),
    "lost-digits": Message("an 18-digit number whose last digits Excel set to 000"),
    "full-width": Message("full-width letters or digits"),
    "invisible": Message("invisible characters or no-break spaces"),
    "mojibake": Message("characters lost or garbled by a wrong encoding"),
    "control": Message("control characters"),
    "outer-blanks": Message("blanks before or after the value"),
    "placeholder": Message("a word that stands for nothing (无, N/A, -)"),
    "error-value": Message("an error value of a spreadsheet (#N/A)"),
    "formula": Message("text that a spreadsheet would take for a formula"),
    "serial-date": Message("a date left as a serial number"),
    "several-values": Message("several values in one cell"),
    "mixed-forms": Message("written in a form other than the column's most frequent one"),
}
"""Kinds of damage a cell may show, with their titles."""

DIMENSIONS: dict[str, Message] = {
    "normativity": Message("Normativity"),
    "completeness": Message("Completeness"),
    "accuracy": Message("Accuracy"),
    "consistency": Message("Consistency"),
    "timeliness": Message("Timeliness"),
    "accessibility": Message("Accessibility"),
}
"""The dimensions of data quality (规范性、完整性、准确性、一致性、时效性、可访问性; GB/T 36344-2018)."""


@dataclass(frozen=True)
class Form:
    """One way in which values of a column are written.

    Args:
        mask: digits as 9, letters as A, Chinese characters as 汉, all else as it stands.
        cells: how many cells are written so.
        example: one of them with all but its first and last character hidden.
    """

    mask: str
    cells: int
    example: str


@dataclass(frozen=True)
class ColumnProfile:
    """One column.

    Args:
        table: `source.table`.
        name: the column.
        meaning: a key of `MEANINGS`, with `confidence` from 0 to 1.
        rows: of the table; `filled` of them hold a value, `distinct` different ones.
        shortest: characters of the shortest value; `longest` likewise.
        conforming: cells that look as the standard of the meaning asks; None where there is no such form.
        forms: the most frequent ways of writing.
        damage: kind (key of `DAMAGES`) → cells.
    """

    table: str
    name: str
    meaning: str
    confidence: float
    rows: int
    filled: int
    distinct: int
    shortest: int
    longest: int
    conforming: int | None
    forms: tuple[Form, ...] = ()
    damage: dict[str, int] = field(default_factory=dict)

    @property
    def fill_rate(self) -> float:
        """Share of rows that hold a value, 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def conformity(self) -> float | None:
        """Share of filled cells in the standard form, 0 to 1; None where there is none or nothing is filled."""
        return None if self.conforming is None or not self.filled else self.conforming / self.filled


@dataclass(frozen=True)
class TableProfile:
    """One table.

    Args:
        name: `source.table`.
        rows: how many.
        columns: in order.
        keys: columns, or pairs of columns (`a + b`) where there is no single one, that are filled and different in every row.
        duplicate_rows: rows that repeat an earlier row in every column.
        near_duplicates: rows that probably stand for a company or person an earlier row stands for: the larger of the estimates in
            `duplicates`; None where the table holds neither.
        contradictions: values that break a rule their meaning demands, e.g. credit codes that stand beside more than one company.
        recent_rows: of `dated_rows`, those whose newest date is not older than three years before the newest of all.
        reference: only looked things up in, never migrated.
        duplicates: the estimates, per kind of subject.
        dependencies: rules between columns that some rows break.
        misplaced: rows out of line.
    """

    name: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    keys: tuple[str, ...] = ()
    duplicate_rows: int = 0
    near_duplicates: int | None = None
    contradictions: int = 0
    recent_rows: int = 0
    dated_rows: int = 0
    reference: bool = False
    duplicates: tuple[Duplicates, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    misplaced: Misplaced = field(default_factory=Misplaced)

    @property
    def source(self) -> str:
        """The source's name: what stands before the first full stop."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Risk:
    """One line of the risk register (风险登记册).

    Args:
        code: a stable name.
        table: where; `column` likewise, empty where the whole table is meant.
        finding: what was found; `measure` what to do about it.
        likelihood: 1 (rare) to 3 (certain); `impact` 1 (small) to 3 (the migration is at stake).
        cells: how many cells or rows.
    """

    code: str
    table: str
    column: str
    finding: Message
    measure: Message
    likelihood: int
    impact: int
    cells: int = 0

    @property
    def level(self) -> int:
        """Likelihood times impact, 1 to 9."""
        return self.likelihood * self.impact


@dataclass(frozen=True)
class Effort:
    """What people will have to do.

    Args:
        pairs: pairs of probable duplicates to decide on.
        fill: empty cells of columns that matter.
        mend: damaged or non-conforming cells to look at.
        days: person-days of all of it.
        assumptions: how the days were reckoned.
        conflicts: contradictions and orphans to settle.
        sources: to be explained, with `tables` to be mapped.
    """

    pairs: int
    fill: int
    mend: int
    days: float
    assumptions: tuple[Message, ...] = ()
    conflicts: int = 0
    sources: int = 0
    tables: int = 0


@dataclass(frozen=True)
class Audit:
    """Everything an audit found out.

    Args:
        sources: one dict of text per extracted table, as extraction described it.
        tables: profiles in order.
        risks: highest first.
        scores: dimension (key of `DIMENSIONS`) → 0 to 1; a dimension that nothing in the data shows is left out.
        effort: the estimate.
        overlap: companies that stand in more than one source, estimated.
        entities: companies in all sources together, estimated.
        overlaps: per kind of subject and pair of sources.
        relations: references between tables; `same_columns` columns that hold the same under other names.
        contradictions: between sources, per pair of columns.
        gates: judged; empty where none was asked for.
        changes: since the audit called `compared`; empty where none was given.
        files: every file met in the sources, read or not, as extraction described it.
    """

    sources: tuple[dict[str, str], ...]
    tables: tuple[TableProfile, ...]
    risks: tuple[Risk, ...]
    scores: dict[str, float]
    effort: Effort
    overlap: int = 0
    entities: int = 0
    overlaps: tuple[Overlap, ...] = ()
    relations: tuple[Relation, ...] = ()
    same_columns: tuple[SameColumn, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    gates: tuple[GateResult, ...] = ()
    changes: tuple[Change, ...] = ()
    compared: str = ""
    files: tuple[dict[str, str], ...] = ()

    @property
    def score(self) -> float:
        """The mean of the dimensions, 0 to 1."""
        return sum(self.scores.values()) / len(self.scores) if self.scores else 0.0
