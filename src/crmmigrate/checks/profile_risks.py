"""Seed the risk register from what an audit found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_keys import subjects
from crmmigrate.checks.profile_measures import DAMAGE_REMEDIES, DOUBT_REMEDIES
from crmmigrate.messages import Message
from crmmigrate.model.audit import SUBJECTS
from crmmigrate.model.profile import DAMAGES, DOUBTS, MEANINGS, Risk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.audit import Contradiction, Overlap, Relation
    from crmmigrate.model.profile import ColumnProfile, TableProfile

CONFORMITY_GATE, DUPLICATE_GATE, FILL_GATE = 0.95, 0.05, 0.80
"""S3's gates: records that meet the standard at least 95 %, duplicates at most 5 %; and our own for fill rates."""

_SURE, _QUITE_SURE = 0.6, 0.9
_FEW = 10
"""In fewer cells one value only is no wonder."""
_VITAL = (("company",), ("person",), ("mobile", "phone"), ("credit_code",), ("address",))
"""What a customer record can't do without; one column of each group is enough."""


_FILES: dict[str, tuple[Message, Message, int, int]] = {
    "unreadable": (Message("the file cannot be read"), Message("ask the owner for another copy"), 3, 3),
    "older-version": (Message("the file is an older version of another one"), Message("confirm with the owner which version counts"), 2, 2),
    "duplicate": (Message("the file is a copy of another one"), Message("confirm that one of the copies is enough"), 2, 1),
    "empty": (Message("the file is empty"), Message("ask the owner whether an export is missing"), 2, 2),
    "archive": (Message("the archive was not opened"), Message("unpack it into the folder if it belongs to the source"), 2, 2),
    "lock": (Message("somebody has the workbook open: what was read may be about to change"), Message("have it saved and closed, and read it again"), 2, 2),
}  # fmt: skip


def find_risks(
    profiles: Sequence[TableProfile],
    sources: Sequence[Mapping[str, str]],
    relations: Sequence[Relation] = (),
    contradictions: Sequence[Contradiction] = (),
    overlaps: Sequence[Overlap] = (),
    files: Sequence[Mapping[str, str]] = (),
) -> tuple[Risk, ...]:
    """Seed the risk register from what was found, the highest level first.

    Args:
        profiles: of all tables.
        sources: one per table, as extraction described it.
        relations: between tables.
        contradictions: between sources.
        overlaps: of sources.
        files: every file met in the sources.
    """
    found: list[Risk] = []
    for profile in profiles:
        if not profile.reference:
            found += _table_risks(profile)
            found += _nameless_risks(profile)
            found += _rule_risks(profile)
            found += _gap_risks(profile)
            for column in profile.columns:
                found += _column_risks(column)
    found += _source_risks(sources)
    found += _file_risks(files)
    found += _relation_risks(relations)
    reference = {profile.name for profile in profiles if profile.reference}
    found += _contradiction_risks([c for c in contradictions if not {c.left, c.right} & reference])
    found += _overlap_risks(overlaps)
    return tuple(sorted(found, key=lambda risk: (-risk.level, -risk.cells, risk.table, risk.column, risk.code)))


def _nameless_risks(profile: TableProfile) -> Iterator[Risk]:
    """Yield the rows that name nobody, where the table is of companies or of people."""
    if about := next(iter(subjects(profile)), None):
        column = next(c for c in profile.columns if c.name == about.name)
        if missing := column.rows - column.filled:
            yield Risk(
                "table.nameless", profile.name, column.name, Message("{count} rows have no name", count=missing),
                Message("have the names typed in, or leave these rows out: no CRM takes a record without a name"), 3, 2, missing,
            )  # fmt: skip


def _rule_risks(profile: TableProfile) -> Iterator[Risk]:
    """Yield a risk per rule that rows break, and per way in which rows are out of line."""
    for broken in profile.dependencies:
        yield Risk(
            "table.rule-broken" if broken.known else "table.rule-found", profile.name, f"{broken.left} → {broken.right}",
            Message("{broken} of {groups} values that come again stand beside different values", broken=broken.broken, groups=broken.groups),
            Message("check against the business register which one is right") if broken.known
            else Message("nearly all rows keep this rule: look at those that don't"),
            2, 3 if broken.known else 1, broken.rows,
        )  # fmt: skip
    lines = profile.misplaced
    if lines.shifted:
        yield Risk(
            "table.shifted", profile.name, "", Message("{count} rows have values one column beside their own", count=lines.shifted),
            Message("mend these rows in the source, or export it again"), 3, 3, lines.shifted,
        )  # fmt: skip
    if lines.headers:
        yield Risk(
            "table.header-inside", profile.name, "", Message("{count} rows repeat the header among the data", count=lines.headers),
            Message("was the table pasted together? take these rows out"), 3, 1, lines.headers,
        )  # fmt: skip
    if lines.sparse:
        yield Risk(
            "table.sparse", profile.name, "", Message("{count} rows have hardly any value", count=lines.sparse),
            Message("ask whether these rows are records or notes"), 2, 1, lines.sparse,
        )  # fmt: skip


