"""Judge an audit: quality scores, the risk register and the work that people will have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.profile import DAMAGES, Effort, Risk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.profile import ColumnProfile, TableProfile

CONFORMITY_GATE, DUPLICATE_GATE, FILL_GATE = 0.95, 0.05, 0.80
"""S3's gates: records that meet the standard at least 95 %, duplicates at most 5 %; and our own for fill rates."""

_SURE = 0.6
_VITAL = (("company",), ("person",), ("mobile", "phone"), ("credit_code",), ("address",))
"""What a customer record can't do without; one column of each group is enough."""
_SEVERE = {
    "lost-digits": 3,
    "mojibake": 3,
    "scientific": 3,
    "error-value": 2,
    "float-number": 2,
    "several-values": 2,
    "serial-date": 2,
}
_LIGHT = frozenset({"outer-blanks", "full-width", "placeholder", "mixed-forms", "formula"})

_AMBIGUOUS_SHARE, _PAIRS_HOUR, _FILL_HOUR, _MEND_HOUR, _DAY_HOURS, _SOURCE_DAYS = 0.30, 60, 30, 120, 6, 0.5

_MEASURES: dict[str, Message] = {
    "lost-digits": Message("fetch the numbers again from the system they came from; nothing can restore lost digits"),
    "scientific": Message("export again with these columns as text"),
    "float-number": Message("standardise: the decimal point and the zero are taken off where nothing was lost"),
    "mojibake": Message("export again in UTF-8; what stays garbled goes to the worklist"),
    "serial-date": Message("standardise: serial numbers become dates"),
    "several-values": Message("standardise splits them; decide which one is the main one"),
    "error-value": Message("mend the formulas in the source or type the values in"),
}  # fmt: skip


def scores(profiles: Sequence[TableProfile], dropped: int = 0) -> dict[str, float]:
    """Score the six dimensions of GB/T 36344-2018 at their first level, each from 0 to 1.

    Normativity: cells in the standard form of their meaning. Completeness: filled cells of columns that have a meaning.
    Accuracy: cells without damage, times rows that repeat no other. Consistency: date, number and phone cells in their column's most
    frequent form, times credit codes with one name. Timeliness: dated rows of the last three years of their table.
    Accessibility: rows read as data among all rows read.

    Args:
        profiles: of all tables.
        dropped: rows that reading set aside as headers, notes or subtotals.
    """
    columns = [column for profile in profiles for column in profile.columns if column.meaning not in ("text", "empty")]
    filled = sum(column.filled for column in columns)
    judged = [column for column in columns if column.conforming is not None]
    formed = [column for column in columns if column.forms and column.meaning in ("date", "mobile", "phone", "amount")]
    rows = sum(profile.rows for profile in profiles)
    repeated = sum(max(profile.duplicate_rows, profile.near_duplicates or 0) for profile in profiles)
    damaged = sum(count for column in columns for kind, count in column.damage.items() if kind not in _LIGHT)
    other_form = sum(column.damage.get("mixed-forms", 0) for column in formed)
    contradicted = sum(profile.contradictions for profile in profiles)
    codes = sum(column.distinct for column in columns if column.meaning == "credit_code")
    return {
        "normativity": _share(sum(column.conforming or 0 for column in judged), sum(column.filled for column in judged)),
        "completeness": _share(filled, sum(column.rows for column in columns)),
        "accuracy": _share(filled - damaged, filled) * _share(rows - repeated, rows),
        "consistency": _share(sum(c.filled for c in formed) - other_form, sum(c.filled for c in formed)) * _share(codes - contradicted, codes),
        "timeliness": _share(sum(p.recent_rows for p in profiles), sum(p.dated_rows for p in profiles)),
        "accessibility": _share(rows, rows + dropped),
    }  # fmt: skip


def _share(part: int, whole: int) -> float:
    return round(max(0.0, part / whole), 4) if whole else 1.0


