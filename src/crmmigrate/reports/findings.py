"""The rows of an audit's findings above the single column, written once for the workbook and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.audit import RISKS, SUBJECTS
from crmmigrate.model.profile import DAMAGES, DIMENSIONS, DOUBTS, MEANINGS, WAYS_OF_WRITING
from crmmigrate.reports.facts import STATES, file_why

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.audit import Change, Duplicates
    from crmmigrate.model.profile import Audit, ColumnProfile, TableProfile

Row = list[Any]
"""Cells of text, messages and numbers; a share is a float from 0 to 1 under a header that says so."""

RELATION_HEADERS = (
    Message("Table"), Message("Column"), Message("Refers to"), Message("Key column"), Message("Filled"), Message("Found (%)"), Message("Orphans"), Message("Known from"),
)  # fmt: skip
OVERLAP_HEADERS = (
    Message("What"), Message("Source"), Message("Other source"), Message("In both (estimated)"), Message("Bounds"), Message("Different ones in the source"),
    Message("Different ones in the other"), Message("Share of the smaller (%)"),
)  # fmt: skip
SAME_HEADERS = (
    Message("Table"),
    Message("Column"),
    Message("Other table"),
    Message("Its column"),
    Message("Meaning"),
    Message("Shared values (%)"),
)
CONTRADICTION_HEADERS = (
    Message("What"), Message("Table"), Message("Column"), Message("Other table"), Message("Its column"), Message("In both"), Message("Differ"), Message("Differ (%)"),
)  # fmt: skip
RULE_HEADERS = (
    Message("Table"), Message("Column"), Message("ought to decide"), Message("Values that come again"), Message("Of them broken"), Message("Rows"), Message("Known from"),
)  # fmt: skip
CHANGE_HEADERS = (
    Message("Verdict"),
    Message("Kind"),
    Message("What"),
    Message("Figure"),
    Message("Before"),
    Message("After"),
)
FILE_HEADERS = (
    Message("Source"), Message("File"), Message("Format"), Message("Size in bytes"), Message("Changed on"), Message("State"), Message("Why"), Message("SHA-256"),
)  # fmt: skip

VERDICTS: dict[str, Message] = {
    "better": Message("better"), "worse": Message("worse"), "new": Message("new"), "gone": Message("gone"),
}  # fmt: skip
_KINDS = {"score": Message("score"), "table": Message("table"), "column": Message("column"), "risk": Message("risk")}
_MEASURES = {
    "share": Message("share"), "rows": Message("rows"), "duplicates": Message("probable duplicates"), "repeated": Message("repeated rows"),
    "contradictions": Message("contradictions"), "filled": Message("filled"), "conforming": Message("in standard form"), "damaged": Message("damaged cells"),
    "cells": Message("cells or rows"),
}  # fmt: skip
_SHARES = frozenset({"share", "filled", "conforming"})


def percent(share: float) -> float:
    """Return a share in percent with one decimal; what is not all is never rounded up to 100."""
    return min(round(100 * share, 1), 99.9) if share < 1 else 100.0


def relation_rows(audit: Audit) -> list[Row]:
    """Return one row per reference, those with orphans first."""
    ordered = sorted(audit.relations, key=lambda r: (-r.orphans, r.child, r.column))
    return [
        [r.child, r.column, r.parent, r.key, r.filled, percent(r.hit_rate), r.orphans, Message("declared") if r.declared else Message("content")]
        for r in ordered
    ]  # fmt: skip


def overlap_rows(audit: Audit) -> list[Row]:
    """Return one row per kind and pair of sources that share somebody."""
    return [
        [SUBJECTS[o.kind], o.left, o.right, o.entities, f"{o.low:,}–{o.high:,}", o.left_entities, o.right_entities,
         percent(o.entities / max(1, min(o.left_entities, o.right_entities)))]
        for o in sorted(audit.overlaps, key=lambda o: (o.kind, -o.entities)) if o.high
    ]  # fmt: skip


def same_rows(audit: Audit) -> list[Row]:
    """Return one row per pair of columns that hold the same under other names."""
    return [
        [s.table, s.column, s.other_table, s.other_column, MEANINGS[s.meaning], percent(s.shared)]
        for s in audit.same_columns
    ]


def contradiction_rows(audit: Audit, *, differing: bool = False) -> list[Row]:
    """Return one row per pair of columns compared, the most contradictory first; with `differing` only those that differ at all."""
    return [
        [MEANINGS.get(c.meaning, Message("status")), c.left, c.left_column, c.right, c.right_column, c.compared, c.differ, percent(c.differ / c.compared)]
        for c in audit.contradictions if c.compared and (c.differ or not differing)
    ]  # fmt: skip


def rule_rows(audit: Audit) -> list[Row]:
    """Return one row per broken rule between two columns."""
    return [
        [d.table, d.left, d.right, d.groups, d.broken, d.rows, Message("meaning") if d.known else Message("content")]
        for table in audit.tables for d in table.dependencies
    ]  # fmt: skip


def change_rows(changes: Iterable[Change], badge: Any = None) -> list[Row]:
    """Return one row per difference from the earlier audit; `badge` dresses the verdict."""
    return [
        [badge(change.verdict) if badge else VERDICTS[change.verdict], _KINDS[change.kind], _named(change), _MEASURES.get(change.measure, ""),
         _figure(change, change.before), _figure(change, change.after)]
        for change in changes
    ]  # fmt: skip


def _named(change: Change) -> Any:
    if change.kind == "score":
        return DIMENSIONS.get(change.what, Message("all of it"))
    if change.kind == "risk":
        code, _, place = change.what.partition(" · ")
        return Message("{place}: {risk}", place=place, risk=risk_title(code))
    return change.what


def risk_title(code: str) -> Message | str:
    """Return the code of a risk in words; one that we don't know, of an audit by another version, as it stands."""
    group, _, kind = code.partition(".")
    known = {"damage": DAMAGES, "doubt": DOUBTS}.get(group, {})
    return known[kind] if kind in known else RISKS.get(code, code)


