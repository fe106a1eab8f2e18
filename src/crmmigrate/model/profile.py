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
    "time": Message("time of day"),
    "year": Message("year"),
    "amount": Message("amount"),
    "quantity": Message("quantity"),
    "percent": Message("percentage"),
    "postcode": Message("postcode"),
    "bank_account": Message("bank account or card number"),
    "plate": Message("number plate"),
    "vin": Message("vehicle identification number"),
    "sex": Message("sex"),
    "yes_no": Message("yes or no"),
    "department": Message("department"),
    "job_title": Message("job title"),
    "industry": Message("industry"),
    "id": Message("key or number"),
    "picklist": Message("picklist"),
    "text": Message("free text"),
    "empty": Message("empty"),
}
"""Every meaning a column may have, with its title."""

PERSONAL = frozenset(
    {"person", "mobile", "phone", "email", "messenger", "id_number", "address", "bank_account", "plate", "sex"}
)
"""Meanings whose values are personal data (个人信息保护法, article 4)."""

DAMAGES: dict[str, Message] = {
    "float-number": Message("a number that became a float (5.0)"),
    "scientific": Message("a long number in scientific notation"),
    "lost-digits": Message("an 18-digit number whose last digits Excel set to 000"),
    "lost-zero": Message("a leading zero is lost"),
    "leading-zero": Message("a zero before a mobile number"),
    "wrong-length": Message("digits missing or too many"),
    "wrong-check": Message("the check digit is wrong"),
    "old-number": Message("a number of an older kind (15 digits, organisation code)"),
    "masked": Message("digits hidden by asterisks"),
    "letter-for-digit": Message("a letter where a digit belongs (O for 0)"),
    "letter-case": Message("capitals where small letters belong, or the other way round"),
    "separators": Message("separators missing or in other places"),
    "brackets": Message("an area code in brackets"),
    "country-code": Message("with the country code 86"),
    "extension": Message("with an extension"),
    "no-area-code": Message("a telephone number without its area code"),
    "several-values": Message("several values in one cell"),
    "label": Message("a label before the value (mailto:)"),
    "no-at": Message("not an e-mail address: @ is missing"),
    "mail-host": Message("the domain of the e-mail address is probably mistyped"),
    "filler": Message("a value made up to fill the field (111111, test)"),
    "placeholder": Message("a word that stands for nothing (无, N/A, -)"),
    "placeholder-name": Message("a name like NA, None or null; it may be one"),
    "full-width": Message("full-width letters or digits"),
    "invisible": Message("invisible characters or no-break spaces"),
    "inner-blanks": Message("blanks inside the value"),
    "outer-blanks": Message("blanks before or after the value"),
    "control": Message("control characters"),
    "mojibake": Message("characters lost or garbled by a wrong encoding"),
    "private-use": Message("private-use characters, which look different on every machine"),
    "traditional": Message("traditional Chinese characters"),
    "pinyin-gloss": Message("pinyin in brackets behind the characters (業(yè))"),
    "truncated": Message("as long as the field allowed: probably cut off"),
    "error-value": Message("an error value of a spreadsheet (#N/A)"),
    "formula": Message("text that a spreadsheet would take for a formula"),
    "serial-date": Message("a date left as a serial number"),
    "impossible-date": Message("a day that never was (31 June)"),
    "default-date": Message("a date that a program fills in (1900-01-01)"),
    "date-order": Message("a date whose day and month may be swapped (03/04/2023)"),
    "date-chinese": Message("a date written as 2023年5月1日"),
    "date-dots": Message("a date written with full stops (2023.5.1)"),
    "date-slashes": Message("a date written with slashes (2023/5/1)"),
    "date-compact": Message("a date written without separators (20230501)"),
    "date-padding": Message("a date without leading zeros (2023-5-1)"),
    "date-partial": Message("a date without day or year"),
    "amount-wan": Message("an amount in 万 or 亿"),
    "amount-unit": Message("a number with a unit behind it"),
    "currency-sign": Message("an amount with a currency sign"),
    "thousands": Message("an amount with thousands separators"),
    "text-in-numbers": Message("text where a number belongs"),
    "honorific": Message("a form of address, not a name (张总, 李女士)"),
    "name-title": Message("a name with a title behind it"),
    "no-legal-form": Message("a company name without its legal form: probably short"),
    "name-note": Message("a note behind the company name"),
    "name-slip": Message("a slip in the legal form of a company name (有限公)"),
    "half-brackets": Message("half-width brackets in a Chinese name"),
    "unbalanced": Message("a bracket that is never closed or never opened"),
    "no-province": Message("an address without its province"),
    "short-region": Message("a region in its short form (浙江 for 浙江省)"),
    "other-content": Message("something else than the column holds"),
    "other-words": Message("yes and no, or the sexes, in other words than most cells use"),
    "spelling": Message("a rare spelling of a frequent value"),
    "mixed-forms": Message("written in a form other than the column's most frequent one"),
}
"""Kinds of damage a cell may show, with their titles."""

WAYS_OF_WRITING = frozenset(
    {
        "letter-case", "separators", "brackets", "country-code", "extension", "label", "full-width", "outer-blanks", "date-chinese", "date-dots",
        "date-slashes", "date-compact", "date-padding", "amount-wan", "amount-unit", "currency-sign", "thousands", "half-brackets",
        "short-region", "no-province", "other-words", "spelling", "mixed-forms", "placeholder", "placeholder-name", "formula",
    }
)  # fmt: skip
"""Kinds of damage in which nothing is lost: standardising mends them without asking anybody."""

DOUBTS: dict[str, Message] = {
    "constant": Message("every filled cell holds the same value"),
    "extreme": Message("a number far from all others"),
    "negative": Message("a negative number"),
    "over-100": Message("more than 100 %"),
    "future": Message("a date in the future"),
    "old": Message("a date before 1980"),
    "overlong": Message("far longer than the column's values are"),
}
"""What may be right but should be looked at."""

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
class Variant:
    """A rare value that looks like another spelling of a frequent one.

    Args:
        frequent: the frequent value, all but its first and last character hidden; `rare` likewise.
        cells: how many hold the rare one.
    """

    frequent: str
    rare: str
    cells: int


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
        header_meaning: what the header names where the values are something else (电话 over e-mail addresses); else empty.
        doubts: kind (key of `DOUBTS`) → cells.
        variants: spellings counted as `spelling` in `damage`.
        forms_estimated: whether the cells of `forms` are estimated from a part of the different values, picked by their hash. All other
            counts are exact.
        in_place: whether the database counted the values by itself: they are not in the rows of the table.
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
    header_meaning: str = ""
    doubts: dict[str, int] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    forms_estimated: bool = False
    in_place: bool = False

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

    @property
    def is_high(self) -> bool:
        """Whether somebody has to answer for it before the migration goes on."""
        return self.level >= 6


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