def find_risks(profiles: Sequence[TableProfile], sources: Sequence[Mapping[str, str]]) -> tuple[Risk, ...]:
    """Seed the risk register from what was found, the highest level first.

    Args:
        profiles: of all tables.
        sources: one per table, as extraction described it.
    """
    found: list[Risk] = []
    for profile in profiles:
        if not profile.reference:
            found += _table_risks(profile)
            found += _gap_risks(profile)
            for column in profile.columns:
                found += _column_risks(column)
    found += _source_risks(sources)
    return tuple(sorted(found, key=lambda risk: (-risk.level, -risk.cells, risk.table, risk.column)))


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
    near = profile.near_duplicates or 0
    if near > DUPLICATE_GATE * profile.rows:
        yield Risk(
            "table.duplicates", profile.name, "",
            Message("about {count} of {rows} rows ({share}) stand for something another row stands for", count=near, rows=profile.rows, share=_percent(near / profile.rows)),
            Message("plan time of business people to review pairs"), 3, 2 if near < 0.2 * profile.rows else 3, near,
        )  # fmt: skip
    if profile.contradictions:
        yield Risk(
            "table.contradiction", profile.name, "", Message("{count} credit codes stand beside more than one company", count=profile.contradictions),
            Message("check against the business register which name is right"), 2, 3, profile.contradictions,
        )  # fmt: skip


def _vital_columns(profile: TableProfile) -> Iterator[ColumnProfile]:
    """Yield, per group of vital meanings, the best-filled column: a former name or a second phone may well be empty."""
    for group in _VITAL:
        found = [c for c in profile.columns if c.meaning in group and c.confidence >= _SURE and c.filled]
        if found:
            yield max(found, key=lambda column: column.filled)


def _gap_risks(profile: TableProfile) -> Iterator[Risk]:
    for column in _vital_columns(profile):
        if column.fill_rate < FILL_GATE:
            yield Risk(
                "column.gaps", column.table, column.name,
                Message("only {share} of the rows have a value", share=_percent(column.fill_rate)),
                Message("fill from reference tables; the rest goes to the worksheet for filling in"), 3, 2, column.rows - column.filled,
            )  # fmt: skip


def _column_risks(column: ColumnProfile) -> Iterator[Risk]:
    for kind, count in column.damage.items():
        if kind in _SEVERE:
            yield Risk(
                f"damage.{kind}", column.table, column.name,
                Message("{count} cells: {damage}", count=count, damage=DAMAGES[kind]), _MEASURES[kind],
                3 if count > 0.05 * column.filled else 2, _SEVERE[kind], count,
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


def _source_risks(sources: Sequence[Mapping[str, str]]) -> Iterator[Risk]:
    unowned = dict.fromkeys(source.get("source", "") for source in sources if source.get("owner") == "")
    for name in unowned:
        yield Risk(
            "source.no-owner", name, "", Message("nobody is named who answers for this data"),
            Message("name an owner in migration.yaml"), 3, 1,
        )  # fmt: skip
    for source in sources:
        if source.get("hidden"):
            yield Risk(
                "source.hidden", f"{source.get('source', '')}.{source.get('table', '')}", "",
                Message("the sheet, or rows or columns of it, are hidden"),
                Message("ask the owner whether hidden data is meant to be migrated"), 2, 2,
            )  # fmt: skip


def estimate_effort(profiles: Sequence[TableProfile]) -> Effort:
    """Estimate what people will have to review, fill in and mend, in person-days, with the assumptions said.

    Args:
        profiles: of all tables; reference tables don't count.
    """
    own = [profile for profile in profiles if not profile.reference]
    pairs = round(_AMBIGUOUS_SHARE * sum(profile.near_duplicates or 0 for profile in own))
    fill = sum(column.rows - column.filled for profile in own for column in _vital_columns(profile))
    mend = sum(count for profile in own for c in profile.columns for kind, count in c.damage.items() if kind in _SEVERE)
    sources = len({profile.source for profile in own})
    hours = pairs / _PAIRS_HOUR + fill / _FILL_HOUR + mend / _MEND_HOUR
    days = round(hours / _DAY_HOURS + sources * _SOURCE_DAYS, 1)
    assumptions = (
        Message("{share} of the probable duplicates need a person's decision; one takes a minute ({rate} an hour)", share=_percent(_AMBIGUOUS_SHARE), rate=_PAIRS_HOUR),
        Message("{rate} empty cells of names, phones, credit codes and addresses are filled in an hour; reference tables will take part of that away", rate=_FILL_HOUR),
        Message("{rate} damaged cells are looked at in an hour", rate=_MEND_HOUR),
        Message("a day has {hours} hours of such work; explaining and mapping a source takes {days} days", hours=_DAY_HOURS, days=_SOURCE_DAYS),
    )  # fmt: skip
    return Effort(pairs, fill, mend, days, assumptions)