def _relation_risks(relations: Sequence[Relation]) -> Iterator[Risk]:
    for relation in relations:
        if relation.orphans:
            yield Risk(
                "relation.orphans", relation.child, relation.column,
                Message("{count} rows ({share}) name a row of {parent} that does not exist", count=relation.orphans, share=_percent(1 - relation.hit_rate), parent=f"{relation.parent}/{relation.key}"),
                Message("find the missing rows, or decide what becomes of their children before mapping"), 3, 3 if relation.hit_rate < 0.99 else 2, relation.orphans,
            )  # fmt: skip


def _contradiction_risks(contradictions: Sequence[Contradiction]) -> Iterator[Risk]:
    for found in contradictions:
        if found.differ:
            share = found.differ / found.compared
            yield Risk(
                "source.contradiction", found.left, found.left_column,
                Message("{count} of {compared} that stand in both have another {what} in {other}", count=found.differ, compared=found.compared,
                        what=title_of(found.meaning), other=f"{found.right}/{found.right_column}"),
                Message("decide which source leads for this column (survivorship)"), 3 if share > 0.05 else 2, 2 if found.meaning != "credit_code" else 3, found.differ,
            )  # fmt: skip


def _overlap_risks(overlaps: Sequence[Overlap]) -> Iterator[Risk]:
    for found in overlaps:
        if found.entities:
            share = found.entities / max(1, min(found.left_entities, found.right_entities))
            yield Risk(
                f"sources.overlap-{found.kind}", found.left, "",
                Message("about {count} {kind} ({low}–{high}) stand in {other} too", count=found.entities, kind=SUBJECTS[found.kind], low=found.low, high=found.high, other=found.right),
                Message("de-duplicate across these sources, and say which one leads"), 3, 2 if share >= 0.1 else 1, found.entities,
            )  # fmt: skip


def _file_risks(files: Sequence[Mapping[str, str]]) -> Iterator[Risk]:
    for file in files:
        if told := _FILES.get(file.get("state", "")):
            finding, measure, likelihood, impact = told
            yield Risk(
                f"file.{file['state']}",
                file.get("source", ""),
                file.get("file", ""),
                finding,
                measure,
                likelihood,
                impact,
            )


def title_of(meaning: str) -> Message:
    """Return the title of what is compared between sources."""
    return MEANINGS.get(meaning, Message("status"))


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _table_risks(profile: TableProfile) -> Iterator[Risk]:
    if not profile.rows:
        yield Risk(
            "table.empty",
            profile.name,
            "",
            Message("the table has no rows"),
            Message("ask the owner whether an export is missing"),
            3,
            2,
        )
        return
    if not profile.keys:
        yield Risk(
            "table.no-key", profile.name, "", Message("no column names each row; rows are known by their place in the file only"),
            Message("ask for an export with a key, or don't change the file once the migration has begun"), 2, 2,
        )  # fmt: skip
    if profile.duplicate_rows:
        yield Risk(
            "table.repeated-rows", profile.name, "", Message("{count} rows repeat another row in every column", count=profile.duplicate_rows),
            Message("find out whether the export was pasted together twice; de-duplication merges them"), 3, 1, profile.duplicate_rows,
        )  # fmt: skip
    for found in profile.duplicates:
        if found.estimate > DUPLICATE_GATE * found.rows:
            share = found.estimate / found.rows
            yield Risk(
                f"table.duplicates-{found.kind}", profile.name, "",
                Message("about {count} ({low}–{high}) of {rows} rows ({share}) stand for {kind} that another row stands for",
                        count=found.estimate, low=found.low, high=found.high, rows=found.rows, share=_percent(share), kind=SUBJECTS[found.kind]),
                Message("plan time of business people to review pairs"), 3, 2 if share < 0.2 else 3, found.estimate,
            )  # fmt: skip


def vital_columns(profile: TableProfile) -> Iterator[ColumnProfile]:
    """Yield, per group of vital meanings, the best-filled column: a former name or a second phone may well be empty."""
    for group in _VITAL:
        found = [c for c in profile.columns if c.meaning in group and c.confidence >= _SURE and c.filled]
        if found:
            yield max(found, key=lambda column: column.filled)


