"""The parts of 10_迁移核对报告 below the equation: the rows behind its terms, totals, relations, and what earlier rehearsals found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES
from crmmigrate.model.reconciliation import TOTAL_PLACES
from crmmigrate.reports.page import Badge, Grid, Section
from crmmigrate.reports.worksheet import Column, Sheet

if TYPE_CHECKING:
    from decimal import Decimal

    from crmmigrate.model.reconciliation import DeclaredTotal, ObjectReconciliation, Reconciliation, TotalGroup

Behind = Callable[[str, int], Iterable[tuple[str | None, ...]]]
"""Yields the rows behind a term of the equation, of each object at most so many: object, place, code, column, survivor."""

_MOST = 50_000
"""Rows of one object and term in the workbook; nobody reads more, and all of them are in the run's table."""

_SHOWN_ON_PAGE, _RUNS_ON_PAGE = 50, 12

REASONS: dict[str, Message] = {
    "out_of_scope": Message("Out of scope"),
    "merged": Message("Merged"),
    "quarantined": Message("Set aside"),
    "rejected": Message("Rejected"),
}
"""Why rows leave the road, with titles."""


def _verdict(*, agrees: bool) -> Badge:
    return Badge(Message("agrees"), "good") if agrees else Badge(Message("differs"), "poor")


def _plain(row: list[object]) -> list[object]:
    return [cell.text if isinstance(cell, Badge) else cell for cell in row]


_TERM_TITLES = (
    Message("Object"), Message("Place"), Message("Code"), Message("Meaning of the code"), Message("Column"), Message("Went into"),
)  # fmt: skip


def term_sheet(found: Reconciliation, term: str, title: Message, behind: Behind) -> Sheet | None:
    """Return the sheet of the rows behind a term of the equation; None where it is nothing everywhere."""
    counts = {one.name: one.equation.aside.get(term, 0) for one in found.objects}
    if not any(counts.values()):
        return None

    def rows() -> Iterator[list[object]]:
        for name, place, code, column, into in behind(term, _MOST):
            yield [found.title(name or ""), place, code, CODES.get(code or "", ""), column, into]
        for name, count in counts.items():
            if count > _MOST:
                more = Message("{count} more; all of them are in the run's table 'aside'", count=f"{count - _MOST:,}")
                yield [found.title(name), more, None, None, None, None]

    return Sheet(Message("Rows, {term}", term=title), [Column(head) for head in _TERM_TITLES], rows())


_DECLARED_TITLES = (
    Message("Object"), Message("Total"), Message("Group"), Message("Old system's figure"), Message("In the sources"), Message("− set aside"),
    Message("= expected"), Message("In target"), Message("Loaded earlier, not expected"), Message("Difference"), Message("Tolerance"), Message("Reason accepted"), Message("Result"),
)  # fmt: skip


def _declared_rows(one: ObjectReconciliation, total: DeclaredTotal) -> Iterator[list[object]]:
    name = total.column or Message("rows")
    for line in total.groups:
        group = " / ".join(part or "–" for part in line.group) if line.group else Message("whole")
        figures = [_figure(value) for value in (line.control, line.source, line.aside, line.expected, line.target)]
        beside = None if line.group else _figure(total.left_over)
        yield [one.title, name, group, *figures, beside, _differences(line), _tolerance(line),
               [check.accepted for check in line.checks if check.accepted], _verdict(agrees=line.agrees)]  # fmt: skip


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:,f}"


def _tolerance(line: TotalGroup) -> str | None:
    return next((f"{check.tolerance:f}" for check in line.checks), None)


def _differences(line: TotalGroup) -> list[Message]:
    return [
        Message("{place}: {difference}", place=TOTAL_PLACES[check.at], difference=f"{check.difference:+,f}")
        for check in line.checks
        if check.difference
    ]


def declared_sheets(found: Reconciliation) -> list[Sheet]:
    """Return the sheet of the totals that mapping files ask for; none where they ask for none."""
    rows = [_plain(row) for one in found.objects for total in one.declared for row in _declared_rows(one, total)]
    numbers = range(3, 9)
    columns = [Column(title, number=index in numbers) for index, title in enumerate(_DECLARED_TITLES)]
    return [Sheet(Message("Totals asked for"), columns, rows)] if rows else []