def _figure(change: Change, value: float | None) -> Any:
    if value is None:
        return None
    return f"{100 * value:.1f}%" if change.measure in _SHARES else int(value)


def file_rows(audit: Audit) -> list[Row]:
    """Return one row per file met in the sources."""
    return [
        [f.get("source"), f.get("file"), f.get("format"), int(f["size"]) if f.get("size", "").isdigit() else f.get("size"), f.get("modified", "")[:16].replace("T", " "),
         STATES.get(f.get("state", ""), f.get("state")), file_why(f.get("state", ""), f.get("why")), f.get("sha256")]
        for f in audit.files
    ]  # fmt: skip


def duplicate_lines(table: TableProfile) -> list[Message]:
    """Return one line per kind of subject: the estimate with its bounds."""
    return [duplicate_line(found) for found in table.duplicates]


def duplicate_line(found: Duplicates) -> Message:
    """Return an estimate with its bounds in words."""
    if not found.high:
        return Message("{kind}: none", kind=SUBJECTS[found.kind])
    return Message(
        "{kind}: {count} ({low}–{high})",
        kind=SUBJECTS[found.kind],
        count=f"{found.estimate:,}",
        low=f"{found.low:,}",
        high=f"{found.high:,}",
    )


def misplaced_lines(table: TableProfile) -> list[Message]:
    """Return one line per way in which rows are out of line."""
    lines = table.misplaced
    found = [
        (lines.shifted, Message("{count} shifted", count=f"{lines.shifted:,}")), (lines.sparse, Message("{count} nearly empty", count=f"{lines.sparse:,}")),
        (lines.headers, Message("{count} repeat the header", count=f"{lines.headers:,}")),
    ]  # fmt: skip
    return [line for count, line in found if count]


_KINDS_SHOWN, _WAYS_SHOWN, _VARIANTS_SHOWN = 6, 3, 3


def damage_lines(column: ColumnProfile) -> list[Message]:
    """Return one line per kind of damage that is more than a way of writing, the most frequent first."""
    return _counted(column, ways=False)


def way_lines(column: ColumnProfile) -> list[Message]:
    """Return one line per way of writing other than the standard's, in which nothing is lost, the most frequent first."""
    return _counted(column, ways=True)


def _counted(column: ColumnProfile, *, ways: bool) -> list[Message]:
    kinds = [(kind, count) for kind, count in column.damage.items() if (kind in WAYS_OF_WRITING) is ways]
    return [
        Message("{count} × {damage}", count=f"{count:,}", damage=DAMAGES[kind])
        for kind, count in sorted(kinds, key=lambda item: -item[1])
    ]


def doubt_lines(column: ColumnProfile) -> list[Message]:
    """Return what should be looked at: a header that names something else, doubtful values, rare spellings (masked)."""
    lines = []
    if column.header_meaning:
        lines.append(Message("the header says {header}", header=MEANINGS[column.header_meaning]))
    lines += [Message("{count} × {damage}", count=f"{n:,}", damage=DOUBTS[kind]) for kind, n in column.doubts.items()]
    lines += [
        Message("{count} × “{rare}” beside “{frequent}”", count=f"{v.cells:,}", rare=v.rare, frequent=v.frequent)
        for v in column.variants[:_VARIANTS_SHOWN]
    ]
    return [*lines, *_rest(len(column.variants) - _VARIANTS_SHOWN)]


def short_damage_lines(column: ColumnProfile) -> list[Message]:
    """Return the damage of a column in few lines: what is more than a way of writing first, then the ways in one line."""
    severe, ways = damage_lines(column), way_lines(column)
    lines = [*severe[:_KINDS_SHOWN], *_rest(len(severe) - _KINDS_SHOWN)]
    if ways:
        lines.append(
            Message(
                "only written otherwise: {ways}", ways=_joined([*ways[:_WAYS_SHOWN], *_rest(len(ways) - _WAYS_SHOWN)])
            )
        )
    return lines


def _rest(count: int) -> list[Message]:
    return [Message("{count} more", count=count)] if count > 0 else []


def _joined(parts: list[Message]) -> Message:
    first, *others = parts
    for other in others:
        first = Message("{left}, {right}", left=first, right=other)
    return first


def form_lines(column: ColumnProfile, most: int = 4) -> list[Message]:
    """Return the most frequent ways in which a column is written; `≈` where the cells are estimated."""
    sign = "≈" if column.forms_estimated else ""
    return [
        Message("{mask} × {count} ({example})", mask=form.mask, count=f"{sign}{form.cells:,}", example=form.example)
        for form in column.forms[:most]
    ]