def _gap_risks(profile: TableProfile) -> Iterator[Risk]:
    for column in vital_columns(profile):
        if column.fill_rate < FILL_GATE:
            yield Risk(
                "column.gaps", column.table, column.name,
                Message("only {share} of the rows have a value", share=_percent(column.fill_rate)),
                Message("fill from reference tables; the rest goes to the worksheet for filling in"), 3, 2, column.rows - column.filled,
            )  # fmt: skip


def _column_risks(column: ColumnProfile) -> Iterator[Risk]:
    yield from _value_risks(column)
    if column.header_meaning and column.confidence >= _SURE:
        yield Risk(
            "column.header", column.table, column.name,
            Message("the header says {header}, the cells hold {meaning}", header=MEANINGS[column.header_meaning], meaning=MEANINGS[column.meaning]),
            Message("ask the owner which is right and map by what the cells hold, not by the header"), 3 if column.confidence >= _QUITE_SURE else 2, 2, column.filled,
        )  # fmt: skip
    if column.meaning == "id_number" and column.confidence >= _SURE:
        yield Risk(
            "privacy.id-number", column.table, column.name, Message("the column holds ID numbers of people"),
            Message("migrate it only where the law and the purpose ask for it; mask it in trials"), 2, 3, column.filled,
        )  # fmt: skip
    conformity = column.conformity
    if conformity is not None and column.confidence >= _SURE and conformity < CONFORMITY_GATE:
        yield Risk(
            "column.form", column.table, column.name,
            Message("{share} of the values are in the standard form; the gate asks for {gate}", share=_percent(conformity), gate=_percent(CONFORMITY_GATE)),
            Message("standardise; what can't be mended goes to the worklist of its owner"), 3 if conformity < 0.8 else 2, 1, column.filled - (column.conforming or 0),
        )  # fmt: skip


def _value_risks(column: ColumnProfile) -> Iterator[Risk]:
    """Yield a risk per kind of damage that is more than a way of writing, and per kind of doubt."""
    for kind, count in column.damage.items():
        if remedy := DAMAGE_REMEDIES.get(kind):
            yield Risk(
                f"damage.{kind}", column.table, column.name, _damage_finding(column, kind, count), remedy.measure,
                3 if count > 0.05 * column.filled else 2, remedy.impact, count,
            )  # fmt: skip
    for kind, count in column.doubts.items():
        if kind == "constant" and count < _FEW:
            continue
        doubt = DOUBT_REMEDIES[kind]
        yield Risk(
            f"doubt.{kind}", column.table, column.name, Message("{count} cells: {damage}", count=count, damage=DOUBTS[kind]), doubt.measure,
            2, doubt.impact, count,
        )  # fmt: skip


def _damage_finding(column: ColumnProfile, kind: str, count: int) -> Message:
    if kind == "spelling" and column.variants:
        first = column.variants[0]
        return Message(
            "{count} cells hold a rare spelling of a frequent value, such as {rare} beside {frequent}",
            count=count, rare=first.rare, frequent=first.frequent,
        )  # fmt: skip
    return Message("{count} cells: {damage}", count=count, damage=DAMAGES[kind])


def _source_risks(sources: Sequence[Mapping[str, str]]) -> Iterator[Risk]:
    unowned = dict.fromkeys(source.get("source", "") for source in sources if source.get("owner") == "")
    for name in unowned:
        yield Risk(
            "source.no-owner", name, "", Message("nobody is named who answers for this data"),
            Message("name an owner in migration.yaml"), 3, 1,
        )  # fmt: skip
    for source in sources:
        if places := _noted_at(source, "source.quote-swallows"):
            yield Risk(
                "source.quote-swallows", f"{source.get('source', '')}.{source.get('table', '')}", "",
                Message("a quotation mark that is not closed takes in the rows behind it, first at {places}", places=", ".join(places)),
                Message("close the mark in the source or take it out, and read it again"), 2, 3,
            )  # fmt: skip
        if _noted_at(source, "source.no-rows"):
            yield Risk(
                "source.no-rows", f"{source.get('source', '')}.{source.get('table', '')}", "",
                Message("there is a header and no row below it"),
                Message("ask the owner whether an export is missing"), 2, 2,
            )  # fmt: skip
        if source.get("hidden"):
            yield Risk(
                "source.hidden", f"{source.get('source', '')}.{source.get('table', '')}", "",
                Message("the sheet, or rows or columns of it, are hidden"),
                Message("ask the owner whether hidden data is meant to be migrated"), 2, 2,
            )  # fmt: skip


def _noted_at(source: Mapping[str, str], code: str) -> list[str]:
    """Return where reading first noted something in a table."""
    return [str(place) for place in json.loads(source.get("noted_at") or "{}").get(code, ())]