def declared_sections(found: Reconciliation) -> list[Section]:
    """Return the section of the totals that mapping files ask for."""
    grids = []
    for one in found.objects:
        for total in one.declared:
            rows = [row[2:] for row in islice(_declared_rows(one, total), _SHOWN_ON_PAGE)]
            by = Message(" by {columns}", columns=", ".join(total.by)) if total.by else ""
            caption = Message("{object}: {column}{by}", object=one.title, column=total.column or Message("rows"), by=by)
            grids.append(Grid(_DECLARED_TITLES[2:], rows, caption, folded=not total.off))
    unread = sum(total.unread for one in found.objects for total in one.declared)
    notes = [
        Message("Rows set aside are taken off the sources before they are compared; a difference that people accepted counts only while it is the one they saw.")
    ]  # fmt: skip
    if unread:
        notes.append(
            Message(
                "{count} cells of the sources hold no plain number and are in no figure of the sources.", count=unread
            )
        )
    return [Section(Message("Totals asked for"), notes, grids=grids)] if grids else []


_TOTAL_TITLES = (
    Message("Object"), Message("Column"), Message("Filled, expected"), Message("Filled, in target"), Message("Distinct, expected"),
    Message("Distinct, in target"), Message("Sum, expected"), Message("Sum, in target"),
    Message("Sum, loaded earlier and not expected"), Message("Smallest, expected"), Message("Smallest, in target"),
    Message("Greatest, expected"), Message("Greatest, in target"), Message("Characters, expected"), Message("Characters, in target"), Message("Result"),
)  # fmt: skip


def _total_rows(found: Reconciliation) -> list[list[object]]:
    return [
        [one.title, total.column, *total.filled, *total.distinct, *total.total, total.left_over, *total.least, *total.greatest, *total.length,
         _verdict(agrees=total.agrees)]
        for one in found.objects for total in one.totals
    ]  # fmt: skip


def totals_sheet(found: Reconciliation) -> Sheet:
    """Return the sheet of what each column adds up to."""
    columns = [Column(title, number=1 < index < 6 or 12 < index < 15) for index, title in enumerate(_TOTAL_TITLES)]
    return Sheet(Message("Totals"), columns, [_plain(row) for row in _total_rows(found)])


def totals_section(found: Reconciliation) -> Section:
    """Return the section of relations and of what each column adds up to."""
    grids = [
        Grid(
            _TOTAL_TITLES[1:],
            [row[1:] for row in _total_rows(found) if row[0] == one.title],
            one.title,
            folded=one.agrees,
        )
        for one in found.objects
    ]
    relations = [Grid(_RELATION_TITLES, _relation_rows(found), Message("Children per parent"))]
    if off := list(islice(_off_rows(found), _SHOWN_ON_PAGE)):
        relations.append(Grid(_OFF_TITLES, off, Message("Parents whose number of children changed on the way")))
    if pairs := _pair_rows(found):
        relations.append(Grid(_PAIR_TITLES, pairs, Message("Many-to-many pairs")))
    return Section(Message("Totals per column, and relations"), grids=[*relations, *grids])


_RELATION_TITLES = (
    Message("Relation"), Message("Column"), Message("Children, in the sources"), Message("Children, set aside"), Message("Children, expected"),
    Message("Children, in target"), Message("Parents with children, in the sources"), Message("Parents with children, expected"),
    Message("Parents with children, in target"), Message("Parents with another number of children"), Message("Orphans"),
)  # fmt: skip


def _relation_rows(found: Reconciliation) -> list[list[object]]:
    return [
        [_relation_name(found, one, relation.parent), relation.column, relation.before, None if relation.before is None else relation.aside,
         *relation.children, *relation.parents, relation.parents_off, relation.orphans]
        for one in found.objects for relation in one.relations
    ]  # fmt: skip


def _relation_name(found: Reconciliation, one: ObjectReconciliation, parent: str) -> Message:
    return Message("{child} per {parent}", child=one.title, parent=found.title(parent))


