"""What an audit finds out above the single column: repetition, broken rules, relations, contradictions, changes."""

from __future__ import annotations

from dataclasses import dataclass

from crmmigrate.messages import Message

SUBJECTS: dict[str, Message] = {"company": Message("companies"), "person": Message("people")}
"""Whom the rows of a table may stand for."""

RISKS: dict[str, Message] = {
    "table.empty": Message("a table without rows"),
    "table.no-key": Message("no column names each row"),
    "table.repeated-rows": Message("rows that repeat another row"),
    "table.duplicates-company": Message("probable duplicates of companies"),
    "table.duplicates-person": Message("probable duplicates of people"),
    "table.nameless": Message("rows without a name"),
    "table.rule-broken": Message("one value stands beside different others"),
    "table.rule-found": Message("a rule that nearly all rows keep is broken"),
    "table.shifted": Message("rows shifted by a column"),
    "table.header-inside": Message("rows that repeat the header"),
    "table.sparse": Message("nearly empty rows"),
    "relation.orphans": Message("references to rows that are not there"),
    "source.contradiction": Message("sources contradict each other"),
    "source.no-owner": Message("nobody answers for the source"),
    "source.quote-swallows": Message("a quotation mark that is not closed"),
    "source.no-rows": Message("a table without rows"),
    "source.hidden": Message("hidden sheets, rows or columns"),
    "sources.overlap-company": Message("companies that stand in another source too"),
    "sources.overlap-person": Message("people who stand in another source too"),
    "file.unreadable": Message("a file that cannot be read"),
    "file.older-version": Message("an older version of a file"),
    "file.duplicate": Message("a copy of a file"),
    "file.empty": Message("an empty file"),
    "file.lock": Message("a workbook that is open"),
    "file.archive": Message("an archive that was not opened"),
    "column.gaps": Message("a column with many gaps"),
    "column.form": Message("values not in the standard form"),
    "column.header": Message("the header says something else than the cells hold"),
    "privacy.id-number": Message("identity numbers of people"),
}
"""The codes of the risk register, but for `damage.*` and `doubt.*`, which are kinds of `model.profile`."""


@dataclass(frozen=True)
class Duplicates:
    """How many rows stand for somebody another row of the table stands for: an estimate.

    Args:
        kind: a key of `SUBJECTS`.
        rows: that name a company or a person.
        estimate: duplicate rows, found and unseen together.
        low: those that a certain sign ties, or two signs; `high` the bound above, see `checks.profile_duplicates`.
        found: rows that were really tied to another one.
    """

    kind: str
    rows: int
    estimate: int
    low: int
    high: int
    found: int


@dataclass(frozen=True)
class Dependency:
    """A rule between two columns that nearly all rows keep.

    Args:
        table: `source.table`.
        left: the column that ought to decide `right`, e.g. the credit code the name.
        groups: values of `left` that stand in several rows.
        broken: of them, those beside more than one value of `right`; `rows` how many rows that is.
        known: whether the meanings of the columns demand the rule; otherwise it was found in the data.
    """

    table: str
    left: str
    right: str
    groups: int
    broken: int
    rows: int
    known: bool


@dataclass(frozen=True)
class Misplaced:
    """Rows that are out of line.

    Args:
        shifted: rows in which values stand one column beside their own.
        sparse: rows with far fewer filled cells than the others.
        headers: rows that repeat the header.
    """

    shifted: int = 0
    sparse: int = 0
    headers: int = 0


@dataclass(frozen=True)
class Relation:
    """A column whose values name rows of another table.

    Args:
        child: table of the reference; `column` its column.
        parent: table referred to; `key` its column.
        filled: cells of `column` that hold a value; `hits` of them found in `key`.
        orphans: cells whose value `key` does not hold.
        declared: whether the source itself declares it; otherwise it was found by content.
    """

    child: str
    column: str
    parent: str
    key: str
    filled: int
    hits: int
    declared: bool = False

    @property
    def orphans(self) -> int:
        """Cells that name a row that is not there."""
        return self.filled - self.hits

    @property
    def hit_rate(self) -> float:
        """Share of filled cells that name an existing row, 0 to 1."""
        return self.hits / self.filled if self.filled else 0.0


@dataclass(frozen=True)
class SameColumn:
    """Two columns of different tables that hold the same thing, by content.

    Args:
        shared: estimated share of the smaller one's distinct values that the other one holds too, 0 to 1.
        meaning: a key of `profile.MEANINGS`.
    """

    table: str
    column: str
    other_table: str
    other_column: str
    meaning: str
    shared: float


@dataclass(frozen=True)
class Overlap:
    """Companies or people that stand in two sources.

    Args:
        kind: a key of `SUBJECTS`.
        left: a source; `right` another one.
        entities: in both, estimated; `low` and `high` bound it as in `Duplicates`.
        left_entities: different ones in `left`; `right_entities` likewise.
    """

    kind: str
    left: str
    right: str
    entities: int
    low: int
    high: int
    left_entities: int
    right_entities: int


@dataclass(frozen=True)
class Contradiction:
    """The same companies or people with different values in two sources.

    Args:
        left: `source.table`; `left_column` the column compared; `right` likewise.
        compared: companies or people that have a value in both; `differ` of them have no value in common.
    """

    meaning: str
    left: str
    left_column: str
    right: str
    right_column: str
    compared: int
    differ: int


@dataclass(frozen=True)
class GateResult:
    """One gate, judged.

    Args:
        rule: as written, e.g. `score>=80`.
        value: what was measured; None where the audit shows no such figure: then the gate is not met.
    """

    rule: str
    value: float | None
    met: bool


@dataclass(frozen=True)
class Change:
    """What is different from an earlier audit.

    Args:
        kind: `score`, `table`, `column` or `risk`.
        what: which one: a dimension, `source.table`, `source.table/column`, `code · place`.
        measure: which figure of it; empty where a thing is new or gone.
        before: None where it is new; `after` None where it is gone.
        verdict: `better`, `worse`, `new` or `gone`.
    """

    kind: str
    what: str
    measure: str
    before: float | None
    after: float | None
    verdict: str


@dataclass(frozen=True)
class EffortRates:
    """What an effort estimate assumes; every figure can be changed.

    Args:
        review_share: share of the probable duplicates that a person has to decide on, 0 to 1.
        pairs_hour: pairs decided in an hour; `fill_hour` cells filled in, `mend_hour` cells mended, `conflict_hour` contradictions settled.
        table_days: days to explain and map a table; `source_days` to get hold of a source and its owner.
        day_hours: hours of such work in a day.
    """

    review_share: float = 0.3
    pairs_hour: float = 60.0
    fill_hour: float = 30.0
    mend_hour: float = 120.0
    conflict_hour: float = 20.0
    table_days: float = 0.25
    source_days: float = 0.5
    day_hours: float = 6.0