_OFF_TITLES = (
    Message("Relation"), Message("Parent"), Message("Children, in the sources"), Message("Children, set aside"), Message("Children, expected"),
    Message("Children, in target"), Message("Result"),
)  # fmt: skip


def _off_rows(found: Reconciliation) -> Iterator[list[object]]:
    """Yield the parents whose number of children changed: in the target, or already on the way there, which is no difference by itself."""
    for one in found.objects:
        for relation in one.relations:
            for parent in relation.off:
                same = parent.expected == parent.actual
                result = Badge(Message("changed before the load"), "fair") if same else _verdict(agrees=False)
                yield [_relation_name(found, one, relation.parent), parent.parent, parent.before,
                       None if parent.before is None else parent.aside, parent.expected, parent.actual, result]  # fmt: skip


_PAIR_TITLES = (
    Message("Object"), Message("Pair"), Message("Pairs, expected"), Message("Pairs, in target"), Message("Pairs lost"), Message("Pairs too many"),
    Message("Pairs repeated"), Message("Result"),
)  # fmt: skip


def _pair_rows(found: Reconciliation) -> list[list[object]]:
    return [
        [one.title, Message("{one} × {other}", one=found.title(pair.parents[0]), other=found.title(pair.parents[1])), *pair.pairs, pair.lost, pair.extra, pair.repeated, _verdict(agrees=pair.agrees)]
        for one in found.objects for pair in one.pairs
    ]  # fmt: skip


def relation_sheets(found: Reconciliation) -> list[Sheet]:
    """Return the sheets of children per parent, of the parents that are off, and of many-to-many pairs, where there are any."""
    columns = [Column(title, number=index > 1) for index, title in enumerate(_RELATION_TITLES)]
    sheets = [Sheet(Message("Relations"), columns, _relation_rows(found))]
    off = _off_rows(found)
    first = list(islice(off, 1))
    if first:
        columns = [Column(title, number=1 < index < 6) for index, title in enumerate(_OFF_TITLES)]
        sheets.append(Sheet(Message("Children per parent"), columns, (_plain(row) for row in chain(first, off))))
    if pairs := _pair_rows(found):
        columns = [Column(title, number=1 < index < 7) for index, title in enumerate(_PAIR_TITLES)]
        sheets.append(Sheet(Message("Many-to-many pairs"), columns, [_plain(row) for row in pairs]))
    return sheets


_TREND_TITLES = (
    Message("Day (UTC)"), Message("Run"), Message("What was migrated"), Message("In the sources"), Message("− set aside"), Message("= expected"),
    Message("In target"), Message("Difference"), Message("Differing rows and cells"), Message("Kept by policy"), Message("Totals out of tolerance"),
)  # fmt: skip


def _trend_rows(found: Reconciliation) -> list[list[object]]:
    """Return a line for each earlier rehearsal and one for this one."""
    rows: list[list[object]] = [
        [one.day[:16].replace("T", " "), one.run, Message("a sample (trial)") if one.trial else Message("everything"), one.source, one.aside,
         one.expected, one.in_target, one.expected - one.in_target, one.differences, one.explained, one.totals_off]
        for one in found.earlier
    ]  # fmt: skip
    equations = [one.equation for one in found.objects]
    expected, present = sum(e.expected for e in equations), sum(e.in_target for e in equations)
    rows.append([
        Message("this run"), "", "", sum(e.source for e in equations), sum(sum(e.aside.values()) for e in equations), expected, present,
        expected - present, len(found.all_differences), sum(one.explained for one in found.objects), sum(one.totals_off for one in found.objects),
    ])  # fmt: skip
    return rows


def trend_sheets(found: Reconciliation) -> list[Sheet]:
    """Return the sheet of what earlier rehearsals found; none at the first."""
    columns = [Column(title, number=index > 2) for index, title in enumerate(_TREND_TITLES)]
    return [Sheet(Message("Rehearsals"), columns, _trend_rows(found))] if found.earlier else []


def trend_sections(found: Reconciliation) -> list[Section]:
    """Return the section of what earlier rehearsals found; none at the first."""
    if not found.earlier:
        return []
    return [Section(Message("Rehearsals"), grids=[Grid(_TREND_TITLES, _trend_rows(found)[-_RUNS_ON_PAGE:])])]
